import Catalog
import Hummingbird

/// Adds `POST /v1/{catalog}/events`, by which a shop tells what followed from searches: clicks, carts and orders. It
/// requires a key with the role write, and blocks: `router` must run it off the event loops.
func addEventRoutes(
    to router: some RouterMethods<BasicRequestContext>, _ store: CatalogStore, _ recorder: DemandRecorder?,
    _ authorization: Authorization
) {
    router.post("v1/:catalog/events") { request, context in
        try authorization.check(request, .write)
        let (recorder, name) = try recording(recorder, store, context)
        let kind = try BodyKind(request)
        let body = try await collected(request)
        var collector = EventCollector(recorder.log.key, name)
        switch kind {
        case .json: try add(body, to: &collector)
        case .lines:
            var lines = LineSplitter()
            try lines.append(body) { collector.add(line: $0) }
            lines.finish { collector.add(line: $0) }
        }
        guard !collector.isOverfull else {
            throw Problem(
                .contentTooLarge, "too_many_events", "the body has more than \(EventCollector.maxEvents) events",
                hint: "send them in several requests; none of these was recorded")
        }
        do throws(CatalogError) {
            if !collector.events.isEmpty { try await recorder.log.append(collector.events, of: name) }
        } catch {
            throw Problem(writing: error)
        }
        return try response(kind, isArray: body.isJSONArray, collector.results)
    }
}

/// Adds `GET /v1/{catalog}/reports/{report}`, by which a shop learns what is asked. It requires a key with the role
/// tune, and blocks: `router` must run it off the event loops.
func addReportRoutes(
    to router: some RouterMethods<BasicRequestContext>, _ store: CatalogStore, _ recorder: DemandRecorder?,
    _ authorization: Authorization
) {
    router.get("v1/:catalog/reports/:report") { request, context in
        try authorization.check(request, .tune)
        let (recorder, name) = try recording(recorder, store, context)
        let report = try context.parameters.require("report")
        guard let kind = DemandReport.ReportKind(rawValue: report) else {
            throw Problem(
                .notFound, "unknown_report", "there is no report \"\(report.prefix(40))\"", param: "report",
                hint: "use \(DemandReport.ReportKind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        var (days, limit) = (min(7, recorder.log.keptDays), 50)
        for (parameter, value) in try queryParameters(request.uri.query ?? "") {
            switch parameter {
            case "days": days = try RequestProblem.wholeNumber(value, parameter, in: 1...recorder.log.keptDays)
            case "limit": limit = try RequestProblem.wholeNumber(value, parameter, in: DemandReport.limits)
            default: throw RequestProblem.unknownParameter(parameter, known: ["days", "limit"])
            }
        }
        return try jsonResponse(try await recorder.report(kind, of: name, days: days, limit: limit))
    }
}

/// Returns the recorder of a server and the name of the catalog of a request.
///
/// Errors: `query_log_off` (status 409) for a server that records nothing, `unknown_catalog`.
private func recording(
    _ recorder: DemandRecorder?, _ store: CatalogStore, _ context: BasicRequestContext
) throws -> (DemandRecorder, String) {
    let name = try context.parameters.require("catalog")
    _ = try store.folder.existingIndex(name)
    guard let recorder else {
        throw Problem(
            .conflict, "query_log_off", "this server does not record searches",
            hint: "start it with --keep-queries DAYS; if it was, its log tells why not")
    }
    return (recorder, name)
}

/// Adds the events of a JSON body. Errors: `bad_event` for a text that is not JSON.
private func add(_ body: ByteBuffer, to collector: inout EventCollector) throws(Problem) {
    do throws(CatalogError) {
        try body.withUnsafeReadableBytes { bytes throws(CatalogError) in
            try collector.add(json: bytes.assumingMemoryBound(to: UInt8.self))
        }
    } catch {
        throw Problem(
            .badRequest, "bad_event", "\(error)", hint: "send an object or an array of objects; nothing was recorded")
    }
}

/// The response with the results of events, in the form of the request's body. Errors: the problem of a single event.
private func response(_ kind: BodyKind, isArray: Bool, _ results: [EventResult]) throws(Problem) -> Response {
    if kind == .lines {
        var body = ByteBuffer()
        for result in results {
            body.writeImmutableBuffer(try ByteBuffer(json: result))
            body.writeInteger(UInt8(ascii: "\n"))
        }
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"],
            body: .init(byteBuffer: body))
    }
    if isArray { return try jsonResponse(results) }
    guard let result = results.first else { throw Problem(.badRequest, "bad_event", "the body has no event") }
    guard let refusal = result.refusal else { return try jsonResponse(result, status: .created) }
    throw Problem(
        .badRequest, refusal.code, refusal.detail, param: refusal.member,
        hint: "nothing was recorded; correct the event and send it again")
}
