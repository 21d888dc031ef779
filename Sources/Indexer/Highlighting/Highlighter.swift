import Analyzer

/// Shows where a query's words stand in stored text: escaped text with `<mark>` around them.
///
/// The text is analysed again with its field's analyzer, so case, width and overlapping pairs are found as the index
/// found them. A phrase is marked only where all of it stands, a loose one where its words stand near enough; of one
/// with more than 64 terms the first 64 are looked for. Nothing is marked behind the first 64 KB of a text. Complexity:
/// O(bytes of the text) for words, and for a phrase O(places of its terms · terms).
public struct Highlighter: Sendable {
    /// Terms of a phrase that are looked for.
    private static let longestPhrase = 64
    /// Bytes of a text that are looked at.
    private static let longestText = 64 << 10

    /// What to mark in a field.
    private struct Marks {
        let analyzer: TextAnalyzer
        /// Wherever they stand.
        var terms: Set<String> = []
        /// Wherever terms stand that look like this.
        var looks: [TermLooks.Look] = []
        /// Where they stand together.
        var phrases: [[Query.PhraseTerm]] = []
        /// Where they stand near each other.
        var loose: [LooseMarks] = []
    }

    private var fields: [String: Marks] = [:]

    /// A highlighter for the words that a query looks for in text fields.
    public init(_ query: Query, _ schema: Schema) {
        collect(query, schema)
    }

    /// Whether a field has anything to mark.
    public func marks(_ field: String) -> Bool { fields[field] != nil }

    private mutating func collect(_ query: Query, _ schema: Schema) {
        switch query {
        case .all, .none, .range, .exists: return
        case .pattern(let field, let pattern): insert(field, schema) { $0.looks.append(.pattern(pattern)) }
        case .fuzzy(let field, let fuzzy): insert(field, schema) { $0.looks.append(.fuzzy(fuzzy)) }
        case .boosted(let inner, _), .constant(let inner, _), .scored(let inner, _): collect(inner, schema)
        case .best(let queries, _): for query in queries { collect(query, schema) }
        case .combined(let fields, let term):
            for field in fields { insert(field.name, schema) { $0.terms.insert(term) } }
        case .term(let field, let term): insert(field, schema) { $0.terms.insert(term) }
        case .near(let field, let phrase): insert(field, schema) { $0.loose.append(LooseMarks(phrase)) }
        case .phrasePrefix(let field, let terms, let prefix, _):
            insert(field, schema) { $0.loose.append(LooseMarks(terms, prefix: prefix)) }
        case .phrase(let field, let terms):
            let beginning = terms.sorted { $0.position < $1.position }.prefix(Self.longestPhrase)
            insert(field, schema) { $0.phrases.append(Array(beginning)) }
        case .boolean(let boolean): for clause in boolean.must + boolean.should { collect(clause, schema) }
        }
    }

    private mutating func insert(_ name: String, _ schema: Schema, _ what: (inout Marks) -> Void) {
        guard let field = schema.field(name)?.field, field.type == .text,
            let analyzer = schema.analyzer(field.analyzer)
        else { return }
        what(&fields[name, default: Marks(analyzer: analyzer)])
    }

    /// The whole text with its words marked; nil when there is none of them.
    public func mark(_ text: String, field: String) -> String? { mark(text, fields: [field]) }

    /// The same for several fields that read the text, each in its way.
    public func mark(_ text: String, fields: [String]) -> String? {
        let ranges = ranges(text, fields)
        return ranges.isEmpty ? nil : Self.marked(Array(text.utf8), 0..<text.utf8.count, ranges)
    }

    /// The part of a text, of about `length` characters, that has the most marks, with … where it was cut; nil when
    /// there is nothing to mark.
    public func snippet(_ text: String, field: String, length: Int = 160) -> String? {
        snippet(text, fields: [field], length: length)
    }

    /// The same for several fields that read the text, each in its way.
    public func snippet(_ text: String, fields: [String], length: Int = 160) -> String? {
        passages(text, fields: fields, length: length, most: 1).first
    }

    /// The parts of a text, of about `length` characters each, that have the most marks: at most `most` of them, in the
    /// order of the text, apart from each other, with … where they were cut. None when there is nothing to mark.
    public func passages(_ text: String, fields: [String], length: Int = 160, most: Int) -> [String] {
        var ranges = ranges(text, fields)
        let all = ranges
        let bytes = Array(text.utf8)
        // A character of text takes one to three bytes: measure by the text's own average.
        let budget = max(length * bytes.count / max(text.unicodeScalars.count, 1), 1)
        var parts: [Range<Int>] = []
        while parts.count < most, let part = Self.bestPart(bytes, ranges, budget, apartFrom: parts) {
            parts.append(part)
            ranges.removeAll { $0.upperBound > part.lowerBound && $0.lowerBound < part.upperBound }
        }
        return parts.sorted { $0.lowerBound < $1.lowerBound }.map { part in
            (part.lowerBound > 0 ? "…" : "") + Self.marked(bytes, part, all)
                + (part.upperBound < bytes.count ? "…" : "")
        }
    }

