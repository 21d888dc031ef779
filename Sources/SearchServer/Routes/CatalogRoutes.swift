import Catalog
import Hummingbird

/// Adds `GET /v1`, which lists the catalogs, `GET /v1/{catalog}`, which describes one, and
/// `GET /v1/{catalog}/search` and `GET /v1/{catalog}/suggest`, whose parameters are those of `SearchRequest` and
/// `SuggestRequest`. What reads a catalog runs on the threads of `replies`, to the last byte of the reply.
func addCatalogRoutes(to router: Router<BasicRequestContext>, _ replies: CatalogReplies) {
    let store = replies.store
    router.get("v1") { _, _ in
        try await replies.threads.lookUp(store.requestLimits()) {
            try jsonResponse(CatalogList(catalogs: store.summaries()))
        }
    }
    router.get("v1/:catalog") { request, context in
        let wanted = WantedReply("catalog", of: try context.parameters.require("catalog"), request)
        if let known = await replies.known(wanted) { return known }
        return try await replies.read(wanted, on: .lookUps) { _ in
            let searcher = try store.searcher(wanted.catalog)
            return CatalogReply(body: CatalogDescription(searcher), view: searcher.view)
        }
    }
    router.get("v1/:catalog/search") { request, context in
        let parameters = try queryParameters(request.uri.query ?? "")
        let wanted = WantedReply("search", of: try context.parameters.require("catalog"), request, parameters)
        let search = try SearchRequest(parameters: parameters)
        let demanded = replies.recorder?.search(search, parameters, wanted, request)
        if let known = await replies.known(wanted, demanded) { return known }
        return try await replies.read(wanted, on: .searches, timeout: search.timeout, demanded) { limits in
            var reply = try store.search(wanted.catalog, search, limits: limits)
            let answered = demanded?.answered(&reply)
            return CatalogReply(
                body: reply, view: reply.partial ? nil : reply.view, milliseconds: reply.tookMilliseconds,
                answered: answered)
        }
    }
    router.get("v1/:catalog/suggest") { request, context in
        let parameters = try queryParameters(request.uri.query ?? "")
        let wanted = WantedReply("suggest", of: try context.parameters.require("catalog"), request, parameters)
        let suggest = try SuggestRequest(parameters: parameters)
        if let known = await replies.known(wanted) { return known }
        return try await replies.read(wanted, on: .lookUps, timeout: suggest.timeout) { limits in
            let searcher = try store.searcher(wanted.catalog)
            let reply = try searcher.suggest(suggest, limits: limits)
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

    init(_ searcher: CatalogSearcher) { self.searcher = searcher }

    func write(to json: inout JSONWriter) {
        let profile = searcher.profile
        json.object { json in
            json.member("browse", ifPresent: profile.browse)
            json.member("catalog", searcher.name)
            json.member("display", profile.display)
            json.member("documents", searcher.documents)
            json.member("facets", profile.facets)
            json.member("generation", searcher.generation)
            json.member("note", ifPresent: profile.note)
            json.member("sorts", profile.sorts)
        }
    }
}
