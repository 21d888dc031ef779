import Kernels

/// The documents that all of several streams match; some of those score, the others only filter.
final class IntersectionStream: DocumentStream {
    let scope: SegmentScope
    let cost: Int
    /// Those that score.
    private let scored: [any DocumentStream]
    /// All streams, rarest first.
    private let all: [any DocumentStream]
    /// Which of all score.
    private let isScored: [Bool]
    /// Bounds of all, in their order, in the window `boundsBase` of `boundsSize`; filters have none above 0.
    private var bounds: [Double]
    /// What those behind each can add: sums from the last one on, so that a great bound does not swallow the small
    /// ones.
    private var rests: [Double]
    private var boundsBase = -1
    private var boundsSize = 0
    private var total = 0.0

    init(scored: [any DocumentStream], filters: [any DocumentStream], _ scope: SegmentScope) {
        self.scope = scope
        self.scored = scored
        var all = scored
        if !filters.isEmpty { all += filters }
        var isScored = [Bool](repeating: true, count: all.count)
        for i in scored.count..<all.count { isScored[i] = false }
        // By insertion: there are few, and this runs for every segment.
        for i in 1..<max(all.count, 1) {
            var j = i
            while j > 0, all[j].cost < all[j - 1].cost {
                all.swapAt(j, j - 1)
                isScored.swapAt(j, j - 1)
                j -= 1
            }
        }
        self.all = all
        self.isScored = isScored
        bounds = [Double](repeating: 0, count: all.count)
        rests = bounds
        cost = all.first?.cost ?? 0
        var widest = SegmentScope.widestWindow
        for stream in all { widest = min(widest, stream.widestWindow) }
        widestWindow = widest
    }

    let widestWindow: Int
    /// Where few documents match, they are scored in passing.
    var countsByScoring: Bool { cost &* 32 < scope.documents || all.contains { $0.countsByScoring } }

    func nextWindow(from base: Int) -> Int? {
        var candidate = base
        search: while true {
            for stream in all {
                guard let next = stream.nextWindow(from: candidate) else { return nil }
                if next > candidate {
                    candidate = next
                    continue search
                }
            }
            return candidate
        }
    }

    /// Whether the rarest stream has so many documents that bits are quicker than lists.
    private var isDense: Bool { cost &* 192 >= scope.documents }

    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) {
        if !isDense {
            return scope.withList { list in
                matches(base, into: list)
                list.setBits(bits)
            }
        }
        scope.withBits { own in
            all[0].match(base, into: own)
            for stream in all.dropFirst() { stream.restrict(base, own) }
            uniteBits(bits, own, words: scope.words)
        }
    }

    func matches(_ base: Int, into list: CandidateList) { findMatches(base, isScored: false, into: list) }

    /// Whether the rarest stream's documents are best looked up in the bits of the others.
    private var prefersBits: Bool { isDense && all.count > 1 && all[1].cost < cost &* 12 }

    /// Fills `list` with the matches, and if `isScored` with the scores of the rarest stream.
    private func findMatches(_ base: Int, isScored: Bool, into list: CandidateList) {
        if prefersBits {
            return scope.withBits { others in
                all[1].match(base, into: others)
                for stream in all.dropFirst(2) { stream.restrict(base, others) }
                all[0].matches(base, among: others, isScored: isScored, into: list)
            }
        }
        all[0].matches(base, into: list)
        for stream in all.dropFirst() where list.count > 0 { stream.filter(base, list) }
        if isScored { all[0].refine(base, list, isRequired: false, need: -.infinity) }
    }

    func filter(_ base: Int, _ list: CandidateList) {
        for stream in all where list.count > 0 { stream.filter(base, list) }
    }

    func count(_ base: Int) -> Int {
        var count = 0
        if isDense, all[all.count - 1].cost &* 16 >= scope.documents {
            scope.withBits { own in
                all[0].match(base, into: own)
                for stream in all.dropFirst() { stream.restrict(base, own) }
                count = countBits(own, words: scope.words)
            }
        } else {
            scope.withList { list in
                matches(base, into: list)
                count = list.count
            }
        }
        return count
    }

    func restrict(_ base: Int, _ bits: UnsafeMutablePointer<UInt64>) {
        for stream in all { stream.restrict(base, bits) }
    }

    func bound(_ base: Int) -> Double {
        computeBounds(base)
        return total
    }

    private func computeBounds(_ base: Int) {
        if base == boundsBase, boundsSize == scope.windowSize { return }
        boundsBase = base
        boundsSize = scope.windowSize
        total = -1
        for (i, stream) in all.enumerated() {
            bounds[i] = stream.bound(base)
            if bounds[i] < 0 { return }
        }
        total = 0
        for i in all.indices.reversed() {
            rests[i] = total
            total += bounds[i]
        }
        if total > 0 { total = Double(Float(total).nextUp) }
    }

    func collect(_ base: Int, need: Double, into list: CandidateList) {
        list.count = 0
        computeBounds(base)
        if total < 0 || total < need { return }
        let needed = leastSum(roundingTo: leastFloat(from: need))
        if needed == -.infinity || isDense && needed < 0.75 * total {
            // Bounds hold few back: it is quicker to find the matches first and to score only those.
            collectAll(base, into: list)
            return score(base, list, needed)
        }
        all[0].collect(base, need: remaining(needed, rests[0]), into: list)
        for i in 1..<all.count {
            if list.count == 0 { return }
            all[i].refine(base, list, isRequired: true, need: remaining(needed, rests[i]))
        }
        list.round()
    }

    /// Fills `list` with all matches, with a part of their scores; `score` adds the others.
    func collectAll(_ base: Int, into list: CandidateList) { findMatches(base, isScored: isScored[0], into: list) }

    /// Adds what `collectAll` left out, and drops those that cannot reach `need`.
    func score(_ base: Int, _ list: CandidateList, need: Double) {
        if list.count == 0 { return }
        computeBounds(base)
        score(base, list, leastSum(roundingTo: leastFloat(from: need)))
    }

    private func score(_ base: Int, _ list: CandidateList, _ needed: Double) {
        list.drop(below: remaining(needed, rests[0]))
        for i in 1..<max(all.count, 1) where isScored[i] {
            if list.count == 0 { return }
            all[i].refine(base, list, isRequired: false, need: remaining(needed, rests[i]))
        }
        list.round()
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, need: Double) {
        refine(base, list, isRequired: isRequired, need: need, clauses: scored)
    }
}

