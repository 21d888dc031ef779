import Analyzer
import Kernels
package import Segments

/// Reads JSON objects that no schema describes, such as events and the lines of a log, member by member.
///
/// ```swift
/// var members = JSONMembers()
/// try members.forEach(in: line) { name, value throws(IndexError) in
///     if case .text(let text) = value { … }
/// }
/// ```
/// For one thread at a time; its buffers are reused.
package struct JSONMembers: ~Copyable {
    /// The value of a member. Buffers are valid during the call only.
    package enum Value {
        /// A string without escapes.
        case text(UnsafeBufferPointer<UInt8>)
        /// A number in JSON's notation.
        case number(UnsafeBufferPointer<UInt8>)
        case boolean(Bool)
        case null
        /// An array, as it is written.
        case list(UnsafeBufferPointer<UInt8>)
        /// An object, as it is written.
        case object(UnsafeBufferPointer<UInt8>)
    }

    /// The name and the text of the current member.
    private var bytes = GrowableBuffer<UInt8>(capacity: 256)

    /// Creates a reader.
    package init() {}

    /// Calls `body` with the name and the value of each member of the one object in `text`, in order.
    ///
    /// Errors: `document` for what is not one object in JSON and UTF-8, after the members before it; those of `body`.
    /// Complexity: O(bytes).
    package mutating func forEach(
        in text: UnsafeBufferPointer<UInt8>, _ body: (String, Value) throws(IndexError) -> Void
    ) throws(IndexError) {
        guard validUTF8Prefix(text) == text.count else {
            throw .document(problem: "the text is not valid UTF-8; send it in UTF-8")
        }
        var scanner = JSONScanner(text)
        var failure: IndexError?
        do throws(RecordProblem) {
            scanner.skipBlanks()
            guard scanner.peek == UInt8(ascii: "{") else {
                throw RecordProblem("expected a JSON object, found \(scanner.found)")
            }
            if scanner.enterItems(closing: UInt8(ascii: "}")) {
                repeat {
                    bytes.removeAll()
                    let name = try scanner.readString(into: &bytes)
                    try scanner.readColon()
                    let value = try readValue(&scanner, text)
                    let nameBytes = UnsafeBufferPointer(
                        rebasing: bytes.elements[name.start..<(name.start + name.length)])
                    do throws(IndexError) {
                        try body(String(decoding: nameBytes, as: UTF8.self), value)
                    } catch {
                        failure = error
                        break
                    }
                } while try scanner.nextItem(closing: UInt8(ascii: "}"), "brace")
            }
            if failure == nil {
                scanner.skipBlanks()
                guard scanner.position == scanner.count else { throw scanner.expected("the end after the object") }
            }
        } catch {
            throw .document(problem: error.text)
        }
        if let failure { throw failure }
    }

    /// Parses the value that is next.
    private mutating func readValue(
        _ scanner: inout JSONScanner, _ text: UnsafeBufferPointer<UInt8>
    ) throws(RecordProblem) -> Value {
        let start = scanner.position
        switch scanner.peek {
        case UInt8(ascii: "\""):
            let (from, length) = try scanner.readString(into: &bytes)
            return .text(UnsafeBufferPointer(rebasing: bytes.elements[from..<(from + length)]))
        case UInt8(ascii: "-"), 0x30...0x39: return .number(try scanner.readNumber())
        case UInt8(ascii: "t"):
            try scanner.readWord("true")
            return .boolean(true)
        case UInt8(ascii: "f"):
            try scanner.readWord("false")
            return .boolean(false)
        case UInt8(ascii: "n"):
            try scanner.readWord("null")
            return .null
        case UInt8(ascii: "["):
            try scanner.skipValue(depth: 0)
            return .list(UnsafeBufferPointer(rebasing: text[start..<scanner.position]))
        default:
            try scanner.skipValue(depth: 0)
            return .object(UnsafeBufferPointer(rebasing: text[start..<scanner.position]))
        }
    }
}
