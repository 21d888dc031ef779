import Analyzer
import Glibc
import Kernels

/// A token copied out of a batch.
struct Token: Equatable {
    var term: [UInt8]
    var position: Int
    var kind: TokenKind
    var source: Range<Int>

    var text: String { String(decoding: term, as: UTF8.self) }
}

/// The tokens of a text, checked for the invariants of every batch.
struct Analysis {
    var tokens: [Token] = []
    var endPosition = 0
    /// True if every position has a token.
    private var isComplete = true
    /// The violated invariants, one sentence each.
    var faults: [String] = []

    init(_ bytes: [UInt8], _ analyzer: TextAnalyzer = .standard) {
        var buffer = TokenBuffer()
        self.init(bytes, analyzer, reusing: &buffer)
    }

    init(_ text: String, _ analyzer: TextAnalyzer = .standard) { self.init(Array(text.utf8), analyzer) }

    init(_ bytes: [UInt8], _ analyzer: TextAnalyzer, reusing buffer: inout TokenBuffer) {
        bytes.withUnsafeBufferPointer { analyzer.analyze($0, into: &buffer) }
        for i in 0..<buffer.count {
            let term = Array(buffer.term(i))
            let kind = TokenKind(rawValue: buffer.kind[i])
            if kind == nil { faults.append("token \(i) has no kind") }
            if term.withUnsafeBufferPointer({ hash64($0.baseAddress!, $0.count) }) != buffer.hash[i] {
                faults.append("token \(i): the hash is not that of the term")
            }
            tokens.append(
                Token(
                    term: term, position: Int(buffer.position[i]), kind: kind ?? .word,
                    source: buffer.sourceRange(of: i)))
        }
        endPosition = Int(buffer.endPosition)
        isComplete = analyzer.options.tokens == .words && analyzer.options.stopWords == nil
        let columns = [buffer.length.count, buffer.hash.count, buffer.position.count, buffer.kind.count]
        checkShape(source: bytes, columns: columns)
    }

    private mutating func checkShape(source: [UInt8], columns: [Int]) {
        if columns.contains(where: { $0 != tokens.count }) { faults.append("columns of different lengths") }
        var last = (position: 0, start: 0, end: 0)
        for (i, token) in tokens.enumerated() {
            if !(1...TextAnalyzer.longestTerm).contains(token.term.count) { faults.append("token \(i): length") }
            if String(validating: token.term, as: UTF8.self) == nil { faults.append("token \(i): not UTF-8") }
            if token.position < last.position { faults.append("token \(i): position goes back") }
            // Joined words and symbols overlap their parts.
            let isRepeated = token.kind == .joined || token.kind == .symbol
            if !isRepeated, token.source.lowerBound < last.start { faults.append("token \(i): starts before the last") }
            if !isRepeated, token.source.upperBound < last.end { faults.append("token \(i): ends before the last") }
            if token.source.isEmpty { faults.append("token \(i): empty range") }
            if !Self.isBoundary(token.source.lowerBound, in: source) {
                faults.append("token \(i): the range starts inside a character")
            }
            if !Self.isBoundary(token.source.upperBound, in: source) {
                faults.append("token \(i): the range ends inside a character")
            }
            last.position = token.position
            if !isRepeated { (last.start, last.end) = (token.source.lowerBound, token.source.upperBound) }
        }
        faults = Array(faults.prefix(20))
        if let last = tokens.last, endPosition <= last.position { faults.append("the end is not after the tokens") }
        if tokens.isEmpty, endPosition != 0, isComplete { faults.append("an end position without a token") }
    }

    /// True if `offset` is within the text and not inside a character.
    private static func isBoundary(_ offset: Int, in text: [UInt8]) -> Bool {
        offset == text.count || text.indices.contains(offset) && text[offset] & 0xC0 != 0x80
    }

    var terms: [String] { tokens.map(\.text) }
    var positions: [Int] { tokens.map(\.position) }
    var kinds: [TokenKind] { tokens.map(\.kind) }
}
