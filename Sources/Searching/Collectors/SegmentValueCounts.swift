import Segments

/// The counts of the values of a keyword field in the matching documents of one segment, by ordinal.
///
/// If more than half of the documents match, those that do not are counted instead and subtracted from the document
/// frequencies of the dictionary. A facet therefore costs at most half of the documents, and next to nothing if all
/// match. The memory is borrowed from a `Scratch`: call `recycle(into:)` at the end.
final class SegmentValueCounts {
    private let segment: SegmentReader
    private let field: Int
    private let terms: TermDictionary?
    /// The counts by ordinal: of the matching documents or, if inverted, of the others.
    private var counts: OrdinalCounts
    private let isInverted: Bool
    /// The sum of the counts of the values in `range`.
    private(set) var sum: Int
    /// The ordinals of the values that may be listed.
    private var range: Range<Int>

    /// Counts the documents whose bits are set, `matched` in number.
    ///
    /// Errors: `corrupt`. Complexity: O(min(matched, documents - matched)) plus O(terms) to clear a byte per term.
    init(
        _ segment: SegmentReader, _ field: Int, _ bits: UnsafePointer<UInt64>, matched: Int, _ scratch: Scratch
    ) throws(IndexError) {
        self.segment = segment
        self.field = field
        let column = try segment.ordinals(field)
        terms = try segment.terms(field)
        counts = OrdinalCounts(ordinals: terms?.count ?? 0, scratch.run())
        range = 0..<counts.count
        isInverted = matched > segment.documents / 2
        let words = (segment.documents + 63) / 64
        if isInverted {
            let unmatched = MatchBits(segment.documents, scratch)
            for i in 0..<words { unmatched.bits[i] = ~bits[i] }
            if segment.documents & 63 != 0 { unmatched.bits[words - 1] &= 1 << UInt64(segment.documents & 63) - 1 }
            column?.count(unmatched.bits, words: words, base: 0, into: &counts)
            unmatched.recycle(into: scratch)
            sum = (column?.ordinalCount ?? segment.statistics[field].documentCount) - counts.sum
        } else {
            column?.count(bits, words: words, base: 0, into: &counts)
            sum = counts.sum
        }
    }

    private var corruption: IndexError {
        segment.corrupt(.termBlocks, field)
    }

    /// Returns the memory to the scratch it came from. The counts must not be used afterwards.
    func recycle(into scratch: Scratch) { scratch.runs.append(counts.memory) }

    /// Restricts the counts to values with a prefix. To be called at most once.
    ///
    /// Errors: `corrupt`. Complexity: O(log terms + values with the prefix).
    func narrow(to prefix: String) throws(IndexError) {
        guard !prefix.isEmpty, let terms else { return }
        var bound = Array(prefix.utf8)
        let first = Int(try segment.place(of: bound, field) / 2)
        // The first text after all texts with the prefix; UTF-8 has no byte 255, so this does not overflow.
        bound[bound.count - 1] += 1
        range = first..<max(Int(try segment.place(of: bound, field) / 2), first)
        sum = counts.sum(range)
        if !isInverted { return }
        var total = 0
        let isIntact = terms.forEachFrequency(in: range) { _, frequency in
            total += frequency
            return true
        }
        if !isIntact { throw corruption }
        sum = total - sum
    }

    /// The ordinals with the highest counts in descending order, at most `limit`; of equal counts the lower ordinal
    /// first.
    ///
    /// Errors: `corrupt`. Complexity: O(ordinals / 32), less if many counts exceed 255; if the counts are inverted,
    /// usually O(limit).
    func best(_ limit: Int) throws(IndexError) -> [(count: Int, ordinal: Int)] {
        if limit <= 0 { return [] }
        var top = BoundedHeap<Ranked<Int>>(limit: limit)
        if isInverted {
            try offer(to: &top)
        } else {
            counts.forEachLarge { ordinal, _ in
                if range.contains(ordinal) { top.offer(Ranked(counts[ordinal], ordinal)) }
            }
            var ordinal = range.lowerBound
            // Every other ordinal has a count below 256.
            while top.worst?.key ?? 0 < 256 {
                ordinal = counts.next(atLeast: UInt8(max(top.worst?.key ?? 1, 1)), from: ordinal, to: range.upperBound)
                if ordinal == range.upperBound { break }
                if !counts.isLarge(ordinal) { top.offer(Ranked(counts[ordinal], ordinal)) }
                ordinal += 1
            }
        }
        return top.sorted.map { ($0.key, $0.number) }
    }

