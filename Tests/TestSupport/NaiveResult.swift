package import Searching

/// The result of a search in the naive index.
package struct NaiveResult: Equatable, Sendable {
    /// One document of the result.
    package struct Hit: Equatable, Sendable {
        /// The document id.
        package var document: Int
        /// The score.
        package var score: Float
        /// The values it was ordered by; empty in an order by score.
        package var sort: [SortValue] = []
        /// The number of documents of its group, in a collapsed search.
        package var groupSize: Int?
    }

    /// A value of a facet and the number of matching documents that have it.
    package struct Value: Equatable, Sendable {
        /// The value.
        package var value: TermBytes
        /// The number of documents.
        package var count: Int
    }

    /// The counts of one facet.
    package struct Facet: Equatable, Sendable {
        /// The field.
        package var field: String
        /// The values listed.
        package var values: [Value] = []
        /// The sum of the counts that are not listed.
        package var other = 0
        /// The count of each range.
        package var ranges: [Int] = []
        /// The buckets of a histogram.
        package var buckets: [FacetCounts.Bucket] = []
        /// The statistics of the numbers.
        package var statistics: FacetCounts.Statistics?
        /// The number of distinct values.
        package var distinct: Int?
    }

    /// The number of matching documents; nil if it was not requested.
    package var total: Int?
    /// The best matches, in order.
    package var hits: [Hit]
    /// The facets, aligned with the request.
    package var facets: [Facet]
    /// The number of hits after collapsing.
    package var groups: Int?

    /// The first difference from the engine's result, scores being compared to the last bit; nil if there is none.
    package func difference(from other: SearchResult) -> String? {
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
                return "hit \(i) has a group of \(plain(theirs.groupSize)) instead of \(plain(mine.groupSize))"
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
                return "bucket \(b) instead of \(a) of \(mine.field)"
            }
            return "facet \(theirs) instead of \(mine)"
        }
        return facets.count == counted.count ? nil : "\(counted.count) facets instead of \(facets.count)"
    }

    private func plain(_ total: Int?) -> String { total.map { "\($0)" } ?? "none" }
}
