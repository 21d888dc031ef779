/// A value of a stored document, as `IndexReader.document(_:)` returns it.
public enum StoredValue: Sendable, Equatable {
    case text(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    /// The values of a member that may have several, in the order of the input.
    case list([StoredValue])

    /// The number of bytes of its texts.
    package var textBytes: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .list(let values): values.reduce(0) { $0 + $1.textBytes }
        case .integer, .float, .boolean: 0
        }
    }
}
