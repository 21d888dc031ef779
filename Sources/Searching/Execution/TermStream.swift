import Kernels
import Segments

/// A stream of the documents of a term in one field.
///
/// The postings list consists of blocks of 256 documents, each with impacts that bound its scores. Dense blocks are bit
/// sets, which are combined without decoding; others are decoded when a document in them is needed. Collecting and
/// refining by score are in `TermCollecting.swift` and `TermRefining.swift`.
final class TermStream: DocumentStream {
    let scope: SegmentScope
    let cost: Int
    /// The index of the field that the postings list belongs to.
    let field: Int
    /// The cursor over the postings list; the scope owns it.
    let cursor: UnsafeMutablePointer<PostingsCursor>
    /// The weight of the term, or of the phrase it belongs to; nil if the stream only matches.
    let weight: TermWeight?
    /// The average number of postings per window.
    var density: Int { cost &* scope.windowSize / max(scope.documents, 1) }
    /// The score bound of each block, valid if `hasBounds`. They follow from the impacts; the only block of a short
    /// list, which has none, is scored to find its bound.
    let bounds: UnsafeMutablePointer<Float>
    var hasBounds = false
    /// The scores of the documents of `scoredBlock`, by slot.
    let scores: UnsafeMutablePointer<Float>
    var scoredBlock = -2
    /// The percentage of the documents examined last that passed the threshold.
    var passes = 0
    /// The window that was entered last, and the first block that reaches into it.
    var windowBase = -1
    var windowBlock = 0

    /// A stream over a postings list of a field; without `weight` it only matches. `positions` is needed for phrases.
    init(_ list: PostingsList, field: Int, weight: TermWeight?, scope: SegmentScope, positions: Bool = false) {
        self.scope = scope
        self.field = field
        self.weight = weight
        cost = list.info.documentFrequency
        let memory = scope.streamMemory(list, field: field, positions: positions)
        cursor = memory.cursor
        scores = memory.scores
        bounds = memory.bounds(list.blockCount)
    }

    /// Moves the cursor to the first block that reaches into a window. Windows may be entered in any order; going back
    /// restarts the list.
    @inline(__always)
    func enter(_ base: Int) {
        if base == windowBase {
            if cursor.pointee.block != windowBlock { cursor.pointee.open(windowBlock) }
            return
        }
        if base < windowBase { cursor.pointee.open(0) }
        cursor.pointee.seek(UInt32(truncatingIfNeeded: base))
        windowBase = base
        windowBlock = cursor.pointee.block
    }

    /// The end of a window: the first document after it.
    @inline(__always)
    func end(_ base: Int) -> UInt32 { UInt32(truncatingIfNeeded: min(base &+ scope.windowSize, 0xFFFF_FFFF)) }

    func nextWindow(from base: Int) -> Int? {
        enter(base)
        let cursor = cursor
        if cursor.pointee.isAtEnd { return nil }
        if Int(cursor.pointee.first) >= base { return scope.window(of: cursor.pointee.first) }
        // Blocks of frequent terms reach into every window; blocks of other terms are decoded to find out.
        if cursor.pointee.isBitSet || density >= 64 { return base }
        cursor.pointee.decode()
        if cursor.pointee.isAtEnd { return nil }
        let index = cursor.pointee.lowerBound(of: UInt32(truncatingIfNeeded: base))
        return scope.window(of: cursor.pointee.documents[cursor.pointee.slot(index)])
    }

