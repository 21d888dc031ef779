import Kernels
import Segments

/// A stream of listed documents of a segment, each with its score.
final class ListedStream: DocumentStream {
    let scope: SegmentScope
    /// The documents with their scores, ascending and distinct.
    private let listed: [(document: Int, score: Double)]

    /// A stream of distinct documents of the segment, in ascending order.
    init(_ listed: [(document: Int, score: Double)], _ scope: SegmentScope) {
        self.listed = listed
        self.scope = scope
    }

    var cost: Int { listed.count }
    var widestWindow: Int { SegmentScope.widestWindow }

    /// The index of the first listed document from `document` on.
    private func index(from document: Int) -> Int {
        var (low, high) = (0, listed.count)
        while low < high {
            let middle = (low + high) / 2
            if listed[middle].document < document { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Calls `body` with the slots and the scores of the documents of the window at `base`.
    private func forEach(_ base: Int, _ body: (_ slot: Int, _ score: Double) -> Void) {
        var i = index(from: base)
        while i < listed.count, listed[i].document < base + scope.windowSize {
            body(listed[i].document - base, listed[i].score)
            i += 1
        }
    }

    func nextWindow(from base: Int) -> Int? {
        let i = index(from: base)
        return i < listed.count ? scope.window(of: UInt32(listed[i].document)) : nil
    }

    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) { forEach(base) { slot, _ in setBit(bits, slot) } }

    func bound(_ base: Int) -> Double {
        var bound = -1.0
        forEach(base) { bound = max(bound, $1) }
        return bound
    }

    func collect(_ base: Int, minScore: Double, into list: CandidateList) {
        list.count = 0
        forEach(base) { slot, score in if score >= minScore { list.append(slot, score) } }
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, minScore: Double) {
        scope.withList { matching in
            var i = 0
            forEach(base) { slot, score in
                while i < list.count, Int(list.slots[i]) < slot { i += 1 }
                if i < list.count, Int(list.slots[i]) == slot { matching.append(slot, score) }
            }
            list.add(matching, isRequired: isRequired)
        }
        list.drop(below: minScore)
    }
}
