import Kernels
package import Segments

/// The numbers of documents that match at least one, at least two … of several queries, from one pass.
package struct MatchCounts: Sendable, Equatable {
    /// The number of documents by the number of queries that they match.
    private var documents: [Int]
    /// True if the limits were over before everything was counted.
    package fileprivate(set) var isPartial = false

    fileprivate init(queries: Int) { documents = [Int](repeating: 0, count: queries + 1) }

    /// Returns the number of documents that match at least `minimum` of the queries, 1 or more.
    package func atLeast(_ minimum: Int) -> Int { documents[min(max(minimum, 1), documents.count)...].reduce(0, +) }

    /// The greatest number of queries that a document matches.
    package var greatest: Int { documents.lastIndex { $0 > 0 } ?? 0 }

    /// Adds the documents of a window: the numbers of queries that the documents of `mask` match are in `planes`.
    fileprivate mutating func add(
        _ planes: UnsafePointer<UInt64>, _ planeCount: Int, among mask: UnsafePointer<UInt64>, words: Int
    ) {
        documents.withUnsafeMutableBufferPointer { counts in
            guard let counts = counts.baseAddress else { return }
            countPlanes(planes, planeCount, among: mask, words: words, into: counts)
        }
    }
}

extension IndexReader {
    /// Counts the documents that match so many of some queries and, if there is one, a condition.
    ///
    /// Counting ends as soon as `enough` documents match all of the queries: the numbers are those of the documents
    /// until then. Errors: those of `search`. Complexity: each query is matched once, without scores.
    ///
    /// ```swift
    /// let counts = try reader.matchCounts(of: words.map { .term(field: "title", $0) }, among: nil)
    /// counts.atLeast(2)   // how many titles have two of the words
    /// ```
    package func matchCounts(
        of queries: [Query], among condition: Query?, until enough: Int = .max, limits: SearchLimits = SearchLimits(),
        sharing memory: SearchMemory = SearchMemory()
    ) throws(IndexError) -> MatchCounts {
        try validate(condition, queries, limits, memory)
        let budget = SearchBudget(limits)
        func plan(_ query: Query) throws(IndexError) -> SearchPlan {
            try SearchPlan(query, self, BM25(), isScored: false, budget, sharing: memory)
        }
        var plans: [SearchPlan] = []
        for query in queries { plans.append(try plan(query)) }
        let conditionPlan = try condition.map(plan)
        let scratch = ScratchPool.shared.take()
        defer { ScratchPool.shared.give(back: scratch) }
        var counts = MatchCounts(queries: queries.count)
        for (segmentIndex, segment) in segments.enumerated() {
            let scope = SegmentScope(documents: segment.documents, scratch)
            var streams: [any DocumentStream] = []
            for plan in plans {
                if let stream = try plan.stream(segmentIndex, scope) { streams.append(stream) }
            }
            let required = try conditionPlan?.stream(segmentIndex, scope)
            if streams.isEmpty || condition != nil && required == nil { continue }
            let counter = MatchCounter(streams, required, live[segmentIndex], scratch)
            counter.count(until: enough, of: queries.count, budget, into: &counts)
            if let (section, field) = scope.corruption { throw segment.corrupt(section, field) }
            if counts.atLeast(queries.count) >= enough { break }
        }
        counts.isPartial = budget.isExceeded
        return counts
    }
}

/// The counting of one segment.
private struct MatchCounter {
    private let streams: [any DocumentStream]
    private let union: UnionStream
    private let required: (any DocumentStream)?
    private let live: LiveDocuments?
    private let scratch: Scratch

    init(
        _ streams: [any DocumentStream], _ required: (any DocumentStream)?, _ live: LiveDocuments?, _ scratch: Scratch
    ) {
        self.streams = streams
        self.required = required
        self.live = live
        self.scratch = scratch
        union = UnionStream(streams, streams[0].scope)
    }

    /// Counts until `enough` documents match all `total` queries, or no time is left.
    func count(until enough: Int, of total: Int, _ budget: SearchBudget, into counts: inout MatchCounts) {
        let scope = union.scope
        union.chooseWindowForCounting()
        let planeCount = Int.bitWidth - streams.count.leadingZeroBitCount
        let memory = scratch.run()
        defer { scratch.runs.append(memory) }
        var from = 0
        while !budget.isLate(), let window = union.nextWindow(from: from) {
            from = window + scope.windowSize
            memory.clear(planeCount * scope.words * 8)
            let planes = UnsafeMutableRawPointer(memory.base).assumingMemoryBound(to: UInt64.self)
            scope.withBits { mask in
                for stream in streams where stream.nextWindow(from: window) == window {
                    scope.withBits { matched in
                        stream.match(window, into: matched)
                        uniteBits(mask, matched, words: scope.words)
                        addBits(matched, toPlanes: planes, words: scope.words)
                    }
                }
                required?.restrict(window, mask)
                if let live { _ = intersectBits(mask, live.bits(from: window), words: scope.words) }
                counts.add(planes, planeCount, among: mask, words: scope.words)
            }
            if counts.atLeast(total) >= enough { return }
        }
    }
}
