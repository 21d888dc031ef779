import Catalog
import Hummingbird

/// Adds `GET /v1`, which lists the catalogs, `GET /v1/{catalog}`, which describes one, and
/// `GET /v1/{catalog}/search` and `GET /v1/{catalog}/suggest`, whose parameters are those of `SearchRequest` and
/// `SuggestRequest`. Everything that reads a catalog runs on `threads`, to the encoded reply.
func addCatalogRoutes(to router: Router<BasicRequestContext>, _ store: CatalogStore, _ threads: SearchThreads) {
    router.get("v1") { _, _ in
        try await threads.lookUp(store.requestLimits()) {
            try jsonResponse(CatalogList(catalogs: store.summaries()))
        }
    }
    router.get("v1/:catalog") { _, context in
        let name = try context.parameters.require("catalog")
        return try await threads.lookUp(store.requestLimits()) {
            try jsonResponse(CatalogDescription(store.searcher(name)))
        }
    }
    router.get("v1/:catalog/search") { request, context in
        let search = try SearchRequest(parameters: try queryParameters(request.uri.query ?? ""))
        let name = try context.parameters.require("catalog")
        let limits = store.requestLimits(search.timeout)
        return try await threads.search(limits) { try jsonResponse(store.search(name, search, limits: limits)) }
    }
    router.get("v1/:catalog/suggest") { request, context in
        let request = try SuggestRequest(parameters: try queryParameters(request.uri.query ?? ""))
        let name = try context.parameters.require("catalog")
        let limits = store.requestLimits(request.timeout)
        return try await threads.lookUp(limits) {
            try jsonResponse(store.searcher(name).suggest(request, limits: limits))
        }
    }
}

/// The body of `GET /v1`.
private struct CatalogList: JSONWritable {
    var catalogs: [CatalogSummary]

    func write(to json: inout JSONWriter) { json.object { $0.member("catalogs", catalogs) } }
}

/// The body of `GET /v1/{catalog}`: what a search page needs to know.
private struct CatalogDescription: JSONWritable {
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
