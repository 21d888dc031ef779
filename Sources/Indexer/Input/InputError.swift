public import Storage

/// What is wrong with input, and where.
public enum InputError: Error, Equatable, CustomStringConvertible {
    /// One record cannot be used; reading may go on with the next.
    case record(file: String, line: Int, problem: String)
    /// The input as a whole cannot be read, from `line` on where that is known.
    case source(StorageError, line: Int?)
    /// The input as a whole cannot be used: its header, its mapping.
    case unusable(file: String, problem: String)

    /// The error as a sentence with its remedy.
    public var description: String {
        switch self {
        case .record(let file, let line, let problem): return "\(file), line \(line): \(problem)"
        case .source(let error, let line):
            return line.map { "\(error) (after line \($0))" } ?? error.description
        case .unusable(let file, let problem): return "\(file): \(problem)"
        }
    }
}

/// What is wrong with a record, before anybody says where it is.
struct RecordProblem: Error {
    var text: String

    init(_ text: String) { self.text = text }
}

/// A piece of input for a message: cut to 40 characters, quoted.
func quoted(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    let text = String(decoding: bytes.prefix(160), as: UTF8.self)
    return "\"\(text.count > 40 ? text.prefix(40) + "…" : text[...])\""
}
