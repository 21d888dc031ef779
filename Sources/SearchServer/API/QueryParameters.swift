import Hummingbird

/// Returns the decoded names and values of a query string, in order. A parameter without `=` has an empty value.
///
/// Errors: `bad_encoding` for a part that is not percent-encoded UTF-8.
func queryParameters(_ query: String) throws(Problem) -> [(name: String, value: String)] {
    var parameters: [(name: String, value: String)] = []
    for part in query.split(separator: "&") {
        let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(pair[0])
        guard let decodedName = percentDecoded(name), let value = percentDecoded(pair.count > 1 ? String(pair[1]) : "")
        else {
            throw Problem(
                .badRequest, "bad_encoding", "the query string is not percent-encoded UTF-8", param: name,
                hint: "encode the value as UTF-8, for example %E4%B8%89 for 三")
        }
        parameters.append((decodedName, value))
    }
    return parameters
}

/// Decodes percent encoding, and `+` as a blank; nil if the result is not valid UTF-8.
private func percentDecoded(_ text: String) -> String? {
    text.replacing("+", with: " ").removingPercentEncoding
}
