/// One of the things hits are ordered by.
public struct SortField: Sendable, Equatable {
    /// Where its values come from.
    public enum Origin: Sendable, Equatable {
        /// The score.
        case score
        /// A number field, or a keyword field: by the bytes of its values, the least of several when ascending, the
        /// greatest when descending.
        case field(String)
    }

    /// Where the values come from.
    public var origin: Origin
    /// Whether the least value comes first.
    public var ascending: Bool
    /// Whether documents without a value come first; else they come last, whatever the direction.
    public var missingFirst: Bool

    /// An order by the values of a field.
    public init(_ field: String, ascending: Bool, missingFirst: Bool = false) {
        origin = .field(field)
        self.ascending = ascending
        self.missingFirst = missingFirst
    }

    /// An order by score, the best first.
    public static var score: SortField {
        var field = SortField("", ascending: false)
        field.origin = .score
        return field
    }

    /// The most fields that hits are ordered by.
    public static let most = 4
}

/// What a hit was ordered by.
public enum SortValue: Sendable, Equatable {
    case missing
    /// A whole number, 1 for true, milliseconds since 1970, or the least units of a currency.
    case integer(Int64)
    case float(Double)
    case text([UInt8])
    case score(Float)
}

/// A place in the order of hits: behind a hit that was handed out.
public struct SearchPlace: Sendable, Equatable {
    /// What that hit was ordered by; of hits by score, its score.
    public var values: [SortValue]
    /// Its number in the reader that is searched.
    public var document: Int

    /// The place behind a hit.
    public init(_ values: [SortValue], document: Int) {
        self.values = values
        self.document = document
    }
}
