import Analyzer
import Glibc
import Searching
import Segments
import Synchronization

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
    private let known: FrequentHomophones
    /// True if texts that cannot win are dropped as soon as that is known, which changes no result.
    private let prunes: Bool

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

    /// The correction by the pairs in some fields and the single characters in others, within some limits. `known` are
    /// the homophones that earlier corrections by the same fields of the same snapshot found.
    init(
        pairs fields: [String], characters characterFields: [String], _ reader: IndexReader,
        _ known: FrequentHomophones, _ limits: SearchLimits, prunes: Bool = true
    ) {
        self.prunes = prunes
        self.known = known
        self.reader = reader
        self.limits = limits
        self.fields = fields
        self.characterFields = characterFields
    }

    /// Returns the most probable text in the place of a run of Chinese characters; nil if it is the typed one, or if
    /// the limits are over before it is known.
    ///
    /// Errors: `corrupt`. Complexity: a look-up in a filter for each pair of candidates beside rare pairs.
    func corrected(_ run: [Unicode.Scalar]) throws(IndexError) -> [Unicode.Scalar]? {
        guard (2...Self.maxLength).contains(run.count), !limits.isOver else { return nil }
        var model = try PairModel(reader, pairs: fields, characters: characterFields)
        let typed = run.map(model.character)
        guard let (isSuspect, needed, rest) = try suspects(typed, &model) else { return nil }
        // The partial texts by the number of typed characters that they stand for.
        var partials = [[Partial]](repeating: [], count: run.count + 1)
        partials[0] = [Partial()]
        for i in run.indices {
            if limits.isOver { return nil }
            partials[i].sort { $0.score > $1.score }
            if i > 1 { partials[i] = Array(partials[i].prefix(Self.maxPartials)) }
            let candidates = isSuspect[i] ? known.of(run[i]) { frequentHomophones(of: run[i], model) } : []
            let canSwap = i + 1 < run.count && isSuspect[i] && isSuspect[i + 1] && run[i] != run[i + 1]
            for (index, partial) in partials[i].enumerated() {
                func extended(by character: Character, _ errors: Double) throws(IndexError) -> Partial {
                    let score = partial.score + errors + (try model.logProbability(character, after: partial.last))
                    return Partial(score: score, last: character, parent: (i, index))
                }
                func keep(_ partial: Partial, _ length: Int) {
                    if !prunes || partial.score + rest[length] > needed { partials[length].append(partial) }
                }
                keep(try extended(by: typed[i], 0), i + 1)
                if prunes, partial.score + Self.logError + rest[i + 1] <= needed { continue }
                for candidate in candidates { keep(try extended(by: candidate, Self.logError), i + 1) }
                if canSwap {
                    var swapped = try extended(by: typed[i + 1], Self.logError)
                    swapped.score += try model.logProbability(typed[i], after: typed[i + 1])
                    (swapped.swapped, swapped.last) = (swapped.last, typed[i])
                    keep(swapped, i + 2)
                }
            }
        }
        guard let best = partials[run.count].max(by: { $0.score < $1.score }), best.score > needed else { return nil }
        let text = Self.text(of: best, partials)
        return text == run ? nil : text
    }

    /// Returns which characters stand in a rare pair, the score above which a text is better than the typed one, and by
    /// the number of its first characters an upper bound of what the rest adds to a text; nil if no pair is rare.
    private func suspects(
        _ typed: [Character], _ model: inout PairModel
    ) throws(IndexError) -> (isSuspect: [Bool], needed: Double, rest: [Double])? {
        var isSuspect = [Bool](repeating: false, count: typed.count)
        var scores = [try model.logProbability(typed[0], after: nil)]
        for i in 1..<typed.count {
            let (a, b) = (typed[i - 1], typed[i])
            let hasNumeral = Self.numerals.contains(a.scalar) || Self.numerals.contains(b.scalar)
            if !hasNumeral, try model.frequency(a, b) < Self.rare {
                (isSuspect[i - 1], isSuspect[i]) = (true, true)
            }
            scores.append(try model.logProbability(b, after: a))
        }
        guard isSuspect.contains(true) else { return nil }
        // Characters that stay, after one that stays, add what they add to the typed text; no other adds more than 0.
        var rest = [Double](repeating: 0, count: typed.count + 1)
        for i in typed.indices.reversed() {
            let stays = !isSuspect[i] && (i == 0 || !isSuspect[i - 1])
            rest[i] = rest[i + 1] + (stays ? scores[i] : 0)
        }
        return (isSuspect, scores.reduce(0, +) + Self.margin, rest)
    }

    /// The characters of a partial text and of those that it extends.
    private static func text(of last: Partial, _ partials: [[Partial]]) -> [Unicode.Scalar] {
        var text: [Unicode.Scalar] = []
        var partial = last
        while let character = partial.last {
            text.append(character.scalar)
            if let swapped = partial.swapped { text.append(swapped.scalar) }
            partial = partials[partial.parent.length][partial.parent.index]
        }
        return text.reversed()
    }

    /// The most frequent characters that sound like one.
    private func frequentHomophones(of character: Unicode.Scalar, _ model: PairModel) -> [Character] {
        var candidates: [(character: Character, frequency: Int)] = []
        for homophone in HomophoneCharacters.of(character) {
            let frequency = model.frequencies.of(homophone)
            if frequency > 0 || characterFields.isEmpty { candidates.append((model.character(homophone), frequency)) }
        }
        return candidates.sorted { $0.frequency > $1.frequency }.prefix(Self.maxCandidates).map(\.character)
    }

    /// A character with its frequency.
    fileprivate struct Character {
        let scalar: Unicode.Scalar
        /// The number of documents that have it, or a small number for none.
        let frequency: Double
        /// P(character): the share of the documents that have it.
        let share: Double
    }

    /// A text for the first characters of a run.
    private struct Partial {
        var score = 0.0
        /// Its last character; nil for the empty text.
        var last: Character?
        /// The character before the last one, if the two were swapped in one step.
        var swapped: Character?
        /// The partial text that it extends: the number of typed characters of that, and its index among their texts.
        var parent = (length: 0, index: 0)
    }

    /// The probabilities of characters and of their pairs.
    private struct PairModel {
        var frequencies: CharacterFrequencies
        private let documents: Double

        init(_ reader: IndexReader, pairs: [String], characters: [String]) throws(IndexError) {
            frequencies = try CharacterFrequencies(reader, pairs: pairs, characters: characters)
            documents = Double(max(reader.documents, 1))
        }

        /// A character with its frequency.
        func character(_ scalar: Unicode.Scalar) -> Character {
            let frequency = max(Double(frequencies.of(scalar)), CharacterCorrection.unseen)
            return Character(scalar: scalar, frequency: frequency, share: frequency / documents)
        }

        /// The number of documents that have two neighboring characters.
        mutating func frequency(_ a: Character, _ b: Character) throws(IndexError) -> Int {
            try frequencies.of(a.scalar, b.scalar)
        }

        /// The logarithm of P(character | previous), or of P(character) without a previous one.
        mutating func logProbability(
            _ character: Character, after previous: Character?
        ) throws(IndexError) -> Double {
            guard let previous else { return log(character.share) }
            let together = Double(try frequency(previous, character))
            // The fields of pairs may be more than that of characters.
            return min(
                log(
                    (together + CharacterCorrection.smoothing * character.share)
                        / (previous.frequency + CharacterCorrection.smoothing)), 0)
        }
    }
}

/// The homophones of characters that were found out for a snapshot. Thread-safe.
final class FrequentHomophones: Sendable {
    private let byCharacter = Mutex<[Unicode.Scalar: [CharacterCorrection.Character]]>([:])

    /// The maximum number of characters that are remembered: some 4 MB of homophones.
    private static let maxCharacters = 4096

    /// Returns the homophones of a character, those that `find` returns the first time.
    fileprivate func of(
        _ character: Unicode.Scalar, _ find: () -> [CharacterCorrection.Character]
    ) -> [CharacterCorrection.Character] {
        if let known = byCharacter.withLock({ $0[character] }) { return known }
        let found = find()
        byCharacter.withLock { if $0.count < Self.maxCharacters { $0[character] = found } }
        return found
    }
}
