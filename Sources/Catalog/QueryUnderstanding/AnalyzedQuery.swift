import Analyzer
import Searching

/// The terms of a phrase query, in the form of one analyzer.
struct QueryPhrase: Sendable, Equatable {
    /// The terms with their positions, ascending.
    var terms: [Query.PhraseTerm] = []
    /// The typed text of a phrase that is a single CJK character; nil for any other. Fields of words index pairs of
    /// characters, so only a field of characters finds it inside of words.
    var character: String?
}

/// A query as one analyzer tokenizes it: its distinct terms, and all of them as a phrase.
///
/// ```swift
/// let analyzed = AnalyzedQuery("run running run", .english)
/// analyzed.terms.map(\.text)    // ["run"]
/// analyzed.terms[0].count       // 3
/// analyzed.phrase.terms.count   // 3
/// ```
struct AnalyzedQuery {
    /// A distinct term of the query: a word, a number or a pair of characters.
    struct Term {
        /// The term as the analyzer writes it to the index.
        var text: String
        /// The source ranges of its occurrences, in bytes of the query, ascending. They align the terms of several
        /// analyzers, see `QueryPosition`.
        var spans: [Range<Int>]
        /// Equivalent terms: the joined words that it is a part of (`nodejs` for `node` in `node.js`).
        var alternatives: [String] = []
        /// The typed text of a single CJK character, which only a field of characters finds inside of words; nil for
        /// any other term.
        var character: String?
        /// The word or number, folded but not stemmed; nil for characters of scripts without blanks.
        var word: String?
        /// The word, folded but not stemmed, if it consists of Latin letters only: a candidate for pinyin and for
        /// spelling correction.
        var latin: String?
        /// True if it is a part of a name that has digits (KINGSA-240). Such codes are never corrected.
        var isPartOfCode = false

        /// The number of its occurrences in the query.
        var count: Int { spans.count }
    }

    /// The distinct terms, in the order of their first occurrence.
    private(set) var terms: [Term] = []
    /// All terms of the query with their positions, stop words included.
    private(set) var phrase = QueryPhrase()
    /// The distinct stop words, which only count in a query that has nothing else.
    private var stopTerms: [Term] = []

    /// Analyzes a text. English stop words (with `dropsStopWords`) and the terms that start at one of the byte offsets
    /// `leavingOut` are not among its `terms`.
    ///
    /// Complexity: O(bytes of the text).
    init(_ text: String, _ analyzer: TextAnalyzer, dropsStopWords: Bool = false, leavingOut: Set<Int> = []) {
        var tokens = TokenBuffer()
        analyzer.analyze(text, into: &tokens)
        let bytes = Array(text.utf8)
        var termIndexes: [String: Int] = [:]
        var stopTermIndexes: [String: Int] = [:]
        for i in 0..<tokens.count where tokens.isRequired(i) {
            let joined = Self.joined(tokens, covering: i)
            let code = joined.first { Self.isCode(tokens, $0) }
            // The groups of a long number are no terms of their own.
            if let code, tokens.position[code] != tokens.position[i] { continue }
            let term = Self.term(tokens, code ?? i)
            let span = tokens.sourceRange(of: i)
            phrase.terms.append(Query.PhraseTerm(term, at: Int(tokens.position[i])))
            if tokens.kind[i] == TokenKind.unigram.rawValue {
                phrase.character = String(decoding: bytes[span], as: UTF8.self)
            }
            if let index = termIndexes[term] {
                terms[index].spans.append(span)
                continue
            }
            let word = String(decoding: tokens.foldedText(of: i), as: UTF8.self)
            let isStop = dropsStopWords && Language.english.isStopWord(word) || leavingOut.contains(span.lowerBound)
            if isStop, let index = stopTermIndexes[term] {
                stopTerms[index].spans.append(span)
                continue
            }
            let isLatin = tokens.kind[i] == TokenKind.word.rawValue && word.utf8.allSatisfy { $0 &- 0x61 < 26 }
            let distinct = Term(
                text: term, spans: [span], alternatives: code == nil ? joined.map { Self.term(tokens, $0) } : [],
                character: tokens.kind[i] == TokenKind.unigram.rawValue ? phrase.character : nil,
                word: Self.wordKinds.contains(tokens.kind[i]) ? word : nil, latin: isLatin ? word : nil,
                isPartOfCode: joined.contains { Self.hasDigits(tokens, $0) })
            if isStop {
                stopTermIndexes[term] = stopTerms.count
                stopTerms.append(distinct)
            } else {
                termIndexes[term] = terms.count
                terms.append(distinct)
            }
        }
        if phrase.terms.count != 1 { phrase.character = nil }
    }

    private static let wordKinds = Set(
        [TokenKind.word, .number, .joined, .symbol, .isbn].map(\.rawValue))

    /// Analyzes a query with each of several analyzers, in their order.
    ///
    /// A stop word of one of them is among the `terms` of none, unless the query has nothing else.
    static func all(_ text: String, _ analyzers: [TextAnalyzer], dropsStopWords: Bool) -> [AnalyzedQuery] {
        var leftOut: Set<Int> = []
        if analyzers.count > 1 {
            for analyzer in analyzers { leftOut.formUnion(Self.leftOut(of: text, by: analyzer)) }
        }
        var queries = analyzers.map {
            AnalyzedQuery(text, $0, dropsStopWords: dropsStopWords, leavingOut: leftOut)
        }
        if queries.allSatisfy(\.terms.isEmpty) {
            for i in queries.indices { queries[i].terms = queries[i].stopTerms }
        }
        return queries
    }

    /// The byte offsets at which a text has stop words of an analyzer.
    private static func leftOut(of text: String, by analyzer: TextAnalyzer) -> Set<Int> {
        guard analyzer.options.stopWords != nil else { return [] }
        var options = analyzer.options
        options.stopWords = nil
        func starts(_ analyzer: TextAnalyzer) -> Set<Int> {
            Set(AnalyzedQuery(text, analyzer).terms.flatMap { $0.spans.map(\.lowerBound) })
        }
        return starts(TextAnalyzer(analyzer.name, options)).subtracting(starts(analyzer))
    }

    /// A token's term as a string.
    private static func term(_ tokens: borrowing TokenBuffer, _ token: Int) -> String {
        String(decoding: tokens.term(token), as: UTF8.self)
    }

    /// The joined tokens that cover the position of a token.
    private static func joined(_ tokens: borrowing TokenBuffer, covering token: Int) -> [Int] {
        let position = Int(tokens.position[token])
        let near = max(token - 2 * 8, 0)..<min(token + 4, tokens.count)
        return near.filter { other in
            let start = Int(tokens.position[other])
            return tokens.kind[other] == TokenKind.joined.rawValue && start <= position
                && position < start + Int(tokens.span[other])
        }
    }

    /// True if a joined token is a number of ten digits or more in several groups.
    private static func isCode(_ tokens: borrowing TokenBuffer, _ token: Int) -> Bool {
        tokens.span[token] >= 3 && tokens.length[token] >= 10 && tokens.term(token).allSatisfy(Self.isDigit)
    }

    private static func hasDigits(_ tokens: borrowing TokenBuffer, _ token: Int) -> Bool {
        tokens.term(token).contains(where: Self.isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}
