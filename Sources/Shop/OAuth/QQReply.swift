import FoundationEssentials

/// Reads the replies of QQ, which come in three forms whatever was asked for: JSON, JSON in a call of JavaScript
/// (`callback( {…} );`), and a form's body.
enum QQReply {
    /// Returns the members that are texts or whole numbers, these in digits; nil for what has none of the forms.
    static func members(of bytes: [UInt8]) -> [String: String]? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let body = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if let json = json(in: body) {
            guard let object = try? JSONDecoder().decode([String: JSONValue].self, from: Data(json.utf8)) else {
                return nil
            }
            return object.compactMapValues { value in
                switch value {
                case .text(let text): text
                case .int(let number): "\(number)"
                default: nil
                }
            }
        }
        return body.contains("=") ? formMembers(body) : nil
    }

    /// Returns the object of a reply that is one, or calls one function with one; nil for another.
    private static func json(in text: String) -> Substring? {
        if text.first == "{" { return Substring(text) }
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close else { return nil }
        let isName = text[..<open].utf8.allSatisfy { byte in
            let character = Character(Unicode.Scalar(byte))
            return byte < 128 && (character.isLetter || character.isNumber || "_.$ ".contains(character))
        }
        return isName && text[text.index(after: close)...].allSatisfy { $0 == ";" || $0.isWhitespace }
            ? text[text.index(after: open)..<close] : nil
    }
}
