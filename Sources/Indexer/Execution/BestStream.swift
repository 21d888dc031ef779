import Kernels

/// The documents of a stream, all with the same score.
final class ConstantStream: DocumentStream {
    var scope: SegmentScope { base.scope }
    var cost: Int { base.cost }
    private let base: any DocumentStream
    private let score: Double

    init(_ base: any DocumentStream, score: Float) {
        self.base = base
        self.score = Double(score)
    }

    var widestWindow: Int { base.widestWindow }

    func nextWindow(from start: Int) -> Int? { base.nextWindow(from: start) }
    func match(_ start: Int, into bits: UnsafeMutablePointer<UInt64>) { base.match(start, into: bits) }
    func restrict(_ start: Int, _ bits: UnsafeMutablePointer<UInt64>) { base.restrict(start, bits) }
    func matches(_ start: Int, into list: CandidateList) { base.matches(start, into: list) }
    func filter(_ start: Int, _ list: CandidateList) { base.filter(start, list) }
    func count(_ start: Int) -> Int { base.count(start) }
    func bound(_ start: Int) -> Double { score }

    func collect(_ start: Int, need: Double, into list: CandidateList) {
        list.count = 0
        if score < need { return }
        base.matches(start, into: list)
        list.scores.update(repeating: score, count: list.count)
    }

    func refine(_ start: Int, _ list: CandidateList, isRequired: Bool, need: Double) {
        if list.count == 0 { return }
        scope.withList { matching in
            for i in 0..<list.count { matching.append(Int(list.slots[i]), score) }
            base.filter(start, matching)
            matching.scores.update(repeating: score, count: matching.count)
            list.add(matching, isRequired: isRequired)
            list.drop(below: need)
        }
    }
}

/// The documents that at least one of several streams matches; a score is the best of theirs and a share of the others.
final class BestStream: DocumentStream {
    let scope: SegmentScope
    let cost: Int
    private let union: UnionStream
    private let others: Double

    init(_ streams: [any DocumentStream], others: Float, _ scope: SegmentScope) {
        self.scope = scope
        self.others = Double(others)
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
        return best < 0 ? -1 : Double(Float(best + others * (sum - best)).nextUp)
    }

    func collect(_ base: Int, need: Double, into list: CandidateList) {
        list.count = 0
        if bound(base) < need { return }
        joined(base, into: list) { stream, one in stream.collect(base, need: -.infinity, into: one) }
        list.drop(below: need)
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, need: Double) {
        if list.count == 0 { return }
        scope.withList { matching in
            joined(base, into: matching) { stream, one in
                one.count = 0
                for i in 0..<list.count { one.append(Int(list.slots[i]), 0) }
                stream.refine(base, one, isRequired: true, need: -.infinity)
            }
            list.add(matching, isRequired: isRequired)
            list.drop(below: need)
        }
    }

    /// Fills `list` with what `find` finds for each clause, and the scores joined.
    private func joined(
        _ base: Int, into list: CandidateList, _ find: (any DocumentStream, CandidateList) -> Void
    ) {
        scope.withBits { bits in
            scope.withSums { sums in
                scope.withSums { bests in
                    scope.withList { one in
                        for stream in union.streams {
                            find(stream, one)
                            for i in 0..<one.count {
                                let slot = Int(one.slots[i])
                                bests[slot] = max(bests[slot], one.scores[i])
                            }
                            one.add(to: sums, bits)
                        }
                    }
                    list.take(sums, bits, words: scope.words, least: -.infinity)
                    for i in 0..<list.count {
                        let slot = Int(list.slots[i])
                        list.scores[i] = bests[slot] + others * (list.scores[i] - bests[slot])
                        bests[slot] = 0
                    }
                }
            }
        }
        list.round()
    }
}
