import Catalog
import Hummingbird
import NIOCore
import NIOPosix

/// Adds the routes that change documents:
///
/// - `POST /v1/{catalog}/documents` adds, replaces, patches and deletes documents;
/// - `PATCH` and `DELETE /v1/{catalog}/documents/{id}` change one document.
///
/// They require a key with the role write. Their outcome is the status of the response; a body of lines has one result
/// for each line instead. They read files, and parse bodies of any length: `router` must run them off the event loops.
func addDocumentRoutes(
    to router: some RouterMethods<BasicRequestContext>, _ store: CatalogStore, _ authorization: Authorization
) {
    router.post("v1/:catalog/documents") { request, context in
        try authorization.check(request, .write)
        let parameters = try WriteParameters(request, hasDocuments: true)
        let name = try context.parameters.require("catalog")
        let writer = try await openWriter(name, store)
        switch try BodyKind(request) {
        case .json: return try await writeJSON(request, parameters, name, store)
        case .lines:
            let results = ResultSpool(in: store.folder.path)
            return try await DocumentStreamer(request, parameters, writer, context.logger, results: results) {
                try await openWriter(name, store)
            }.response()
        }
    }
    router.patch("v1/:catalog/documents/:id") { request, context in
        try authorization.check(request, .write)
        let parameters = try WriteParameters(request)
        let name = try context.parameters.require("catalog")
        let id = try documentID(context)
        let body = Array(try await collected(request).readableBytesView)
        let result = try await writing(name, store) { writer throws(CatalogError) in
            try await writer.patch(id, json: body, version: parameters.version, refresh: parameters.refresh)
        }
        return try response(to: result, name)
    }
    router.delete("v1/:catalog/documents/:id") { request, context in
        try authorization.check(request, .write)
        let parameters = try WriteParameters(request)
        let name = try context.parameters.require("catalog")
        let id = try documentID(context)
        let result = try await writing(name, store) { writer throws(CatalogError) in
            try await writer.delete(id, version: parameters.version, refresh: parameters.refresh)
        }
        return try response(to: result, name)
    }
}

/// Calls `body` with the writer of a catalog, and again if the catalog has got another schema meanwhile. Errors of the
/// catalog become problems.
private func writing<Result: Sendable>(
    _ name: String, _ store: CatalogStore, _ body: (CatalogWriter) async throws(CatalogError) -> Result
) async throws -> Result {
    let writer = try await openWriter(name, store)
    do throws(CatalogError) {
        return try await body(writer)
    } catch {
        guard case .index(.rebuilt) = error else { throw Problem(writing: error) }
    }
    let fresh = try await openWriter(name, store)
    do throws(CatalogError) { return try await body(fresh) } catch { throw Problem(writing: error) }
}

/// Returns the writer of a catalog, and opens it on a thread that may block.
func openWriter(_ name: String, _ store: CatalogStore) async throws -> CatalogWriter {
    if let writer = store.openWriter(name) { return writer }
    do {
        return try await NIOThreadPool.singleton.runIfActive { try store.writer(name) }
    } catch let error as CatalogError {
        throw Problem(writing: error)
    }
}

/// The maximum length of a body that is not read line by line, in bytes.
private let maxBodyBytes = 16 << 20

/// Reads a body into memory, decompressed. `hint` is the remedy for a body that is too long.
///
/// Errors: `body_too_large` above 16 MB, and those of `BodyReader`.
func collected(
    _ request: Request, hint: String = "send one document a line as application/x-ndjson, which has no limit"
) async throws -> ByteBuffer {
    var reader = try BodyReader(request)
    var body = ByteBuffer()
    while let piece = try await reader.next() {
        body.writeImmutableBuffer(piece)
        guard body.readableBytes <= maxBodyBytes else {
            throw Problem(
                .contentTooLarge, "body_too_large", "the body is longer than 16 MB", hint: hint)
        }
    }
    return body
}

/// The format of a body of changes, by its content type.
enum BodyKind {
    /// One JSON object or an array of objects.
    case json
    /// One JSON object on each line.
    case lines

    init(_ request: Request) throws(Problem) {
        let type = (request.headers[.contentType] ?? "").prefix { $0 != ";" }.lowercased()
        switch type.trimmingPrefix(" ") {
        case "application/json": self = .json
        case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines": self = .lines
        default:
            throw Problem(
                .unsupportedMediaType, "unsupported_media_type",
                type.isEmpty ? "the request has no Content-Type" : "documents cannot be sent as \(type)",
                hint:
                    "send one JSON object a line as application/x-ndjson, or one object or an array as application/json"
            )
        }
    }
}

extension ByteBuffer {
    /// True if the text begins as a JSON array.
    var isJSONArray: Bool { readableBytesView.first { ![0x20, 9, 10, 13].contains($0) } == UInt8(ascii: "[") }
}

/// Writes the changes of a JSON body: one object, whose result is the response, or an array of objects with an array of
/// results.
private func writeJSON(
    _ request: Request, _ parameters: WriteParameters, _ name: String, _ store: CatalogStore
) async throws -> Response {
    let body = try await collected(request)
    let results = try await writing(name, store) { writer throws(CatalogError) in
        let collector = try writer.collector(onlyNew: parameters.create)
        try body.withUnsafeReadableBytes { bytes throws(CatalogError) in
            try collector.add(json: bytes.assumingMemoryBound(to: UInt8.self))
        }
        let (results, failure) = await writer.write(collector.drain(), refresh: parameters.refresh)
        if let failure { throw failure }
        return results
    }
    if body.isJSONArray { return try jsonResponse(results) }
    guard let result = results.first else { throw Problem(.badRequest, "bad_document", "the body has no document") }
    return try response(to: result, name)
}

/// The response to a single change. Errors: the problem of a change that was not made.
private func response(to result: ChangeResult, _ catalog: String) throws(Problem) -> Response {
    switch result.result {
    case .created: return try jsonResponse(result, status: .created)
    case .updated, .deleted, .patched: return try jsonResponse(result)
    case .missing: throw unknownDocument(result.id ?? "", catalog)
    case .stale:
        throw Problem(
            .conflict, "stale_version", "the document already has version \(result.version ?? 0)", param: "version",
            hint: "nothing was changed; a change requires a greater version")
    case .failed where result.error?.code == ChangeResult.existsCode:
        throw Problem(
            .conflict, ChangeResult.existsCode, result.error?.detail ?? "",
            hint: "nothing was changed; leave out create=true to replace it")
    case .failed:
        throw Problem(
            .badRequest, result.error?.code ?? "bad_document", result.error?.detail ?? "",
            hint: "nothing was changed; correct the document and send it again")
    }
}
