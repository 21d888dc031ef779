/// A factor that a document's score is multiplied by.
///
/// The product of all functions of a query is capped at `maxProduct`, which keeps the upper bounds that skipping needs
/// finite. Functions are computed in double precision, the product is rounded to a float.
///
/// ```swift
/// let wanted = ScoreFunction.popularity(Popularity([.init("votes", .count(perTenfold: 0.15, most: 1))]))
/// let query = Query.functionScore(.term(field: "title", "fox"), by: [wanted])
/// ```
public enum ScoreFunction: Sendable, Equatable {
    /// A weight, 0 to `maxProduct`, for documents that match a query; 1 for other documents. A weight below 1 demotes.
    case weight(Double, Query)
    /// The popularity of a document, by several number fields; 1 for documents without values.
    case popularity(Popularity)

    /// The upper limit of a single function and of the product of all functions of a query.
    public static let maxProduct = 1e6
    /// The maximum number of functions of one `Query.functionScore`.
    public static let maxFunctions = 16
}
