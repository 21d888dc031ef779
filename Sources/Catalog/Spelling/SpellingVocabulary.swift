import Analyzer
import Searching
import Segments

/// The words of a catalog with their frequencies, alone and in pairs: the language model of spelling correction.
///
/// Counts are cached, because one correction asks for the same ones repeatedly: a vocabulary serves one query. Not
/// thread-safe.
final class SpellingVocabulary {
    private let reader: IndexReader
    private let fields: [String]
    private let limits: SearchLimits
    /// The look-ups of the request.
    private let memory: SearchMemory
    private let dropsStopWords: Bool
    private var frequencies: [String: Int] = [:]
    private var pairs: [[String]: Int] = [:]

    /// The maximum number of pairs that are counted for a query; more count as if they never occurred together.
    private static let maxPairs = 96
    /// The maximum number of similar words of each field.
    private static let maxSimilar = 60

    /// The vocabulary of some fields of a view. Once the limits are over no word is similar to another one. With
    /// `dropsStopWords` searches ignore English stop words. `memory` has the look-ups of the request.
    init(
        fields: [String], _ reader: IndexReader, _ limits: SearchLimits, dropsStopWords: Bool,
        sharing memory: SearchMemory = SearchMemory()
    ) {
        self.limits = limits
        self.memory = memory
        self.dropsStopWords = dropsStopWords
        self.reader = reader
        self.fields = Set(fields).sorted()
    }

    /// Returns true if searches ignore a word beside others.
    func isIgnored(_ word: String) -> Bool { dropsStopWords && Language.english.isStopWord(word) }

    /// The number of documents.
    var documents: Int { max(reader.documents, 1) }

    /// Returns the number of documents that have a word, counted once for each field. Errors: `corrupt`.
    func frequency(_ word: String) throws(IndexError) -> Int {
        if let known = frequencies[word] { return known }
        var sum = 0
        for field in fields { sum += try reader.documentFrequency(field, word) }
        frequencies[word] = sum
        return sum
    }

    /// Returns the words of Latin letters that are at most `edits` edits away from a word, without the word itself, the
    /// most frequent first. Errors: `corrupt`.
    func similar(to word: String, edits: Int, prefix: Int) throws(IndexError) -> [String] {
        var found: [String: Int] = [:]
        for field in fields where !isOver {
            let terms = try reader.similarTerms(
                field, to: word, edits: edits, prefix: prefix, limit: Self.maxSimilar, limits: limits)
            for term in terms where term.edits > 0 && term.term.utf8.allSatisfy({ $0 &- 0x61 < 26 }) {
                found[term.term, default: 0] += term.documentFrequency
            }
        }
        return found.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    }

    /// Returns the number of documents that have both words, in any field. Errors: `corrupt`.
    func together(_ a: String, _ b: String) throws(IndexError) -> Int {
        let key = a < b ? [a, b] : [b, a]
        if let known = pairs[key] { return known }
        if pairs.count >= Self.maxPairs || isOver { return 0 }
        var search = Search(.boolean(.init(filter: [word(a), word(b)])), limit: 0)
        search.limits = limits
        let count = try reader.search(search, sharing: memory).total ?? 0
        pairs[key] = count
        return count
    }

    /// True once nothing more may be looked up.
    var isOver: Bool { limits.isOver }

    private func word(_ word: String) -> Query {
        let terms = fields.map { Query.term(field: $0, word) }
        return terms.count == 1 ? terms[0] : .or(terms)
    }
}
