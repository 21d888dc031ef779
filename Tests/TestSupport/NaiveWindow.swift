/// The expected output of a `DocumentStream` for one window, with checks of the actual output.
///
/// Each check visits tens of thousands of documents. It is here and not in the test because test targets are compiled
/// without optimization.
package struct NaiveWindow: Sendable {
    /// The first document of the window.
    package let base: Int
    /// The window size in documents.
    package let size: Int
    /// The score of each document of the window; nil for those that do not match.
    package let scores: [Float?]
    /// The slots of the matches, ascending.
    package let slots: [Int]
    /// The best score; nil if nothing matches.
    package let best: Float?
    /// The matches as bits.
    package let bits: [UInt64]

    /// The part of a segment's matches in a window.
    package init(_ matches: NaiveMatches, base: Int, size: Int) {
        self.base = base
        self.size = size
        let end = min(base + size, matches.scores.count)
        let scores = Array(matches.scores[min(base, end)..<end])
        var slots: [Int] = []
        var bits = [UInt64](repeating: 0, count: size / 64)
        var best: Float?
        for (slot, score) in scores.enumerated() {
            guard let score else { continue }
            slots.append(slot)
            bits[slot / 64] |= 1 << UInt64(slot % 64)
            best = max(best ?? score, score)
        }
        self.scores = scores
        self.slots = slots
        self.bits = bits
        self.best = best
    }

    /// The number of matches.
    package var count: Int { slots.count }

    /// The problem with bits that should have become `before | matches`; nil if there is none.
    package func problem(
        united before: UnsafeBufferPointer<UInt64>, _ after: UnsafeMutableBufferPointer<UInt64>
    ) -> String? {
        bits.indices.contains { after[$0] != before[$0] | bits[$0] } ? "other bits" : nil
    }

    /// The problem with bits that should have become `before & matches`; nil if there is none.
    package func problem(
        restricted before: UnsafeBufferPointer<UInt64>, _ after: UnsafeMutableBufferPointer<UInt64>
    ) -> String? {
        bits.indices.contains { after[$0] != before[$0] & bits[$0] } ? "other bits" : nil
    }

    /// The problem with a list of all matches in ascending order; nil if there is none.
    package func problem(matches found: UnsafeBufferPointer<UInt16>) -> String? {
        found.elementsEqual(slots.map { UInt16($0) }) ? nil : "\(found.count) matches instead of \(count), or others"
    }

    /// The problem with a list of the matches whose score is at least `minScore`; nil if there is none. The list may
    /// contain other matches as well.
    package func problem(
        collected found: UnsafeBufferPointer<UInt16>, _ sums: UnsafePointer<Double>, minScore: Double
    ) -> String? {
        if found.count > size { return "\(found.count) candidates in a window of \(size)" }
        var last = -1
        var reached = 0
        for (i, slot) in found.enumerated() {
            let slot = Int(slot)
            if slot <= last { return "slot \(slot) comes after \(last)" }
            last = slot
            guard slot < scores.count, let score = scores[slot] else { return "slot \(slot) does not match" }
            if Double(score) != sums[i] { return "slot \(slot) has \(sums[i]) instead of \(score)" }
            reached += Double(score) >= minScore ? 1 : 0
        }
        let expected = scores.count { $0.map { Double($0) >= minScore } ?? false }
        return reached == expected ? nil : "\(reached) of \(expected) candidates reach \(minScore)"
    }

    /// The result of `refine`: scores are added; candidates that do not match (if `isRequired`) or stay below
    /// `minScore` are dropped.
    package func refined(_ candidates: [Candidate], isRequired: Bool, minScore: Double) -> [Candidate] {
        candidates.compactMap { candidate in
            let score = scores[candidate.slot]
            if score == nil, isRequired { return nil }
            let sum = candidate.score + Double(score ?? 0)
            return sum < minScore ? nil : Candidate(slot: candidate.slot, score: sum)
        }
    }

    /// The candidates that match.
    package func filtered(_ candidates: [Candidate]) -> [Candidate] { candidates.filter { scores[$0.slot] != nil } }

    /// The matches whose bits are set, with their scores if `isScored`.
    package func matches(among words: [UInt64], isScored: Bool) -> [Candidate] {
        slots.filter { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
            .map { Candidate(slot: $0, score: isScored ? Double(scores[$0] ?? 0) : 0) }
    }

    /// A document of the window with the score it has so far.
    package struct Candidate: Sendable {
        /// The offset in the window.
        package var slot: Int
        /// The score so far.
        package var score: Double
    }

    /// The first difference between a list of candidates and the expected one; nil if there is none.
    package static func difference(
        _ slots: UnsafeBufferPointer<UInt16>, _ scores: UnsafePointer<Double>, from expected: [Candidate]
    ) -> String? {
        if slots.count != expected.count { return "\(slots.count) candidates instead of \(expected.count)" }
        for (i, candidate) in expected.enumerated()
        where Int(slots[i]) != candidate.slot || scores[i] != candidate.score {
            return "slot \(slots[i]) with \(scores[i]) instead of \(candidate)"
        }
        return nil
    }

    /// Random candidates of the window with random scores: a share of its documents or matches, one, or none.
    package func candidates(using random: inout SplitMix64) -> [Candidate] {
        let share = random.pick([0, 1, 10, 50, 100])
        var chosen: [Int]
        switch random.below(4) {
        case 0: chosen = slots.filter { _ in random.chance(share) }
        case 1: chosen = scores.isEmpty ? [] : [random.below(scores.count)]
        case 2: chosen = slots.prefix(1) + slots.suffix(1)
        default: chosen = scores.indices.filter { _ in random.chance(share) }
        }
        if chosen.count == 2, chosen[0] == chosen[1] { chosen.removeLast() }
        return chosen.map { Candidate(slot: $0, score: Double(random.below(64)) / 8) }
    }

    /// Random bits: none, the matches, a few, or half of all; those after the last document are 0.
    package func randomBits(using random: inout SplitMix64) -> [UInt64] {
        let share = random.below(4)
        return bits.enumerated().map { i, matches in
            let word =
                switch share {
                case 0: UInt64(0)
                case 1: matches
                case 2: random.next() & random.next() & random.next()
                default: random.next()
                }
            let documents = scores.count - i * 64
            return documents >= 64 ? word : documents <= 0 ? 0 : word & (1 << UInt64(documents) - 1)
        }
    }

    /// A random threshold: any score, exactly one of the scores, the midpoint below it, above the best.
    package func minScore(using random: inout SplitMix64) -> Double {
        let score = slots.isEmpty ? 1 : scores[random.pick(slots)] ?? 1
        switch random.below(7) {
        case 0: return -.infinity
        case 1: return 0
        case 2: return Double(score)
        case 3: return (Double(score.nextDown) + Double(score)) / 2
        case 4: return Double(score).nextUp
        case 5: return Double(best ?? 0)
        default: return Double(best ?? 0) * Double(random.below(120)) / 100
        }
    }
}