    /// Offers the ordinals of inverted counts: first from the list of frequent terms, which usually suffices.
    private func offer(to top: inout BoundedHeap<Ranked<Int>>) throws(IndexError) {
        guard let terms else { return }
        if range == 0..<counts.count {
            let frequent = try segment.frequentTerms(field)
            for (frequency, ordinal) in frequent.terms {
                // The list is in descending order, and no count exceeds the document frequency.
                if let worst = top.worst, frequency < worst.key { return }
                if frequency > counts[ordinal] { top.offer(Ranked(frequency - counts[ordinal], ordinal)) }
            }
            if frequent.rest == 0 || top.worst?.key ?? 0 > frequent.rest { return }
            top = BoundedHeap(limit: top.limit)
        }
        let isIntact = terms.forEachFrequency(in: range) { ordinal, frequency in
            if frequency > counts[ordinal] { top.offer(Ranked(frequency - counts[ordinal], ordinal)) }
            return true
        }
        if !isIntact { throw corruption }
    }

    /// The bytes of the value with an ordinal. Errors: `corrupt`.
    func text(_ ordinal: Int) throws(IndexError) -> [UInt8] { try segment.term(field, ordinal) }

    /// Calls `body` with the bytes and the count of each value of a list. Errors: `corrupt`.
    func forEachText(
        _ values: [(count: Int, ordinal: Int)], _ body: (UnsafeBufferPointer<UInt8>, Int) -> Void
    ) throws(IndexError) {
        guard let terms else { return }
        var texts = TermTexts(terms)
        for value in values {
            guard let text = texts.text(value.ordinal) else { throw corruption }
            body(text, value.count)
        }
    }

    /// The count of a value, 0 if the segment does not have it. Errors: `corrupt`. Complexity: O(log terms).
    func count(of value: [UInt8]) throws(IndexError) -> Int {
        switch value.withUnsafeBufferPointer({ terms?.find($0) }) {
        case .found(let info, let ordinal)?:
            return isInverted ? info.documentFrequency - counts[ordinal] : counts[ordinal]
        case .absent?, nil: return 0
        case .corrupt?: throw corruption
        }
    }

    /// A cursor over the values with a count above 0, ascending by their bytes.
    struct Cursor: ~Copyable {
        private let counts: SegmentValueCounts
        /// Reads single terms; used if the counts are not inverted.
        private var texts: TermTexts
        /// Walks all terms with their frequencies; used if the counts are inverted.
        private var cursor: TermCursor
        /// The ordinals whose low count byte is 0 although they were counted, descending.
        private var hidden: [Int]
        /// The first ordinal that has not been visited.
        private var next: Int
        /// The count of the current value.
        private(set) var count = 0

        /// A cursor before the first value; nil when there is no value.
        init?(_ counts: SegmentValueCounts) {
            guard let terms = counts.terms, !counts.range.isEmpty else { return nil }
            self.counts = counts
            texts = TermTexts(terms)
            cursor = TermCursor(terms, block: counts.range.lowerBound / TermDictionaryWriter.blockSize)
            hidden = counts.isInverted ? [] : counts.counts.hiddenOrdinals(in: counts.range)
            next = counts.range.lowerBound
        }

        /// The bytes of the current value, valid until the next step.
        private(set) var text = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

        /// Moves to the next value; returns false after the last. Errors: `corrupt`.
        mutating func step() throws(IndexError) -> Bool {
            counts.isInverted ? try stepInverted() : try stepCounted()
        }

        private mutating func stepCounted() throws(IndexError) -> Bool {
            let end = hidden.last ?? counts.range.upperBound
            let ordinal = counts.counts.next(atLeast: 1, from: next, to: end)
            if ordinal == counts.range.upperBound { return false }
            if ordinal == hidden.last { hidden.removeLast() }
            next = ordinal + 1
            guard let text = texts.text(ordinal) else { throw counts.corruption }
            self.text = text
            count = counts.counts[ordinal]
            return true
        }

        private mutating func stepInverted() throws(IndexError) -> Bool {
            while next < counts.range.upperBound {
                guard cursor.next() else { throw counts.corruption }
                if cursor.ordinal < next { continue }
                next = cursor.ordinal + 1
                count = cursor.info.documentFrequency - counts.counts[cursor.ordinal]
                if count > 0 {
                    text = cursor.term
                    return true
                }
            }
            return false
        }
    }
}
