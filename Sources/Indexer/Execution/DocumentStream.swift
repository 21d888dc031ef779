import Kernels

/// The documents of a segment that match some query, and their scores, window by window.
///
/// A window is the span of documents `base ..< base + scope.windowSize`; `base` is a multiple of that size. Each
/// operation answers for one window, so that operators nest at the price of one virtual call a window and none a
/// document. Windows are visited in ascending order, or from the start again; within one, operations may be called in
/// any order and repeatedly.
protocol DocumentStream: AnyObject {
    /// What all streams of one segment share.
    var scope: SegmentScope { get }
    /// At most this many documents match.
    var cost: Int { get }
    /// The first window at or after `base` that may have matches; nil when there is none.
    func nextWindow(from base: Int) -> Int?
    /// `bits |= matches`.
    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>)
    /// `bits &= matches`.
    func restrict(_ base: Int, _ bits: UnsafeMutablePointer<UInt64>)
    /// No score in the window is above this; negative when the window has no match.
    func bound(_ base: Int) -> Double
    /// Fills `list` with the matches whose score is at least `need`, ascending; others may be left out.
    func collect(_ base: Int, need: Double, into list: CandidateList)
    /// Adds the score of each candidate that matches; drops the others if `isRequired`, and those whose sum is then
    /// below `need`.
    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, need: Double)
    /// Fills `list` with all matches, ascending, without scores.
    func matches(_ base: Int, into list: CandidateList)
    /// Fills `list` with the matches whose bits are set, ascending, with their scores if `isScored`.
    func matches(_ base: Int, among bits: UnsafePointer<UInt64>, isScored: Bool, into list: CandidateList)
    /// Drops the candidates that do not match.
    func filter(_ base: Int, _ list: CandidateList)
    /// The number of matches.
    func count(_ base: Int) -> Int
    /// Documents in the largest window that suits it.
    var widestWindow: Int { get }
    /// Whether counting all matches costs about as much as scoring them.
    var countsByScoring: Bool { get }
}

extension DocumentStream {
    /// Chooses the size of windows for scoring.
    func chooseWindowForScoring() { scope.chooseWindow(cost: cost, wanted: 128, widest: widestWindow) }

    /// Chooses the size of windows for counting, where nothing is bounded; nor summed up, unless scores are wanted in
    /// passing.
    func chooseWindowForCounting(alsoScoring: Bool = false) {
        scope.chooseWindow(
            cost: cost, wanted: 1024, widest: alsoScoring ? widestWindow : SegmentScope.widestWindow)
    }

    var countsByScoring: Bool { false }

    func restrict(_ base: Int, _ bits: UnsafeMutablePointer<UInt64>) {
        scope.withBits { own in
            match(base, into: own)
            _ = intersectBits(bits, own, words: scope.words)
        }
    }

    func matches(_ base: Int, into list: CandidateList) {
        scope.withBits { own in
            match(base, into: own)
            list.take(own, words: scope.words)
        }
    }

    func matches(_ base: Int, among bits: UnsafePointer<UInt64>, isScored: Bool, into list: CandidateList) {
        list.take(bits, words: scope.words)
        if isScored {
            refine(base, list, isRequired: true, need: -.infinity)
        } else {
            filter(base, list)
        }
    }

    func filter(_ base: Int, _ list: CandidateList) {
        scope.withBits { own in
            list.setBits(own)
            restrict(base, own)
            list.keep(own, words: scope.words)
        }
    }

    func count(_ base: Int) -> Int {
        var count = 0
        scope.withBits { own in
            match(base, into: own)
            count = countBits(own, words: scope.words)
        }
        return count
    }

    /// `refine` for operators: finds the matching candidates, lets `clauses` score those, rounds their sums.
    func refine(
        _ base: Int, _ list: CandidateList, isRequired: Bool, need: Double, clauses: [any DocumentStream]
    ) {
        if list.count == 0 { return }
        scope.withList { matching in
            for i in 0..<list.count { matching.append(Int(list.slots[i]), 0) }
            filter(base, matching)
            for clause in clauses { clause.refine(base, matching, isRequired: false, need: -.infinity) }
            matching.round()
            list.add(matching, isRequired: isRequired)
            list.drop(below: need)
        }
    }
}
