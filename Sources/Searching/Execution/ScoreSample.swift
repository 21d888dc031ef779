import Segments

// A threshold for the best hits before the first window. Without one, every document of the first windows is scored by
// all clauses.

extension TopScores {
    /// Raises the threshold to the `limit`-th best score of some documents that match the rarest clauses of a stream,
    /// which are likely to be among the best. Does nothing where so few documents match that it would not pay.
    ///
    /// To be called once the window size is chosen: streams do not go back to smaller windows. Complexity:
    /// O(`maxPostings` + `limit` · clauses).
    mutating func raise(bySampling stream: any DocumentStream, _ live: LiveDocuments?) {
        guard !isFull, limit <= Self.maxSampled, stream.cost > 4 * Self.maxPostings,
            stream.scope.windowSize <= SegmentScope.widestSums
        else { return }
        var cost = 0
        let rare = Self.summands(stream).sorted { $0.cost < $1.cost }.prefix { clause in
            cost += clause.cost
            return cost <= Self.maxPostings
        }
        if rare.isEmpty { return }
        let union = UnionStream(Array(rare), stream.scope)
        var candidates = TopScores(limit: 2 * limit)
        union.forEachScored { document, score in
            if live?.contains(document) ?? true { candidates.offer(score, document) }
        }
        let documents = candidates.takeSorted { $1 }.sorted()
        var best = TopScores(limit: limit)
        stream.score(documents) { document, score in best.offer(score, document) }
        best.settle()
        if best.isFull { raise(to: best.least) }
    }

    /// The clauses whose scores are summed up, those that popularity multiplies included.
    private static func summands(_ stream: any DocumentStream) -> [any DocumentStream] {
        stream.scoredClauses.flatMap { clause in
            (clause as? FunctionScoreStream).map { summands($0.base) } ?? [clause]
        }
    }

    /// The number of postings that are read for a sample.
    private static let maxPostings = 2048
    /// The maximum number of hits for which a sample is worthwhile.
    private static let maxSampled = 100
}

extension DocumentStream {
    /// Calls `body` with each matching document of the segment and its score.
    fileprivate func forEachScored(_ body: (Int, Float) -> Void) {
        scope.withList { list in
            var from = 0
            while let window = nextWindow(from: from) {
                from = window + scope.windowSize
                collect(window, minScore: -.infinity, into: list)
                for i in 0..<list.count { body(window &+ Int(list.slots[i]), Float(list.scores[i])) }
            }
        }
    }

    /// Calls `body` with those of some documents, in ascending order, that match, and with their scores.
    fileprivate func score(_ documents: [Int], _ body: (Int, Float) -> Void) {
        scope.withList { list in
            var next = 0
            while next < documents.count {
                let window = scope.window(of: UInt32(documents[next]))
                list.count = 0
                while next < documents.count, documents[next] < window + scope.windowSize {
                    list.append(documents[next] - window, 0)
                    next += 1
                }
                refine(window, list, isRequired: true, minScore: -.infinity)
                for i in 0..<list.count { body(window &+ Int(list.slots[i]), Float(list.scores[i])) }
            }
        }
    }
}
