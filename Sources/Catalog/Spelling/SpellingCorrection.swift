import Glibc
import Segments

/// Correction of the words of a query as a noisy channel: of all texts that could have been meant, the one for which
/// probability of the text times probability of these typing errors is greatest.
///
/// - The text: P(w₁) · Π P(wᵢ | wᵢ₋₁). P(w) is the share of documents that have the word; P(w | v) the share of the
///   documents with v that have w as well, smoothed by P(w). The model is that of Kernighan, Church and Gale (1990)
///   with the context of Mays, Damerau and Mercer (1991), with documents in the place of word pairs.
/// - The errors: `TypingErrors`, for words of four letters or more; neighboring words may have been one word, and a
///   word several.
/// - The best text is found by Viterbi's algorithm, with the best few partial texts at each word.
///
/// A rare misspelling that stands in some document, and a word that is wrong only beside these others, are corrected in
/// the same way as words that stand nowhere. Numbers, codes and words with other than Latin letters stay as they are.
///
/// ```swift
/// try SpellingCorrection(vocabulary).corrected(["yoga", "pans"])   // ["yoga", "pants"]
/// ```
struct SpellingCorrection {
    /// A word of the query.
    struct Word: Equatable {
        /// The word, folded; or any text that is not corrected.
        var text: String
        /// True if the word consists of Latin letters and is not a part of a code.
        var isCorrectable: Bool
    }

    /// The words in the place of one or more typed words.
    private struct Replacement {
        /// The number of typed words.
        var consumed = 1
        var words: [String]
        /// The logarithm of the probability of the errors.
        var errors = 0.0
    }

    /// A text for the first words of the query.
    private struct Partial {
        var words: [String] = []
        var score = 0.0
        /// The last word if the next one is judged beside it.
        var context: String?
    }

    private let vocabulary: SpellingVocabulary
    /// True if texts that cannot win are dropped before their pairs are counted. That changes a result only where the
    /// vocabulary counts no more pairs: then more of them are left for the others.
    private let prunes: Bool

    /// The minimum length of a word that is corrected, in letters.
    private static let minLength = 4
    /// The minimum length of a word with two errors.
    private static let minLengthOfTwoErrors = 8
    /// The maximum length of a word, in letters.
    private static let maxLength = 60
    /// The maximum number of words of a query that are corrected.
    private static let maxWords = 12
    /// The maximum numbers of words in the place of one, and of partial texts that are kept.
    private static let maxCandidates = 5
    private static let maxPartials = 4
    /// The logarithm of the probability of a word that stands nowhere, beside that of the rarest one, and for each of
    /// its letters: it finds nothing.
    private static let logUnknown = (base: -6.0, letter: -1.0)
    /// The number of documents that P(w) stands for in the smoothed P(w | v).
    private static let smoothing = 10.0

    /// Creates the correction by a vocabulary.
    init(_ vocabulary: SpellingVocabulary, prunes: Bool = true) {
        self.vocabulary = vocabulary
        self.prunes = prunes
    }

    /// Returns the most probable text if it is not what was typed; nil if it is, if there are too many words, or if
    /// the limits of the vocabulary are over before it is known.
    ///
    /// Errors: `corrupt`. Complexity: a search of the dictionary for each word, and a count for each pair of
    /// candidates.
    func corrected(_ typed: [Word]) throws(IndexError) -> [String]? {
        guard typed.count <= Self.maxWords, typed.contains(where: \.isCorrectable) else { return nil }
        var unchanged = Partial()
        for word in typed { unchanged = try extended(unchanged, by: Replacement(words: [word.text]), word) }
        var partials = [[Partial]](repeating: [], count: typed.count + 1)
        partials[0] = [Partial()]
        for i in typed.indices {
            // The rest of a text adds nothing above 0: what is not better than the typed words by now never will be.
            let room = prunes ? (partials[i].map(\.score).max() ?? 0) - unchanged.score : .infinity
            let steps = try replacements(typed, i, room)
            for partial in partials[i] {
                for step in steps {
                    if prunes, try score(partial, by: step, typed[i], isBound: true).score < unchanged.score {
                        continue
                    }
                    partials[i + step.consumed].append(try extended(partial, by: step, typed[i]))
                }
            }
            partials[i + 1].sort { $0.score > $1.score }
            partials[i + 1] = Array(partials[i + 1].prefix(Self.maxPartials))
            if vocabulary.isOver { return nil }
        }
        guard let best = partials[typed.count].first, best.words != typed.map(\.text),
            best.score > unchanged.score
        else { return nil }
        return best.words
    }

    /// A partial text with the words of a step.
    private func extended(_ partial: Partial, by step: Replacement, _ typed: Word) throws(IndexError) -> Partial {
        var extended = partial
        extended.words += step.words
        (extended.score, extended.context) = try score(partial, by: step, typed)
        return extended
    }