    // MARK: Matching

    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) {
        enter(base)
        let end = end(base)
        let from = UInt32(truncatingIfNeeded: base)
        let cursor = cursor
        while cursor.pointee.first < end {
            if cursor.pointee.isBitSet {
                cursor.pointee.uniteBitSet(from, end, bits)
            } else {
                cursor.pointee.decode()
                if cursor.pointee.isInLanes, cursor.pointee.first >= from, cursor.pointee.last < end {
                    setBits256(bits, cursor.pointee.documents, base: from)
                } else {
                    forEachSlot(from, end) { setBit(bits, Int(cursor.pointee.documents[$0] &- from)) }
                }
            }
            if cursor.pointee.last >= end { return }
            cursor.pointee.open(cursor.pointee.block &+ 1)
        }
    }

    /// Calls `body` with the slots of the documents of the current, decoded block in `from ..< end`, in ascending order
    /// of documents.
    @inline(__always)
    func forEachSlot(_ from: UInt32, _ end: UInt32, _ body: (Int) -> Void) {
        let cursor = cursor
        let low = cursor.pointee.first >= from ? 0 : cursor.pointee.lowerBound(of: from)
        let high = cursor.pointee.last < end ? cursor.pointee.count : cursor.pointee.lowerBound(of: end)
        if cursor.pointee.isInLanes {
            LaneBlock.forEachSlot(from: low, to: high, body)
        } else {
            var index = low
            while index < high {
                body(index)
                index &+= 1
            }
        }
    }

    func restrict(_ base: Int, _ bits: UnsafeMutablePointer<UInt64>) {
        let words = scope.words
        if hasAtLeast(density / Self.findCost, bits, words: words) {
            return scope.withBits { matched in
                match(base, into: matched)
                _ = intersectBits(bits, matched, words: words)
            }
        }
        enter(base)
        let cursor = cursor
        for i in 0..<words {
            var word = bits[i]
            var kept = word
            while word != 0 {
                let slot = i &* 64 &+ word.trailingZeroBitCount
                let lowest = word & (0 &- word)
                if cursor.pointee.find(UInt32(truncatingIfNeeded: base &+ slot)) < 0 { kept &= ~lowest }
                word ^= lowest
            }
            bits[i] = kept
        }
    }

    /// True if matching that many candidates by the bits of a whole window is faster than looking each of them up.
    func prefersBits(for candidates: Int) -> Bool { candidates &* Self.findCost >= density }

    /// True if so many documents match that most blocks are bit sets, or nearly.
    var isDense: Bool { cost &* 16 >= scope.documents }

    /// The cost of looking up one document in a block, relative to that of setting the bit of one posting.
    static let findCost = 12

    func matches(_ base: Int, into list: CandidateList) {
        list.count = 0
        enter(base)
        let from = UInt32(truncatingIfNeeded: base)
        let end = end(base)
        let cursor = cursor
        let slots = list.slots
        let sums = list.scores
        var n = 0
        while cursor.pointee.first < end {
            cursor.pointee.decode()
            let documents = cursor.pointee.documents
            forEachSlot(from, end) { slot in
                slots[n] = UInt16(truncatingIfNeeded: documents[slot] &- from)
                sums[n] = 0
                n &+= 1
            }
            if cursor.pointee.last >= end { break }
            cursor.pointee.open(cursor.pointee.block &+ 1)
        }
        list.count = n
    }

    func matches(_ base: Int, among bits: UnsafePointer<UInt64>, isScored: Bool, into list: CandidateList) {
        if isDense {
            scope.withBits { matched in
                match(base, into: matched)
                _ = intersectBits(matched, bits, words: scope.words)
                list.fill(from: matched, words: scope.words)
            }
            if isScored { refine(base, list, isRequired: true, minScore: -.infinity) }
            return
        }
        list.count = 0
        enter(base)
        let from = UInt32(truncatingIfNeeded: base)
        let end = end(base)
        let cursor = cursor
        let slots = list.slots
        var n = 0
        while cursor.pointee.first < end {
            cursor.pointee.decode()
            let documents = cursor.pointee.documents
            let start = n
            if isScored, let weight {
                // The slot in the block is stored where the score will replace it.
                let sums = list.scores
                forEachSlot(from, end) { slot in
                    let offset = Int(documents[slot] &- from)
                    slots[n] = UInt16(truncatingIfNeeded: offset)
                    sums[n] = Double(slot)
                    n &+= hasBit(bits, offset) ? 1 : 0
                }
                for i in start..<n {
                    let frequency = cursor.pointee.frequency(Int(sums[i]))
                    sums[i] = Double(weight.score(frequency: frequency, document: base &+ Int(slots[i])))
                }
            } else {
                forEachSlot(from, end) { slot in
                    let offset = Int(documents[slot] &- from)
                    slots[n] = UInt16(truncatingIfNeeded: offset)
                    n &+= hasBit(bits, offset) ? 1 : 0
                }
                (list.scores + start).update(repeating: 0, count: n &- start)
            }
            if cursor.pointee.last >= end { break }
            cursor.pointee.open(cursor.pointee.block &+ 1)
        }
        list.count = n
    }

    func filter(_ base: Int, _ list: CandidateList) {
        if list.count == 0 { return }
        if list.count &* Self.findCost >= density {
            return scope.withBits { matched in
                match(base, into: matched)
                list.keep(matched, words: scope.words)
            }
        }
        enter(base)
        let cursor = cursor
        let slots = list.slots
        var kept = 0
        for i in 0..<list.count {
            let slot = slots[i]
            slots[kept] = slot
            list.scores[kept] = list.scores[i]
            kept &+= cursor.pointee.find(UInt32(truncatingIfNeeded: base &+ Int(slot))) >= 0 ? 1 : 0
        }
        list.count = kept
    }

    var widestWindow: Int { SegmentScope.widestWindow }

    // MARK: Scoring

    func bound(_ base: Int) -> Double {
        enter(base)
        let end = end(base)
        let cursor = cursor
        if cursor.pointee.first >= end { return -1 }
        guard weight != nil else { return 0 }
        prepareBounds()
        let list = cursor.pointee.list
        var block = windowBlock
        var best: Float = 0
        while true {
            best = max(best, bounds[block])
            if block &+ 1 >= list.blockCount || list.lastDocument(block) >= end &- 1 { return Double(best) }
            block &+= 1
        }
    }

    /// Computes the bounds of all blocks, once. Complexity: O(blocks).
    @inline(__always)
    func prepareBounds() {
        if !hasBounds { computeBounds() }
    }

    private func computeBounds() {
        hasBounds = true
        guard let weight else { return }
        let list = cursor.pointee.list
        if let impacts = list.impacts { return weight.bounds(impacts, blocks: list.blockCount, into: bounds) }
        if cursor.pointee.block != 0 { cursor.pointee.open(0) }
        bounds[0] = weight.weight
        if cursor.pointee.isAtEnd { return }
        scoreBlock()
        var best: Float = 0
        for slot in 0..<cursor.pointee.count { best = max(best, scores[slot]) }
        bounds[0] = best
    }

    /// Decodes the current block and computes the scores of its documents, unless they are those computed last.
    @inline(__always)
    func scoreBlock() {
        if scoredBlock == cursor.pointee.block { return cursor.pointee.decode() }
        computeScores()
    }

    /// Computes the scores of the current block in rows of eight; the last row is padded with frequencies of 0.
    func computeScores() {
        guard let weight else { return }
        scoredBlock = cursor.pointee.block
        cursor.pointee.decode()
        cursor.pointee.decodeFrequencies()
        let count = cursor.pointee.count
        let rows = (count &+ 7) / 8
        for slot in count..<(rows * 8) {
            cursor.pointee.documents[slot] = cursor.pointee.documents[0]
            cursor.pointee.frequencies[slot] = 0
        }
        weight.score(cursor.pointee.documents, cursor.pointee.frequencies, rows: rows, into: scores)
    }
}
