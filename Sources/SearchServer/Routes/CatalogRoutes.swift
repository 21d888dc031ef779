import Catalog
import Hummingbird

/// Adds `GET /v1`, which lists the catalogs, `GET /v1/{catalog}`, which describes one, and
/// `GET /v1/{catalog}/search` and `GET /v1/{catalog}/suggest`, whose parameters are those of `SearchRequest` and
/// `SuggestRequest`. What reads a catalog runs on the threads of `replies`, to the last byte of the reply. A request
/// whose key has a scope finds and counts nothing outside it.
func addCatalogRoutes(
    to router: Router<BasicRequestContext>, _ replies: CatalogReplies, _ authorization: Authorization
) {
    let store = replies.store
    router.get("v1") { request, _ in
        try authorization.checkReadingAll(request, "the list of catalogs")
        return try await replies.threads.lookUp(store.requestLimits()) {
            try jsonResponse(CatalogList(catalogs: store.summaries()))
        }
    }
    router.get("v1/:catalog") { request, context in
        let name = try context.parameters.require("catalog")
        let scope = try authorization.scope(request, name)
        let wanted = WantedReply("catalog", of: name, request, scope.parameters)
        if let known = await replies.known(wanted) { return known }
        return try await replies.read(wanted, on: scope.filter == nil ? .lookUps : .searches) { limits in
            let searcher = try store.searcher(wanted.catalog)
            let documents = try searcher.count(within: scope.filter, limits: limits)
            if scope.filter != nil, limits.isOver { throw Problem.overloaded }
            return CatalogReply(body: CatalogDescription(searcher, documents: documents), view: searcher.view)
        }
    }
    router.get("v1/:catalog/search") { request, context in
        let parameters = try queryParameters(request.uri.query ?? "")
        let name = try context.parameters.require("catalog")
        let scope = try authorization.scope(request, name)
        return try await replies.search(name, parameters, scope, request)
    }
    router.get("v1/:catalog/suggest") { request, context in
        let name = try context.parameters.require("catalog")
        let scope = try authorization.scope(request, name)
        let parameters = try queryParameters(request.uri.query ?? "")
        let (popular, number) = replies.recorder?.popularQueries(of: name) ?? (nil, 0)
        // Other popular queries are another reply. No request has the name.
        let decisive = parameters + scope.parameters + [("\u{1}popular", "\(number)")]
        let wanted = WantedReply("suggest", of: name, request, decisive)
        let suggest = scope.limiting(try SuggestRequest(parameters: parameters))
        if let known = await replies.known(wanted) { return known }
        return try await replies.read(wanted, on: .lookUps, timeout: suggest.timeout) { limits in
            let searcher = try store.searcher(wanted.catalog)
            replies.recorder?.renewPopularQueries(for: searcher)
            let reply = try searcher.suggest(suggest, popular: popular, limits: limits)
            return CatalogReply(
                body: reply, view: reply.partial ? nil : searcher.view, milliseconds: reply.tookMilliseconds)
        }
    }
}

/// The body of `GET /v1`.
private struct CatalogList: JSONWritable {
    var catalogs: [CatalogSummary]

    func write(to json: inout JSONWriter) { json.object { $0.member("catalogs", catalogs) } }
}

/// The body of `GET /v1/{catalog}`: what a search page needs to know.
struct CatalogDescription: JSONWritable {
    let searcher: CatalogSearcher
    /// The number of documents that the request may see.
    let documents: Int

    init(_ searcher: CatalogSearcher, documents: Int) {
        self.searcher = searcher
        self.documents = documents
    }

    func write(to json: inout JSONWriter) {
        let profile = searcher.profile
        json.object { json in
            json.member("browse", ifPresent: profile.browse)
            json.member("catalog", searcher.name)
            json.member("display", profile.display)
            json.member("documents", documents)
            json.member("facets", profile.facets)
            json.member("generation", searcher.generation)
            json.member("note", ifPresent: profile.note)
            json.member("sorts", profile.sorts)
        }
    }
}
