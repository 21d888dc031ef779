import Catalog
import Hummingbird

/// Adds `GET /v1`, which lists the catalogs, `GET /v1/{catalog}`, which describes one, and
/// `GET /v1/{catalog}/search` and `GET /v1/{catalog}/suggest`, whose parameters are those of `SearchRequest` and
/// `SuggestRequest`. Everything that reads a catalog runs on `threads`, to the encoded reply.
func addCatalogRoutes(to router: Router<BasicRequestContext>, _ store: CatalogStore, _ threads: SearchThreads) {
    router.get("v1") { _, _ in
        try await threads.lookUp(store.requestLimits()) {
            jsonResponse(CatalogList(catalogs: try store.summaries()))
        }
    }
    router.get("v1/:catalog") { _, context in
        let name = try context.parameters.require("catalog")
        return try await threads.lookUp(store.requestLimits()) {
            jsonResponse(CatalogDescription(try store.searcher(name)))
        }
    }
    router.get("v1/:catalog/search") { request, context in
        let search = try SearchRequest(parameters: try queryParameters(request.uri.query ?? ""))
        let name = try context.parameters.require("catalog")
        let limits = store.requestLimits(search.timeout)
        return try await threads.search(limits) { jsonResponse(try store.search(name, search, limits: limits)) }
    }
    router.get("v1/:catalog/suggest") { request, context in
        let request = try SuggestRequest(parameters: try queryParameters(request.uri.query ?? ""))
        let name = try context.parameters.require("catalog")
        let limits = store.requestLimits(request.timeout)
        return try await threads.lookUp(limits) {
            jsonResponse(try store.searcher(name).suggest(request, limits: limits))
        }
    }
}

/// The body of `GET /v1`.
private struct CatalogList: Encodable {
    var catalogs: [CatalogSummary]
}

/// The body of `GET /v1/{catalog}`: what a search page needs to know.
private struct CatalogDescription: Encodable {
    var catalog: String
    var documents: Int
    var generation: Int
    var facets: [SearchProfile.LabeledField]
    var sorts: [SearchProfile.LabeledField]
    var browse: String?
    var display: SearchProfile.Display
    var note: Label?

    init(_ searcher: CatalogSearcher) {
        catalog = searcher.name
        documents = searcher.documents
        generation = searcher.generation
        facets = searcher.profile.facets
        sorts = searcher.profile.sorts
        browse = searcher.profile.browse
        display = searcher.profile.display
        note = searcher.profile.note
    }
}
