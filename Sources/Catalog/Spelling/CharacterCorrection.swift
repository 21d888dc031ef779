import Analyzer
import Glibc
import Searching
import Segments

/// Correction of Chinese characters as a noisy channel: a character typed for one that sounds alike, and two neighbors
/// in the wrong order.
///
/// The probability of a text is P(c₁) · Π P(cᵢ | cᵢ₋₁): P(c) is the share of documents that have the character, and
/// P(b | a) the share of the documents with a that have the pair ab, smoothed by P(b). All of them are terms of the
/// index, the pairs of up to three fields. The best text is found by Viterbi's algorithm. Only characters of rare pairs
/// are changed, and never numerals: their pairs are rare whatever number they make.
struct CharacterCorrection {
    private let reader: IndexReader
    private let limits: SearchLimits
    /// Fields of words, whose terms are pairs of characters, and fields of single characters.
    private let fields: [String]
    private let characterFields: [String]

    /// The logarithm of the probability that a character was typed for another one, or before its predecessor.
    private static let logError = -4.0
    /// The logarithm of how much better a text must be than what was typed.
    private static let margin = 1.0
    /// The number of documents below which a pair is rare.
    private static let rare = 3
    /// The number of documents that P(b) stands for in the smoothed P(b | a).
    private static let smoothing = 1.0
    /// The number that stands for the documents of a character that occurs nowhere.
    private static let unseen = 0.5
    /// The maximum number of characters in the place of one.
    private static let maxCandidates = 40
    /// The maximum number of partial texts that are kept.
    private static let maxPartials = 8
    /// The maximum length of a run of characters that is corrected.
    private static let maxLength = 24

    /// The characters that numbers are written with.
    private static let numerals = Set("〇零一二三四五六七八九十百千万亿两".unicodeScalars)

    /// The correction by the pairs in some fields and the single characters in others, within some limits.
    init(
        pairs fields: [String], characters characterFields: [String], _ reader: IndexReader, _ limits: SearchLimits
    ) {
        self.reader = reader
        self.limits = limits
        self.fields = fields
        self.characterFields = characterFields
    }

    /// Returns the most probable text in the place of a run of Chinese characters; nil if it is the typed one, or if
    /// the limits are over before it is known.
    ///
    /// Errors: `corrupt`. Complexity: a lookup for each pair of candidates beside rare pairs.
    func corrected(_ run: [Unicode.Scalar]) throws(IndexError) -> [Unicode.Scalar]? {
        guard (2...Self.maxLength).contains(run.count) else { return nil }
        var model = PairModel(reader, pairs: fields, characters: characterFields)
        var homophones: [Unicode.Scalar: [Unicode.Scalar]] = [:]
        var isSuspect = [Bool](repeating: false, count: run.count)
        var typedScore = try model.logProbability(run[0], after: nil)
        for i in 1..<run.count {
            let hasNumeral = Self.numerals.contains(run[i - 1]) || Self.numerals.contains(run[i])
            if !hasNumeral, try model.frequency(run[i - 1], run[i]) < Self.rare {
                (isSuspect[i - 1], isSuspect[i]) = (true, true)
            }
            typedScore += try model.logProbability(run[i], after: run[i - 1])
        }
        guard isSuspect.contains(true) else { return nil }
        var partials = [[Partial]](repeating: [], count: run.count + 1)
        partials[0] = [Partial()]
        for i in run.indices {
            if limits.isOver { return nil }
            partials[i].sort { $0.score > $1.score }
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

    /// The frequencies of characters and of their pairs, cached.
    private struct PairModel {
        private let reader: IndexReader
        private let pairFields: [String]
        private let characterFields: [String]
        private var pairs: [String: Int] = [:]
        private var characters: [Unicode.Scalar: Double] = [:]

        init(_ reader: IndexReader, pairs pairFields: [String], characters characterFields: [String]) {
            self.reader = reader
            self.pairFields = pairFields
            self.characterFields = characterFields
        }

        /// The number of documents that have two neighboring characters.
        mutating func frequency(_ a: Unicode.Scalar, _ b: Unicode.Scalar) throws(IndexError) -> Int {
            var pair = String(a)
            pair.unicodeScalars.append(b)
            if let known = pairs[pair] { return known }
            var sum = 0
            for field in pairFields { sum += try reader.documentFrequency(field, pair) }
            pairs[pair] = sum
            return sum
        }

        /// The number of documents that have a character, or a small number for none.
        private mutating func frequency(_ character: Unicode.Scalar) throws(IndexError) -> Double {
            if let known = characters[character] { return known }
            var sum = 0
            for field in characterFields { sum += try reader.documentFrequency(field, String(character)) }
            let frequency = max(Double(sum), CharacterCorrection.unseen)
            characters[character] = frequency
            return frequency
        }

        /// The logarithm of P(character | previous), or of P(character) without a previous one.
        mutating func logProbability(
            _ character: Unicode.Scalar, after previous: Unicode.Scalar?
        ) throws(IndexError) -> Double {
            let share = try frequency(character) / Double(max(reader.documents, 1))
            guard let previous else { return log(share) }
            let together = Double(try frequency(previous, character))
            return log(
                (together + CharacterCorrection.smoothing * share)
                    / (try frequency(previous) + CharacterCorrection.smoothing))
        }

        /// A partial text with more characters, whose errors have a probability.
        mutating func extended(
            _ partial: Partial, by characters: [Unicode.Scalar], _ errors: Double
        ) throws(IndexError) -> Partial {
            var extended = partial
            extended.score += errors
            for character in characters {
                extended.score += try logProbability(character, after: extended.text.last)
                extended.text.append(character)
            }
            return extended
        }
    }
}
