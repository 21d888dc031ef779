import Kernels

/// An operator that produces the matching documents of a segment, and their scores, window by window.
///
/// A window is the range of documents `base ..< base + scope.windowSize`, where `base` is a multiple of that size. Each
/// operation handles one window, so operators nest at the price of one virtual call per window and none per document.
/// Windows are visited in ascending order, or from the start again if they are not smaller than before; within one,
/// operations may be called in any order and repeatedly, with the same result each time. Bit sets and lists are
/// relative to `base`; bits after the segment's last document are 0. Every list that is filled loses what it had.
///
/// Streams of corrupt postings lists end early and report through `scope.corruption`; they never produce a document
/// outside the segment. Not thread-safe: all streams of a scope belong to one search.
///
/// ```swift
/// stream.chooseWindowForScoring()
/// var from = 0
/// while let window = stream.nextWindow(from: from) {
///     from = window + scope.windowSize
///     if stream.bound(window) < minScore { continue }
///     stream.collect(window, minScore: minScore, into: list)
///     for i in 0..<list.count { use(window + Int(list.slots[i]), Float(list.scores[i])) }
/// }
/// ```
protocol DocumentStream: AnyObject {
    /// The state that all streams of one search share in a segment.
    var scope: SegmentScope { get }
    /// An upper bound of the number of matches in the segment.
    var cost: Int { get }
    /// The first window at or after `base` that may have matches; nil when there is none.
    func nextWindow(from base: Int) -> Int?
    /// Sets the bits of all matches: `bits |= matches`.
    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>)
    /// Clears the bits of all documents that do not match: `bits &= matches`.
    func restrict(_ base: Int, _ bits: UnsafeMutablePointer<UInt64>)
    /// An upper bound of the scores in the window; negative when the window has no match.
    func bound(_ base: Int) -> Double
    /// Fills `list` with the matches whose score is at least `minScore`, in ascending order; matches with lower scores
    /// may be left out. Scores are exact and rounded to a float's precision.
    func collect(_ base: Int, minScore: Double, into list: CandidateList)
    /// Adds the score of each candidate that matches. Drops the other candidates if `isRequired`, and then those whose
    /// sum is below `minScore`.
    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, minScore: Double)
    /// Fills `list` with all matches in ascending order, with the score 0.
    func matches(_ base: Int, into list: CandidateList)
    /// Fills `list` with the matches whose bits are set, in ascending order, with their scores if `isScored` and with 0
    /// otherwise.
    func matches(_ base: Int, among bits: UnsafePointer<UInt64>, isScored: Bool, into list: CandidateList)
    /// Drops the candidates that do not match.
    func filter(_ base: Int, _ list: CandidateList)
    /// The number of matches in the window.
    func count(_ base: Int) -> Int
    /// The maximum window size, in documents, that suits the stream.
    var widestWindow: Int { get }
    /// True if counting all matches costs about as much as scoring them, so that one pass should do both.
    var countsByScoring: Bool { get }
    /// The clauses whose scores are summed up and then rounded; the stream itself if its score is no such sum, and none
    /// if it has no score.
    var scoredClauses: [any DocumentStream] { get }
}

extension DocumentStream {
    /// Chooses a window size for scoring: small windows have tighter bounds. To be called before the first window.
    func chooseWindowForScoring() { scope.chooseWindow(cost: cost, matches: 128, widest: widestWindow) }

    /// Chooses a window size for counting: large windows, because no bounds are needed. With `alsoScoring` the size is
    /// limited to what suits score sums. To be called before the first window.
    func chooseWindowForCounting(alsoScoring: Bool = false) {
        scope.chooseWindow(cost: cost, matches: 1024, widest: alsoScoring ? widestWindow : SegmentScope.widestWindow)
    }

    var countsByScoring: Bool { false }
    var scoredClauses: [any DocumentStream] { [self] }

    func restrict(_ base: Int, _ bits: UnsafeMutablePointer<UInt64>) {
        scope.withBits { matched in
            match(base, into: matched)
            _ = intersectBits(bits, matched, words: scope.words)
        }
    }

    func matches(_ base: Int, into list: CandidateList) {
        scope.withBits { matched in
            match(base, into: matched)
            list.fill(from: matched, words: scope.words)
        }
    }

