import Analyzer
import Segments

/// The counter of a facet over a keyword field.
///
/// Within each segment values are counted by ordinal. Only the values that may be listed are counted across segments,
/// by their bytes.
final class ValueCounter: FacetCounter {
    let without: Int?
    private let name: String
    private let field: Int
    /// The list to produce; nil if only the number of distinct values is requested.
    private let request: FacetRequest.ValueFacet?
    /// The counts of the segments with matches, in segment order.
    private var segmentCounts: [SegmentValueCounts] = []

    /// A counter for the keyword field of the given index; `listed` is nil to count distinct values.
    init(_ request: FacetRequest, _ listed: FacetRequest.ValueFacet?, field: Int) {
        name = request.field
        without = request.without
        self.request = listed
        self.field = field
    }

    func count(
        _ bits: UnsafePointer<UInt64>, matched: Int, _ reader: IndexReader, _ segmentIndex: Int, _ scratch: Scratch
    ) throws(IndexError) {
        if matched == 0 { return }
        segmentCounts.append(
            try SegmentValueCounts(reader.segments[segmentIndex], field, bits, matched: matched, scratch))
    }

    func result(_ budget: SearchBudget, _ scratch: Scratch) throws(IndexError) -> FacetCounts {
        defer { for counts in segmentCounts { counts.recycle(into: scratch) } }
        return try counted(budget)
    }

    /// The counts of all segments, in the requested form.
    private func counted(_ budget: SearchBudget) throws(IndexError) -> FacetCounts {
        var result = FacetCounts(field: name)
        guard let request else {
            var distinct = 0
            try forEachValue(budget) { _, _ in
                distinct += 1
                return true
            }
            result.distinct = distinct
            return result
        }
        for counts in segmentCounts { try counts.narrow(to: request.prefix) }
        var sum = 0
        let separator = Array((request.separator ?? "").utf8)
        if !separator.isEmpty || !request.containing.isEmpty {
            (result.values, sum) = try selected(request, separator, budget)
        } else {
            for counts in segmentCounts { sum += counts.sum }
            switch request.order {
            case .count: result.values = try mostFrequent(request, budget)
            case .value: result.values = try first(request.size, budget)
            }
        }
        for value in request.including
        where !result.values.contains(where: { $0.value.utf8.elementsEqual(value.utf8) }) {
            result.values.append(.init(value: value, count: try total(Array(value.utf8))))
        }
        result.other = sum
        var finder = TextFinder(request.containing)
        for value in result.values where Self.isListed(value.value, request, &finder) { result.other -= value.count }
        // The sum is of what there was time for, the counts of selected values are not.
        result.other = max(result.other, 0)
        return result
    }

    /// Returns true if a value is among those that are listed and summed up: it has the prefix and the text to find,
    /// and lies, in a hierarchy, directly below the prefix.
    private static func isListed(
        _ value: String, _ listed: FacetRequest.ValueFacet, _ finder: inout TextFinder
    ) -> Bool {
        guard value.utf8.starts(with: listed.prefix.utf8) else { return false }
        var value = value
        let separator = Array((listed.separator ?? "").utf8)
        return value.withUTF8 { isListed($0, listed.prefix.utf8.count, separator, &finder) }
    }

    /// Returns true if a value with the prefix has the text to find, in a hierarchy below the prefix, and lies directly
    /// below it.
    private static func isListed(
        _ value: UnsafeBufferPointer<UInt8>, _ prefixLength: Int, _ separator: [UInt8], _ finder: inout TextFinder
    ) -> Bool {
        let searched = separator.isEmpty ? value : UnsafeBufferPointer(rebasing: value[prefixLength...])
        return finder.occurs(in: searched) && isTopLevel(value, after: prefixLength, separator)
    }

    /// Returns true if no level of the hierarchy above a value is longer than the prefix of `prefixLength` bytes, or if
    /// there is no hierarchy.
    private static func isTopLevel(
        _ value: UnsafeBufferPointer<UInt8>, after prefixLength: Int, _ separator: [UInt8]
    ) -> Bool {
        if separator.isEmpty { return true }
        var isTopLevel = true
        KeywordRule.forEachLevel(above: value, separator) { end in
            isTopLevel = end <= prefixLength
            return isTopLevel
        }
        return isTopLevel
    }

