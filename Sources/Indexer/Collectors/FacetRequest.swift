/// A facet to count over everything that matches.
public struct FacetRequest: Sendable, Equatable {
    /// What is counted.
    public enum Kind: Sendable, Equatable {
        /// How often each value of a keyword field stands in the matching documents.
        case values(ValueFacet)
        /// How many matching documents have a number in each of some ranges, which may overlap.
        case ranges([ValueRange])
        /// How many have a number in each stretch of this width; stretches begin at its multiples, which are those of
        /// the number as it is written: three times 0.1 is 0.3.
        case histogram(width: Double)
        /// How many have a date in each period of the calendar.
        case calendar(CalendarUnit)
        /// The least and the greatest of the numbers, how many there are, their sum.
        case statistics
        /// How many values of a keyword field the matching documents have between them.
        case distinct
    }

    /// Which values of a field are listed.
    public struct ValueFacet: Sendable, Equatable {
        /// How values are ordered.
        public enum Order: Sendable, Equatable {
            /// The most frequent first, equal counts in the order of their bytes.
            case count
            /// By their bytes.
            case value
        }

        /// How many values to list.
        public var size: Int
        /// Values to list in any case, such as those selected, behind the others.
        public var including: [String]
        /// How they are ordered.
        public var order: Order
        /// Only values that begin like this are listed and summed up.
        public var prefix: String
        /// With the separator of a hierarchy, such as `/`, only its level right behind the prefix is listed: what has
        /// another level above it there is left out.
        public var separator: String?

        /// The `size` most frequent values.
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

    /// The field.
    public var field: String
    /// What is counted of it.
    public var kind: Kind
    /// The number of the filter, among the search's, that does not count for this facet: its own.
    public var without: Int?

    /// Most stretches of a histogram: with more, neighbours are joined two by two, and again.
    public static let mostStretches = 10_000

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

/// What was counted of a field over everything that matches.
public struct FacetCounts: Sendable, Equatable {
    /// A value and the number of matching documents that have it.
    public struct ListedValue: Sendable, Equatable {
        /// The value.
        public var value: String
        /// Matching documents that have it.
        public var count: Int
    }

    /// A stretch of numbers and the number of matching documents in it.
    public struct Stretch: Sendable, Equatable {
        /// Where it begins; of periods, milliseconds since 1970.
        public var from: Double
        /// Where the next one begins.
        public var to: Double
        /// Matching documents in it.
        public var count: Int

        /// A stretch with its count.
        public init(from: Double, to: Double, count: Int) {
            self.from = from
            self.to = to
            self.count = count
        }
    }

    /// The numbers of a field.
    public struct Statistics: Sendable, Equatable {
        /// Matching documents that have one.
        public var count: Int
        /// The least; nil when there is none.
        public var least: Double?
        /// The greatest.
        public var greatest: Double?
        /// The sum, added up in the order of arrival; infinite when it is beyond all numbers.
        public var sum: Double

        /// The numbers of no document, unless told otherwise.
        public init(count: Int = 0, least: Double? = nil, greatest: Double? = nil, sum: Double = 0) {
            self.count = count
            self.least = least
            self.greatest = greatest
            self.sum = sum
        }
    }

    /// The field.
    public var field: String
    /// The values listed, in the order asked for; behind them those that were asked for by name and are not among them.
    public var values: [ListedValue] = []
    /// The counts of the values that are not listed, summed.
    public var other = 0
    /// Of ranges: the count of each.
    public var ranges: [Int] = []
    /// Of a histogram, or of periods: the stretches that have documents, ascending.
    public var buckets: [Stretch] = []
    /// Of statistics.
    public var statistics: Statistics?
    /// Of distinct values: how many.
    public var distinct: Int?

    init(field: String) { self.field = field }
}
