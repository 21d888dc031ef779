/// A value of a stored document, as `IndexReader.document(_:)` returns it.
public enum StoredValue: Sendable, Equatable {
    case text(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    /// The values of a member that may have several, in the order of the input.
    case list([StoredValue])
}
