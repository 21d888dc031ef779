public import Indexer

/// What the naive index found.
public struct NaiveResult: Equatable, Sendable {
    /// One document.
    public struct Hit: Equatable, Sendable {
        /// Its place in the order of arrival.
        public var document: Int
        /// Its score.
        public var score: Float
        /// What it was ordered by, if not by its score.
        public var sort: [SortValue] = []
        /// Documents of its group, if hits were collapsed.
        public var groupSize: Int?
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
        public var values: [Value] = []
        /// The sum of the counts that are not listed.
        public var other = 0
        /// The count of each range.
        public var ranges: [Int] = []
        /// The stretches of a histogram.
        public var buckets: [FacetCounts.Stretch] = []
        /// The numbers as a whole.
        public var statistics: FacetCounts.Statistics?
        /// How many values there are.
        public var distinct: Int?
    }

    /// How many documents match; nil when it was not asked for.
    public var total: Int?
    /// The best of them.
    public var hits: [Hit]
    /// In the order of the request.
    public var facets: [Facet]
    /// How many hits there are after they were collapsed.
    public var groups: Int?

    /// The first thing in which the engine's answer differs, scores to the last bit; nil when it does not.
    public func difference(from other: SearchResult) -> String? {
        if total != other.total { return "total \(plain(other.total)) instead of \(plain(total))" }
        if groups != other.groups { return "\(plain(other.groups)) groups instead of \(plain(groups))" }
        if other.isPartial { return "a part instead of all" }
        if hits.count != other.hits.count { return "\(other.hits.count) hits instead of \(hits.count)" }
        for (i, (mine, theirs)) in zip(hits, other.hits).enumerated() {
            if mine.document != theirs.document || mine.score.bitPattern != theirs.score.bitPattern {
                return
                    "hit \(i) is \(theirs.document) with \(theirs.score) instead of \(mine.document) with \(mine.score)"
            }
            if mine.groupSize != theirs.groupSize {
                return "hit \(i) stands for \(plain(theirs.groupSize)) instead of \(plain(mine.groupSize))"
            }
            if mine.sort != theirs.sort { return "hit \(i) is ordered by \(theirs.sort) instead of \(mine.sort)" }
        }
        let counted = other.facets.map { facet in
            Facet(
                field: facet.field, values: facet.values.map { Value(value: Array($0.value.utf8), count: $0.count) },
                other: facet.other, ranges: facet.ranges, buckets: facet.buckets, statistics: facet.statistics,
                distinct: facet.distinct)
        }
        for (mine, theirs) in zip(facets, counted) where mine != theirs {
            if let (a, b) = zip(mine.buckets, theirs.buckets).first(where: { $0 != $1 }) {
                return "stretch \(b) instead of \(a) of \(mine.field)"
            }
            return "facet \(theirs) instead of \(mine)"
        }
        return facets.count == counted.count ? nil : "\(counted.count) facets instead of \(facets.count)"
    }

    private func plain(_ total: Int?) -> String { total.map { "\($0)" } ?? "none" }
}
