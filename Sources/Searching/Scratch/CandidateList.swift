import Kernels

/// The candidates of one window: documents in ascending order with the scores they have so far.
///
/// The list holds up to one candidate per document of the window; `append` does not check that. Operations never
/// allocate. Not thread-safe: a list belongs to one search at a time.
final class CandidateList {
    /// The documents, relative to the start of the window; ascending and distinct.
    let slots: UnsafeMutablePointer<UInt16>
    /// The score of each candidate, aligned with `slots`: a sum in double precision until `round` is called.
    let scores: UnsafeMutablePointer<Double>
    /// The number of candidates.
    var count = 0

    /// An empty list with room for the `windowSize` documents of a window, at most 65,536.
    init(_ windowSize: Int) {
        slots = .allocate(capacity: windowSize)
        scores = .allocate(capacity: windowSize)
    }

    deinit {
        slots.deallocate()
        scores.deallocate()
    }

    /// Appends a candidate; `slot` must be greater than the last one.
    @inline(__always)
    func append(_ slot: Int, _ score: Double) {
        slots[count] = UInt16(truncatingIfNeeded: slot)
        scores[count] = score
        count &+= 1
    }

    /// Replaces the list with the documents of another one, with the score `score`.
    func fill(from others: CandidateList, score: Double = 0) {
        slots.update(from: others.slots, count: others.count)
        scores.update(repeating: score, count: others.count)
        count = others.count
    }

    /// Drops the candidates whose score is below `minScore`. Complexity: O(count).
    func drop(below minScore: Double) {
        if minScore == -.infinity { return }
        let slots = slots
        let scores = scores
        var kept = 0
        for i in 0..<count {
            let score = scores[i]
            slots[kept] = slots[i]
            scores[kept] = score
            kept &+= score >= minScore ? 1 : 0
        }
        count = kept
    }

    /// Keeps the candidates whose bit is set, or with `isSet` false those whose bit is not. Complexity: O(count).
    func keep(_ bits: UnsafePointer<UInt64>, words: Int, where isSet: Bool = true) {
        let slots = slots
        let scores = scores
        var kept = 0
        for i in 0..<count {
            let slot = slots[i]
            slots[kept] = slot
            scores[kept] = scores[i]
            kept &+= hasBit(bits, Int(slot)) == isSet ? 1 : 0
        }
        count = kept
    }

    /// Sets the bits of the candidates; other bits keep their value.
    func setBits(_ bits: UnsafeMutablePointer<UInt64>) {
        for i in 0..<count { setBit(bits, Int(slots[i])) }
    }

    /// Adds the scores of `others`, which must be a subset of the candidates; drops the remaining candidates if
    /// `isRequired`.
    ///
    /// Complexity: O(count).
    func add(_ others: CandidateList, isRequired: Bool) {
        var j = 0
        var kept = 0
        for i in 0..<count {
            let isMatch = j < others.count && slots[i] == others.slots[j]
            slots[kept] = slots[i]
            scores[kept] = scores[i] + (isMatch ? others.scores[j] : 0)
            j &+= isMatch ? 1 : 0
            kept &+= isMatch || !isRequired ? 1 : 0
        }
        count = kept
    }

    /// Replaces the list with the documents whose bits are set, in ascending order and with the score 0.
    ///
    /// Complexity: O(words + set bits).
    func fill(from bits: UnsafePointer<UInt64>, words: Int) {
        count = 0
        forEachBit(bits, words: words) { append($0, 0) }
    }

    /// Adds each candidate's score to `sums` at its slot and sets its bit.
    func add(to sums: UnsafeMutablePointer<Double>, _ bits: UnsafeMutablePointer<UInt64>) {
        let slots = slots
        let scores = scores
        for i in 0..<count {
            let slot = Int(slots[i])
            sums[slot] += scores[i]
            setBit(bits, slot)
        }
    }

    /// Replaces the list with the union of two others: a document's score is the sum of its scores there, and it is
    /// kept if that is at least `minScore`.
    ///
    /// The loop is free of branches that the processor would have to predict. Complexity: O(a.count + b.count).
    func merge(_ a: CandidateList, _ b: CandidateList, minScore: Double) {
        let slots = slots
        let scores = scores
        var (i, j, kept) = (0, 0, 0)
        while i < a.count, j < b.count {
            let (first, second) = (a.slots[i], b.slots[j])
            let isFirst: UInt64 = first <= second ? 1 : 0
            let isSecond: UInt64 = second <= first ? 1 : 0
            let sum =
                Double(bitPattern: a.scores[i].bitPattern & (0 &- isFirst))
                + Double(bitPattern: b.scores[j].bitPattern & (0 &- isSecond))
            slots[kept] = min(first, second)
            scores[kept] = sum
            i &+= Int(truncatingIfNeeded: isFirst)
            j &+= Int(truncatingIfNeeded: isSecond)
            kept &+= sum >= minScore ? 1 : 0
        }
        count = kept
        append(a, from: i, minScore: minScore)
        append(b, from: j, minScore: minScore)
    }

    /// Appends the candidates of another list from the index `start` on whose scores are at least `minScore`.
    private func append(_ others: CandidateList, from start: Int, minScore: Double) {
        var kept = count
        for i in start..<others.count {
            let score = others.scores[i]
            slots[kept] = others.slots[i]
            scores[kept] = score
            kept &+= score >= minScore ? 1 : 0
        }
        count = kept
    }

    /// Replaces the list with the documents whose bits are set and whose sum is at least `minScore`, in ascending
    /// order.
    ///
    /// The sums of all set bits are reset to 0, as `SegmentScope.withSums` demands.
    func fill(from sums: UnsafeMutablePointer<Double>, _ bits: UnsafePointer<UInt64>, words: Int, minScore: Double) {
        let slots = slots
        let scores = scores
        var kept = 0
        forEachBit(bits, words: words) { slot in
            let sum = sums[slot]
            sums[slot] = 0
            slots[kept] = UInt16(truncatingIfNeeded: slot)
            scores[kept] = sum
            kept &+= sum >= minScore ? 1 : 0
        }
        count = kept
    }

    /// Rounds the scores to the precision of a final score, a 32-bit float.
    func round() {
        for i in 0..<count { scores[i] = Double(Float(scores[i])) }
    }
}
