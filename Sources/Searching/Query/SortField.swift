/// One criterion of a sort order.
///
/// ```swift
/// // Newest first; of equal years the cheapest, and then the best match.
/// let order = Search.Order.fields([
///     SortField("year", ascending: false), SortField("price", ascending: true), .score,
/// ])
/// ```
public struct SortField: Sendable, Equatable {
    /// The source of the values.
    public enum Origin: Sendable, Equatable {
        /// The score.
        case score
        /// A number field, or a keyword field other than the key. Keywords are compared by their bytes; of several
        /// values of a document the minimum counts in ascending order, the maximum in descending order.
        case field(String)
    }

    /// The source of the values.
    public var origin: Origin
    /// True if the minimum comes first.
    public var ascending: Bool
    /// True if documents without a value come first; otherwise they come last, whatever the direction.
    public var missingFirst: Bool

    /// An order by the values of a field.
    public init(_ field: String, ascending: Bool, missingFirst: Bool = false) {
        origin = .field(field)
        self.ascending = ascending
        self.missingFirst = missingFirst
    }

    /// An order by score, best first.
    public static var score: SortField {
        var field = SortField("", ascending: false)
        field.origin = .score
        return field
    }

    /// The maximum number of criteria of a sort order.
    public static let maxFields = 4
}

/// The value of a hit for one sort criterion.
public enum SortValue: Sendable, Equatable {
    /// The document has no value in the field.
    case missing
    /// The value of an integer field, 1 for true and 0 for false, a date in milliseconds since 1970, or a price in the
    /// smallest units of its currency.
    case integer(Int64)
    /// The value of a float field.
    case float(Double)
    /// The bytes of a keyword.
    case text([UInt8])
    /// The score.
    case score(Float)
}

/// A search-after cursor: the position after a hit in the order of a search.
///
/// Hits after it are those with a worse sort key, and of equal ones those with a higher document id. The hit itself
/// need not exist. Document ids are those of one reader, so cursors must not be carried over to another commit.
///
/// ```swift
/// var search = Search(query, limit: 20)
/// let page = try reader.search(search)
/// if let last = page.hits.last {
///     search.after = SearchAfter([.score(last.score)], document: last.document)
///     let nextPage = try reader.search(search)
/// }
/// ```
///
/// With an order by fields, pass `last.sort` instead of the score.
public struct SearchAfter: Sendable, Equatable {
    /// The hit's values, one per sort criterion; for an order by score, its score alone.
    public var values: [SortValue]
    /// The hit's document id in the reader that is searched.
    public var document: Int

    /// The position after a hit with these values.
    public init(_ values: [SortValue], document: Int) {
        self.values = values
        self.document = document
    }
}
