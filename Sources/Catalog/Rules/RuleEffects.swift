import Searching

/// The effects of the rules that are about a request, joined in the order of the list: of several queries, or of
/// several pages to go to, the first one counts.
struct RuleEffects: Sendable {
    /// The ids of the rules.
    private(set) var ids: [String] = []
    /// The query that is searched in the place of the typed one; nil for that.
    private(set) var replacement: String?
    /// The address of a page for the query; nil for none.
    private(set) var redirect: String?
    /// The pins, by their positions; the first rule decides about a document.
    private(set) var pins: [Rule.Pin] = []
    /// The keys of hidden documents.
    private(set) var hidden: Set<String> = []
    /// The factors of scores, at most as many as a query can have.
    private(set) var weights: [CompiledRule.Weight] = []
    /// The queries that hits must match as well.
    private(set) var filters: [Query] = []

    /// Joins rules.
    init(_ rules: [CompiledRule]) {
        var pinned: Set<String> = []
        for compiled in rules {
            let rule = compiled.rule
            ids.append(rule.id)
            replacement = replacement ?? rule.replace
            redirect = redirect ?? rule.redirect
            pins += (rule.pin ?? []).filter { pinned.insert($0.id).inserted }
            hidden.formUnion(rule.hide ?? [])
            weights += compiled.weights
            filters += compiled.filters
        }
        weights = Array(weights.prefix(ScoreFunction.maxFunctions))
        let ordered = pins.enumerated().sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
        pins = ordered.map(\.element)
    }

    /// Returns a request with the query that is searched in the place of the typed one.
    func replacing(_ request: SearchRequest) -> SearchRequest {
        guard let replacement else { return request }
        var request = request
        request.q = replacement
        request.matching.isUnfinished = false
        return request
    }

    /// Returns a query with its scores multiplied by the factors.
    func weighted(_ query: Query) -> Query {
        weights.isEmpty ? query : .functionScore(query, by: weights.map { ScoreFunction.weight($0.factor, $0.query) })
    }
}
