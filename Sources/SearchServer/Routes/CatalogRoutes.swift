import Catalog
import Hummingbird

/// Adds `GET /v1`, which lists the catalogs, `GET /v1/{catalog}`, which describes one, and
/// `GET /v1/{catalog}/search` and `GET /v1/{catalog}/suggest`, whose parameters are those of `SearchRequest` and
/// `SuggestRequest`.
func addCatalogRoutes(to router: Router<BasicRequestContext>, _ store: CatalogStore) {
    router.get("v1") { _, _ in
        // A catalog that cannot be opened is left out: it must not hide the others.
        let searchers = try store.folder.catalogs().compactMap { try? store.searcher($0) }
        return jsonResponse(CatalogList(catalogs: searchers.map { .init(name: $0.name, documents: $0.documents) }))
    }
    router.get("v1/:catalog") { _, context in
        jsonResponse(CatalogDescription(try store.searcher(try context.parameters.require("catalog"))))
    }
    router.get("v1/:catalog/search") { request, context in
        let parameters = try queryParameters(request.uri.query ?? "")
        let name = try context.parameters.require("catalog")
        return jsonResponse(try store.search(name, try SearchRequest(parameters: parameters)))
    }
    router.get("v1/:catalog/suggest") { request, context in
        let request = try SuggestRequest(parameters: try queryParameters(request.uri.query ?? ""))
        let searcher = try store.searcher(try context.parameters.require("catalog"))
        return jsonResponse(try searcher.suggest(request))
    }
}

/// The body of `GET /v1`.
private struct CatalogList: Encodable {
    struct Item: Encodable {
        var name: String
        var documents: Int
    }

    var catalogs: [Item]
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