    func matches(_ base: Int, among bits: UnsafePointer<UInt64>, isScored: Bool, into list: CandidateList) {
        list.fill(from: bits, words: scope.words)
        if isScored {
            refine(base, list, isRequired: true, minScore: -.infinity)
        } else {
            filter(base, list)
        }
    }

    func filter(_ base: Int, _ list: CandidateList) { filterByBits(base, list) }

    /// An implementation of `filter` for streams that find their documents as bits.
    func filterByBits(_ base: Int, _ list: CandidateList) {
        scope.withBits { matched in
            list.setBits(matched)
            restrict(base, matched)
            list.keep(matched, words: scope.words)
        }
    }

    /// True if the bits of a window of clauses that have `cost` documents together tell faster which of so many
    /// candidates match than looking each one up in each clause.
    func prefersBits(for candidates: Int, of cost: Int, clauses: Int) -> Bool {
        candidates &* clauses &* TermStream.findCost &* scope.documents >= cost &* scope.windowSize
    }

    func count(_ base: Int) -> Int {
        scope.withBits { matched in
            match(base, into: matched)
            return countBits(matched, words: scope.words)
        }
    }

    /// An implementation of `refine` for operators: filters the candidates, lets `clauses` score those that match, and
    /// adds their sums, rounded to a float.
    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, minScore: Double, clauses: [any DocumentStream]) {
        addScores(to: list, isRequired: isRequired, minScore: minScore) { matching in
            filter(base, matching)
            for clause in clauses { clause.refine(base, matching, isRequired: false, minScore: -.infinity) }
            matching.round()
        }
    }

    /// An implementation of `refine`: `score` is called with the candidates, whose scores are 0, and leaves those that
    /// match, with their scores.
    @inline(__always)
    func addScores(
        to list: CandidateList, isRequired: Bool, minScore: Double, _ score: (_ matching: CandidateList) -> Void
    ) {
        if list.count == 0 { return }
        scope.withList { matching in
            for i in 0..<list.count { matching.append(Int(list.slots[i]), 0) }
            score(matching)
            list.add(matching, isRequired: isRequired)
            list.drop(below: minScore)
        }
    }

    /// An implementation of `match` for streams that find their documents as a list.
    func matchByList(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) {
        scope.withList { list in
            matches(base, into: list)
            list.setBits(bits)
        }
    }

    /// An implementation of `count` for streams that find their documents as a list.
    func countByList(_ base: Int) -> Int {
        scope.withList { list in
            matches(base, into: list)
            return list.count
        }
    }
}

/// A stream that has the documents of another one and changes their scores only.
protocol RescoringStream: DocumentStream {
    /// The stream that finds the documents.
    var base: any DocumentStream { get }
}

extension RescoringStream {
    var scope: SegmentScope { base.scope }
    var cost: Int { base.cost }
    var widestWindow: Int { base.widestWindow }

    func nextWindow(from start: Int) -> Int? { base.nextWindow(from: start) }
    func match(_ start: Int, into bits: UnsafeMutablePointer<UInt64>) { base.match(start, into: bits) }
    func restrict(_ start: Int, _ bits: UnsafeMutablePointer<UInt64>) { base.restrict(start, bits) }
    func matches(_ start: Int, into list: CandidateList) { base.matches(start, into: list) }
    func filter(_ start: Int, _ list: CandidateList) { base.filter(start, list) }
    func count(_ start: Int) -> Int { base.count(start) }
}

/// A stream whose matches have the score 0; a `ConstantStream` around it replaces that.
protocol UnscoredStream: DocumentStream {}

extension UnscoredStream {
    var widestWindow: Int { SegmentScope.widestWindow }
    var scoredClauses: [any DocumentStream] { [] }

    func bound(_ base: Int) -> Double { 0 }

    func collect(_ base: Int, minScore: Double, into list: CandidateList) {
        list.count = 0
        if minScore <= 0 { matches(base, into: list) }
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, minScore: Double) {
        if isRequired { filter(base, list) }
        list.drop(below: minScore)
    }
}

/// Returns the first window at or after `base` that all of several clauses may have matches in; nil when there is none.
/// `next` returns the next window of a clause.
@inline(__always)
func commonWindow<Clause>(of clauses: [Clause], from base: Int, _ next: (Clause, Int) -> Int?) -> Int? {
    var candidate = base
    search: while true {
        for clause in clauses {
            guard let window = next(clause, candidate) else { return nil }
            if window > candidate {
                candidate = window
                continue search
            }
        }
        return candidate
    }
}
