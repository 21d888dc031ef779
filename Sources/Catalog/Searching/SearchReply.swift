package import Searching
package import Segments

/// The reply to a search. Written as JSON it is the body of `GET /v1/{catalog}/search`.
package struct SearchReply: Sendable {
    /// A hit.
    package struct Hit: Sendable {
        /// The document key.
        package var id: String
        /// The score; 0 if the request sorts by fields only.
        package var score: Float
        /// The stored members of the document.
        package var document: StoredDocument
        /// The highlights of the members that have matching terms, by the name of the member.
        package var highlights: [String: Highlight]
        /// The explanation of the score; nil unless requested.
        package var explain: Explanation?
        /// A sentence that says why the document is a hit, and what its popularity adds; nil unless requested.
        package var reason: String?
        /// The number of hits in its group, in a search that collapses; nil for a hit without a value.
        package var groupSize: Int?
        /// The name of its tier; nil for the first.
        package var tier: String?
        /// True if a rule gave it its place; nil otherwise.
        package var pinned: Bool?
    }

    /// A tier with the number of its hits. All hits of a tier come before those of the next one.
    package struct Tier: Sendable {
        /// The names of the tiers: the documents that have enough of the words, and those that have some.
        static let names = ["strict", "loose"]

        /// The name.
        package var name: String
        /// The exact number of hits; a lower bound if the reply is partial.
        package var found: Int
    }

    /// Escaped text with `<mark>` around matches: one text, or several values or passages.
    package enum Highlight: Sendable, Equatable {
        /// The text of a member with one value, or its best passage.
        case one(String)
        /// The values of a member with several values, or its passages.
        case many([String])
    }

    /// A facet with its counts over all hits, also those on other pages. Which members it has depends on its kind.
    package struct Facet: Sendable {
        /// A value of the facet with its count.
        package struct ListedValue: Sendable {
            /// The value.
            package var value: String
            /// The number of hits that have it.
            package var count: Int
            /// True if the request filters by it.
            package var selected: Bool
            /// The label of the value for people, by the profile; nil without one.
            package var label: Label?
        }

        /// A requested range with its count.
        package struct Interval: Sendable {
            /// The range in the syntax of filters: `{field}:{range}` selects its hits.
            package var range: String
            /// The lower bound as it was written; nil if there is none.
            package var from: String?
            /// The upper bound as it was written; nil if there is none.
            package var to: String?
            /// The number of hits with a value in the range.
            package var count: Int
        }

        /// A number, or a date as text, such as `2021-03-04`.
        package enum Edge: Sendable, Equatable {
            case number(Double)
            case date(String)
        }

        /// A bucket of a histogram: the hits of the filter `field:from..<to`.
        package struct Bucket: Sendable {
            /// The inclusive lower edge.
            package var from: Edge
            /// The exclusive upper edge.
            package var to: Edge
            /// The number of hits with a value in the bucket.
            package var count: Int
        }

        /// Statistics of the values of the hits.
        package struct Stats: Sendable {
            /// The number of hits with a value.
            package var count: Int
            /// The minimum; nil if no hit has a value.
            package var min: Edge?
            /// The maximum; nil if no hit has a value.
            package var max: Edge?
            /// The sum; nil for dates, and if it is not finite.
            package var sum: Double?
            /// The average; nil if there is no sum or no value.
            package var avg: Double?
        }

        /// The name of the field.
        package var field: String
        /// The label of the field for people, by the profile; nil for a facet that it does not offer.
        package var label: Label?
        /// The combination of its selected values, always `or`: a hit needs one of them, and the facet is counted
        /// without the filter on its own field.
        package var `operator` = "or"
        /// The most frequent values, and the selected ones.
        package var values: [ListedValue]?
        /// The sum of the counts of the values that are not listed.
        package var other: Int?
        /// The requested ranges, in their order.
        package var ranges: [Interval]?
        /// The buckets that have hits, ascending.
        package var histogram: [Bucket]?
        /// The statistics of numbers or dates.
        package var stats: Stats?
        /// The number of distinct values.
        package var distinct: Int?

        init(field: String) { self.field = field }
    }

    /// The interpretation of the query, where it differs from what was typed.
    package struct Applied: Sendable {
        /// True if few documents match all positions of the query, so that documents with fewer were admitted.
        package var relaxed: Bool
        /// The unknown terms that were rewritten as pinyin, sorted.
        package var pinyin: [String]
        /// The words that were replaced by spelling correction, sorted.
        package var typos: [String]
        /// The synonyms that were searched as well, as `from → to`, sorted.
        package var synonyms: [String]
        /// The quoted phrases that were searched without quotes, because they occur nowhere or the query is a sentence.
        package var quotes: [String]
        /// True if no document matches all of the query, so that documents that sound like it were admitted.
        package var homophones: Bool
        /// The ids of the rules that are about the query, in their order.
        package var rules: [String] = []
        /// The query that a rule puts in the place of the typed one; nil otherwise.
        package var replaced: String?

        init(relaxed: Bool, _ interpretation: QueryInterpretation) {
            let rewrites = interpretation.rewrites
            self.relaxed = relaxed
            quotes = interpretation.quotes
            pinyin = rewrites.pinyin.sorted()
            typos = interpretation.typos.sorted()
            synonyms = rewrites.synonyms.sorted()
            homophones = rewrites.homophones
        }
    }

    /// The query string of the request.
    package var query: String
    /// The id by which events tell to which reply they belong; nil if searches are not recorded.
    package var queryID: String?
    /// The query that was searched in its place, with corrected words, because no document has all of the typed ones;
    /// nil otherwise.
    package var correctedQuery: String?
    /// A correction of the query that far more documents match; nil otherwise.
    package var didYouMean: String?
    /// The exact number of hits of the first tier that has some; a lower bound if the reply is partial.
    package var found: Int
    /// The tiers of the query, in order.
    package var tiers: [Tier]
    /// True if the time was over: there may be more hits, better hits, and higher counts.
    package var partial: Bool
    /// The number of groups, in a search that collapses; nil otherwise.
    package var groups: Int?
    /// The number of the page, from 1.
    package var page: Int
    /// The number of the last page that can be requested; 0 without hits.
    package var pages: Int
    /// The maximum number of hits on a page.
    package var perPage: Int
    /// The phases of the search with their times. Not part of the JSON.
    package var phases = SearchPhases()
    /// The time of the search, in milliseconds. Not part of the JSON.
    package var tookMilliseconds: Double { phases.total }
    /// The generation of the index that was searched.
    package var generation: Int
    /// The hits of the page, in order.
    package var hits: [Hit]
    /// The cursor after the last hit; nil unless one was requested and there may be more hits.
    package var next: String?
    /// True if hits have no members because the reply would have had too many bytes; nil otherwise.
    package var truncated: Bool?
    /// The facets, in the order of the request.
    package var facets: [Facet]
    /// The interpretation of the query.
    package var applied: Applied
    /// The search-after position of the last hit; nil without hits. Not part of the JSON.
    var last: TieredAfter?
    /// The number of the view that alone decides the reply; nil if there is more to it, such as a cursor. Not part of
    /// the JSON.
    package var view: UInt64?
    /// True if more time would give more hits of this page. Not part of the JSON.
    var isLate: Bool
    /// The address of a page that a rule names for the query; nil otherwise. Clients go there or not.
    package var redirect: String?

    /// Notes what rules did.
    mutating func note(_ effects: RuleEffects) {
        applied.rules = effects.ids
        applied.replaced = effects.replacement
        redirect = effects.redirect
    }
}
