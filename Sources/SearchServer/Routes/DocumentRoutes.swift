import Catalog
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// How many documents like one are asked for: `limit`, 10 unless told.
private func similarLimit(_ parameters: [(name: String, value: String)]) throws(Problem) -> Int {
    var limit = 10
    for (name, value) in parameters {
        guard name == "limit" else {
            throw Problem(
                .badRequest, "unknown_parameter", "there is no parameter \"\(name.prefix(40))\"", param: name,
                hint: "use: limit")
        }
        guard let number = Int(value), 1...100 ~= number else {
            throw Problem(
                .badRequest, "bad_value", "\"\(value.prefix(40))\" is no whole number from 1 to 100", param: name,
                hint: "use a number in that range")
        }
        limit = number
    }
    return limit
}

/// `POST /v1/{catalog}/documents`, `GET`, `PATCH` and `DELETE /v1/{catalog}/documents/{id}`, and
/// `GET /v1/{catalog}/similar/{id}`.
func addDocumentRoutes(to router: Router<BasicRequestContext>, _ store: CatalogStore) {
    let admission = Admission(keys: AdminKeys(store.folder))
    router.post("v1/:catalog/documents") { request, context in
        try admission.check(request)
        let parameters = try WriteParameters(request, allowsVersion: false)
        let writer = try await openWriter(try context.parameters.require("catalog"), store)
        switch try BodyKind(request) {
        case .json: return try await writeJSON(request, parameters, writer)
        case .lines: return try await DocumentStreamer(request, parameters, writer).response()
        }
    }
    router.get("v1/:catalog/documents/:id") { _, context in
        let name = try context.parameters.require("catalog")
        let id = try documentID(context)
        guard let document = try store.searcher(name).document(id) else { throw unknownDocument(id, name) }
        return jsonResponse(document)
    }
    router.get("v1/:catalog/similar/:id") { request, context in
        let name = try context.parameters.require("catalog")
        let id = try documentID(context)
        let limit = try similarLimit(try queryParameters(request.uri.query ?? ""))
        guard let hits = try store.similar(name, to: id, limit: limit) else { throw unknownDocument(id, name) }
        return jsonResponse(SimilarDocuments(id: id, hits: hits))
    }
    router.patch("v1/:catalog/documents/:id") { request, context in
        try admission.check(request)
        let parameters = try WriteParameters(request)
        let name = try context.parameters.require("catalog")
        let id = try documentID(context)
        let body = try await collected(request)
        let writer = try await openWriter(name, store)
        let result: ChangeResult
        do throws(CatalogError) {
            result = try await writer.patch(
                id, json: Array(body.readableBytesView), version: parameters.version, refresh: parameters.refresh)
        } catch {
            throw Problem(writing: error)
        }
        return try response(to: result, name)
    }
    router.delete("v1/:catalog/documents/:id") { request, context in
        try admission.check(request)
        let parameters = try WriteParameters(request)
        let name = try context.parameters.require("catalog")
        let id = try documentID(context)
        let writer = try await openWriter(name, store)
        let result: ChangeResult
        do throws(CatalogError) {
            result = try await writer.delete(id, version: parameters.version, refresh: parameters.refresh)
        } catch {
            throw Problem(writing: error)
        }
        return try response(to: result, name)
    }
}

/// The writer of a catalog; opens it on a thread that may block.
private func openWriter(_ name: String, _ store: CatalogStore) async throws -> CatalogWriter {
    if let writer = store.openWriter(name) { return writer }
    do {
        return try await NIOThreadPool.singleton.runIfActive { try store.writer(name) }
    } catch let error as CatalogError {
        throw Problem(writing: error)
    }
}

private func documentID(_ context: BasicRequestContext) throws -> String {
    let text = try context.parameters.require("id")
    guard let id = text.removingPercentEncoding, !id.isEmpty else {
        throw Problem(
            .badRequest, "bad_encoding", "the document's key is not percent-encoded UTF-8", param: "id",
            hint: "encode it as UTF-8, for example %E4%B8%89 for 三")
    }
    return id
}

private func unknownDocument(_ id: String, _ catalog: String) -> Problem {
    Problem(
        .notFound, "unknown_document", "the catalog \"\(catalog)\" has no document \"\(id)\"", param: "id",
        hint: "changes are seen a quarter of a second after they were made; with refresh=true at once")
}

/// Longest body that is not read line by line.
private let longestBody = 16 << 20

private func collected(_ request: Request) async throws -> ByteBuffer {
    do {
        return try await request.body.collect(upTo: longestBody)
    } catch is NIOTooManyBytesError {
        throw Problem(
            .contentTooLarge, "body_too_large", "the body is longer than 16 MB",
            hint: "send lines: Content-Type: application/x-ndjson has no limit")
    }
}

/// How a body is written.
private enum BodyKind {
    case json, lines

    init(_ request: Request) throws(Problem) {
        let type = (request.headers[.contentType] ?? "").prefix { $0 != ";" }.lowercased()
        switch type.trimmingPrefix(" ") {
        case "application/json": self = .json
        case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines": self = .lines
        default:
            throw Problem(
                .unsupportedMediaType, "unsupported_media_type",
                type.isEmpty ? "the request has no Content-Type" : "documents do not come as \(type)",
                hint:
                    "send one JSON object a line as application/x-ndjson, or one object or an array as application/json"
            )
        }
    }
}

/// One object, or an array of them.
private func writeJSON(
    _ request: Request, _ parameters: WriteParameters, _ writer: CatalogWriter
) async throws -> Response {
    let body = try await collected(request)
    let changes: CollectedChanges
    do throws(CatalogError) {
        let collector = try writer.collector()
        try body.withUnsafeReadableBytes { bytes throws(CatalogError) in
            try collector.add(json: bytes.assumingMemoryBound(to: UInt8.self))
        }
        changes = collector.take()
    } catch {
        throw Problem(writing: error)
    }
    let (results, failure) = await writer.write(changes, refresh: parameters.refresh)
    if let failure { throw Problem(writing: failure) }
    let isArray = body.readableBytesView.first { ![0x20, 9, 10, 13].contains($0) } == UInt8(ascii: "[")
    if isArray { return jsonResponse(results) }
    guard let only = results.first else { throw Problem(.badRequest, "bad_document", "the body has no document") }
    return try response(to: only, writer.name)
}

/// The answer to a single change.
private func response(to result: ChangeResult, _ catalog: String) throws(Problem) -> Response {
    switch result.result {
    case .created: return jsonResponse(result, status: .created)
    case .updated, .deleted, .patched: return jsonResponse(result)
    case .missing: throw unknownDocument(result.id ?? "", catalog)
    case .stale:
        throw Problem(
            .conflict, "stale_version", "the document has version \(result.version ?? 0) already", param: "version",
            hint: "nothing was changed; a change needs a greater version")
    case .failed:
        throw Problem(
            .badRequest, result.error?.code ?? "bad_document", result.error?.detail ?? "",
            hint: "nothing was changed; mend it and send it again")
    }
}
