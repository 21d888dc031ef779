import Analyzer
import Glibc
import Searching
import Segments

/// Correction of Chinese characters as a noisy channel: a character typed for one that sounds alike, and two neighbors
/// in the wrong order.
///
/// The probability of a text is the product of those of its pairs of neighboring characters, which are the terms of the
/// index; the best text is found by Viterbi's algorithm. Only characters beside a pair that is rare are changed.
struct CharacterCorrection {
    private let reader: IndexReader
    /// Fields of words, whose terms are pairs of characters, and fields of single characters.
    private let fields: [String]
    private let characterFields: [String]

    /// The logarithm of the probability that a character was typed for another one, or before its predecessor.
    private static let logError = -4.0
    /// The logarithm of how much better a text must be than what was typed.
    private static let margin = 3.0
    /// The number of documents below which a pair is rare.
    private static let rare = 3
    /// The number that stands for the documents of a pair that occurs nowhere.
    private static let unseen = 0.05
    /// The maximum number of characters in the place of one.
    private static let maxCandidates = 40
    /// The maximum number of partial texts that are kept.
    private static let maxPartials = 8
    /// The maximum length of a run of characters that is corrected.
    private static let maxLength = 24

    /// The correction by the pairs in some fields and the single characters in others.
    init(pairs fields: [String], characters characterFields: [String], _ reader: IndexReader) {
        self.reader = reader
        self.fields = fields
        self.characterFields = characterFields
    }

    /// Returns the most probable text in the place of a run of Chinese characters; nil if it is the typed one.
    ///
    /// Errors: `corrupt`. Complexity: a lookup for each pair of candidates beside rare pairs.
    func corrected(_ run: [Unicode.Scalar]) throws(IndexError) -> [Unicode.Scalar]? {
        guard (2...Self.maxLength).contains(run.count) else { return nil }
        var model = PairModel(reader, fields)
        var homophones: [Unicode.Scalar: [Unicode.Scalar]] = [:]
        var isSuspect = [Bool](repeating: false, count: run.count)
        var typedScore = 0.0
        for i in 1..<run.count {
            if try model.frequency(run[i - 1], run[i]) < Self.rare { (isSuspect[i - 1], isSuspect[i]) = (true, true) }
            typedScore += try model.logProbability(run[i - 1], run[i])
        }
        guard isSuspect.contains(true) else { return nil }
        var partials = [[Partial]](repeating: [], count: run.count + 1)
        partials[0] = [Partial()]
        for i in run.indices {
            partials[i].sort { $0.score > $1.score }
            // Before the first pair all beginnings are alike.
            if i > 1 { partials[i] = Array(partials[i].prefix(Self.maxPartials)) }
            if isSuspect[i], homophones[run[i]] == nil { homophones[run[i]] = try frequentHomophones(of: run[i]) }
            let candidates = isSuspect[i] ? homophones[run[i]] ?? [] : []
            for partial in partials[i] {
                partials[i + 1].append(try model.extended(partial, by: [run[i]], 0))
                for candidate in candidates {
                    partials[i + 1].append(try model.extended(partial, by: [candidate], Self.logError))
                }
                if i + 1 < run.count, isSuspect[i], isSuspect[i + 1], run[i] != run[i + 1] {
                    partials[i + 2].append(try model.extended(partial, by: [run[i + 1], run[i]], Self.logError))
                }
            }
        }
        guard let best = partials[run.count].max(by: { $0.score < $1.score }), best.text != run,
            best.score > typedScore + Self.margin
        else { return nil }
        return best.text
    }

    /// The most frequent characters that sound like one. Errors: `corrupt`.
    private func frequentHomophones(of character: Unicode.Scalar) throws(IndexError) -> [Unicode.Scalar] {
        var candidates: [(character: Unicode.Scalar, frequency: Int)] = []
        for homophone in HomophoneCharacters.of(character) {
            var frequency = 0
            for field in characterFields { frequency += try reader.documentFrequency(field, String(homophone)) }
            if frequency > 0 || characterFields.isEmpty { candidates.append((homophone, frequency)) }
        }
        return candidates.sorted { $0.frequency > $1.frequency }.prefix(Self.maxCandidates).map(\.character)
    }

    /// A text for the first characters of a run.
    private struct Partial {
        var text: [Unicode.Scalar] = []
        var score = 0.0
    }

    /// The frequencies of pairs of characters, cached.
    private struct PairModel {
        private let reader: IndexReader
        private let fields: [String]
        private var frequencies: [String: Int] = [:]

        init(_ reader: IndexReader, _ fields: [String]) {
            self.reader = reader
            self.fields = fields
        }

        /// The number of documents that have two neighboring characters.
        mutating func frequency(_ a: Unicode.Scalar, _ b: Unicode.Scalar) throws(IndexError) -> Int {
            var pair = String(a)
            pair.unicodeScalars.append(b)
            if let known = frequencies[pair] { return known }
            var sum = 0
            for field in fields { sum += try reader.documentFrequency(field, pair) }
            frequencies[pair] = sum
            return sum
        }

        mutating func logProbability(_ a: Unicode.Scalar, _ b: Unicode.Scalar) throws(IndexError) -> Double {
            log((Double(try frequency(a, b)) + CharacterCorrection.unseen) / Double(max(reader.documents, 1)))
        }

        /// A partial text with more characters, whose errors have a probability.
        mutating func extended(
            _ partial: Partial, by characters: [Unicode.Scalar], _ errors: Double
        ) throws(IndexError) -> Partial {
            var extended = partial
            extended.score += errors
            for character in characters {
                if let last = extended.text.last { extended.score += try logProbability(last, character) }
                extended.text.append(character)
            }
            return extended
        }
    }
}
