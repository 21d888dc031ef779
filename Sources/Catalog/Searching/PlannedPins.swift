import Searching
import Segments

/// The pins of a search.
///
/// They belong to the first tier, with scores above all others: so the engine compares them with the filters, counts
/// each hit once, and a cursor that goes on behind the first page does not meet them again.
struct PlannedPins {
    /// The numbers of the pinned documents, by their positions.
    private var documents: [Int] = []
    /// The position of each on the first page, from 1.
    private var positions: [Int: Int] = [:]
    /// The upper bound of the scores of other hits.
    private var greatest: Float = 0

    /// No pins.
    init() {}

    /// The pins of rules for pages of `perPage` hits, among the hits of the first tier's query.
    ///
    /// Errors: `index` if the index is corrupt.
    init(
        _ pins: [Rule.Pin], perPage: Int, _ query: Query, _ reader: IndexReader, _ context: QueryContext
    ) throws(CatalogError) {
        try indexing { () throws(IndexError) in
            for pin in pins where documents.count < perPage {
                guard let document = try reader.find(key: pin.id) else { continue }
                documents.append(document)
                positions[document] = pin.position
            }
            if !documents.isEmpty { greatest = max(try context.greatestScore(of: query), 1) }
        }
    }

    /// True if there are none.
    var isEmpty: Bool { documents.isEmpty }
    /// The number of pins.
    var count: Int { documents.count }

    /// Returns the tiers with the pins in the first one.
    func listed(_ tiers: TieredSearch) -> TieredSearch {
        guard !isEmpty else { return tiers }
        var queries = tiers.queries
        let scored = documents.enumerated().map { rank, document in
            Query.ScoredDocument(document, score: greatest * (3 - Float(rank) / Float(documents.count)))
        }
        queries[0] = .disjunctionMax([queries[0], .documents(scored)], tieBreaker: 0)
        return TieredSearch(queries)
    }

    /// A hit of a page.
    struct PageHit {
        var hit: TieredResult.Hit
        var isPinned: Bool
    }

    /// Returns the hits of a page among the first ones of a search, which begin with the pins that match the filters.
    func page(_ request: SearchRequest, _ hits: [TieredResult.Hit]) -> [PageHit] {
        let end = request.page * request.perPage
        // What follows a cursor has no pins.
        guard !isEmpty, request.after == nil else {
            return hits.prefix(end).dropFirst(end - request.perPage).map { PageHit(hit: $0, isPinned: false) }
        }
        var pinned: [PageHit] = []
        var others: [PageHit] = []
        for hit in hits {
            if positions[hit.hit.document] == nil {
                others.append(PageHit(hit: hit, isPinned: false))
            } else {
                pinned.append(PageHit(hit: hit, isPinned: true))
            }
        }
        let order = PinnedPage(
            positions: pinned.compactMap { positions[$0.hit.hit.document] }, perPage: request.perPage)
        return Array(order.merged(pinned, with: others, limit: end).dropFirst(end - request.perPage))
    }
}