    /// The part of a text that has the most of some marks, within what other parts leave free; nil without a mark.
    private static func bestPart(
        _ bytes: [UInt8], _ ranges: [Range<Int>], _ budget: Int, apartFrom others: [Range<Int>]
    ) -> Range<Int>? {
        guard let first = ranges.first else { return nil }
        var best = (start: first.lowerBound, count: 0)
        var end = 0
        for (i, range) in ranges.enumerated() {
            // Both ends ascend.
            end = max(end, i)
            while end < ranges.count, ranges[end].upperBound <= range.lowerBound + budget * 3 / 4 { end += 1 }
            if end - i > best.count { best = (range.lowerBound, end - i) }
        }
        let floor = others.map(\.upperBound).filter { $0 <= best.start }.max() ?? 0
        let ceiling = others.map(\.lowerBound).filter { $0 > best.start }.min() ?? bytes.count
        var from = max(best.start - budget / 4, 0)
        if from + budget > bytes.count { from = max(bytes.count - budget, 0) }
        var to = min(from + budget, bytes.count)
        from = max(boundary(bytes, from, limit: best.start), floor)
        while to < bytes.count, bytes[to] & 0xC0 == 0x80 { to += 1 }
        return from..<max(min(to, ceiling), from)
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
    private func ranges(_ text: String, _ fields: [String]) -> [Range<Int>] {
        var all: [Range<Int>] = []
        for field in fields {
            if let marks = self.fields[field] { all += Self.ranges(text, marks) }
        }
        if fields.count > 1 { all.sort { $0.lowerBound < $1.lowerBound } }
        var found: [Range<Int>] = []
        for range in all {
            if let last = found.last, range.lowerBound <= last.upperBound {
                found[found.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                found.append(range)
            }
        }
        return found
    }

    private static func ranges(_ text: String, _ marks: Marks) -> [Range<Int>] {
        var tokens = TokenBuffer()
        marks.analyzer.analyze(beginning(of: text), into: &tokens)
        var isMarked = [Bool](repeating: false, count: tokens.count)
        let looks = TermLooks(marks.looks)
        // Terms of phrases are compared by number.
        var numbers: [String: Int] = [:]
        for term in marks.phrases.joined() where numbers[term.term] == nil { numbers[term.term] = numbers.count }
        var terms = [Int](repeating: -1, count: tokens.count)
        var places = [[Int]](repeating: [], count: numbers.count)
        for token in 0..<tokens.count {
            let term = String(decoding: tokens.term(token), as: UTF8.self)
            isMarked[token] = marks.terms.contains(term) || !looks.isEmpty && looks.contains(tokens.term(token))
            guard let number = numbers[term] else { continue }
            terms[token] = number
            places[number].append(token)
        }
        for phrase in marks.phrases {
            let parts = phrase.map { (position: $0.position, term: numbers[$0.term] ?? -1) }
            for start in parts.first.map({ places[$0.term] }) ?? [] {
                guard let found = tokensOf(parts, from: start, terms, tokens) else { continue }
                for token in found { isMarked[token] = true }
            }
        }
        for loose in marks.loose { loose.mark(tokens, &isMarked) }
        var found: [Range<Int>] = []
        for i in 0..<tokens.count where isMarked[i] { found.append(tokens.sourceRange(of: i)) }
        return found
    }

    /// As much of a text as is looked at.
    private static func beginning(of text: String) -> String {
        guard text.utf8.count > longestText else { return text }
        let bytes = Array(text.utf8.prefix(longestText))
        // A character that is cut in two is left out.
        return String(decoding: bytes[..<(bytes.lastIndex { $0 & 0xC0 != 0x80 } ?? 0)], as: UTF8.self)
    }

    /// The tokens of a phrase, whose parts ascend, if all of it stands where its first part is the token `start`; nil
    /// if not. Complexity: O(tokens that the phrase spans).
    private static func tokensOf(
        _ parts: [(position: Int, term: Int)], from start: Int, _ terms: [Int], _ tokens: borrowing TokenBuffer
    ) -> [Int]? {
        let first = Int(tokens.position[start]) - parts[0].position
        var found: [Int] = []
        var next = start
        // Several tokens may stand at one place, in any order.
        while next > 0, tokens.position[next - 1] == tokens.position[start] { next -= 1 }
        for part in parts {
            let wanted = first + part.position
            while next < terms.count, Int(tokens.position[next]) < wanted { next += 1 }
            var token = next
            while token < terms.count, Int(tokens.position[token]) == wanted, terms[token] != part.term { token += 1 }
            guard token < terms.count, Int(tokens.position[token]) == wanted else { return nil }
            found.append(token)
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
