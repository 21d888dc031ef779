extension TermDictionary {
    /// Calls `body` with the rank of each term of a range and how many documents have it, until it answers false; their
    /// texts are not read. False when the dictionary is damaged.
    func forEachFrequency(in range: Range<Int>, _ body: (Int, _ frequency: Int) -> Bool) -> Bool {
        var rank = range.lowerBound
        while rank < range.upperBound {
            let number = rank / TermDictionaryWriter.blockSize
            var block = TermBlock(self, number)
            let first = number &* TermDictionaryWriter.blockSize
            let end = min(first &+ block.count, range.upperBound)
            if end <= rank { return false }
            while rank < end {
                let info = block.info(rank &- first)
                if block.failed { return false }
                if !body(rank, info.documentFrequency) { return true }
                rank &+= 1
            }
        }
        return true
    }

    /// The terms that most documents have, at most so many; nil when the dictionary is damaged.
    func mostFrequent(_ limit: Int) -> FrequentTerms? {
        var best: [(frequency: Int, rank: Int)] = []
        var least = 0
        func cut() {
            best.sort { $0.frequency != $1.frequency ? $0.frequency > $1.frequency : $0.rank < $1.rank }
            if best.count <= limit { return }
            least = max(least, best[limit].frequency)
            best.removeLast(best.count - limit)
        }
        let isIntact = forEachFrequency(in: 0..<count) { rank, frequency in
            if best.count >= limit, frequency <= least { return true }
            best.append((frequency, rank))
            if best.count >= 4 * limit { cut() }
            return true
        }
        cut()
        let rest = count > best.count ? max(least, 1) : 0
        return isIntact ? FrequentTerms(terms: best, rest: rest) : nil
    }
}

/// The terms of a dictionary that most documents have, the most frequent first.
struct FrequentTerms: Sendable {
    let terms: [(frequency: Int, rank: Int)]
    /// No other term is in more documents than this.
    let rest: Int
}
