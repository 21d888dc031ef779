/// A stream of the documents of another stream, all with the same score.
final class ConstantStream: RescoringStream {
    let base: any DocumentStream
    private let score: Double

    /// The documents of `base` with the score `score`, which must not be negative.
    init(_ base: any DocumentStream, score: Float) {
        self.base = base
        self.score = Double(score)
    }

    func bound(_ start: Int) -> Double { score }

    func collect(_ start: Int, minScore: Double, into list: CandidateList) {
        list.count = 0
        if score < minScore { return }
        base.matches(start, into: list)
        list.scores.update(repeating: score, count: list.count)
    }

    func refine(_ start: Int, _ list: CandidateList, isRequired: Bool, minScore: Double) {
        addScores(to: list, isRequired: isRequired, minScore: minScore) { matching in
            base.filter(start, matching)
            matching.scores.update(repeating: score, count: matching.count)
        }
    }
}

/// A stream of the documents that at least one of several streams matches: a score is the best of theirs plus
/// `tieBreaker` times the sum of the others.
///
/// With a tie breaker, all clauses of a window are collected completely, because the maximum and the sum are both
/// needed; whole windows are skipped by the bound. Without one, clauses that cannot reach the needed score are skipped.
final class DisjunctionMaxStream: DocumentStream {
    let scope: SegmentScope
    let cost: Int
    /// The union of the clauses, which finds the documents.
    private let union: UnionStream
    private let tieBreaker: Double

    /// The disjunction of at least one stream; `tieBreaker` is 0 to 1.
    init(_ streams: [any DocumentStream], tieBreaker: Float, _ scope: SegmentScope) {
        self.scope = scope
        self.tieBreaker = Double(tieBreaker)
        union = UnionStream(streams, scope)
        cost = union.cost
    }

    var widestWindow: Int { SegmentScope.widestSums }

    func nextWindow(from base: Int) -> Int? { union.nextWindow(from: base) }
    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) { union.match(base, into: bits) }

    func bound(_ base: Int) -> Double {
        var (best, sum) = (-1.0, 0.0)
        for stream in union.streams {
            let bound = stream.bound(base)
            best = max(best, bound)
            sum += max(bound, 0)
        }
        return best < 0 ? -1 : Double(Float(best + tieBreaker * (sum - best)).nextUp)
    }

    func collect(_ base: Int, minScore: Double, into list: CandidateList) {
        list.count = 0
        if bound(base) < minScore { return }
        // Without a tie breaker, a document's score is that of a single clause.
        let needed = tieBreaker == 0 ? minScore : -.infinity
        combine(base, into: list) { stream, hits in stream.collect(base, minScore: needed, into: hits) }
        list.drop(below: minScore)
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, minScore: Double) {
        addScores(to: list, isRequired: isRequired, minScore: minScore) { matching in
            combine(base, into: matching) { stream, hits in
                hits.count = 0
                for i in 0..<list.count { hits.append(Int(list.slots[i]), 0) }
                stream.refine(base, hits, isRequired: true, minScore: -.infinity)
            }
        }
    }

    /// Fills `list` with the documents that `find` collects for the clauses, and combines their scores.
    private func combine(_ base: Int, into list: CandidateList, _ find: (any DocumentStream, CandidateList) -> Void) {
        scope.withBits { bits in
            scope.withSums { sums in
                scope.withSums { maxima in
                    scope.withList { hits in
                        for stream in union.streams {
                            find(stream, hits)
                            for i in 0..<hits.count {
                                let slot = Int(hits.slots[i])
                                maxima[slot] = max(maxima[slot], hits.scores[i])
                            }
                            hits.add(to: sums, bits)
                        }
                    }
                    list.fill(from: sums, bits, words: scope.words, minScore: -.infinity)
                    for i in 0..<list.count {
                        let slot = Int(list.slots[i])
                        list.scores[i] = maxima[slot] + tieBreaker * (list.scores[i] - maxima[slot])
                        maxima[slot] = 0
                    }
                }
            }
        }
        list.round()
    }
}
