import Analyzer
package import Segments

/// A highlighter of query matches in stored text: it returns HTML-escaped text with `<mark>` around the matches.
///
/// The text is analyzed again with the field's analyzer, so case, width and overlapping character pairs match as they
/// do in the index. A phrase is marked only where all of its terms occur at their distances, a sloppy phrase where its
/// words are near enough; of a phrase with more than 64 terms only the first 64 are considered. Clauses of `filter` and
/// `mustNot` are never marked, and nothing after the first 64 KB of a text. A highlighter is immutable and may be
/// shared by threads.
///
/// ```swift
/// let highlighter = Highlighter(query, reader.schema)
/// highlighter.mark("The red shoe", field: "title")  // "The <mark>red</mark> shoe"
/// highlighter.snippet(body, field: "body", length: 160)  // "… a <mark>red</mark> shoe …"
/// ```
///
/// Complexity: O(bytes of the text) for words, and O(occurrences of its terms · terms) for a phrase.
package struct Highlighter: Sendable {
    /// The maximum number of terms of a phrase that are considered.
    private static let maxPhraseTerms = 64
    /// The maximum number of bytes of a text that are analyzed.
    private static let maxTextBytes = 64 << 10

    /// The matches to mark in one field.
    private struct Marks {
        let analyzer: TextAnalyzer
        /// All terms of words and phrases.
        var terms = TermNumbers()
        /// By the number of a term, true if it is marked wherever it occurs.
        var isWord: [Bool] = []
        /// Patterns and fuzzy terms that select further terms.
        var rules: [TermMatcher.Rule] = []
        /// Phrases that are marked where all of their terms occur at their distances: the numbers of the terms by
        /// ascending position.
        var phrases: [[(position: Int, term: Int)]] = []
        /// Phrases that are marked where their words are near each other.
        var sloppyPhrases: [SloppyPhraseMarker] = []

        init(analyzer: TextAnalyzer) { self.analyzer = analyzer }

        /// The number of a term, which is marked wherever it occurs if it is a word.
        private mutating func number(_ term: String, isWord: Bool) -> Int {
            var term = term
            let number = term.withUTF8 { terms.insert($0) }
            if number == self.isWord.count { self.isWord.append(false) }
            if isWord { self.isWord[number] = true }
            return number
        }

        /// Adds a term that is marked wherever it occurs.
        mutating func add(word: String) { _ = number(word, isWord: true) }

        /// Adds the terms of a phrase, by ascending position.
        mutating func add(phrase: some Sequence<Query.PhraseTerm>) {
            var parts: [(position: Int, term: Int)] = []
            for part in phrase { parts.append((part.position, number(part.term, isWord: false))) }
            phrases.append(parts)
        }
    }

    /// The marks by field name.
    private var fields: [String: Marks] = [:]
    /// The names of the fields whose marks are collected; nil for all.
    private let selected: Set<String>?

    /// A highlighter for the scoring clauses of a query in text fields, or only in some of them. Fields that the schema
    /// does not have are ignored.
    package init(_ query: Query, _ schema: Schema, fields selected: Set<String>? = nil) {
        self.selected = selected
        collect(query, schema)
    }

    /// Returns true if the query has anything to mark in a field.
    package func marks(_ field: String) -> Bool { fields[field] != nil }

    /// Collects the marks of a query and its clauses. Complexity: O(clauses).
    private mutating func collect(_ query: Query, _ schema: Schema) {
        switch query {
        case .all, .none, .range, .exists, .documents: return
        case .pattern(let field, let pattern): insert(field, schema) { $0.rules.append(.pattern(pattern)) }
        case .fuzzy(let field, let fuzzy): insert(field, schema) { $0.rules.append(.fuzzy(fuzzy)) }
        case .boosted(let inner, _), .constant(let inner, _), .functionScore(let inner, _): collect(inner, schema)
        case .disjunctionMax(let queries, _): for query in queries { collect(query, schema) }
        case .combined(let fields, let term):
            for field in fields { insert(field.name, schema) { $0.add(word: term) } }
        case .term(let field, let term): insert(field, schema) { $0.add(word: term) }
        case .sloppyPhrase(let field, let phrase):
            insert(field, schema) { $0.sloppyPhrases.append(SloppyPhraseMarker(phrase)) }
        case .phrase(let field, let terms):
            let considered = terms.sorted { $0.position < $1.position }.prefix(Self.maxPhraseTerms)
            insert(field, schema) { $0.add(phrase: considered) }
        case .boolean(let boolean): for clause in boolean.must + boolean.should { collect(clause, schema) }
        }
    }

    /// Changes the marks of a field; fields without words are ignored.
    private mutating func insert(_ name: String, _ schema: Schema, _ body: (inout Marks) -> Void) {
        if let index = fields.index(forKey: name) { return body(&fields.values[index]) }
        if let selected, !selected.contains(name) { return }
        guard let field = schema.field(name)?.field, field.type == .text || field.type == .vocabulary,
            let analyzer = schema.analyzer(field.analyzer)
        else { return }
        let words = field.type == .vocabulary ? VocabularyTerms(analyzer).analyzer : analyzer
        body(&fields[name, default: Marks(analyzer: words)])
    }

    /// Returns the whole text, escaped, with its matches marked; nil when it has none.
    package func mark(_ text: String, field: String) -> String? { mark(text, fields: [field]) }

    /// Returns the whole text with the matches of several fields marked, each field with its own analyzer; nil when
    /// there is no match. Marks that overlap or touch are merged.
    package func mark(_ text: String, fields: [String]) -> String? {
        let ranges = ranges(text, fields)
        return ranges.isEmpty ? nil : Self.marked(Array(text.utf8), 0..<text.utf8.count, ranges)
    }

    /// Returns the part of a text, of about `length` characters, that has the most matches, escaped and marked, with an
    /// ellipsis where it was cut; nil when there is no match.
    package func snippet(_ text: String, field: String, length: Int = 160) -> String? {
        snippet(text, fields: [field], length: length)
    }

    /// Returns the part of a text that has the most matches of several fields, each with its own analyzer.
    package func snippet(_ text: String, fields: [String], length: Int = 160) -> String? {
        passages(text, fields: fields, length: length, limit: 1).first
    }

    /// Returns the parts of a text, of about `length` characters each, that have the most matches: at most `limit`
    /// parts that do not overlap, in the order of the text, with an ellipsis where they were cut. Empty when there is
    /// no match.
    package func passages(_ text: String, fields: [String], length: Int = 160, limit: Int) -> [String] {
        let ranges = ranges(text, fields)
        var remaining = ranges
        let bytes = Array(text.utf8)
        // A character takes one to four bytes; the budget in bytes is based on the average of this text.
        let budget = max(length * bytes.count / max(text.unicodeScalars.count, 1), 1)
        var passages: [Range<Int>] = []
        while passages.count < limit, let passage = Self.bestPassage(bytes, remaining, budget, apartFrom: passages) {
            passages.append(passage)
            remaining.removeAll { $0.upperBound > passage.lowerBound && $0.lowerBound < passage.upperBound }
        }
        return passages.sorted { $0.lowerBound < $1.lowerBound }.map { passage in
            (passage.lowerBound > 0 ? "…" : "") + Self.marked(bytes, passage, ranges)
                + (passage.upperBound < bytes.count ? "…" : "")
        }
    }

    /// The range of about `budget` bytes that contains the most of `ranges` and does not overlap the other passages;
    /// nil without ranges. Complexity: O(ranges + passages).
    private static func bestPassage(
        _ bytes: [UInt8], _ ranges: [Range<Int>], _ budget: Int, apartFrom others: [Range<Int>]
    ) -> Range<Int>? {
        guard let first = ranges.first else { return nil }
        var best = (start: first.lowerBound, count: 0)
        var end = 0
        for (i, range) in ranges.enumerated() {
            // A sliding window: both ends only move forward.
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

    /// The position of a cut near `from`: the start of a character and, if a space is near, the byte after the space.
    private static func boundary(_ bytes: [UInt8], _ from: Int, limit: Int) -> Int {
        var cut = from
        while cut > 0, cut < bytes.count, bytes[cut] & 0xC0 == 0x80 { cut -= 1 }
        guard cut > 0 else { return 0 }
        if let space = bytes[cut..<min(cut + 16, limit, bytes.count)].firstIndex(of: 0x20) { return space + 1 }
        return cut
    }

    /// The byte ranges of the matches of several fields, ascending; ranges that overlap or touch are merged.
    private func ranges(_ text: String, _ fields: [String]) -> [Range<Int>] {
        var matches: [Range<Int>] = []
        for field in fields {
            if let marks = self.fields[field] { matches += Self.ranges(text, marks) }
        }
        if fields.count > 1 { matches.sort { $0.lowerBound < $1.lowerBound } }
        var merged: [Range<Int>] = []
        for range in matches {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    /// The byte ranges of the tokens that one field's marks match, in token order.
    private static func ranges(_ text: String, _ marks: Marks) -> [Range<Int>] {
        var tokens = TokenBuffer()
        marks.analyzer.analyze(analyzedPart(of: text), into: &tokens)
        var isMarked = [Bool](repeating: false, count: tokens.count)
        let matcher = TermMatcher(marks.rules)
        let rulesMatch = !matcher.isEmpty
        // The numbers of the tokens' terms; -1 for those that no mark has.
        var terms = [Int](repeating: -1, count: tokens.count)
        for token in 0..<tokens.count {
            if let number = marks.terms.number(of: tokens.term(token)) {
                terms[token] = number
                isMarked[token] = marks.isWord[number]
            }
            if rulesMatch, !isMarked[token] { isMarked[token] = matcher.contains(tokens.term(token)) }
        }
        for phrase in marks.phrases {
            guard let first = phrase.first?.term else { continue }
            for start in terms.indices where terms[start] == first {
                guard let matched = tokensOf(phrase, from: start, terms, tokens) else { continue }
                for token in matched { isMarked[token] = true }
            }
        }
        for phrase in marks.sloppyPhrases { phrase.mark(tokens, &isMarked) }
        var ranges: [Range<Int>] = []
        for i in 0..<tokens.count where isMarked[i] { ranges.append(tokens.sourceRange(of: i)) }
        return ranges
    }

    /// The part of a text that is analyzed: its first `maxTextBytes` bytes, cut at a character.
    private static func analyzedPart(of text: String) -> String {
        guard text.utf8.count > maxTextBytes else { return text }
        let bytes = Array(text.utf8.prefix(maxTextBytes))
        // The last character may be cut in two and is left out.
        return String(decoding: bytes[..<(bytes.lastIndex { $0 & 0xC0 != 0x80 } ?? 0)], as: UTF8.self)
    }

    /// The tokens that match a phrase whose first part is the token `start`; nil if a part does not match. `parts` are
    /// in ascending order of positions, `terms` has the term number of each token.
    ///
    /// Complexity: O(tokens that the phrase spans).
    private static func tokensOf(
        _ parts: [(position: Int, term: Int)], from start: Int, _ terms: [Int], _ tokens: borrowing TokenBuffer
    ) -> [Int]? {
        let first = Int(tokens.position[start]) - parts[0].position
        var matched: [Int] = []
        var next = start
        // Several tokens may have the same position, in any order.
        while next > 0, tokens.position[next - 1] == tokens.position[start] { next -= 1 }
        for part in parts {
            let position = first + part.position
            while next < terms.count, Int(tokens.position[next]) < position { next += 1 }
            var token = next
            while token < terms.count, Int(tokens.position[token]) == position, terms[token] != part.term { token += 1 }
            guard token < terms.count, Int(tokens.position[token]) == position else { return nil }
            matched.append(token)
        }
        return matched
    }

    /// The bytes in `part` as escaped text, with the ranges marked that overlap it.
    private static func marked(_ bytes: [UInt8], _ part: Range<Int>, _ ranges: [Range<Int>]) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(part.count + 32)
        var next = part.lowerBound
        for range in ranges where range.upperBound > part.lowerBound && range.lowerBound < part.upperBound {
            let clipped = range.clamped(to: part)
            escape(bytes[next..<clipped.lowerBound], into: &out)
            out += Array("<mark>".utf8)
            escape(bytes[clipped], into: &out)
            out += Array("</mark>".utf8)
            next = clipped.upperBound
        }
        escape(bytes[next..<part.upperBound], into: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// Returns a text escaped for HTML content and quoted attribute values.
    package static func escaped(_ text: String) -> String {
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
