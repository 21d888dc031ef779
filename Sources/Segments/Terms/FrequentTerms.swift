extension TermDictionary {
    /// Calls `body` with each ordinal of a range and the document frequency of its term, in ascending order, until
    /// `body` returns false. Texts are not read. Returns false if the dictionary is corrupt.
    ///
    /// Complexity: O(terms of the range), plus the terms before it in its first block.
    package func forEachFrequency(in range: Range<Int>, _ body: (Int, _ frequency: Int) -> Bool) -> Bool {
        var ordinal = range.lowerBound
        while ordinal < range.upperBound {
            let blockIndex = ordinal / TermDictionaryWriter.blockSize
            var block = TermBlock(self, blockIndex)
            let first = blockIndex &* TermDictionaryWriter.blockSize
            let end = min(first &+ block.count, range.upperBound)
            if end <= ordinal { return false }
            while ordinal < end {
                let info = block.info(ordinal &- first)
                if block.failed { return false }
                if !body(ordinal, info.documentFrequency) { return true }
                ordinal &+= 1
            }
        }
        return true
    }

    /// Returns the terms with the highest document frequencies, at most `limit` of them; nil if the dictionary is
    /// corrupt.
    ///
    /// Complexity: O(terms); memory for 4 · `limit` terms.
    func mostFrequent(_ limit: Int) -> FrequentTerms? {
        var best: [(frequency: Int, ordinal: Int)] = []
        var threshold = 0
        func truncate() {
            best.sort { $0.frequency != $1.frequency ? $0.frequency > $1.frequency : $0.ordinal < $1.ordinal }
            if best.count <= limit { return }
            threshold = max(threshold, best[limit].frequency)
            best.removeLast(best.count - limit)
        }
        let isIntact = forEachFrequency(in: 0..<count) { ordinal, frequency in
            if best.count >= limit, frequency <= threshold { return true }
            best.append((frequency, ordinal))
            if best.count >= 4 * limit { truncate() }
            return true
        }
        truncate()
        let maxRemaining = count > best.count ? max(threshold, 1) : 0
        return isIntact ? FrequentTerms(terms: best, rest: maxRemaining) : nil
    }
}

/// The terms of a dictionary with the highest document frequencies, the highest first; of equal ones the lower ordinal.
package struct FrequentTerms: Sendable {
    package let terms: [(frequency: Int, ordinal: Int)]
    /// An upper bound of the document frequencies of all other terms; 0 if there are none.
    package let rest: Int
}
