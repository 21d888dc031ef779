/// What a stream of documents must answer for one window, and what is wrong with an answer.
///
/// It goes over tens of thousands of documents for each answer: that is why it is not in the test itself, which is
/// compiled without optimisation.
public struct NaiveWindow: Sendable {
    /// The first document of the window.
    public let base: Int
    /// The number of documents of a window.
    public let size: Int
    /// The score of each document, from the start of the window; nil for those that do not match.
    public let scores: [Float?]
    /// The slots of matches.
    public let slots: [Int]
    /// The best score; nil when nothing matches.
    public let best: Float?
    /// The matches as bits.
    public let bits: [UInt64]

    /// A window of some matches.
    public init(_ matches: NaiveMatches, base: Int, size: Int) {
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

    /// How many match.
    public var count: Int { slots.count }

    /// The first problem with bits that were to become `bits | own`, or `bits & own`; nil if there is none.
    public func problem(
        united before: UnsafeBufferPointer<UInt64>, _ after: UnsafeMutableBufferPointer<UInt64>
    ) -> String? {
        bits.indices.contains { after[$0] != before[$0] | bits[$0] } ? "other bits" : nil
    }

    /// The same for bits that were to become `bits & own`.
    public func problem(
        restricted before: UnsafeBufferPointer<UInt64>, _ after: UnsafeMutableBufferPointer<UInt64>
    ) -> String? {
        bits.indices.contains { after[$0] != before[$0] & bits[$0] } ? "other bits" : nil
    }

    /// What is wrong with a list of all matches, ascending; nil if nothing is.
    public func problem(matches found: UnsafeBufferPointer<UInt16>) -> String? {
        found.elementsEqual(slots.map { UInt16($0) }) ? nil : "\(found.count) matches instead of \(count), or others"
    }

    /// What is wrong with a list of matches whose score is at least `need`; nil if nothing is. Others that match may be
    /// in it as well.
    public func problem(
        collected found: UnsafeBufferPointer<UInt16>, _ sums: UnsafePointer<Double>, need: Double
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
            reached += Double(score) >= need ? 1 : 0
        }
        let wanted = scores.count { $0.map { Double($0) >= need } ?? false }
        return reached == wanted ? nil : "\(reached) of \(wanted) candidates reach \(need)"
    }

    /// What candidates become: their scores are added, and those that do not match if they have to, or stay below
    /// `need`, are dropped.
    public func refined(_ candidates: [Candidate], isRequired: Bool, need: Double) -> [Candidate] {
        candidates.compactMap { one in
            let own = scores[one.slot]
            if own == nil, isRequired { return nil }
            let sum = one.score + Double(own ?? 0)
            return sum < need ? nil : Candidate(slot: one.slot, score: sum)
        }
    }

    /// The candidates that match.
    public func filtered(_ candidates: [Candidate]) -> [Candidate] { candidates.filter { scores[$0.slot] != nil } }

    /// The matches whose bits are set, with their scores if `isScored`.
    public func matches(among words: [UInt64], isScored: Bool) -> [Candidate] {
        slots.filter { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
            .map { Candidate(slot: $0, score: isScored ? Double(scores[$0] ?? 0) : 0) }
    }

    /// A document of the window with the score it has so far.
    public struct Candidate: Sendable {
        /// Its place in the window.
        public var slot: Int
        /// Its score.
        public var score: Double
    }

    /// The first difference between a list of candidates and what it should be; nil if there is none.
    public static func difference(
        _ slots: UnsafeBufferPointer<UInt16>, _ scores: UnsafePointer<Double>, from wanted: [Candidate]
    ) -> String? {
        if slots.count != wanted.count { return "\(slots.count) candidates instead of \(wanted.count)" }
        for (i, one) in wanted.enumerated() where Int(slots[i]) != one.slot || scores[i] != one.score {
            return "slot \(slots[i]) with \(scores[i]) instead of \(one)"
        }
        return nil
    }

    /// Candidates of the window with random scores: a share of its documents, of its matches, one, or none.
    public func candidates(using random: inout SplitMix64) -> [Candidate] {
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

    /// Words of bits to begin with: none, the matches, a few, half; none of a document behind the last.
    public func someBits(using random: inout SplitMix64) -> [UInt64] {
        let share = random.below(4)
        return bits.enumerated().map { number, own in
            let word =
                switch share {
                case 0: UInt64(0)
                case 1: own
                case 2: random.next() & random.next() & random.next()
                default: random.next()
                }
            let left = scores.count - number * 64
            return left >= 64 ? word : left <= 0 ? 0 : word & (1 << UInt64(left) - 1)
        }
    }

    /// Scores that may be asked for: anything, just one of the scores, the middle before it, above all.
    public func need(using random: inout SplitMix64) -> Double {
        let some = slots.isEmpty ? 1 : scores[random.pick(slots)] ?? 1
        switch random.below(7) {
        case 0: return -.infinity
        case 1: return 0
        case 2: return Double(some)
        case 3: return (Double(some.nextDown) + Double(some)) / 2
        case 4: return Double(some).nextUp
        case 5: return Double(best ?? 0)
        default: return Double(best ?? 0) * Double(random.below(120)) / 100
        }
    }
}
