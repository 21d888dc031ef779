import Kernels

/// How often the values of a keyword field stand in the documents that match.
public struct FacetCounts: Sendable, Equatable {
    /// A value and the number of matching documents that have it.
    public struct Value: Sendable, Equatable {
        /// The value.
        public var value: String
        /// Matching documents that have it.
        public var count: Int
    }

    /// The field.
    public var field: String
    /// The most frequent values, the most frequent first, equal counts in the order of their bytes; behind them those
    /// that were asked for by name and are not among them.
    public var values: [Value]
    /// The counts of all values that are not listed, summed.
    public var other: Int
}

/// A facet to count.
public struct FacetRequest: Sendable, Equatable {
    /// A keyword field.
    public var field: String
    /// How many values to list.
    public var size: Int
    /// Values to list in any case, such as those selected.
    public var including: [String]

    /// The `size` most frequent values of a field.
    public init(_ field: String, size: Int = 10, including: [String] = []) {
        self.field = field
        self.size = max(size, 0)
        self.including = including
    }
}

/// Counts one facet over all segments of a search. Exact always.
final class FacetCounter {
    private let request: FacetRequest
    private let field: Int
    private var counts = GrowableBuffer<UInt32>(capacity: 16)
    private var column: OrdinalColumn?
    private var segment: SegmentReader?
    private var totals: [[UInt8]: Int] = [:]
    private let isOnly: Bool

    init(_ request: FacetRequest, field: Int, segmentCount: Int) {
        self.request = request
        self.field = field
        isOnly = segmentCount == 1
    }

    /// Begins a segment.
    func begin(_ segment: SegmentReader) throws(IndexError) {
        self.segment = segment
        column = try segment.ordinals(field)
        counts.removeAll()
        counts.append(repeating: 0, count: try segment.terms(field)?.count ?? 0)
    }

    /// Counts the documents of a window.
    func count(_ bits: UnsafePointer<UInt64>, words: Int, base: Int) {
        guard let column else { return }
        let counts = counts.base
        let known = self.counts.count
        forEachBit(bits, words: words) { slot in
            column.forEachOrdinal(base &+ slot) { ordinal in
                if ordinal < known { counts[ordinal] &+= 1 }
            }
        }
    }

    /// Ends a segment: counts by rank become counts by value, unless there is only this one segment.
    func end() throws(IndexError) {
        guard let segment, let terms = try segment.terms(field), !isOnly else { return }
        var cursor = TermCursor(terms)
        while cursor.next() {
            let count = Int(counts[cursor.ordinal])
            if count > 0 { totals[Array(cursor.term), default: 0] += count }
        }
        if cursor.failed { throw damaged(segment) }
    }

    private func damaged(_ segment: SegmentReader) -> IndexError {
        segment.corrupt(.termBlocks, field, 0, "a block of terms cannot be decoded")
    }

    /// The counts, after the last segment.
    func result() throws(IndexError) -> FacetCounts {
        var sum = 0
        var best: [FacetCounts.Value]
        if isOnly, let segment, let terms = try segment.terms(field) {
            best = try mostFrequent(terms, segment, &sum)
            for value in request.including where !best.contains(where: { $0.value.utf8.elementsEqual(value.utf8) }) {
                var value = value
                var count = 0
                switch value.withUTF8({ terms.find($0) }) {
                case .found(_, let ordinal): count = Int(counts[ordinal])
                case .absent: break
                case .damaged: throw damaged(segment)
                }
                best.append(.init(value: value, count: count))
            }
        } else {
            let all = totals.sorted {
                $0.value != $1.value ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key)
            }
            sum = all.reduce(0) { $0 + $1.value }
            best = all.prefix(request.size).map {
                .init(value: String(decoding: $0.key, as: UTF8.self), count: $0.value)
            }
            for value in request.including where !best.contains(where: { $0.value.utf8.elementsEqual(value.utf8) }) {
                best.append(.init(value: value, count: totals[Array(value.utf8)] ?? 0))
            }
        }
        return FacetCounts(field: request.field, values: best, other: sum - best.reduce(0) { $0 + $1.count })
    }

    /// The most frequent values of a single segment: ranks order like values, so only those listed are looked up.
    private func mostFrequent(
        _ terms: TermDictionary, _ segment: SegmentReader, _ sum: inout Int
    ) throws(IndexError) -> [FacetCounts.Value] {
        var top = TopHits<UInt32>(limit: max(request.size, 1))
        for ordinal in 0..<counts.count where counts[ordinal] > 0 {
            sum += Int(counts[ordinal])
            if request.size > 0 { top.offer(counts[ordinal], ordinal) }
        }
        var values: [FacetCounts.Value] = []
        for (rank, ordinal) in top.sorted {
            var cursor = TermCursor(terms, block: ordinal / TermDictionaryWriter.blockSize)
            while cursor.ordinal < ordinal, cursor.next() {}
            if cursor.failed { throw damaged(segment) }
            values.append(.init(value: String(decoding: cursor.term, as: UTF8.self), count: Int(rank)))
        }
        return values
    }
}
