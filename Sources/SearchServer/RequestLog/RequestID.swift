import HTTPTypes

/// The id of a request, which its client or a proxy may choose. Its reply and the lines of logs about it have the id.
enum RequestID {
    /// The header that has the id, in requests and replies.
    static let header = HTTPField.Name("X-Request-Id")

    /// The longest id that is taken from a client.
    private static let maxBytes = 64

    /// Returns the id that a request has, if it is 1 to 64 letters, digits, `-`, `_` and `.` of ASCII; else a new one.
    static func of(_ headers: HTTPFields) -> String {
        if let header, let id = headers[header], isSafe(id) { return id }
        return String(UInt64.random(in: .min ... .max), radix: 16)
    }

    /// True for a text that can stand in any log.
    private static func isSafe(_ text: String) -> Bool {
        (1...maxBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
                }
            }
    }
}
