import Kernels

/// How often the values of a keyword field stand in the documents of a segment that match, by rank.
///
/// When most documents match, those that do not are counted, and taken off what the dictionary says of all. So a facet
/// costs no more than half of the documents, and next to nothing where all match.
final class CountedSegment {
    private let segment: SegmentReader
    private let field: Int
    private let terms: TermDictionary?
    /// What was counted: of the documents that match, or of the others.
    private var counts: RankCounts
    private let isInverted: Bool
    /// What was counted of the values that may be listed.
    private(set) var sum: Int
    /// The ranks of the values that may be listed.
    private var range: Range<Int>

    /// Counts the documents whose bits are set, `matched` of them.
    init(
        _ segment: SegmentReader, _ field: Int, _ bits: UnsafePointer<UInt64>, matched: Int, _ scratch: Scratch
    ) throws(IndexError) {
        self.segment = segment
        self.field = field
        let column = try segment.ordinals(field)
        terms = try segment.terms(field)
        counts = RankCounts(ranks: terms?.count ?? 0, scratch.run())
        range = 0..<counts.count
        isInverted = matched > segment.documents / 2
        let words = (segment.documents + 63) / 64
        if isInverted {
            let others = MatchBits(segment.documents, scratch)
            for i in 0..<words { others.bits[i] = ~bits[i] }
            if segment.documents & 63 != 0 { others.bits[words - 1] &= 1 << UInt64(segment.documents & 63) - 1 }
            column?.count(others.bits, words: words, base: 0, into: &counts)
            others.giveBack(to: scratch)
            sum = (column?.severalRanks ?? segment.statistics[field].documentCount) - counts.sum
        } else {
            column?.count(bits, words: words, base: 0, into: &counts)
            sum = counts.sum
        }
    }

    private var damaged: IndexError {
        segment.corrupt(.termBlocks, field, 0, "a block of terms cannot be decoded")
    }

    /// Gives memory back; nothing can be asked any more.
    func giveBack(to scratch: Scratch) { scratch.runs.append(counts.memory) }

    /// Leaves out the values that begin otherwise. To be called once.
    func narrow(to prefix: String) throws(IndexError) {
        guard !prefix.isEmpty, let terms else { return }
        var behind = Array(prefix.utf8)
        let first = Int(try segment.place(of: behind, field) / 2)
        // UTF-8 has no byte of 255.
        behind[behind.count - 1] += 1
        range = first..<max(Int(try segment.place(of: behind, field) / 2), first)
        sum = counts.sum(range)
        if !isInverted { return }
        var all = 0
        let isIntact = terms.forEachFrequency(in: range) { _, frequency in
            all += frequency
            return true
        }
        if !isIntact { throw damaged }
        sum = all - sum
    }

    /// The ranks that were counted most, at most `limit`; of equal ones the first.
    ///
    /// Complexity: O(ranks / 32), less when many have 256 and more; for a segment most of which matches O(limit) as a
    /// rule.
    func best(_ limit: Int) throws(IndexError) -> [(count: Int, rank: Int)] {
        if limit <= 0 { return [] }
        var top = TopHits<Int>(limit: limit)
        if isInverted {
            try offer(to: &top)
        } else {
            counts.forEachLarge { rank, _ in if range.contains(rank) { top.offer(counts[rank], rank) } }
            var rank = range.lowerBound
            // Every other rank has less than 256.
            while top.least ?? 0 < 256 {
                rank = counts.next(atLeast: UInt8(max(top.least ?? 1, 1)), from: rank, to: range.upperBound)
                if rank == range.upperBound { break }
                if !counts.isLarge(rank) { top.offer(counts[rank], rank) }
                rank += 1
            }
        }
        return top.sorted.map { ($0.rank, $0.document) }
    }

    /// Offers ranks of which those that do not match were counted.
    private func offer(to top: inout TopHits<Int>) throws(IndexError) {
        guard let terms else { return }
        if range == 0..<counts.count {
            let frequent = try segment.frequentTerms(field)
            for (frequency, rank) in frequent.terms {
                // None can have more than it has in all documents.
                if let least = top.least, frequency < least { return }
                if frequency > counts[rank] { top.offer(frequency - counts[rank], rank) }
            }
            if frequent.rest == 0 || top.least ?? 0 > frequent.rest { return }
            top = TopHits(limit: top.limit)
        }
        let isIntact = terms.forEachFrequency(in: range) { rank, frequency in
            if frequency > counts[rank] { top.offer(frequency - counts[rank], rank) }
            return true
        }
        if !isIntact { throw damaged }
    }

    /// The value with a rank.
    func text(_ rank: Int) throws(IndexError) -> [UInt8] { try segment.term(field, rank) }

    /// How often a value was counted.
    func count(of value: [UInt8]) throws(IndexError) -> Int {
        switch value.withUnsafeBufferPointer({ terms?.find($0) }) {
        case .found(let info, let rank)?: return isInverted ? info.documentFrequency - counts[rank] : counts[rank]
        case .absent?, nil: return 0
        case .damaged?: throw damaged
        }
    }

    /// Walks the values that were counted, ascending by their bytes.
    struct Cursor: ~Copyable {
        private let part: CountedSegment
        private var texts: TermTexts
        /// For those of a segment most of which matches.
        private var cursor: TermCursor
        private var hidden: [Int]
        private var next: Int
        /// How often the current value was counted.
        private(set) var count = 0

        /// Stands before the first.
        init?(_ part: CountedSegment) {
            guard let terms = part.terms, !part.range.isEmpty else { return nil }
            self.part = part
            texts = TermTexts(terms)
            cursor = TermCursor(terms, block: part.range.lowerBound / TermDictionaryWriter.blockSize)
            hidden = part.isInverted ? [] : part.counts.hiddenRanks(in: part.range)
            next = part.range.lowerBound
        }

        /// The bytes of the current value, valid until the next step.
        private(set) var text = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

        /// Steps to the next value; false behind the last.
        mutating func step() throws(IndexError) -> Bool {
            part.isInverted ? try stepAll() : try stepCounted()
        }

        private mutating func stepCounted() throws(IndexError) -> Bool {
            let end = hidden.last ?? part.range.upperBound
            let rank = part.counts.next(atLeast: 1, from: next, to: end)
            if rank == part.range.upperBound { return false }
            if rank == hidden.last { hidden.removeLast() }
            next = rank + 1
            guard let text = texts.text(rank) else { throw part.damaged }
            self.text = text
            count = part.counts[rank]
            return true
        }

        private mutating func stepAll() throws(IndexError) -> Bool {
            while next < part.range.upperBound {
                guard cursor.next() else { throw part.damaged }
                if cursor.ordinal < next { continue }
                next = cursor.ordinal + 1
                count = cursor.info.documentFrequency - part.counts[cursor.ordinal]
                if count > 0 {
                    text = cursor.term
                    return true
                }
            }
            return false
        }
    }
}
