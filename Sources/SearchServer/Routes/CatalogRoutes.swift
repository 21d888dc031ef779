import Catalog
import Hummingbird

/// `GET /v1`, `/v1/{catalog}` and `/v1/{catalog}/search`.
func addCatalogRoutes(to router: Router<BasicRequestContext>, _ store: CatalogStore) {
    router.get("v1") { _, _ in
        // A catalog that cannot be opened must not hide the others.
        let searchers = try store.folder.catalogs().compactMap { try? store.searcher($0) }
        return jsonResponse(
            CatalogList(catalogs: searchers.map { .init(name: $0.name, documents: $0.reader.liveDocuments) }))
    }
    router.get("v1/:catalog") { _, context in
        jsonResponse(CatalogDescription(try store.searcher(try context.parameters.require("catalog"))))
    }
    router.get("v1/:catalog/search") { request, context in
        let parameters = try queryParameters(request.uri.query ?? "")
        let name = try context.parameters.require("catalog")
        let search: SearchRequest
        do throws(RequestProblem) {
            search = try SearchRequest(parameters: parameters)
        } catch {
            throw CatalogError.request(error)
        }
        return jsonResponse(try store.search(name, search))
    }
}

/// Documents that are like one.
struct SimilarDocuments: Encodable {
    var id: String
    var hits: [SearchReply.Hit]
}

/// The catalogs there are.
private struct CatalogList: Encodable {
    struct Item: Encodable {
        var name: String
        var documents: Int
    }

    var catalogs: [Item]
}

/// What a page needs to know of a catalog.
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
        documents = searcher.reader.liveDocuments
        generation = searcher.reader.manifest.generation
        facets = searcher.profile.facets
        sorts = searcher.profile.sorts
        browse = searcher.profile.browse
        display = searcher.profile.display
        note = searcher.profile.note
    }
}
