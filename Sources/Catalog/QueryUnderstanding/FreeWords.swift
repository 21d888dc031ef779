import Analyzer
import Searching
import Segments

/// The free words of a query as spelling correction and pinyin see them.
struct FreeWords {
    /// The words, folded; in their order.
    let all: [SpellingCorrection.Word]
    /// The groups of searched fields.
    let groups: [SearchFields]
    private let vocabulary: SpellingVocabulary
    private let characters: CharacterCorrection
    private let limits: SearchLimits
    /// True if the query is a sentence, of which no document has all words, whether they are right or wrong.
    private let isSentence: Bool

    /// The maximum number of runs of Chinese characters that are corrected.
    private static let maxRuns = 3
    /// The number of words up to which a known word is corrected by its neighbors.
    private static let maxWordsInContext = 4
    /// The maximum number of positions of a query that is not a sentence. In a sentence, any position is enough and
    /// quotes are punctuation.
    static let maxStrictPositions = 12
    /// The maximum number of fields in which pairs of characters are looked up.
    private static let maxPairFields = 3

    /// Divides the free words of a query, or of a sentence, at blanks. The last word of an unfinished query is not
    /// corrected if words begin with it, and nothing is once the context's limits are over. Errors: `corrupt`.
    init(_ free: String, _ context: QueryContext, positions: Int) throws(IndexError) {
        groups = context.groups
        vocabulary = SpellingVocabulary(
            fields: groups.flatMap(\.unstemmedFields), context.reader, context.limits,
            dropsStopWords: context.profile.ranking.dropsStopWords, sharing: context.memory.search)
        let heaviest = groups.flatMap(\.words).sorted { $0.weight > $1.weight }.prefix(Self.maxPairFields)
        characters = CharacterCorrection(
            pairs: heaviest.map(\.name),
            characters: groups.flatMap(\.characters).flatMap(\.fields).prefix(1).map(\.name),
            context.reader, context.facts.homophones, context.limits)
        limits = context.limits
        isSentence = positions > Self.maxStrictPositions
        var words = free.split(separator: " ").map { typed in
            let terms = AnalyzedQuery(String(typed), .standard).terms
            guard terms.count == 1, let latin = terms[0].latin, !terms[0].isPartOfCode else {
                return SpellingCorrection.Word(text: String(typed), isCorrectable: false)
            }
            return SpellingCorrection.Word(text: latin, isCorrectable: true)
        }
        isLatin = words.allSatisfy(\.isCorrectable)
        if context.matching.isUnfinished, let last = words.last, last.isCorrectable {
            for field in groups.flatMap(\.vocabularies) where words[words.count - 1].isCorrectable {
                words[words.count - 1].isCorrectable = try !context.reader.hasTerm(field.name, beginning: last.text)
            }
        }
        all = words
    }

    /// True if all of them consist of Latin letters.
    let isLatin: Bool
    /// True if all of them consist of Latin letters, and there are not more than long titles have.
    var mayBePinyin: Bool {
        isLatin && all.count <= Self.maxSyllables && all.reduce(0) { $0 + $1.text.utf8.count } <= Self.maxLetters
    }
    /// The maximum number of words and of letters that are read as pinyin.
    private static let maxSyllables = 32
    private static let maxLetters = 160
    /// True if one of them has a vowel: initials of pinyin mostly have none.
    var hasVowels: Bool { all.contains { $0.text.utf8.contains { "aeiou".utf8.contains($0) } } }

    /// Returns true if there are several, all of them are pinyin, and they are single syllables or some occur nowhere
    /// as words. Errors: `corrupt`.
    func arePinyin() throws(IndexError) -> Bool {
        guard all.count > 1, mayBePinyin else { return false }
        let syllables = all.map { PinyinQuery.syllables(of: $0.text).first?.count ?? 0 }
        if syllables.contains(0) { return false }
        if syllables.allSatisfy({ $0 == 1 }) { return true }
        for word in all where try vocabulary.frequency(word.text) == 0 { return true }
        return false
    }

    /// Returns true if a word of Latin letters occurs nowhere. Errors: `corrupt`.
    func hasUnknownWord() throws(IndexError) -> Bool {
        for word in all where word.isCorrectable {
            if try vocabulary.frequency(word.text) == 0 { return true }
        }
        return false
    }

    /// Returns the most probable words, if they are not the typed ones. Errors: `corrupt`.
    func corrected() throws(IndexError) -> [String]? {
        var words = all
        var isCorrected = false
        if words.count > Self.maxWordsInContext {
            // No document has all words of a sentence, whether they are right or wrong.
            for i in words.indices where words[i].isCorrectable {
                words[i].isCorrectable = try vocabulary.frequency(words[i].text) == 0
            }
        }
        for i in words.indices where !words[i].isCorrectable && !isSentence {
            guard let text = try corrected(words[i].text) else { continue }
            words[i].text = text
            isCorrected = true
        }
        return try SpellingCorrection(vocabulary).corrected(words) ?? (isCorrected ? words.map(\.text) : nil)
    }

    /// Returns a text with its runs of Chinese characters corrected; nil if all of them stay. Errors: `corrupt`.
    private func corrected(_ text: String) throws(IndexError) -> String? {
        var corrected = String.UnicodeScalarView()
        var run: [Unicode.Scalar] = []
        var isCorrected = false
        var runs = 0
        for scalar in Array(text.unicodeScalars) + [" "] {
            if HomophoneCharacters.isChinese(scalar) {
                run.append(HomophoneCharacters.simplified(scalar))
                continue
            }
            if run.count > 1 { runs += 1 }
            if runs <= Self.maxRuns, !limits.isOver, let better = try characters.corrected(run) {
                corrected.append(contentsOf: better)
                isCorrected = true
            } else {
                corrected.append(contentsOf: run)
            }
            run = []
            corrected.append(scalar)
        }
        return isCorrected ? String(String(corrected).dropLast()) : nil
    }
}
