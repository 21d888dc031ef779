import Kernels

/// A stream of the documents of `base`, with the scores of `optional` added where it matches as well.
///
/// If the clauses that a document needs to reach the score are rarer than the documents of `base`, they find the
/// candidates, whichever of the two streams they belong to; the exact scores follow.
final class OptionalStream: RescoringStream {
    let base: any DocumentStream
    private let optional: any DocumentStream
    /// The union of the clauses of both streams; nil if none scores.
    let clauses: UnionStream?

    /// The documents of `base`; `optional` only adds scores.
    init(_ base: any DocumentStream, optional: any DocumentStream) {
        self.base = base
        self.optional = optional
        let scored = base.scoredClauses + optional.scoredClauses
        clauses = scored.isEmpty ? nil : UnionStream(scored, base.scope)
    }

    var widestWindow: Int { min(base.widestWindow, optional.widestWindow, SegmentScope.widestSums) }

    func bound(_ start: Int) -> Double {
        let baseBound = base.bound(start)
        return baseBound < 0 ? baseBound : Double(Float(baseBound + max(optional.bound(start), 0)).nextUp)
    }

    func collect(_ start: Int, minScore: Double, into list: CandidateList) {
        let needed = minSum(roundingTo: minFloat(from: minScore))
        let optionalBound = optional.bound(start)
        if let clauses, optionalBound >= 0, needed > 0 {
            // Lowered a little, because the sums of the two streams are rounded before they are added.
            let least = needed * (1 - 0x1p-20)
            if clauses.essentialCost(start, least) < base.cost {
                clauses.collect(start, minScore: least, into: list)
                list.scores.update(repeating: 0, count: list.count)
                base.refine(start, list, isRequired: true, minScore: remaining(needed, optionalBound))
                optional.refine(start, list, isRequired: false, minScore: needed)
                return list.round()
            }
        }
        base.collect(start, minScore: remaining(needed, max(optionalBound, 0)), into: list)
        if optionalBound >= 0 {
            optional.refine(start, list, isRequired: false, minScore: needed)
        }
        list.round()
    }

    func refine(_ start: Int, _ list: CandidateList, isRequired: Bool, minScore: Double) {
        refine(start, list, isRequired: isRequired, minScore: minScore, clauses: [base, optional])
    }
}

/// A stream of the documents of `base` that `excluded` does not match, with the scores of `base`.
///
/// Only documents that `base` matches are tested for exclusion.
final class ExclusionStream: DocumentStream {
    var scope: SegmentScope { base.scope }
    var cost: Int { base.cost }
    let base: any DocumentStream
    private let excluded: any DocumentStream
    var scoredClauses: [any DocumentStream] { base.scoredClauses }

    init(_ base: any DocumentStream, excluded: any DocumentStream) {
        self.base = base
        self.excluded = excluded
    }

    var widestWindow: Int { min(base.widestWindow, excluded.widestWindow) }

    func nextWindow(from start: Int) -> Int? { base.nextWindow(from: start) }

    func match(_ start: Int, into bits: UnsafeMutablePointer<UInt64>) {
        scope.withBits { matched in
            base.match(start, into: matched)
            removeExcluded(start, matched)
            uniteBits(bits, matched, words: scope.words)
        }
    }

    func restrict(_ start: Int, _ bits: UnsafeMutablePointer<UInt64>) {
        base.restrict(start, bits)
        removeExcluded(start, bits)
    }

    /// Clears the bits of the documents that `excluded` matches.
    private func removeExcluded(_ start: Int, _ bits: UnsafeMutablePointer<UInt64>) {
        let words = scope.words
        scope.withBits { excludedBits in
            excludedBits.update(from: bits, count: words)
            excluded.restrict(start, excludedBits)
            subtractBits(bits, excludedBits, words: words)
        }
    }

    func bound(_ start: Int) -> Double { base.bound(start) }

    func collect(_ start: Int, minScore: Double, into list: CandidateList) {
        base.collect(start, minScore: minScore, into: list)
        removeExcluded(start, list)
    }

    /// Drops the candidates that `excluded` matches.
    private func removeExcluded(_ start: Int, _ list: CandidateList) {
        if list.count == 0 { return }
        scope.withList { matching in
            matching.fill(from: list)
            excluded.filter(start, matching)
            if matching.count == 0 { return }
            scope.withBits { excludedBits in
                matching.setBits(excludedBits)
                list.keep(excludedBits, words: scope.words, where: false)
            }
        }
    }

    func filter(_ start: Int, _ list: CandidateList) {
        base.filter(start, list)
        removeExcluded(start, list)
    }

    func refine(_ start: Int, _ list: CandidateList, isRequired: Bool, minScore: Double) {
        addScores(to: list, isRequired: isRequired, minScore: minScore) { matching in
            removeExcluded(start, matching)
            base.refine(start, matching, isRequired: true, minScore: -.infinity)
        }
    }
}
