/// A value of a stored document.
public enum StoredValue: Sendable, Equatable {
    case text(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    case list([StoredValue])
}
