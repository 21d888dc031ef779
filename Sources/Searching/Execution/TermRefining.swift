import Kernels

// Adding the scores of a term to candidates that other clauses produced.

extension TermStream {
    /// Candidates are processed in runs that fall into one block, so a block's bound can reject many of them at once.
    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, minScore: Double) {
        if list.count == 0 { return }
        guard weight != nil else {
            if isRequired { filter(base, list) }
            return list.drop(below: minScore)
        }
        enter(base)
        prepareBounds()
        let cursor = cursor
        let slots = list.slots
        let scores = list.scores
        let count = list.count
        // Candidates that are kept move to the front.
        var kept = 0
        var i = 0
        while i < count {
            let document = UInt32(truncatingIfNeeded: base &+ Int(slots[i]))
            cursor.pointee.seek(document)
            if document < cursor.pointee.first {
                // The document lies between two blocks, so it does not have the term.
                let score = scores[i]
                slots[kept] = slots[i]
                scores[kept] = score
                kept &+= isRequired || score < minScore ? 0 : 1
                i &+= 1
                continue
            }
            let end = Int(cursor.pointee.last) &- base
            var next = i &+ 1
            while next < count, Int(slots[next]) <= end { next &+= 1 }
            kept = refine(base, list, i..<next, to: kept, isRequired, minScore)
            i = next
        }
        list.count = kept
    }

    /// Refines a run of candidates that fall into the current block; returns the number of candidates kept so far.
    ///
    /// Candidates that even the best document of the block could not lift to `minScore` are dropped without a lookup.
    /// If the run is long, the block's documents are first turned into bits, which quickly show which candidates are
    /// missing.
    private func refine(
        _ base: Int, _ list: CandidateList, _ run: Range<Int>, to start: Int, _ isRequired: Bool, _ minScore: Double
    ) -> Int {
        let cursor = cursor
        let threshold = minScore - Double(bounds[cursor.pointee.block])
        if cursor.pointee.isBitSet || run.count &* Self.findCost < cursor.pointee.count {
            return add(base, list, run, to: start, isRequired, minScore: minScore, threshold: threshold, nil)
        }
        return scope.withBits { bits in
            cursor.pointee.decode()
            let documents = cursor.pointee.documents
            let from = UInt32(truncatingIfNeeded: base)
            forEachSlot(from, end(base)) { setBit(bits, Int(documents[$0] &- from)) }
            return add(base, list, run, to: start, isRequired, minScore: minScore, threshold: threshold, bits)
        }
    }

    /// Adds the scores of a run of candidates; returns the number of candidates kept so far.
    ///
    /// `bits` has the documents of the window that match, nil if that is not known. Candidates with a score below
    /// `threshold` are dropped.
    @inline(__always)
    private func add(
        _ base: Int, _ list: CandidateList, _ run: Range<Int>, to start: Int, _ isRequired: Bool, minScore: Double,
        threshold: Double, _ bits: UnsafePointer<UInt64>?
    ) -> Int {
        guard let weight else { return start }
        let cursor = cursor
        let slots = list.slots
        let scores = list.scores
        var kept = start
        for i in run {
            var score = scores[i]
            if score < threshold { continue }
            let slot = Int(slots[i])
            var isMissing = true
            if bits.map({ hasBit($0, slot) }) ?? true {
                let document = base &+ slot
                let matchSlot = cursor.pointee.findInBlock(UInt32(truncatingIfNeeded: document))
                if matchSlot >= 0 {
                    isMissing = false
                    score += Double(weight.score(frequency: cursor.pointee.frequency(matchSlot), document: document))
                }
            }
            slots[kept] = UInt16(truncatingIfNeeded: slot)
            scores[kept] = score
            kept &+= score < minScore || isMissing && isRequired ? 0 : 1
        }
        return kept
    }
}
