import Kernels

/// Counts what matches a query and all filters, and for facets that leave out a filter what matches the others: in one
/// pass, so that a facet shows what choosing another of its values would find.
///
/// Complexity: each clause is matched once a window; a facet's filter costs as many intersections of the window's bits
/// as there are filters.
struct SidewaysPass {
    private let query: SearchPlan
    private let filters: [SearchPlan]
    let budget: SearchBudget

    /// Looks up what the query and each filter ask for by themselves.
    init(
        _ query: Query, _ filters: [Query], _ reader: IndexReader, _ budget: SearchBudget
    ) throws(IndexError) {
        self.budget = budget
        self.query = try SearchPlan(query, reader, BM25(), isScored: false, budget)
        self.filters = try filters.map { filter throws(IndexError) in
            try SearchPlan(filter, reader, BM25(), isScored: false, budget)
        }
    }

    /// Matches a segment's documents: calls `body` with what matches everything in each window that may have some, and
    /// then with what matches all filters but one, for each of those in `omitted`.
    func run(
        _ number: Int, _ scope: SegmentScope, _ live: LiveDocuments?, omitting omitted: [Int],
        _ body: (_ window: Int, _ omitted: Int?, UnsafeMutablePointer<UInt64>) -> Void
    ) throws(IndexError) {
        guard let base = try query.stream(number, scope) else { return }
        let streams = try filters.map { filter throws(IndexError) in try filter.stream(number, scope) }
        base.chooseWindowForCounting()
        let words = scope.words
        // The query's bits, each filter's, and what is put together of them.
        let memory = UnsafeMutablePointer<UInt64>.allocate(capacity: (streams.count + 2) * words)
        defer { memory.deallocate() }
        let own = memory + words
        var from = 0
        while !budget.isLate(), let window = base.nextWindow(from: from) {
            from = window + scope.windowSize
            memory.update(repeating: 0, count: (streams.count + 2) * words)
            base.match(window, into: own)
            if let live { _ = intersectBits(own, live.bits(from: window), words: words) }
            for (i, stream) in streams.enumerated() { stream?.match(window, into: own + (i + 1) * words) }
            join(memory, words, without: nil)
            body(window, nil, memory)
            for filter in omitted {
                join(memory, words, without: filter)
                body(window, filter, memory)
            }
        }
    }

    /// Intersects the query's bits and the filters', but for one.
    private func join(_ memory: UnsafeMutablePointer<UInt64>, _ words: Int, without omitted: Int?) {
        let own = memory + words
        memory.update(from: own, count: words)
        for i in filters.indices where i != omitted { _ = intersectBits(memory, own + (i + 1) * words, words: words) }
    }
}
