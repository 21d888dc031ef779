import Hummingbird

/// The maximum number of parameters of a request; no route has as many.
private let maxParameters = 32

/// Returns the decoded names and values of a query string, in order. A parameter without `=` has an empty value.
///
/// Errors: `bad_encoding` for a part that is not percent-encoded UTF-8, `too_many_parameters` for more than
/// `maxParameters`.
func queryParameters(_ query: String) throws(Problem) -> [(name: String, value: String)] {
    var parameters: [(name: String, value: String)] = []
    for part in query.utf8.split(separator: UInt8(ascii: "&")) {
        let end = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
        let value = part[end...].dropFirst()
        guard let decodedName = percentDecoded(part[..<end], plusIsBlank: true),
            let decodedValue = percentDecoded(value, plusIsBlank: true)
        else {
            throw Problem(
                .badRequest, "bad_encoding", "the query string is not percent-encoded UTF-8",
                param: String(Substring(part[..<end])),
                hint: "encode the value as UTF-8, for example %E4%B8%89 for 三")
        }
        guard parameters.count < maxParameters else {
            throw Problem(
                .badRequest, "too_many_parameters", "the query string has more than \(maxParameters) parameters",
                hint: "give each parameter once")
        }
        parameters.append((decodedName, decodedValue))
    }
    return parameters
}

/// Decodes percent encoding, and `+` as a blank if `plusIsBlank`. Bytes that are not encoded stay as they are.
///
/// Returns nil for a percent sign without two hexadecimal digits, and if the result is not valid UTF-8. Complexity:
/// O(bytes).
func percentDecoded(_ text: some Collection<UInt8>, plusIsBlank: Bool = false) -> String? {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(text.count, 1)) { room in
        var count = 0
        var place = text.startIndex
        while place < text.endIndex {
            var byte = text[place]
            text.formIndex(after: &place)
            if byte == UInt8(ascii: "%") {
                guard place < text.endIndex, let high = hexadecimalDigit(text[place]) else { return nil }
                text.formIndex(after: &place)
                guard place < text.endIndex, let low = hexadecimalDigit(text[place]) else { return nil }
                text.formIndex(after: &place)
                byte = high << 4 | low
            } else if plusIsBlank, byte == UInt8(ascii: "+") {
                byte = UInt8(ascii: " ")
            }
            room[count] = byte
            count += 1
        }
        return String(validating: UnsafeBufferPointer(rebasing: room[..<count]), as: UTF8.self)
    }
}

/// The value of a hexadecimal digit; nil for other characters.
private func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}

/// Refuses a body that is not declared as JSON: a form of another site could send it. `what` is the body, as a subject.
///
/// Errors: `unsupported_media_type` (status 415).
func requireJSON(_ request: Request, _ what: String) throws(Problem) {
    let type = (request.headers[.contentType] ?? "").prefix { $0 != ";" }.lowercased()
    if type.trimmingPrefix(" ") == "application/json" { return }
    throw Problem(
        .unsupportedMediaType, "unsupported_media_type", "\(what) is JSON",
        hint: "send it with the header Content-Type: application/json")
}
