import Kernels

// How a term's documents are collected by score: in windows, and, if it is the whole query, block by block.

extension TermStream {
    func collect(_ base: Int, need: Double, into list: CandidateList) {
        list.count = 0
        guard weight != nil else {
            if need <= 0 { matches(base, into: list) }
            return
        }
        enter(base)
        prepareBounds()
        let from = UInt32(truncatingIfNeeded: base)
        let end = end(base)
        let cursor = cursor
        let least = leastFloat(from: need)
        let shortest = shortestCodes(reaching: least)
        while cursor.pointee.first < end {
            let block = cursor.pointee.block
            if bounds[block] >= least {
                if scoredBlock == block || passes > Self.fewPasses || least <= 0 {
                    scoreBlock()
                    collectScored(from, end, least, list)
                } else {
                    collectShort(from, end, least, shortest, list)
                }
            }
            if cursor.pointee.last >= end { break }
            cursor.pointee.open(cursor.pointee.block &+ 1)
        }
    }

    /// Collects from the current block, which has been scored.
    private func collectScored(_ from: UInt32, _ end: UInt32, _ least: Float, _ list: CandidateList) {
        let slots = list.slots
        let sums = list.scores
        let scores = scores
        let documents = cursor.pointee.documents
        var n = list.count
        var seen = 0
        forEachRank(from, end) { slot in
            let score = scores[slot]
            slots[n] = UInt16(truncatingIfNeeded: documents[slot] &- from)
            sums[n] = Double(score)
            n &+= score >= least ? 1 : 0
            seen &+= 1
        }
        note(passed: n &- list.count, of: seen)
        list.count = n
    }

    /// Collects from the current block without scoring all of it: a document that has the term once has to be one of
    /// the shortest, of which there are few; others are scored.
    private func collectShort(
        _ from: UInt32, _ end: UInt32, _ least: Float, _ shortest: UInt16, _ list: CandidateList
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
        // The frequency waits where its score will stand.
        if isOnceEach {
            forEachRank(from, end) { slot in
                let document = documents[slot]
                slots[n] = UInt16(truncatingIfNeeded: document &- from)
                sums[n] = 1
                n &+= UInt16(norms[Int(document)]) < shortest ? 1 : 0
                seen &+= 1
            }
        } else {
            forEachRank(from, end) { slot in
                let document = documents[slot]
                let frequency = frequencies[slot]
                slots[n] = UInt16(truncatingIfNeeded: document &- from)
                sums[n] = Double(frequency)
                n &+= (UInt16(norms[Int(document)]) < shortest ? 1 : 0) | (frequency > 1 ? 1 : 0)
                seen &+= 1
            }
        }
        note(passed: n &- start, of: seen)
        var kept = start
        for i in start..<n {
            let slot = slots[i]
            let score = weight.score(frequency: UInt32(sums[i]), document: Int(from) &+ Int(slot))
            slots[kept] = slot
            sums[kept] = Double(score)
            kept &+= score >= least ? 1 : 0
        }
        list.count = kept
    }

    /// How many length codes, from the shortest on, let a document that has the term once reach a score.
    private func shortestCodes(reaching least: Float) -> UInt16 {
        guard let weight, least > 0 else { return 256 }
        var low = 0
        var high = 256
        while low < high {
            let middle = (low &+ high) / 2
            let score = BM25.score(
                weight: weight.weight, frequency: 1, normInverse: weight.normInverses.values[middle])
            if score >= least { low = middle &+ 1 } else { high = middle }
        }
        return UInt16(low)
    }

    /// Notes how many documents passed; scoring all of a block is quicker when many do.
    @inline(__always)
    private func note(passed: Int, of seen: Int) { passes = seen == 0 ? passes : passed &* 100 / seen }

    /// Per cent of documents that pass, above which whole blocks are scored.
    private static let fewPasses = 30
}

// MARK: - Best hits of one term

extension TermStream {
    /// Offers the term's best documents to `top`, block by block: no window is needed for one term.
    func collectTop(into top: inout TopScores, first: Int, live: LiveDocuments?) {
        guard weight != nil else { return }
        let cursor = cursor
        let blockCount = cursor.pointee.list.blockCount
        // The next window starts over.
        windowBase = .max
        prepareBounds()
        if !top.isFull, let known = bestOfBestBlocks(top.limit, live) { top.raise(to: known) }
        for block in 0..<blockCount where top.mayEnter(bounds[block]) {
            if cursor.pointee.block != block { cursor.pointee.open(block) }
            if cursor.pointee.isAtEnd { break }
            scoreBlock()
            offerBlock(to: &top, first: first, live)
        }
    }

    /// Offers the scored documents of the current block.
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

    /// The `limit`-th best score of the few blocks with the highest bounds: what any hit has to reach. Nil when the
    /// list is too short for that to pay.
    func bestOfBestBlocks(_ limit: Int, _ live: LiveDocuments?) -> Float? {
        let blockCount = cursor.pointee.list.blockCount
        let looked = limit <= 16 ? 8 : 16
        guard weight != nil, blockCount > 2 * looked, limit > 0, limit <= 1000 else { return nil }
        prepareBounds()
        var blocks = TopScores(limit: looked)
        for block in 0..<blockCount { blocks.offer(bounds[block], block) }
        var top = TopScores(limit: limit)
        for block in blocks.takeSorted({ $1 }) {
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
