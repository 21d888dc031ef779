import Analyzer
import Indexer

/// A query's words in the terms of one analyzer.
struct QueryUnits {
    /// A word, a number, a pair of characters: what a document can have or lack.
    struct Unit {
        var term: String
        /// Where the query first says it, in bytes: units of several analyzers belong together by it.
        var place: Int
        /// How often the query says it.
        var count: Int
        /// Terms that say the same: the word written together with its neighbours.
        var alternatives: [String] = []
        /// Whether it is a single character, which only a field of characters knows inside of words.
        var isCharacter = false
        /// The word as it was typed if it is one of Latin letters: what could be pinyin.
        var latin: String?
    }

    /// Distinct units, in their order.
    var units: [Unit] = []
    /// All terms of the query at their places, as a phrase would need them.
    var phrase: [Query.PhraseTerm] = []

    init(_ text: String, _ analyzer: TextAnalyzer, dropsStopWords: Bool) {
        var tokens = TokenBuffer()
        analyzer.analyze(text, into: &tokens)
        let bytes = Array(text.utf8)
        var stops: [Unit] = []
        var place: [String: Int] = [:]
        for i in 0..<tokens.count where tokens.isRequired(i) {
            let joined = Self.joined(tokens, covering: i)
            let code = joined.first { Self.isCode(tokens, $0) }
            // The parts of a long number say nothing.
            if let code, tokens.position[code] != tokens.position[i] { continue }
            let term = Self.term(tokens, code ?? i)
            phrase.append(Query.PhraseTerm(Self.term(tokens, i), at: Int(tokens.position[i])))
            if let known = place[term] {
                units[known].count += 1
                continue
            }
            let word = String(decoding: bytes[tokens.sourceRange(of: i)], as: UTF8.self).lowercased()
            let isLatin = tokens.kind[i] == TokenKind.word.rawValue && word.utf8.allSatisfy { $0 &- 0x61 < 26 }
            let unit = Unit(
                term: term, place: tokens.sourceRange(of: i).lowerBound, count: 1,
                alternatives: code == nil ? joined.map { Self.term(tokens, $0) } : [],
                isCharacter: tokens.kind[i] == TokenKind.unigram.rawValue, latin: isLatin ? word : nil)
            if dropsStopWords, Language.english.isStopWord(word) {
                stops.append(unit)
                continue
            }
            place[term] = units.count
            units.append(unit)
        }
        if units.isEmpty { units = stops }
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
        tokens.span[token] >= 3 && tokens.length[token] >= 10
            && tokens.term(token).allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }
}
