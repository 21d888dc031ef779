/// Returns a text as a part of an address or a form: all but the unreserved characters of RFC 3986 as `%XX`.
func percentEncoded(_ text: String) -> String {
    text.utf8.map { byte in
        let character = Character(Unicode.Scalar(byte))
        let isPlain = byte < 128 && (character.isLetter || character.isNumber || "-._~".contains(character))
        return isPlain ? String(character) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
}

/// Returns members as a query string or the body of a form, in the order of their names.
func formEncoded(_ members: [String: String]) -> String {
    members.sorted { $0.key < $1.key }.map { "\(percentEncoded($0.key))=\(percentEncoded($0.value))" }
        .joined(separator: "&")
}

/// Returns the members of a form's body; nil if it names one twice, or is not valid.
func formMembers(_ text: String) -> [String: String]? {
    var members: [String: String] = [:]
    for pair in text.split(separator: "&") {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = percentDecoded(parts[0]), let value = percentDecoded(parts.count == 2 ? parts[1] : ""),
            members.updateValue(value, forKey: name) == nil
        else { return nil }
    }
    return members
}

/// Returns the text of a part of a form; nil if it is not valid, or no UTF-8.
private func percentDecoded(_ part: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = part.utf8
    while let byte = rest.popFirst() {
        switch byte {
        case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
        case UInt8(ascii: "%"):
            let digits = rest.prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
            guard digits.count == 2 else { return nil }
            bytes.append(UInt8(digits[0] << 4 | digits[1]))
            rest = rest.dropFirst(2)
        default: bytes.append(byte)
        }
    }
    return String(validating: bytes, as: UTF8.self)
}