/// The documents of `base`, with the scores of `optional` added where it matches as well.
final class OptionalStream: DocumentStream {
    var scope: SegmentScope { base.scope }
    var cost: Int { base.cost }
    private let base: any DocumentStream
    private let optional: any DocumentStream

    init(_ base: any DocumentStream, optional: any DocumentStream) {
        self.base = base
        self.optional = optional
    }

    var widestWindow: Int { min(base.widestWindow, optional.widestWindow) }

    func nextWindow(from start: Int) -> Int? { base.nextWindow(from: start) }
    func matches(_ start: Int, into list: CandidateList) { base.matches(start, into: list) }
    func filter(_ start: Int, _ list: CandidateList) { base.filter(start, list) }
    func count(_ start: Int) -> Int { base.count(start) }
    func match(_ start: Int, into bits: UnsafeMutablePointer<UInt64>) { base.match(start, into: bits) }
    func restrict(_ start: Int, _ bits: UnsafeMutablePointer<UInt64>) { base.restrict(start, bits) }

    func bound(_ start: Int) -> Double {
        let least = base.bound(start)
        return least < 0 ? least : Double(Float(least + max(optional.bound(start), 0)).nextUp)
    }

    func collect(_ start: Int, need: Double, into list: CandidateList) {
        let needed = leastSum(roundingTo: leastFloat(from: need))
        let more = optional.bound(start)
        base.collect(start, need: remaining(needed, max(more, 0)), into: list)
        if more >= 0 {
            optional.refine(start, list, isRequired: false, need: needed)
        }
        list.round()
    }

    func refine(_ start: Int, _ list: CandidateList, isRequired: Bool, need: Double) {
        refine(start, list, isRequired: isRequired, need: need, clauses: [base, optional])
    }
}

/// The documents of `base` that `excluded` does not match.
final class ExclusionStream: DocumentStream {
    var scope: SegmentScope { base.scope }
    var cost: Int { base.cost }
    private let base: any DocumentStream
    private let excluded: any DocumentStream

    init(_ base: any DocumentStream, excluded: any DocumentStream) {
        self.base = base
        self.excluded = excluded
    }

    var widestWindow: Int { min(base.widestWindow, excluded.widestWindow) }

    func nextWindow(from start: Int) -> Int? { base.nextWindow(from: start) }

    func match(_ start: Int, into bits: UnsafeMutablePointer<UInt64>) {
        scope.withBits { own in
            base.match(start, into: own)
            removeExcluded(start, own)
            uniteBits(bits, own, words: scope.words)
        }
    }

    func restrict(_ start: Int, _ bits: UnsafeMutablePointer<UInt64>) {
        base.restrict(start, bits)
        removeExcluded(start, bits)
    }

    private func removeExcluded(_ start: Int, _ bits: UnsafeMutablePointer<UInt64>) {
        let words = scope.words
        scope.withBits { gone in
            gone.update(from: bits, count: words)
            excluded.restrict(start, gone)
            subtractBits(bits, gone, words: words)
        }
    }

    func bound(_ start: Int) -> Double { base.bound(start) }

    func collect(_ start: Int, need: Double, into list: CandidateList) {
        base.collect(start, need: need, into: list)
        if list.count == 0 { return }
        scope.withBits { gone in
            list.setBits(gone)
            excluded.restrict(start, gone)
            list.keep(gone, words: scope.words, set: false)
        }
    }

    func refine(_ start: Int, _ list: CandidateList, isRequired: Bool, need: Double) {
        refine(start, list, isRequired: isRequired, need: need, clauses: [base])
    }
}

/// All documents of a segment, with a constant score.
final class AllStream: DocumentStream {
    let scope: SegmentScope
    var cost: Int { scope.documents }
    private let score: Double

    init(score: Float, _ scope: SegmentScope) {
        self.scope = scope
        self.score = Double(score)
    }

    var widestWindow: Int { SegmentScope.widestWindow }

    func nextWindow(from base: Int) -> Int? { base < scope.documents ? base & ~(scope.windowSize - 1) : nil }

    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) {
        let end = min(scope.documents - base, scope.windowSize)
        for word in 0..<scope.words {
            let left = end - word * 64
            bits[word] |= left >= 64 ? .max : left <= 0 ? 0 : (1 << UInt64(left)) - 1
        }
    }

    func bound(_ base: Int) -> Double { score }

    func collect(_ base: Int, need: Double, into list: CandidateList) {
        list.count = 0
        if score < need { return }
        for slot in 0..<min(scope.documents - base, scope.windowSize) { list.append(slot, score) }
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, need: Double) {
        for i in 0..<list.count { list.scores[i] += score }
        list.drop(below: need)
    }
}
