import Segments

/// Documents of a segment that match the rarest clauses of a stream, with their scores: a threshold for the best hits
/// before the first window. Without one, every document of the first windows is scored by all clauses.
struct ScoreSample {
    /// The documents with the greatest scores, in no order.
    private(set) var hits: [(document: Int, score: Float)] = []

    /// Scores some of the documents that are likely to be among the best `limit`; none where so few documents match
    /// that it would not pay, or where no time is left.
    ///
    /// To be made once the window size is chosen: streams do not go back to smaller windows. Complexity:
    /// O(`maxPostings` + `limit` · clauses).
    init(_ stream: any DocumentStream, limit: Int, _ live: LiveDocuments?, _ budget: SearchBudget) {
        guard limit <= Self.maxLimit, stream.cost > 4 * Self.maxPostings,
            stream.scope.windowSize <= SegmentScope.widestSums
        else { return }
        var cost = 0
        let rare = Self.summands(stream).sorted { $0.cost < $1.cost }.prefix { clause in
            cost += clause.cost
            return cost <= Self.maxPostings
        }
        if rare.isEmpty { return }
        var candidates = TopScores(limit: 2 * limit)
        UnionStream(Array(rare), stream.scope).forEachScored(budget) { document, score in
            if live?.contains(document) ?? true { candidates.offer(score, document) }
        }
        let documents = candidates.takeSorted { $1 }.sorted()
        stream.score(documents, budget) { document, score in hits.append((document, score)) }
    }

    /// The clauses whose scores are summed up at any depth, those that popularity multiplies included.
    private static func summands(_ stream: any DocumentStream) -> [any DocumentStream] {
        switch stream {
        case let product as FunctionScoreStream: summands(product.base)
        case let sum as OptionalStream: (sum.clauses?.streams ?? []).flatMap(summands)
        case let difference as ExclusionStream: summands(difference.base)
        case is UnionStream, is IntersectionStream, is MinimumMatchStream: stream.scoredClauses.flatMap(summands)
        default: [stream]
        }
    }

    /// The number of postings that are read for a sample.
    private static let maxPostings = 2048
    /// The maximum number of hits for which a sample is worthwhile.
    private static let maxLimit = 100
}

extension TopScores {
    /// Raises the thresholds because the hits of a sample are known to exist.
    mutating func raise(to sample: ScoreSample) {
        var best = TopScores(limit: limit)
        for hit in sample.hits { best.offer(hit.score, hit.document) }
        best.settle()
        if best.isFull { raise(to: best.least) }
    }
}

extension DocumentStream {
    /// Calls `body` with each matching document of the segment and its score.
    fileprivate func forEachScored(_ budget: SearchBudget, _ body: (Int, Float) -> Void) {
        scope.withList { list in
            var from = 0
            while !budget.isLate(), let window = nextWindow(from: from) {
                from = window + scope.windowSize
                collect(window, minScore: -.infinity, into: list)
                for i in 0..<list.count { body(window &+ Int(list.slots[i]), Float(list.scores[i])) }
            }
        }
    }

    /// Calls `body` with those of some documents, in ascending order, that match, and with their scores.
    fileprivate func score(_ documents: [Int], _ budget: SearchBudget, _ body: (Int, Float) -> Void) {
        scope.withList { list in
            var next = 0
            while next < documents.count, !budget.isLate() {
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
