import Catalog
import Hummingbird
import NIOPosix
import Storage

/// Adds the routes that create and remove catalogs. They require a key with the role admin:
///
/// - `PUT /v1/{catalog}` creates a catalog, from `{"schema": {…}, "profile": {…}}`, or from documents as lines, which
///   suggest its schema;
/// - `DELETE /v1/{catalog}?confirm={catalog}` removes it, with what was logged of its searches.
func addCatalogCreationRoutes(
    to router: some RouterMethods<BasicRequestContext>, _ replies: CatalogReplies, _ authorization: Authorization
) {
    let (store, recorder) = (replies.store, replies.recorder)
    router.put("v1/:catalog") { request, context in
        try authorization.check(request, .admin)
        let name = try context.parameters.require("catalog")
        switch try BodyKind(request) {
        case .json:
            let plan = try RebuildPlan(json: Array(try await collected(request).readableBytesView))
            try await creating { try store.create(name, plan) }
        case .lines:
            let file = try await spooled(request, in: store.folder.path)
            defer { file.remove() }
            _ = try await creating(from: file) { try store.create(name, documents: file.path) }
        }
        let searcher = try await changing { try store.searcher(name) }
        return try jsonResponse(CatalogDescription(searcher, documents: searcher.documents), status: .created)
    }
    router.delete("v1/:catalog") { request, context in
        try authorization.check(request, .admin)
        let name = try context.parameters.require("catalog")
        var confirmation: String?
        for (parameter, value) in try queryParameters(request.uri.query ?? "") {
            guard parameter == "confirm" else { throw Problem(.unknownParameter(parameter, known: ["confirm"])) }
            confirmation = value
        }
        guard confirmation == name else {
            throw Problem(
                .badRequest, "not_confirmed", "a catalog is only removed when its name is repeated", param: "confirm",
                hint: "add confirm=\(name) if all of its documents may be lost")
        }
        try await changing { try store.remove(name) }
        if let recorder {
            try await recorder.remove(name)
        } else {
            try? DemandFolder(store.folder.path).remove(name)
        }
        return Response(status: .noContent)
    }
}

/// Runs `body`, which creates a catalog, on a thread that may block. Errors of a catalog become problems, without the
/// path of the file with its documents.
private func creating<Result: Sendable>(
    from file: BodyFile? = nil, _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    func withoutPath(_ text: String) -> String { file.map { text.replacing($0.path + ", ", with: "") } ?? text }
    do {
        return try await NIOThreadPool.singleton.runIfActive(body)
    } catch let error as CatalogError {
        switch error {
        case .exists(let name, _):
            throw Problem(
                .conflict, "catalog_exists", "there is a catalog \(name) already",
                hint: "use another name, add documents to it, or rebuild it with POST /v1/\(name)/rebuild")
        case .name: throw Problem(.badRequest, "bad_name", error.description, param: "catalog")
        case .badRecords(let problems, let count, _):
            throw Problem(
                .badRequest, "bad_document", "\(count) lines are not valid: \(withoutPath(problems.first ?? ""))",
                hint: "correct the lines and send them again")
        case .input(.record(_, let line, let problem)):
            throw Problem(
                .badRequest, "bad_document", "line \(line): \(problem)", hint: "correct the line and send all again")
        case .profile(_, let problem): throw Problem(.badRequest, "bad_profile", problem, param: "profile")
        case .input(.unusable(_, let problem)): throw Problem(.badRequest, "bad_document", problem)
        default: throw Problem(writing: error)
        }
    }
}

/// The body of a request in a file that is removed when nobody needs it any more.
private struct BodyFile: Sendable {
    let path: String

    func remove() { try? PosixFileSystem().remove(path) }
}

/// Writes the body of a request, decompressed, to a file in a folder.
private func spooled(_ request: Request, in folder: String) async throws -> BodyFile {
    var reader = try BodyReader(request)
    let body = BodyFile(path: "\(folder)/\(DataFolder.uploadPrefix)\(UInt64.random(in: 0 ... .max)).jsonl")
    do {
        nonisolated(unsafe) let file = try AppendFile(creating: body.path, in: PosixFileSystem())
        while let piece = try await reader.next() {
            try await NIOThreadPool.singleton.runIfActive { try file.append(Array(piece.readableBytesView)) }
        }
        try await NIOThreadPool.singleton.runIfActive { try file.finish(sync: false) }
    } catch {
        body.remove()
        if let error = error as? StorageError { throw Problem(writing: .storage(error)) }
        throw error
    }
    return body
}
