import Kernels

/// Counts one facet over all segments of a search. Exact always.
protocol FacetCounter: AnyObject {
    /// The filter that does not count for it.
    var without: Int? { get }
    /// Begins a segment of a reader.
    func begin(_ reader: IndexReader, _ number: Int) throws(IndexError)
    /// Counts the documents of a window.
    func count(_ bits: UnsafePointer<UInt64>, words: Int, base: Int)
    /// Ends a segment.
    func end() throws(IndexError)
    /// The counts, after the last segment.
    func result() throws(IndexError) -> FacetCounts
}

/// Counts the values of a keyword field: by rank within a segment, then by value, unless there is only one segment.
final class ValueCounter: FacetCounter {
    let without: Int?
    private let name: String
    private let field: Int
    /// What to list; nil when values are only counted.
    private let listed: FacetRequest.ValueFacet?
    private var counts = GrowableBuffer<UInt32>(capacity: 16)
    private var column: OrdinalColumn?
    private var segment: SegmentReader?
    private var totals: [[UInt8]: Int] = [:]
    private let isOnly: Bool

    init(_ request: FacetRequest, _ listed: FacetRequest.ValueFacet?, field: Int, segmentCount: Int) {
        name = request.field
        without = request.without
        self.listed = listed
        self.field = field
        isOnly = segmentCount == 1
    }

    func begin(_ reader: IndexReader, _ number: Int) throws(IndexError) {
        let segment = reader.segments[number]
        self.segment = segment
        column = try segment.ordinals(field)
        counts.removeAll()
        counts.append(repeating: 0, count: try segment.terms(field)?.count ?? 0)
    }

    func count(_ bits: UnsafePointer<UInt64>, words: Int, base: Int) {
        column?.count(bits, words: words, base: base, into: counts.base, known: counts.count)
    }

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

    func result() throws(IndexError) -> FacetCounts {
        var result = FacetCounts(field: name)
        guard let listed else {
            result.distinct = isOnly ? (0..<counts.count).count { counts[$0] > 0 } : totals.count
            return result
        }
        let isWhole = listed.prefix.isEmpty && listed.separator == nil
        if isOnly, isWhole, listed.order == .count, let segment, let terms = try segment.terms(field) {
            var sum = 0
            result.values = try mostFrequent(listed.size, segment, &sum)
            try include(listed.including, &result) { value throws(IndexError) in
                switch value.withUnsafeBufferPointer({ terms.find($0) }) {
                case .found(_, let ordinal): Int(self.counts[ordinal])
                case .absent: 0
                case .damaged: throw self.damaged(segment)
                }
            }
            result.other = sum - result.values.reduce(0) { $0 + $1.count }
            return result
        }
        if isOnly { try sumUp() }
        var all = totals.filter { Self.isListed($0.key, listed) }.map { (value: $0.key, count: $0.value) }
        all.sort { a, b in
            if listed.order == .count, a.count != b.count { return a.count > b.count }
            return a.value.lexicographicallyPrecedes(b.value)
        }
        result.values = all.prefix(listed.size).map {
            .init(value: String(decoding: $0.value, as: UTF8.self), count: $0.count)
        }
        try include(listed.including, &result) { value throws(IndexError) in
            Self.isListed(value, listed) ? self.totals[value] ?? 0 : 0
        }
        let sum = all.reduce(0) { $0 + $1.count }
        result.other = sum - result.values.reduce(0) { $0 + $1.count }
        return result
    }

    /// Counts by value of a single segment.
    private func sumUp() throws(IndexError) {
        guard let segment, let terms = try segment.terms(field), totals.isEmpty else { return }
        var cursor = TermCursor(terms)
        while cursor.next() {
            let count = Int(counts[cursor.ordinal])
            if count > 0 { totals[Array(cursor.term)] = count }
        }
        if cursor.failed { throw damaged(segment) }
    }

    private static func isListed(_ value: [UInt8], _ listed: FacetRequest.ValueFacet) -> Bool {
        guard value.starts(with: listed.prefix.utf8) else { return false }
        guard let separator = listed.separator?.utf8, !separator.isEmpty else { return true }
        let rest = value.dropFirst(listed.prefix.utf8.count)
        return rest.indices.allSatisfy { !rest[$0...].starts(with: separator) }
    }

    private func include(
        _ including: [String], _ result: inout FacetCounts, _ count: ([UInt8]) throws(IndexError) -> Int
    ) throws(IndexError) {
        for value in including where !result.values.contains(where: { $0.value.utf8.elementsEqual(value.utf8) }) {
            result.values.append(.init(value: value, count: try count(Array(value.utf8))))
        }
    }

    /// The most frequent values of a single segment: ranks order like values, so only those listed are looked up.
    private func mostFrequent(
        _ size: Int, _ segment: SegmentReader, _ sum: inout Int
    ) throws(IndexError) -> [FacetCounts.Value] {
        var top = TopHits<UInt32>(limit: max(size, 1))
        for ordinal in 0..<counts.count where counts[ordinal] > 0 {
            sum += Int(counts[ordinal])
            if size > 0 { top.offer(counts[ordinal], ordinal) }
        }
        var values: [FacetCounts.Value] = []
        for (rank, ordinal) in top.sorted {
            let term = try segment.term(field, ordinal)
            values.append(.init(value: String(decoding: term, as: UTF8.self), count: Int(rank)))
        }
        return values
    }
}
