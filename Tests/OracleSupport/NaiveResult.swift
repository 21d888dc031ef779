public import Indexer

/// What the naive index found.
public struct NaiveResult: Equatable, Sendable {
    /// One document.
    public struct Hit: Equatable, Sendable {
        /// Its place in the order of arrival.
        public var document: Int
        /// Its score.
        public var score: Float
    }

    /// A facet's value and how many matching documents have it.
    public struct Value: Equatable, Sendable {
        /// The value.
        public var value: TermBytes
        /// The number of documents.
        public var count: Int
    }

    /// The counts of one facet.
    public struct Facet: Equatable, Sendable {
        /// The field.
        public var field: String
        /// The values listed.
        public var values: [Value]
        /// The sum of the counts that are not listed.
        public var other: Int
    }

    /// How many documents match; nil when it was not asked for.
    public var total: Int?
    /// The best of them.
    public var hits: [Hit]
    /// In the order of the request.
    public var facets: [Facet]

    /// The first thing in which the engine's answer differs, scores to the last bit; nil when it does not.
    public func difference(from other: SearchResult) -> String? {
        if total != other.total { return "total \(plain(other.total)) instead of \(plain(total))" }
        if hits.count != other.hits.count { return "\(other.hits.count) hits instead of \(hits.count)" }
        for (i, (mine, theirs)) in zip(hits, other.hits).enumerated() {
            if mine.document != theirs.document || mine.score.bitPattern != theirs.score.bitPattern {
                return
                    "hit \(i) is \(theirs.document) with \(theirs.score) instead of \(mine.document) with \(mine.score)"
            }
        }
        let counted = other.facets.map { facet in
            Facet(
                field: facet.field, values: facet.values.map { Value(value: Array($0.value.utf8), count: $0.count) },
                other: facet.other)
        }
        for (mine, theirs) in zip(facets, counted) where mine != theirs { return "facet \(theirs) instead of \(mine)" }
        return facets.count == counted.count ? nil : "\(counted.count) facets instead of \(facets.count)"
    }

    private func plain(_ total: Int?) -> String { total.map { "\($0)" } ?? "none" }
}
