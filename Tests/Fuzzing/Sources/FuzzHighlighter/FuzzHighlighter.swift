import CFuzzer
import Glibc

@testable import Searching
@testable import Segments

private let schema: Schema = {
    let json = """
        {"key": "id", "fields": [{"name": "id", "type": "keyword"},
         {"name": "words", "type": "text", "analyzer": "english"}, {"name": "plain", "type": "text"},
         {"name": "characters", "type": "text", "analyzer": "characters"},
         {"name": "whole", "type": "text", "analyzer": "whole"},
         {"name": "pinyin", "type": "text", "analyzer": "pinyin"},
         {"name": "initials", "type": "text", "analyzer": "initials"},
         {"name": "japanese", "type": "text", "analyzer": "japanese"}]}
        """
    do { return try Schema(json: Array(json.utf8)) } catch { fatalError("\(error)") }
}()

private let fields = ["words", "plain", "characters", "whole", "pinyin", "initials", "japanese"]

/// Returns the query of a line for a field; the line's first character selects its kind.
private func query(_ field: String, _ line: String) -> Query {
    let text = String(line.dropFirst())
    let words = text.split(separator: " ").map(String.init)
    switch line.first {
    case "*": return .pattern(field: field, .wildcard(text))
    case "/": return .pattern(field: field, .expression(text))
    case "^": return .pattern(field: field, .prefix(text))
    case "|": return .pattern(field: field, .any(words))
    case "~": return .fuzzy(field: field, FuzzyTerm(text, edits: text.utf8.count % 3, prefix: 0))
    case "+":
        let places = words.enumerated().map { SloppyPhrase.Word($1.split(separator: "/").map(String.init), at: $0) }
        return .sloppyPhrase(field: field, SloppyPhrase(places, slop: text.utf8.count % 5))
    case "\"": return .phrase(field: field, words.enumerated().map { Query.PhraseTerm($1, at: $0) })
    default: return .or(line.split(separator: " ").map { .term(field: field, String($0)) })
    }
}

/// Returns the text that a browser shows of markup; nil when there are tags other than pairs of marks.
private func shown(_ markup: String) -> String? {
    var plain = ""
    var isMarked = false
    let signs: [(String, String)] = [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'")]
    // By scalars: an escaped sign and the mark after it may be one character.
    var scalars = markup.unicodeScalars[...]
    func isNext(_ token: String) -> Bool { scalars.starts(with: token.unicodeScalars) }
    while let next = scalars.first {
        let tag = isMarked ? "</mark>" : "<mark>"
        if next == "<" {
            guard isNext(tag) else { return nil }
            scalars.removeFirst(tag.unicodeScalars.count)
            isMarked.toggle()
        } else if next == "&" {
            guard let sign = signs.first(where: { isNext($0.0) }) else { return nil }
            scalars.removeFirst(sign.0.unicodeScalars.count)
            plain.unicodeScalars.append(contentsOf: sign.1.unicodeScalars)
        } else {
            if next == ">" || next == "\"" || next == "'" { return nil }
            plain.unicodeScalars.append(next)
            scalars.removeFirst()
        }
    }
    return isMarked ? nil : plain
}

/// Highlights the input's remaining lines for a query, its first line: the marked text is the text, escaped, and
/// nothing else.
private func tryMarks(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    let end = input.utf8.firstIndex(of: UInt8(ascii: "\n")) ?? input.endIndex
    let line = String(decoding: input.utf8[..<end], as: UTF8.self)
    let text = String(decoding: input.utf8[end...].dropFirst(), as: UTF8.self)
    let highlighter = Highlighter(.or(fields.map { query($0, line) }), schema)
    for subset in fields.map({ [$0] }) + [fields] {
        if let marked = highlighter.mark(text, fields: subset) {
            guard let plain = shown(marked) else { fatalError("not well formed: \(marked)") }
            precondition(Array(plain.utf8) == Array(text.utf8))
        }
        if let snippet = highlighter.snippet(text, fields: subset, length: 40) {
            guard let plain = shown(snippet) else { fatalError("not well formed: \(snippet)") }
            precondition(plain.utf8.count <= text.utf8.count + 6)
        }
        let passages = highlighter.passages(text, fields: subset, length: 20, limit: 4)
        precondition(passages.count <= 4 && passages.allSatisfy { shown($0) != nil && $0.utf8.contains(0x3C) })
        precondition(passages.reduce(0) { $0 + (shown($1)?.utf8.count ?? 0) } <= text.utf8.count + 4 * 6)
    }
    return 0
}

@main
enum FuzzHighlighter {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(LLVMFuzzerRunDriver(&count, &arguments, tryMarks))
    }
}
