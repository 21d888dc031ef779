import Kernels
import Segments

/// Drill-sideways matching: the documents that match a query and all filters and, for each facet that is counted
/// without a filter, those that match the query and the remaining filters.
///
/// Such a facet shows what choosing another of its values would find. Everything is computed in one pass. Complexity:
/// each clause is matched once per window; each omitted filter costs as many intersections of the window's bits as
/// there are filters. The idea is that of Lucene's `DrillSideways`.
struct DrillSideways {
    private let query: SearchPlan
    private let filters: [SearchPlan]
    /// The budget, separate from that of the main pass so that expanding the same terms twice does not exhaust it.
    let budget: SearchBudget

    /// Plans the query and each filter separately, without scores.
    ///
    /// Errors: `request` for fields that do not exist or do not fit, `corrupt`.
    init(
        _ query: Query, _ filters: [Query], _ reader: IndexReader, _ budget: SearchBudget, sharing memory: SearchMemory
    ) throws(IndexError) {
        self.budget = budget
        self.query = try SearchPlan(query, reader, BM25(), isScored: false, budget, sharing: memory)
        self.filters = try filters.map { filter throws(IndexError) in
            try SearchPlan(filter, reader, BM25(), isScored: false, budget, sharing: memory)
        }
    }

    /// Matches the documents of a segment: for each window that may have matches calls `body` with the bits of the
    /// documents that match the query and all filters (`omitted` is nil) and then, for each filter in `omitted`, with
    /// those that match the query and all other filters. The bits are valid during the call. Stops at the deadline.
    ///
    /// Errors: `corrupt`.
    func run(
        _ segmentIndex: Int, _ scope: SegmentScope, _ live: LiveDocuments?, omitting omitted: [Int],
        _ body: (_ window: Int, _ omitted: Int?, UnsafeMutablePointer<UInt64>) -> Void
    ) throws(IndexError) {
        guard let base = try query.stream(segmentIndex, scope) else { return }
        let streams = try filters.map { filter throws(IndexError) in try filter.stream(segmentIndex, scope) }
        base.chooseWindowForCounting()
        let words = scope.words
        // Layout: the result, the query's bits, the bits of each filter.
        let memory = UnsafeMutablePointer<UInt64>.allocate(capacity: (streams.count + 2) * words)
        defer { memory.deallocate() }
        let matched = memory + words
        var from = 0
        while !budget.isLate(), let window = base.nextWindow(from: from) {
            from = window + scope.windowSize
            memory.update(repeating: 0, count: (streams.count + 2) * words)
            base.match(window, into: matched)
            if let live { _ = intersectBits(matched, live.bits(from: window), words: words) }
            for (i, stream) in streams.enumerated() { stream?.match(window, into: matched + (i + 1) * words) }
            intersect(memory, words, without: nil)
            body(window, nil, memory)
            for filter in omitted {
                intersect(memory, words, without: filter)
                body(window, filter, memory)
            }
        }
    }

    /// Intersects the query's bits with those of all filters but the omitted one, into the first `words` words.
    private func intersect(_ memory: UnsafeMutablePointer<UInt64>, _ words: Int, without omitted: Int?) {
        let matched = memory + words
        memory.update(from: matched, count: words)
        for i in filters.indices where i != omitted {
            _ = intersectBits(memory, matched + (i + 1) * words, words: words)
        }
    }
}
