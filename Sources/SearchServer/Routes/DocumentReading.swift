import Catalog
import Hummingbird

/// Adds the routes that read documents: `GET /v1/{catalog}/documents/{id}` reads one, `GET /v1/{catalog}/similar/{id}`
/// finds similar ones. A request whose key has a scope finds none outside it.
func addDocumentReadingRoutes(
    to router: Router<BasicRequestContext>, _ replies: CatalogReplies, _ authorization: Authorization
) {
    let store = replies.store
    router.get("v1/:catalog/documents/:id") { request, context in
        let name = try context.parameters.require("catalog")
        let id = try documentID(context)
        let scope = try authorization.scope(request, name)
        let wanted = WantedReply("document", of: name, request, [("id", id)] + scope.parameters)
        if let known = await replies.known(wanted) { return known }
        return try await replies.read(wanted, on: .lookUps) { _ in
            let searcher = try store.searcher(name)
            guard let document = try searcher.document(id, within: scope.filter) else {
                throw unknownDocument(id, name)
            }
            return CatalogReply(body: document, view: searcher.view)
        }
    }
    router.get("v1/:catalog/similar/:id") { request, context in
        let name = try context.parameters.require("catalog")
        let id = try documentID(context)
        let scope = try authorization.scope(request, name)
        let limit = try similarLimit(try queryParameters(request.uri.query ?? ""))
        let wanted = WantedReply("similar", of: name, request, [("id", id), ("limit", "\(limit)")] + scope.parameters)
        if let known = await replies.known(wanted) { return known }
        return try await replies.read(wanted, on: .searches) { limits in
            let searcher = try store.searcher(name)
            guard let hits = try searcher.similar(to: id, limit: limit, within: scope.filter, limits: limits) else {
                throw unknownDocument(id, name)
            }
            return CatalogReply(body: SimilarDocuments(id: id, hits: hits), view: searcher.view)
        }
    }
}

/// Returns the number of similar documents to find: the parameter `limit`, 10 by default.
///
/// Errors: unknown parameters, and a limit that is not from 1 to 100.
private func similarLimit(_ parameters: [(name: String, value: String)]) throws(RequestProblem) -> Int {
    var limit = 10
    for (name, value) in parameters {
        guard name == "limit" else { throw .unknownParameter(name, known: ["limit"]) }
        limit = try RequestProblem.wholeNumber(value, name, in: 1...100)
    }
    return limit
}

/// Returns the key of the document in the path, without percent encoding.
func documentID(_ context: BasicRequestContext) throws -> String {
    let text = try context.parameters.require("id")
    guard let id = percentDecoded(text.utf8), !id.isEmpty else {
        throw Problem(
            .badRequest, "bad_encoding", "the document key is not percent-encoded UTF-8", param: "id",
            hint: "encode it as UTF-8, for example %E4%B8%89 for 三")
    }
    return id
}

/// The problem of a key that no document has.
func unknownDocument(_ id: String, _ catalog: String) -> Problem {
    Problem(
        .notFound, "unknown_document", "the catalog \"\(catalog)\" has no document \"\(id)\"", param: "id",
        hint: "changes become visible within a quarter of a second, or at once with refresh=true")
}

/// The body of `GET /v1/{catalog}/similar/{id}`.
private struct SimilarDocuments: JSONWritable {
    /// The key of the document.
    var id: String
    /// The similar documents, best first.
    var hits: [SearchReply.Hit]

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("hits", hits)
            json.member("id", id)
        }
    }
}