    /// The score of a partial text with the words of a step, and the context of the next word. With `isBound` an upper
    /// bound of the score, found without counting pairs.
    private func score(
        _ partial: Partial, by step: Replacement, _ typed: Word, isBound: Bool = false
    ) throws(IndexError) -> (score: Double, context: String?) {
        guard typed.isCorrectable else { return (partial.score, nil) }
        var (score, context) = (partial.score + step.errors, partial.context)
        for word in step.words {
            score += try logProbability(word, after: context, isBound: isBound)
            context = try vocabulary.frequency(word) > 0 ? word : nil
        }
        return (score, context)
    }

    /// The logarithm of P(word), or of P(word | context). With `isBound` an upper bound: as if the rarer of the two
    /// words stood only beside the other.
    private func logProbability(
        _ word: String, after context: String?, isBound: Bool = false
    ) throws(IndexError) -> Double {
        let frequency = Double(try vocabulary.frequency(word))
        let documents = Double(vocabulary.documents)
        if frequency == 0 {
            return log(0.5 / documents) + Self.logUnknown.base + Self.logUnknown.letter * Double(word.utf8.count)
        }
        let share = min(frequency / documents, 1)
        guard let context else { return log(share) }
        let with = Double(try vocabulary.frequency(context))
        let both = isBound ? min(frequency, with) : Double(try vocabulary.together(context, word))
        return log((both + Self.smoothing * share) / (with + Self.smoothing))
    }
}

// MARK: - Candidates

extension SpellingCorrection {
    /// The words that may stand in the place of the word at an index, and of it with the next one; only the word itself
    /// if errors would cost more than `room`, in logarithms.
    private func replacements(_ typed: [Word], _ i: Int, _ room: Double) throws(IndexError) -> [Replacement] {
        let word = typed[i]
        var steps = [Replacement(words: [word.text])]
        guard word.isCorrectable, word.text.utf8.count <= Self.maxLength, room > -TypingErrors.logCheapest else {
            return steps
        }
        steps += try similar(word.text)
        if let parts = try divided(word.text) { steps.append(parts) }
        if i + 1 < typed.count, typed[i + 1].isCorrectable {
            let joined = word.text + typed[i + 1].text
            if try vocabulary.frequency(joined) > 0 {
                steps.append(Replacement(consumed: 2, words: [joined], errors: TypingErrors.logBlank))
            }
        }
        return steps
    }

    /// The most probable words that are an edit or two away.
    private func similar(_ word: String) throws(IndexError) -> [Replacement] {
        let length = word.utf8.count
        guard length >= Self.minLength else { return [] }
        // The first letter of a known word is right; to look for others would take most of the time of a correction.
        let isKnown = try vocabulary.frequency(word) > 0
        var candidates = try vocabulary.similar(to: word, edits: 1, prefix: isKnown ? 1 : 0)
        if candidates.isEmpty, length >= Self.minLengthOfTwoErrors {
            candidates = try vocabulary.similar(to: word, edits: 2, prefix: 1)
        }
        var steps: [(step: Replacement, score: Double)] = []
        // A known word is not replaced by one that says nothing.
        for candidate in candidates where !isKnown || !vocabulary.isIgnored(candidate) {
            let errors = TypingErrors.logProbability(word, for: candidate)
            let score = errors + (try logProbability(candidate, after: nil))
            steps.append((Replacement(words: [candidate], errors: errors), score))
        }
        return steps.sorted { $0.score > $1.score }.prefix(Self.maxCandidates).map(\.step)
    }

    /// The most probable division of a word into known ones, each of at least two letters; nil if there is none.
    private func divided(_ word: String) throws(IndexError) -> Replacement? {
        let letters = Array(word.utf8)
        guard letters.count >= 2 * Self.minPart else { return nil }
        // The best division of the first letters, by their number.
        var best = [(score: Double, start: Int)?](repeating: nil, count: letters.count + 1)
        best[0] = (0, 0)
        for end in Self.minPart...letters.count {
            for start in max(0, end - Self.maxPart)...(end - Self.minPart) where end - start < letters.count {
                guard let before = best[start] else { continue }
                let part = String(decoding: letters[start..<end], as: UTF8.self)
                guard try vocabulary.frequency(part) > 0 else { continue }
                let blank = start == 0 ? 0 : TypingErrors.logBlank
                let score = before.score + blank + (try logProbability(part, after: nil))
                if score > best[end]?.score ?? -.infinity { best[end] = (score, start) }
            }
        }
        guard best[letters.count] != nil else { return nil }
        var parts: [String] = []
        var end = letters.count
        while end > 0, let (_, start) = best[end] {
            parts.insert(String(decoding: letters[start..<end], as: UTF8.self), at: 0)
            end = start
        }
        return Replacement(words: parts, errors: TypingErrors.logBlank * Double(parts.count - 1))
    }

    /// The minimum and the maximum length of a part of a divided word.
    private static let minPart = 2
    private static let maxPart = 24
}
