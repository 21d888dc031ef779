import Indexer
import Segments

/// A search as the log has it; only what is counted.
struct SearchRecord: Sendable, Equatable {
    /// The time in milliseconds since 1970.
    var time = 0
    /// The name of the client on the day; 0 if it is not known.
    var client: UInt64 = 0
    /// The time that the search took, in microseconds; nil for a reply that was made before.
    var microseconds: Int?
    /// The text of the query in its counted form.
    var query = ""
    /// True if the search had a filter.
    var isFiltered = false
    /// True if it is the first page of its query.
    var isFirstPage = true
    /// The number of hits; nil if the client had the reply already and the log does not know it.
    var found: Int?
    /// True if the documents that were found have all of the words, or their pinyin.
    var isWhole = false
    /// True if the search was limited to a part of the documents by its key.
    var isScoped = false
    /// The number of searches before it that could not be recorded.
    var dropped = 0

    /// Returns the line of the log that begins with what is different each time, and ends with the rest.
    static func line(_ answered: AnsweredSearch, time: Int, client: String?, milliseconds: Double?) -> [UInt8] {
        var text = "{\"at\":\(time),"
        if let client { text += "\"client\":\"\(client)\"," }
        if let milliseconds { text += "\"took\":\(milliseconds)," }
        return Array(text.utf8) + answered.members + [10]
    }

    /// Returns the line that says how many searches could not be recorded.
    static func line(dropped: Int, time: Int) -> [UInt8] {
        Array("{\"at\":\(time),\"dropped\":\(dropped)}\n".utf8)
    }

    /// Reads a line. Members that are not known are left to later versions.
    ///
    /// Errors: `document` for what is not an object.
    init(_ line: UnsafeBufferPointer<UInt8>, _ reader: inout JSONMembers) throws(IndexError) {
        var record = SearchRecord()
        try reader.forEach(in: line) { name, value throws(IndexError) in
            switch (name, value) {
            case ("at", .number(let digits)): record.time = digits.plainNumber ?? 0
            case ("client", .text(let text)): record.client = text.hexadecimalNumber
            case ("took", .number(let digits)):
                record.microseconds = Double(digits.utf8Text).map { Int(min(max($0, 0), 1e9) * 1000) }
            case ("query", .text(let text)): record.query = text.utf8Text
            case ("filter", .text(let text)): record.isFiltered = !text.isEmpty
            case ("page", .number(let digits)): if digits.plainNumber != 1 { record.isFirstPage = false }
            case ("continued", _): record.isFirstPage = false
            case ("kind", .text(let text)): record.isWhole = Self.wholeKinds.contains(text.utf8Text)
            case ("scoped", _): record.isScoped = true
            case ("found", .number(let digits)): record.found = digits.plainNumber
            case ("dropped", .number(let digits)): record.dropped = digits.plainNumber ?? 0
            default: break
            }
        }
        self = record
    }

    init() {}

    private static let wholeKinds = Set([AnsweredSearch.Interpretation.exact, .pinyin].map(\.rawValue))
}

extension UnsafeBufferPointer<UInt8> {
    /// The text of valid UTF-8.
    var utf8Text: String { String(decoding: self, as: UTF8.self) }

    /// The whole number from 0 to 2^53 with these digits; nil for other texts.
    var plainNumber: Int? {
        guard (1...16).contains(count) else { return nil }
        var number = 0
        for digit in self {
            guard digit &- 0x30 < 10 else { return nil }
            number = number * 10 + Int(digit &- 0x30)
        }
        return number <= 1 << 53 ? number : nil
    }

    /// The number with these digits, at most 16 hexadecimal ones; 0 for other texts.
    var hexadecimalNumber: UInt64 { count > 16 ? 0 : UInt64(utf8Text, radix: 16) ?? 0 }
}
