public import Storage

/// An error in the input, with its place.
public enum InputError: Error, Equatable, CustomStringConvertible {
    /// One record cannot be used; reading may go on with the next.
    case record(file: String, line: Int, problem: String)
    /// The input as a whole cannot be read, from `line` on if that is known.
    case source(StorageError, line: Int?)
    /// The input as a whole cannot be used, because of its header or its mapping.
    case unusable(file: String, problem: String)

    /// The error as a sentence with its remedy.
    public var description: String {
        switch self {
        case .record(let file, let line, let problem): return "\(file), line \(line): \(problem)"
        case .source(let error, let line): return line.map { "\(error) (after line \($0))" } ?? error.description
        case .unusable(let file, let problem): return "\(file): \(problem)"
        }
    }
}

/// The reason why a record cannot be used; the reader adds its place.
struct RecordProblem: Error {
    var text: String

    init(_ text: String) { self.text = text }
}

/// Returns a piece of the input for a message: at most 40 characters, quoted.
func quoted(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    let text = String(decoding: bytes.prefix(160), as: UTF8.self)
    return "\"\(text.count > 40 ? text.prefix(40) + "…" : text[...])\""
}
