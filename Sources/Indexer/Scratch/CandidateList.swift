import Kernels

/// Documents of a window with their scores so far, ascending.
final class CandidateList {
    /// Documents, from the start of the window.
    let slots: UnsafeMutablePointer<UInt16>
    let scores: UnsafeMutablePointer<Double>
    var count = 0

    init(_ windowSize: Int) {
        slots = .allocate(capacity: windowSize)
        scores = .allocate(capacity: windowSize)
    }

    deinit {
        slots.deallocate()
        scores.deallocate()
    }

    @inline(__always)
    func append(_ slot: Int, _ score: Double) {
        slots[count] = UInt16(truncatingIfNeeded: slot)
        scores[count] = score
        count &+= 1
    }

    /// Drops the candidates whose score is below `need`.
    func drop(below need: Double) {
        if need == -.infinity { return }
        let slots = slots
        let scores = scores
        var kept = 0
        for i in 0..<count {
            let score = scores[i]
            slots[kept] = slots[i]
            scores[kept] = score
            kept &+= score >= need ? 1 : 0
        }
        count = kept
    }

    /// Keeps, or drops, the candidates whose bit is set.
    func keep(_ bits: UnsafePointer<UInt64>, words: Int, set wanted: Bool = true) {
        let slots = slots
        let scores = scores
        var kept = 0
        for i in 0..<count {
            let slot = slots[i]
            slots[kept] = slot
            scores[kept] = scores[i]
            kept &+= hasBit(bits, Int(slot)) == wanted ? 1 : 0
        }
        count = kept
    }

    /// Sets the candidates' bits.
    func setBits(_ bits: UnsafeMutablePointer<UInt64>) {
        for i in 0..<count { setBit(bits, Int(slots[i])) }
    }

    /// Adds the scores of `others`, which are among the candidates; drops the rest if `isRequired`.
    func add(_ others: CandidateList, isRequired: Bool) {
        var j = 0
        var kept = 0
        for i in 0..<count {
            let isThere = j < others.count && slots[i] == others.slots[j]
            slots[kept] = slots[i]
            scores[kept] = scores[i] + (isThere ? others.scores[j] : 0)
            j &+= isThere ? 1 : 0
            kept &+= isThere || !isRequired ? 1 : 0
        }
        count = kept
    }

    /// Takes the set bits as candidates without a score.
    func take(_ bits: UnsafePointer<UInt64>, words: Int) {
        count = 0
        forEachBit(bits, words: words) { append($0, 0) }
    }

    /// Adds the scores to the documents' sums and sets their bits.
    func add(to sums: UnsafeMutablePointer<Double>, _ bits: UnsafeMutablePointer<UInt64>) {
        let slots = slots
        let scores = scores
        for i in 0..<count {
            let slot = Int(slots[i])
            sums[slot] += scores[i]
            setBit(bits, slot)
        }
    }

    /// Takes the documents of two lists whose scores together are at least `least`, without asking the processor to
    /// guess which comes next.
    func merge(_ a: CandidateList, _ b: CandidateList, least: Double) {
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
            kept &+= sum >= least ? 1 : 0
        }
        count = kept
        append(a, from: i, least: least)
        append(b, from: j, least: least)
    }

    /// Appends the candidates of another list from a place on whose scores are at least `least`.
    private func append(_ others: CandidateList, from start: Int, least: Double) {
        var kept = count
        for i in start..<others.count {
            let score = others.scores[i]
            slots[kept] = others.slots[i]
            scores[kept] = score
            kept &+= score >= least ? 1 : 0
        }
        count = kept
    }

    /// Takes the documents whose bits are set and whose sum is at least `least`; clears the sums.
    func take(_ sums: UnsafeMutablePointer<Double>, _ bits: UnsafePointer<UInt64>, words: Int, least: Double) {
        let slots = slots
        let scores = scores
        var n = 0
        forEachBit(bits, words: words) { slot in
            let sum = sums[slot]
            sums[slot] = 0
            slots[n] = UInt16(truncatingIfNeeded: slot)
            scores[n] = sum
            n &+= sum >= least ? 1 : 0
        }
        count = n
    }

    /// Rounds the scores to what one score is: a 32-bit float.
    func round() {
        for i in 0..<count { scores[i] = Double(Float(scores[i])) }
    }
}
