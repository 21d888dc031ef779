import Segments

// Collecting the documents of a term by score: in windows and, if the term is the whole query, block by block.

extension TermStream {
    /// Blocks whose bound is below `minScore` are skipped. A block of which many documents pass is scored as a whole,
    /// with vector instructions; of other blocks only the documents that can pass are scored.
    func collect(_ base: Int, minScore: Double, into list: CandidateList) {
        list.count = 0
        guard weight != nil else {
            if minScore <= 0 { matches(base, into: list) }
            return
        }
        enter(base)
        prepareBounds()
        let from = UInt32(truncatingIfNeeded: base)
        let end = end(base)
        let cursor = cursor
        let minimum = minFloat(from: minScore)
        let shortCodes = shortCodeCount(reaching: minimum)
        while cursor.pointee.first < end {
            let block = cursor.pointee.block
            if bounds[block] >= minimum {
                if scoredBlock == block || passes > Self.fewPasses || minimum <= 0 {
                    scoreBlock()
                    collectScored(from, end, minimum, list)
                } else {
                    collectShort(from, end, minimum, shortCodes, list)
                }
            }
            if cursor.pointee.last >= end { break }
            cursor.pointee.open(cursor.pointee.block &+ 1)
        }
    }

    /// Collects the documents of the current block, which has been scored, in `from ..< end` with at least a score.
    private func collectScored(_ from: UInt32, _ end: UInt32, _ minimum: Float, _ list: CandidateList) {
        let slots = list.slots
        let sums = list.scores
        let scores = scores
        let documents = cursor.pointee.documents
        var n = list.count
        var seen = 0
        forEachSlot(from, end) { slot in
            let score = scores[slot]
            slots[n] = UInt16(truncatingIfNeeded: documents[slot] &- from)
            sums[n] = Double(score)
            n &+= score >= minimum ? 1 : 0
            seen &+= 1
        }
        recordPasses(passed: n &- list.count, of: seen)
        list.count = n
    }

    /// Collects documents of the current block without scoring all of it: a document that has the term once can pass
    /// only if its norm code is below `shortCodes`, which few are; only those and documents with higher frequencies are
    /// scored.
    private func collectShort(
        _ from: UInt32, _ end: UInt32, _ minimum: Float, _ shortCodes: UInt16, _ list: CandidateList
    ) {
        guard let weight else { return }
        cursor.pointee.decode()
        let isOnceEach = cursor.pointee.isOnceEach
        if !isOnceEach { cursor.pointee.decodeFrequencies() }
        let slots = list.slots
        let sums = list.scores
        let norms = weight.norms
        let documents = cursor.pointee.documents
        let frequencies = cursor.pointee.frequencies
        let start = list.count
        var n = start
        var seen = 0
        // The frequency is stored in the slot of the score that will replace it.
        if isOnceEach {
            forEachSlot(from, end) { slot in
                let document = documents[slot]
                slots[n] = UInt16(truncatingIfNeeded: document &- from)
                sums[n] = 1
                n &+= UInt16(norms[Int(document)]) < shortCodes ? 1 : 0
                seen &+= 1
            }
        } else {
            forEachSlot(from, end) { slot in
                let document = documents[slot]
                let frequency = frequencies[slot]
                slots[n] = UInt16(truncatingIfNeeded: document &- from)
                sums[n] = Double(frequency)
                n &+= (UInt16(norms[Int(document)]) < shortCodes ? 1 : 0) | (frequency > 1 ? 1 : 0)
                seen &+= 1
            }
        }
        recordPasses(passed: n &- start, of: seen)
        var kept = start
        for i in start..<n {
            let slot = slots[i]
            let score = weight.score(frequency: UInt32(sums[i]), document: Int(from) &+ Int(slot))
            slots[kept] = slot
            sums[kept] = Double(score)
            kept &+= score >= minimum ? 1 : 0
        }
        list.count = kept
    }

    /// The number of norm codes, from that of the shortest length on, with which a document that has the term once
    /// reaches a score. Complexity: O(log codes), because scores fall with the length.
    private func shortCodeCount(reaching minimum: Float) -> UInt16 {
        guard let weight, minimum > 0 else { return 256 }
        var low = 0
        var high = 256
        while low < high {
            let middle = (low &+ high) / 2
            let score = BM25.score(weight: weight.weight, frequency: 1, normInverse: weight.normInverses.values[middle])
            if score >= minimum { low = middle &+ 1 } else { high = middle }
        }
        return UInt16(low)
    }

    /// Records the share of examined documents that passed; if it is high, scoring whole blocks is faster.
    @inline(__always)
    private func recordPasses(passed: Int, of seen: Int) { passes = seen == 0 ? passes : passed &* 100 / seen }

    /// The percentage of documents that pass above which whole blocks are scored.
    private static let fewPasses = 30
}

// MARK: - Best hits of one term

extension TermStream {
    /// Offers the documents of the term that can be among the best hits to `top`, block by block; a single term needs
    /// no windows. `first` is added to each document id.
    ///
    /// Complexity: O(blocks) for the bounds, and O(256) per block that can contain a hit.
    func collectTop(into top: inout TopScores, first: Int, live: LiveDocuments?) {
        guard weight != nil else { return }
        let cursor = cursor
        let blockCount = cursor.pointee.list.blockCount
        // The cursor leaves its window, so the next one must be entered anew.
        windowBase = .max
        prepareBounds()
        if !top.isFull, let score = minTopScore(top.limit, live) { top.raise(to: score) }
        for block in 0..<blockCount where top.mayEnter(bounds[block]) {
            if cursor.pointee.block != block { cursor.pointee.open(block) }
            if cursor.pointee.isAtEnd { break }
            scoreBlock()
            offerBlock(to: &top, first: first, live)
        }
    }

    /// Offers the live documents of the current block, which has been scored.
    @inline(__always)
    private func offerBlock(to top: inout TopScores, first: Int, _ live: LiveDocuments?) {
        let documents = cursor.pointee.documents
        guard let live else { return top.offer(scores, documents, count: cursor.pointee.count, first: first) }
        for slot in 0..<cursor.pointee.count where scores[slot] >= top.least {
            let document = Int(documents[slot])
            if live.contains(document) { top.offer(scores[slot], first &+ document) }
        }
        top.settleIfWorthwhile()
    }

    /// A lower bound of the score that a hit must reach to be among the `limit` best: the `limit`-th best score in the
    /// few blocks with the highest bounds. Nil if these have fewer hits, or if the list is too short for the effort to
    /// pay.
    ///
    /// Raising the threshold early saves most of the work on blocks that come before the best ones.
    func minTopScore(_ limit: Int, _ live: LiveDocuments?) -> Float? {
        let blockCount = cursor.pointee.list.blockCount
        let sampledBlocks = limit <= 16 ? 8 : 16
        guard weight != nil, blockCount > 2 * sampledBlocks, limit > 0, limit <= 1000 else { return nil }
        prepareBounds()
        var bestBlocks = TopScores(limit: sampledBlocks)
        for block in 0..<blockCount { bestBlocks.offer(bounds[block], block) }
        var top = TopScores(limit: limit)
        for block in bestBlocks.takeSorted({ $1 }) {
            cursor.pointee.open(block)
            if cursor.pointee.isAtEnd { return nil }
            scoreBlock()
            offerBlock(to: &top, first: 0, live)
        }
        windowBase = .max
        top.settle()
        return top.isFull ? top.least : nil
    }
}
