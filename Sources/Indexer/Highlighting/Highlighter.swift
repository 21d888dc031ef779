import Analyzer

/// Shows where a query's words stand in stored text: escaped text with `<mark>` around them.
///
/// The text is analysed again with its field's analyzer, so case, width and overlapping pairs are found as the index
/// found them. Complexity: O(bytes of the text).
public struct Highlighter: Sendable {
    /// The analyzer and the terms to mark, per field.
    private var fields: [String: (analyzer: TextAnalyzer, terms: Set<String>)] = [:]

    /// A highlighter for the words that a query looks for in text fields.
    public init(_ query: Query, _ schema: Schema) {
        collect(query, schema)
    }

    /// Whether a field has anything to mark.
    public func marks(_ field: String) -> Bool { fields[field] != nil }

    private mutating func collect(_ query: Query, _ schema: Schema) {
        switch query {
        case .all, .none: return
        case .boosted(let inner, _), .constant(let inner, _): collect(inner, schema)
        case .best(let queries, _): for query in queries { collect(query, schema) }
        case .combined(let fields, let term): for field in fields { insert(field.name, term, schema) }
        case .term(let field, let term): insert(field, term, schema)
        case .phrase(let field, let terms): for term in terms { insert(field, term.term, schema) }
        case .boolean(let boolean): for clause in boolean.must + boolean.should { collect(clause, schema) }
        }
    }

    private mutating func insert(_ name: String, _ term: String, _ schema: Schema) {
        guard let field = schema.field(name)?.field, field.type == .text,
            let analyzer = schema.analyzer(field.analyzer)
        else { return }
        fields[name, default: (analyzer, [])].terms.insert(term)
    }

    /// The whole text with its words marked; nil when there is none of them.
    public func mark(_ text: String, field: String) -> String? {
        let ranges = ranges(text, field)
        return ranges.isEmpty ? nil : Self.marked(Array(text.utf8), 0..<text.utf8.count, ranges)
    }

    /// The part of a text, of about `length` characters, that has the most marks, with … where it was cut; nil when
    /// there is nothing to mark.
    public func snippet(_ text: String, field: String, length: Int = 160) -> String? {
        let ranges = ranges(text, field)
        guard let first = ranges.first else { return nil }
        let bytes = Array(text.utf8)
        // A character of text takes one to three bytes: measure by the text's own average.
        let budget = max(length * bytes.count / max(text.unicodeScalars.count, 1), 1)
        var best = (start: first.lowerBound, count: 0)
        for (i, range) in ranges.enumerated() {
            let inside = ranges[i...].prefix { $0.upperBound <= range.lowerBound + budget * 3 / 4 }.count
            if inside > best.count { best = (range.lowerBound, inside) }
        }
        var from = max(best.start - budget / 4, 0)
        if from + budget > bytes.count { from = max(bytes.count - budget, 0) }
        var to = min(from + budget, bytes.count)
        from = Self.boundary(bytes, from, limit: best.start)
        while to < bytes.count, bytes[to] & 0xC0 == 0x80 { to += 1 }
        let body = Self.marked(bytes, from..<to, ranges)
        return (from > 0 ? "…" : "") + body + (to < bytes.count ? "…" : "")
    }

    /// Where a cut may go: at a character's start and, if a blank is near, behind it.
    private static func boundary(_ bytes: [UInt8], _ from: Int, limit: Int) -> Int {
        var at = from
        while at > 0, at < bytes.count, bytes[at] & 0xC0 == 0x80 { at -= 1 }
        guard at > 0 else { return 0 }
        if let blank = bytes[at..<min(at + 16, limit, bytes.count)].firstIndex(of: 0x20) { return blank + 1 }
        return at
    }

    /// The marked stretches of a text, ascending, joined where they touch.
    private func ranges(_ text: String, _ field: String) -> [Range<Int>] {
        guard let (analyzer, terms) = fields[field] else { return [] }
        var tokens = TokenBuffer()
        analyzer.analyze(text, into: &tokens)
        var found: [Range<Int>] = []
        for i in 0..<tokens.count where terms.contains(String(decoding: tokens.term(i), as: UTF8.self)) {
            let range = tokens.sourceRange(of: i)
            if let last = found.last, range.lowerBound <= last.upperBound {
                found[found.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                found.append(range)
            }
        }
        return found
    }

    private static func marked(_ bytes: [UInt8], _ part: Range<Int>, _ ranges: [Range<Int>]) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(part.count + 32)
        var at = part.lowerBound
        for range in ranges where range.upperBound > part.lowerBound && range.lowerBound < part.upperBound {
            let clipped = range.clamped(to: part)
            escape(bytes[at..<clipped.lowerBound], into: &out)
            out += Array("<mark>".utf8)
            escape(bytes[clipped], into: &out)
            out += Array("</mark>".utf8)
            at = clipped.upperBound
        }
        escape(bytes[at..<part.upperBound], into: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// Text as it may stand in HTML, attributes included.
    public static func escaped(_ text: String) -> String {
        var out: [UInt8] = []
        escape(Array(text.utf8)[...], into: &out)
        return String(decoding: out, as: UTF8.self)
    }

    private static func escape(_ bytes: ArraySlice<UInt8>, into out: inout [UInt8]) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "&"): out += Array("&amp;".utf8)
            case UInt8(ascii: "<"): out += Array("&lt;".utf8)
            case UInt8(ascii: ">"): out += Array("&gt;".utf8)
            case UInt8(ascii: "\""): out += Array("&quot;".utf8)
            case UInt8(ascii: "'"): out += Array("&#39;".utf8)
            default: out.append(byte)
            }
        }
    }
}
