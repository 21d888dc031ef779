/// One position of a query, with the terms that the analyzers of all groups of fields have there.
///
/// Each group tokenizes and stems the query in its own way. Their terms at one position are alternatives: a document
/// matches the position if it matches one of them.
///
/// ```swift
/// // "run running": the English analyzer has one term, the standard analyzer two.
/// let queries = AnalyzedQuery.all("run running", [.english, .standard], dropsStopWords: true)
/// QueryPosition.all(queries).map { $0.members.map(\.term) }   // [[0, 0], [0, 1]]
/// ```
struct QueryPosition {
    /// A term of one group.
    struct Member: Hashable {
        /// The index of the group.
        var group: Int
        /// The index of the term among the `terms` of the group's query.
        var term: Int
    }

    /// The terms at the position, in the order of the groups.
    var members: [Member]
    /// The number of places of the query that have exactly these terms.
    var count = 1

    /// The positions of a query that was analyzed for each group of fields, in the order of the query. Places at which
    /// all groups have the same terms are one position.
    ///
    /// Complexity: O(terms²); O(terms · log terms) for one group.
    static func all(_ groups: [AnalyzedQuery]) -> [QueryPosition] {
        let termsByStart = groups.map { query in
            var termsByStart: [Int: [Int]] = [:]
            for (index, term) in query.terms.enumerated() {
                for span in term.spans { termsByStart[span.lowerBound, default: []].append(index) }
            }
            return termsByStart
        }
        var positions: [QueryPosition] = []
        var indexes: [[Member]: Int] = [:]
        for offset in Set(termsByStart.flatMap(\.keys)).sorted() {
            var members: [Member] = []
            for (group, query) in groups.enumerated() {
                let terms = termsByStart[group][offset] ?? query.terms(covering: offset)
                members += terms.map { Member(group: group, term: $0) }
            }
            if let index = indexes[members] {
                positions[index].count += 1
            } else {
                indexes[members] = positions.count
                positions.append(QueryPosition(members: members))
            }
        }
        return positions
    }
}

extension AnalyzedQuery {
    /// The indexes of the terms that start before a byte offset of the query and end after it.
    fileprivate func terms(covering offset: Int) -> [Int] {
        terms.indices.filter { terms[$0].spans.contains { $0.lowerBound < offset && offset < $0.upperBound } }
    }
}
