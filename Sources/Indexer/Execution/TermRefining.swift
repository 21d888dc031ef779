import Kernels

// How a term adds its scores to candidates that others brought.

extension TermStream {
    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, need: Double) {
        if list.count == 0 { return }
        guard weight != nil else {
            if isRequired { filter(base, list) }
            return list.drop(below: need)
        }
        enter(base)
        prepareBounds()
        let cursor = cursor
        let slots = list.slots
        let scores = list.scores
        let count = list.count
        // Candidates are handled in runs that fall into one block; those that are kept move to the front.
        var kept = 0
        var i = 0
        while i < count {
            let document = UInt32(truncatingIfNeeded: base &+ Int(slots[i]))
            cursor.pointee.seek(document)
            if document < cursor.pointee.first {
                // No block has it.
                let score = scores[i]
                slots[kept] = slots[i]
                scores[kept] = score
                kept &+= isRequired || score < need ? 0 : 1
                i &+= 1
                continue
            }
            let end = Int(cursor.pointee.last) &- base
            var next = i &+ 1
            while next < count, Int(slots[next]) <= end { next &+= 1 }
            kept = refine(base, list, i..<next, to: kept, isRequired, need)
            i = next
        }
        list.count = kept
    }

    /// Refines a run of candidates that fall into the current block; answers how many are kept in all.
    ///
    /// What even the best document of the block cannot make good is not looked up. If many are left, the block's
    /// documents are written down as bits first, which tell quickly who is missing.
    private func refine(
        _ base: Int, _ list: CandidateList, _ run: Range<Int>, to start: Int, _ isRequired: Bool, _ need: Double
    ) -> Int {
        let cursor = cursor
        let least = need - Double(bounds[cursor.pointee.block])
        if cursor.pointee.isBitSet || run.count &* Self.findCost < cursor.pointee.count {
            return add(base, list, run, to: start, isRequired, need: need, least: least, nil)
        }
        var kept = start
        scope.withBits { bits in
            cursor.pointee.decode()
            let documents = cursor.pointee.documents
            let from = UInt32(truncatingIfNeeded: base)
            forEachRank(from, end(base)) { setBit(bits, Int(documents[$0] &- from)) }
            kept = add(base, list, run, to: start, isRequired, need: need, least: least, bits)
        }
        return kept
    }

    /// Adds the scores of a run of candidates; `bits` has those that match, if it is known.
    @inline(__always)
    private func add(
        _ base: Int, _ list: CandidateList, _ run: Range<Int>, to start: Int, _ isRequired: Bool, need: Double,
        least: Double, _ bits: UnsafePointer<UInt64>?
    ) -> Int {
        guard let weight else { return start }
        let cursor = cursor
        let slots = list.slots
        let scores = list.scores
        var kept = start
        for i in run {
            var score = scores[i]
            if score < least { continue }
            let slot = Int(slots[i])
            var isMissing = true
            if bits.map({ hasBit($0, slot) }) ?? true {
                let document = base &+ slot
                let found = cursor.pointee.findInBlock(UInt32(truncatingIfNeeded: document))
                if found >= 0 {
                    isMissing = false
                    score += Double(weight.score(frequency: cursor.pointee.frequency(found), document: document))
                }
            }
            slots[kept] = UInt16(truncatingIfNeeded: slot)
            scores[kept] = score
            kept &+= score < need || isMissing && isRequired ? 0 : 1
        }
        return kept
    }
}
