import Kernels

/// A stream of the documents that at least `minimum` of several streams match; a score is the sum over those that
/// match.
///
/// Candidates come from the union of the streams, with its skipping; matches are counted per document of a window.
final class MinimumMatchStream: DocumentStream {
    let scope: SegmentScope
    let cost: Int
    private let minimum: Int
    private let union: UnionStream
    /// The number of matching streams per document of a window, in bit planes; allocated on first use.
    private var planes: UnsafeMutablePointer<UInt64>?

    /// The documents that at least `minimum`, a positive number, of the streams match.
    init(_ streams: [any DocumentStream], minimum: Int, _ scope: SegmentScope) {
        self.scope = scope
        self.minimum = minimum
        union = UnionStream(streams, scope)
        cost = union.cost / minimum
    }

    deinit { planes?.deallocate() }

    var widestWindow: Int { union.widestWindow }
    var scoredClauses: [any DocumentStream] { union.streams }

    func nextWindow(from base: Int) -> Int? {
        // The first window that at least `minimum` streams have reached.
        var windows = union.streams.compactMap { $0.nextWindow(from: base) }
        guard windows.count >= minimum else { return nil }
        windows.sort()
        return windows[minimum - 1]
    }

    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) {
        let words = scope.words
        let planeCount = Int.bitWidth - union.streams.count.leadingZeroBitCount
        let memory = planes ?? .allocate(capacity: planeCount * SegmentScope.widestWindow / 64)
        planes = memory
        memory.update(repeating: 0, count: planeCount * words)
        for stream in union.streams where stream.nextWindow(from: base) == base {
            scope.withBits { matched in
                stream.match(base, into: matched)
                addBits(matched, toPlanes: memory, words: words)
            }
        }
        uniteBits(bits, withPlanes: memory, planeCount, atLeast: minimum, words: words)
    }

    func filter(_ base: Int, _ list: CandidateList) {
        if prefersBits(for: list.count, of: union.cost, clauses: union.streams.count) {
            return filterByBits(base, list)
        }
        // The score of a candidate is the number of streams that match it.
        scope.withList { counted in
            counted.fill(from: list)
            for stream in union.streams {
                scope.withList { matching in
                    matching.fill(from: list, score: 1)
                    stream.filter(base, matching)
                    counted.add(matching, isRequired: false)
                }
            }
            counted.drop(below: Double(minimum))
            scope.withBits { found in
                counted.setBits(found)
                list.keep(found, words: scope.words)
            }
        }
    }

    func bound(_ base: Int) -> Double {
        var reached = 0
        for stream in union.streams where stream.bound(base) >= 0 { reached += 1 }
        return reached >= minimum ? union.bound(base) : -1
    }

    func collect(_ base: Int, minScore: Double, into list: CandidateList) {
        union.collect(base, minScore: minScore, into: list)
        filter(base, list)
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, minScore: Double) {
        refine(base, list, isRequired: isRequired, minScore: minScore, clauses: union.streams)
    }
}
