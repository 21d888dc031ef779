/// Returns the first problem of a text that is not JSON, with its line and column; nil for JSON.
///
/// Columns count characters from 1. Complexity: O(bytes).
package func syntaxProblem(json: [UInt8]) -> String? {
    guard String(validating: json, as: UTF8.self) != nil else { return "the text is not valid UTF-8" }
    return json.withUnsafeBufferPointer { bytes in
        var scanner = JSONScanner(bytes)
        do throws(RecordProblem) {
            scanner.skipBlanks()
            try scanner.skipValue(depth: 0)
            scanner.skipBlanks()
            if scanner.position < scanner.count { throw scanner.expected("the end of the text") }
            return nil
        } catch {
            return located(error.text, in: bytes)
        }
    }
}

/// Returns a problem at a byte of a text, `column 7: …`, with a line and a column instead.
private func located(_ problem: String, in bytes: UnsafeBufferPointer<UInt8>) -> String {
    let parts = problem.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, parts[0].hasPrefix("column "), let column = Int(parts[0].dropFirst(7)) else {
        return problem
    }
    let before = bytes.prefix(max(column - 1, 0))
    let line = before.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let characters = String(decoding: before[start...], as: UTF8.self).count
    return "line \(line), column \(characters + 1):\(parts[1])"
}