    private static func value(_ text: some Collection<UInt8>, _ count: Int) -> FacetCounts.ListedValue {
        FacetCounts.ListedValue(value: String(decoding: text, as: UTF8.self), count: count)
    }

    /// The count of a value in all segments. Complexity: O(segments · log terms).
    private func total(_ value: [UInt8]) throws(IndexError) -> Int {
        var sum = 0
        for counts in segmentCounts { sum += try counts.count(of: value) }
        return sum
    }

    /// The values with the highest counts, in order. The result is exact although few values are examined.
    ///
    /// The best values of each segment are candidates. A value that is a candidate in no segment cannot have a higher
    /// count than the last candidates of all segments together. The number of candidates grows until that bound is
    /// below the count of the last listed value; if it does not help, all values are merged instead. Source: Fagin,
    /// Lotem and Naor, "Optimal aggregation algorithms for middleware", 2001.
    private func mostFrequent(
        _ listed: FacetRequest.ValueFacet, _ budget: SearchBudget
    ) throws(IndexError) -> [FacetCounts.ListedValue] {
        if listed.size == 0 { return [] }
        if segmentCounts.count == 1 {
            var values: [FacetCounts.ListedValue] = []
            for (count, ordinal) in try segmentCounts[0].best(listed.size) {
                values.append(Self.value(try segmentCounts[0].text(ordinal), count))
            }
            return values
        }
        for candidateCount in [2 * listed.size + 16, 8 * listed.size + 64] {
            // There are at most as many values as counts. If these are few, merging them is faster.
            if segmentCounts.reduce(0, { $0 + $1.sum }) <= candidateCount * segmentCounts.count { break }
            var candidates = CandidateValues(segments: segmentCounts.count)
            for (segment, counts) in segmentCounts.enumerated() {
                if budget.isLate() { break }
                try candidates.add(counts, segment, candidateCount)
            }
            // The maximum count of a value that is no candidate.
            let unseenBound = candidates.unseenBound
            var best = BoundedHeap<CountedValue>(limit: listed.size)
            for (i, candidate) in candidates.possible(listed.size).enumerated() {
                if i & 63 == 63, budget.isLate() { return best.listed }
                best.offer(try candidates.counted(candidate, segmentCounts))
            }
            if unseenBound < best.minimumCount { return best.listed }
            // More candidates would not help.
            if unseenBound > 4 * best.minimumCount { break }
        }
        var best = BoundedHeap<CountedValue>(limit: listed.size)
        try forEachValue(budget) { text, count in
            if count >= best.minimumCount { best.offer(CountedValue(text: Array(text), count: count)) }
            return true
        }
        return best.listed
    }

    /// The first `size` values by their bytes.
    private func first(_ size: Int, _ budget: SearchBudget) throws(IndexError) -> [FacetCounts.ListedValue] {
        var values: [FacetCounts.ListedValue] = []
        if size == 0 { return [] }
        try forEachValue(budget) { text, count in
            values.append(Self.value(text, count))
            return values.count < size
        }
        return values
    }

    /// The values with the text to find, in a hierarchy those directly below the prefix, in the requested order, and
    /// the sum of the counts of all of them.
    private func selected(
        _ listed: FacetRequest.ValueFacet, _ separator: [UInt8], _ budget: SearchBudget
    ) throws(IndexError) -> ([FacetCounts.ListedValue], sum: Int) {
        var sum = 0
        var best = BoundedHeap<CountedValue>(limit: max(listed.size, 1))
        var first: [FacetCounts.ListedValue] = []
        var finder = TextFinder(listed.containing)
        try forEachValue(budget) { text, count in
            guard Self.isListed(text, listed.prefix.utf8.count, separator, &finder) else { return true }
            sum += count
            switch listed.order {
            case .count:
                if listed.size > 0, count >= best.minimumCount {
                    best.offer(CountedValue(text: Array(text), count: count))
                }
            case .value: if first.count < listed.size { first.append(Self.value(text, count)) }
            }
            return true
        }
        return (listed.order == .value || listed.size == 0 ? first : best.listed, sum)
    }

