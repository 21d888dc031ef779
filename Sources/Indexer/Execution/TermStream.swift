import Kernels

/// The documents of a term.
final class TermStream: DocumentStream {
    let scope: SegmentScope
    let cost: Int
    let cursor: UnsafeMutablePointer<PostingsCursor>
    let weight: TermWeight?
    /// Postings in a window, on average.
    var density: Int { cost &* scope.windowSize / max(scope.documents, 1) }
    // Bounds of the blocks of a list that has several; the one block of another is scored to know its bound.
    let bounds: UnsafeMutablePointer<Float>
    var hasBounds = false
    // Scores of one block, by slot.
    let scores: UnsafeMutablePointer<Float>
    var scoredBlock = -2
    /// Per cent of the documents that were looked at last and passed.
    var passes = 0
    // The window that was entered last, and the first block that reaches it.
    var windowBase = -1
    var windowBlock = 0

    /// A stream without `weight` only matches.
    init(_ list: PostingsList, weight: TermWeight?, scope: SegmentScope, positions: Bool = false) {
        self.scope = scope
        self.weight = weight
        cost = list.info.documentFrequency
        let memory = scope.streamMemory(list, positions: positions)
        cursor = memory.cursor
        scores = memory.scores
        bounds = memory.bounds(list.blockCount)
    }

    /// Brings the cursor to the first block that reaches a window.
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

    /// One behind the last document of a window.
    @inline(__always)
    func end(_ base: Int) -> UInt32 { UInt32(truncatingIfNeeded: min(base &+ scope.windowSize, 0xFFFF_FFFF)) }

    func nextWindow(from base: Int) -> Int? {
        enter(base)
        let cursor = cursor
        if cursor.pointee.isAtEnd { return nil }
        if Int(cursor.pointee.first) >= base { return scope.window(of: cursor.pointee.first) }
        // Blocks of frequent terms reach into every window; those of others are looked into.
        if cursor.pointee.isBitSet || density >= 64 { return base }
        cursor.pointee.decode()
        if cursor.pointee.isAtEnd { return nil }
        let rank = cursor.pointee.rank(of: UInt32(truncatingIfNeeded: base))
        return scope.window(of: cursor.pointee.documents[cursor.pointee.slot(rank)])
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
                    forEachRank(from, end) { setBit(bits, Int(cursor.pointee.documents[$0] &- from)) }
                }
            }
            if cursor.pointee.last >= end { return }
            cursor.pointee.open(cursor.pointee.block &+ 1)
        }
    }

    /// Calls `body` with the slots of the current, decoded block's documents in `from ..< end`, in their order.
    @inline(__always)
    func forEachRank(_ from: UInt32, _ end: UInt32, _ body: (Int) -> Void) {
        let cursor = cursor
        let low = cursor.pointee.first >= from ? 0 : cursor.pointee.rank(of: from)
        let high = cursor.pointee.last < end ? cursor.pointee.count : cursor.pointee.rank(of: end)
        if cursor.pointee.isInLanes {
            LaneBlock.forEachSlot(from: low, to: high, body)
        } else {
            var rank = low
            while rank < high {
                body(rank)
                rank &+= 1
            }
        }
    }

    func restrict(_ base: Int, _ bits: UnsafeMutablePointer<UInt64>) {
        let words = scope.words
        if hasAtLeast(density / Self.findCost, bits, words: words) {
            return scope.withBits { own in
                match(base, into: own)
                _ = intersectBits(bits, own, words: words)
            }
        }
        enter(base)
        let cursor = cursor
        for i in 0..<words {
            var word = bits[i]
            var left = word
            while word != 0 {
                let slot = i &* 64 &+ word.trailingZeroBitCount
                let lowest = word & (0 &- word)
                if cursor.pointee.find(UInt32(truncatingIfNeeded: base &+ slot)) < 0 { left &= ~lowest }
                word ^= lowest
            }
            bits[i] = left
        }
    }

    /// Whether so many candidates are told by the window's bits much more quickly than by finding each.
    func prefersBits(for candidates: Int) -> Bool { candidates &* Self.findCost >= density }

    /// Whether so many documents match that most blocks are bit sets, or nearly.
    var isDense: Bool { cost &* 16 >= scope.documents }

    /// Setting the bit of a posting costs about one; finding a document in a block about this many.
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
            forEachRank(from, end) { slot in
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
            scope.withBits { own in
                match(base, into: own)
                _ = intersectBits(own, bits, words: scope.words)
                list.take(own, words: scope.words)
            }
            if isScored { refine(base, list, isRequired: true, need: -.infinity) }
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
                // The slot in the block waits where its score will stand.
                let sums = list.scores
                forEachRank(from, end) { slot in
                    let place = Int(documents[slot] &- from)
                    slots[n] = UInt16(truncatingIfNeeded: place)
                    sums[n] = Double(slot)
                    n &+= hasBit(bits, place) ? 1 : 0
                }
                for i in start..<n {
                    let frequency = cursor.pointee.frequency(Int(sums[i]))
                    sums[i] = Double(weight.score(frequency: frequency, document: base &+ Int(slots[i])))
                }
            } else {
                forEachRank(from, end) { slot in
                    let place = Int(documents[slot] &- from)
                    slots[n] = UInt16(truncatingIfNeeded: place)
                    n &+= hasBit(bits, place) ? 1 : 0
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
            return scope.withBits { own in
                match(base, into: own)
                list.keep(own, words: scope.words)
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

    /// Computes the bounds of all blocks, once.
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

    /// Scores the current block.
    @inline(__always)
    func scoreBlock() {
        if scoredBlock == cursor.pointee.block { return cursor.pointee.decode() }
        computeScores()
    }

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
