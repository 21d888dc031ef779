public import Segments

/// A facet to count over all matches of a search.
///
/// Counts are exact, over all segments, and do not depend on `Search.limit`. Deleted documents are not counted.
///
/// ```swift
/// let facets = [
///     FacetRequest("color", size: 20, without: 0),  // counted without the first filter
///     FacetRequest("price", .histogram(width: 50)),
///     FacetRequest("added", .calendar(.month)),
///     FacetRequest("shelf", .values(.init(prefix: "books/", separator: "/"))),  // the level below "books"
/// ]
/// let result = try reader.search(Search(query, filters: [colorFilter], limit: 0, facets: facets))
/// for value in result.facets[0].values { print(value.value, value.count) }
/// ```
public struct FacetRequest: Sendable, Equatable {
    /// The kind of count.
    public enum Kind: Sendable, Equatable {
        /// Counts the matching documents of each value of a keyword field.
        case values(ValueFacet)
        /// Counts the matching documents with a number in each of some ranges, which may overlap.
        case ranges([ValueRange])
        /// Counts the matching documents with a number in each bucket of a width above 0. Buckets start at the
        /// multiples of the width as it is written in decimals: three times 0.1 is 0.3.
        case histogram(width: Double)
        /// Counts the matching documents with a date in each period of the calendar (UTC). Date fields only.
        case calendar(CalendarUnit)
        /// Computes count, minimum, maximum and sum of the numbers.
        case statistics
        /// Counts the distinct values of a keyword field that the matching documents have.
        case distinct
    }

    /// The values of a keyword field that are listed.
    public struct ValueFacet: Sendable, Equatable {
        /// The order of the values.
        public enum Order: Sendable, Equatable {
            /// By descending count, equal counts by their bytes.
            case count
            /// By their bytes.
            case value
        }

        /// The maximum number of values to list; 0 lists none.
        public var size: Int
        /// Values that are listed in any case, such as selected ones, after the others.
        public var including: [String]
        /// The order of the values.
        public var order: Order
        /// The prefix of the values that are listed and summed up; empty for all.
        public var prefix: String
        /// The separator of a hierarchy, such as `/`. With it only the level directly below `prefix` is listed: values
        /// with another level between are left out.
        public var separator: String?
        /// The text that the values contain which are listed and summed up, whatever its case, width or kind of Chinese
        /// characters; empty for all.
        public var containing = ""

        /// A list of the `size` first values; a negative size counts as 0.
        public init(
            size: Int = 10, including: [String] = [], order: Order = .count, prefix: String = "",
            separator: String? = nil
        ) {
            self.size = max(size, 0)
            self.including = including
            self.order = order
            self.prefix = prefix
            self.separator = separator
        }
    }

    /// The name of the field.
    public var field: String
    /// The kind of count.
    public var kind: Kind
    /// The index, in `Search.filters`, of a filter that is not applied for this facet (drill-sideways); nil to apply
    /// all. It is usually the filter that selects among the facet's values.
    public var without: Int?

    /// The maximum number of buckets of a histogram. With more, neighbors are merged in pairs, repeatedly if necessary.
    public static let maxBuckets = 10_000

    /// A facet of a field.
    public init(_ field: String, _ kind: Kind, without: Int? = nil) {
        self.field = field
        self.kind = kind
        self.without = without
    }

    /// The `size` most frequent values of a keyword field.
    public init(_ field: String, size: Int = 10, including: [String] = [], without: Int? = nil) {
        self.init(field, .values(ValueFacet(size: size, including: including)), without: without)
    }
}

/// The counts of one facet over all matches.
///
/// Only the properties that belong to the requested kind are filled.
public struct FacetCounts: Sendable, Equatable {
    /// A value and the number of matching documents that have it.
    public struct ListedValue: Sendable, Equatable {
        /// The value.
        public var value: String
        /// The number of matching documents that have the value.
        public var count: Int
    }

    /// A bucket of a histogram and the number of matching documents in it.
    public struct Bucket: Sendable, Equatable {
        /// The lower bound, included; for calendar periods in milliseconds since 1970.
        public var from: Double
        /// The upper bound, excluded: the start of the next bucket.
        public var to: Double
        /// The number of matching documents in the bucket.
        public var count: Int

        /// A bucket with its count.
        public init(from: Double, to: Double, count: Int) {
            self.from = from
            self.to = to
            self.count = count
        }
    }

    /// Statistics of the numbers of a field.
    public struct Statistics: Sendable, Equatable {
        /// The number of matching documents with a number.
        public var count: Int
        /// The minimum; nil when there is no number.
        public var least: Double?
        /// The maximum; nil when there is no number.
        public var greatest: Double?
        /// The sum: exact before one final rounding for whole numbers and prices, added up in document order for
        /// floats; infinite on overflow.
        public var sum: Double

        /// Statistics, by default those of no number.
        public init(count: Int = 0, least: Double? = nil, greatest: Double? = nil, sum: Double = 0) {
            self.count = count
            self.least = least
            self.greatest = greatest
            self.sum = sum
        }
    }

    /// The name of the field.
    public var field: String
    /// The listed values in the requested order, followed by those requested by name that are not among them.
    public var values: [ListedValue] = []
    /// The sum of the counts of the values that are not listed.
    public var other = 0
    /// For `ranges`: the count of each range, aligned with the request.
    public var ranges: [Int] = []
    /// For `histogram` and `calendar`: the buckets that have documents, ascending.
    public var buckets: [Bucket] = []
    /// For `statistics`: the statistics.
    public var statistics: Statistics?
    /// For `distinct`: the number of distinct values.
    public var distinct: Int?

    init(field: String) { self.field = field }
}
