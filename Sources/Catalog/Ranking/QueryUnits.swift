import Analyzer
import Indexer

/// Terms that must stand together.
struct QueryPhrase: Sendable, Equatable {
    /// The terms and their places.
    var terms: [Query.PhraseTerm] = []
    /// What was typed if it is a single character, which only a field of characters knows inside of words.
    var character: String?
}

/// A query's words in the terms of one analyzer.
struct QueryUnits {
    /// A word, a number, a pair of characters: what a document can have or lack.
    struct Unit {
        var term: String
        /// Where the query says it, in bytes, in order: units of several analyzers belong together by it.
        var spans: [Range<Int>]
        /// Terms that say the same: the word written together with its neighbours.
        var alternatives: [String] = []
        /// What was typed if it is a single character, which only a field of characters knows inside of words.
        var character: String?
        /// The word, folded but not stemmed, if it is one of Latin letters: what could be pinyin.
        var latin: String?
        /// Whether it is a part of a name that has digits (KINGSA-240): nobody can guess at such names.
        var isPartOfCode = false

        /// How often the query says it.
        var count: Int { spans.count }
    }

    /// Distinct units, in their order.
    private(set) var units: [Unit] = []
    /// All terms of the query at their places.
    private(set) var phrase = QueryPhrase()
    /// Distinct words that say too little to be looked for beside others.
    private var stops: [Unit] = []

    /// The units of a text. English stop words, if they are to be dropped, and what stands at the places `leavingOut`
    /// are no units.
    init(_ text: String, _ analyzer: TextAnalyzer, dropsStopWords: Bool = false, leavingOut: Set<Int> = []) {
        var tokens = TokenBuffer()
        analyzer.analyze(text, into: &tokens)
        let bytes = Array(text.utf8)
        var known: [String: Int] = [:]
        var knownStops: [String: Int] = [:]
        for i in 0..<tokens.count where tokens.isRequired(i) {
            let joined = Self.joined(tokens, covering: i)
            let code = joined.first { Self.isCode(tokens, $0) }
            // The parts of a long number say nothing.
            if let code, tokens.position[code] != tokens.position[i] { continue }
            let term = Self.term(tokens, code ?? i)
            let span = tokens.sourceRange(of: i)
            phrase.terms.append(Query.PhraseTerm(term, at: Int(tokens.position[i])))
            if tokens.kind[i] == TokenKind.unigram.rawValue {
                phrase.character = String(decoding: bytes[span], as: UTF8.self)
            }
            if let number = known[term] {
                units[number].spans.append(span)
                continue
            }
            let word = String(decoding: tokens.foldedText(of: i), as: UTF8.self)
            let isStop = dropsStopWords && Language.english.isStopWord(word) || leavingOut.contains(span.lowerBound)
            if isStop, let number = knownStops[term] {
                stops[number].spans.append(span)
                continue
            }
            let isLatin = tokens.kind[i] == TokenKind.word.rawValue && word.utf8.allSatisfy { $0 &- 0x61 < 26 }
            let unit = Unit(
                term: term, spans: [span], alternatives: code == nil ? joined.map { Self.term(tokens, $0) } : [],
                character: tokens.kind[i] == TokenKind.unigram.rawValue ? phrase.character : nil,
                latin: isLatin ? word : nil, isPartOfCode: joined.contains { Self.hasDigits(tokens, $0) })
            if isStop {
                knownStops[term] = stops.count
                stops.append(unit)
            } else {
                known[term] = units.count
                units.append(unit)
            }
        }
        if phrase.terms.count != 1 { phrase.character = nil }
    }

    /// A query in the terms of each of several analyzers.
    ///
    /// What one of them leaves out, or what says too little, is a unit of none, unless there is nothing else.
    static func all(_ text: String, _ analyzers: [TextAnalyzer], dropsStopWords: Bool) -> [QueryUnits] {
        var leftOut: Set<Int> = []
        if analyzers.count > 1 {
            for analyzer in analyzers { leftOut.formUnion(Self.leftOut(of: text, by: analyzer)) }
        }
        var all = analyzers.map {
            QueryUnits(text, $0, dropsStopWords: dropsStopWords, leavingOut: leftOut)
        }
        if all.allSatisfy(\.units.isEmpty) {
            for number in all.indices { all[number].units = all[number].stops }
        }
        return all
    }

    /// Where a text has stop words of an analyzer.
    private static func leftOut(of text: String, by analyzer: TextAnalyzer) -> Set<Int> {
        guard analyzer.options.stopWords != nil else { return [] }
        var options = analyzer.options
        options.stopWords = nil
        func starts(_ analyzer: TextAnalyzer) -> Set<Int> {
            Set(QueryUnits(text, analyzer).units.flatMap { $0.spans.map(\.lowerBound) })
        }
        return starts(TextAnalyzer(analyzer.name, options)).subtracting(starts(analyzer))
    }

    private static func term(_ tokens: borrowing TokenBuffer, _ token: Int) -> String {
        String(decoding: tokens.term(token), as: UTF8.self)
    }

    /// The joined tokens that a token is a part of.
    private static func joined(_ tokens: borrowing TokenBuffer, covering token: Int) -> [Int] {
        let place = Int(tokens.position[token])
        let near = max(token - 2 * 8, 0)..<min(token + 4, tokens.count)
        return near.filter { other in
            let start = Int(tokens.position[other])
            return tokens.kind[other] == TokenKind.joined.rawValue && start <= place
                && place < start + Int(tokens.span[other])
        }
    }

    /// Whether a joined token is a number of ten digits or more in several groups.
    private static func isCode(_ tokens: borrowing TokenBuffer, _ token: Int) -> Bool {
        tokens.span[token] >= 3 && tokens.length[token] >= 10 && tokens.term(token).allSatisfy(Self.isDigit)
    }

    private static func hasDigits(_ tokens: borrowing TokenBuffer, _ token: Int) -> Bool {
        tokens.term(token).contains(where: Self.isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}