    /// Calls `body` with each value that may be listed and its count in all segments, ascending by bytes, until it
    /// returns false or the deadline passes.
    ///
    /// Errors: `corrupt`. Complexity: O(values · segments).
    private func forEachValue(
        _ budget: SearchBudget, _ body: (UnsafeBufferPointer<UInt8>, Int) -> Bool
    ) throws(IndexError) {
        var merge = try TermMerge(segmentCounts.compactMap { ValueCursor($0) })
        var steps = 0
        while try merge.next() {
            steps += 1
            if steps % 1024 == 0, budget.isLate() { return }
            var count = 0
            for match in merge.matches { count += merge.source(match).count }
            if !body(merge.term, count) { return }
        }
    }
}

/// The values counted in one segment, as a source of a merge.
private final class ValueCursor: TermSource {
    private var cursor: SegmentValueCounts.Cursor

    /// The values of a segment; nil when there are none.
    init?(_ counts: SegmentValueCounts) {
        guard let cursor = SegmentValueCounts.Cursor(counts) else { return nil }
        self.cursor = cursor
    }

    var term: UnsafeBufferPointer<UInt8> { cursor.text }
    var count: Int { cursor.count }

    func step() throws(IndexError) -> Bool { try cursor.step() }
}

/// The most frequent values of some segments: what is known of their counts in all of them.
private struct CandidateValues {
    private var values = TermNumbers()
    /// By candidate, the sum of its counts in the segments in which it is one.
    private var known: [Int] = []
    /// By candidate, the sum of the maximum counts that it could have in these segments if it were none.
    private var excluded: [Int] = []
    /// By candidate and segment, true if its count there is known.
    private var isKnown: [Bool] = []
    /// The maximum count of a value that is a candidate in no segment.
    private(set) var unseenBound = 0
    private let segments: Int
    /// The segments of which all values are candidates.
    private var wholeSegments: Set<Int> = []

    init(segments: Int) { self.segments = segments }

    /// Adds the `limit` most frequent values of a segment. Errors: `corrupt`.
    mutating func add(_ counts: SegmentValueCounts, _ segment: Int, _ limit: Int) throws(IndexError) {
        let best = try counts.best(limit)
        let bound = best.count == limit ? best.last?.count ?? 0 : 0
        if bound == 0 { wholeSegments.insert(segment) }
        unseenBound += bound
        try counts.forEachText(best) { text, count in
            let candidate = values.insert(text)
            if candidate == known.count {
                known.append(0)
                excluded.append(0)
                isKnown.append(contentsOf: repeatElement(false, count: segments))
            }
            known[candidate] += count
            excluded[candidate] += bound
            isKnown[candidate * segments + segment] = true
        }
    }

    /// The candidates that may be among the `size` most frequent values.
    func possible(_ size: Int) -> [Int] {
        if known.count <= size { return Array(known.indices) }
        let threshold = known.sorted(by: >)[size - 1]
        return known.indices.filter { known[$0] + unseenBound - excluded[$0] >= threshold }
    }

    /// A candidate with its count in all segments. Errors: `corrupt`. Complexity: a look-up in each segment in which it
    /// is not known.
    func counted(_ candidate: Int, _ counts: [SegmentValueCounts]) throws(IndexError) -> CountedValue {
        let text = values.terms[candidate]
        var count = known[candidate]
        for segment in 0..<segments
        where !isKnown[candidate * segments + segment] && !wholeSegments.contains(segment) {
            count += try counts[segment].count(of: text)
        }
        return CountedValue(text: text, count: count)
    }
}

/// A value and its count, ordered for a `BoundedHeap`: a higher count is greater, of equal ones the first by its bytes.
private struct CountedValue: Comparable {
    var text: [UInt8]
    var count: Int

    static func < (a: CountedValue, b: CountedValue) -> Bool {
        a.count != b.count ? a.count < b.count : b.text.lexicographicallyPrecedes(a.text)
    }
}

extension BoundedHeap<CountedValue> {
    /// The count below which no value can enter.
    fileprivate var minimumCount: Int { worst?.count ?? 0 }

    /// The values kept, the most frequent first.
    fileprivate var listed: [FacetCounts.ListedValue] {
        sorted.map { .init(value: String(decoding: $0.text, as: UTF8.self), count: $0.count) }
    }
}
