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
