import Kernels
import OracleSupport
import Testing

@testable import Indexer

/// Asks a stream everything its protocol promises, in any order and again, and compares with the plain matches.
struct StreamContract {
    private enum Question: CaseIterable {
        case nextWindow, match, restrict, bound, collect, refine, matches, matchesAmong, filter, count
    }

    private let stream: any DocumentStream
    private let expected: NaiveMatches
    private let scope: SegmentScope
    private let list = CandidateList(1 << 16)
    private let questions: [Question]
    private let isScored: Bool
    private var random: SplitMix64
    private var window: NaiveWindow

    /// A contract of a stream; `isScored` is false where only matches are asked for.
    init(_ stream: any DocumentStream, _ expected: NaiveMatches, seed: UInt64, isScored: Bool = true) {
        self.stream = stream
        self.expected = expected
        self.isScored = isScored
        questions = Question.allCases.filter { isScored || ![.bound, .collect, .refine].contains($0) }
        scope = stream.scope
        random = SplitMix64(seed: seed)
        window = NaiveWindow(expected, base: 0, size: 64)
    }

    /// The first thing that is wrong; nil when the promise is kept.
    mutating func problem() -> String? {
        if stream.cost < expected.count { return "\(expected.count) matches, cost \(stream.cost)" }
        // All windows in their order, some of them, only those that are named, and the first once more.
        for pass in 0..<4 {
            var base = 0
            while base < scope.documents {
                window = NaiveWindow(expected, base: base, size: scope.windowSize)
                let some = questions.shuffled(using: &random)
                for question in some.prefix(pass == 0 ? some.count : 3) + some.prefix(pass == 0 ? 3 : 1) {
                    if let problem = answer(question) {
                        return "\(question), pass \(pass), window \(base), \(scope.windowSize): \(problem)"
                    }
                }
                if pass == 3 { break }
                base += scope.windowSize * (pass == 1 ? 1 + random.below(3) : 1)
                if pass == 2 {
                    guard let next = stream.nextWindow(from: base) else { break }
                    if next < base { return "the window after \(base) is \(next)" }
                    base = next
                }
            }
        }
        return nil
    }

    private mutating func answer(_ question: Question) -> String? {
        switch question {
        case .nextWindow: return nextWindow()
        case .match: return match()
        case .restrict: return restrict()
        case .bound: return bound()
        case .collect: return collect()
        case .refine: return refine()
        case .matches:
            stream.matches(window.base, into: list)
            return window.problem(matches: found)
        case .matchesAmong: return matchesAmong()
        case .filter: return filter()
        case .count:
            let count = stream.count(window.base)
            return count == window.count ? nil : "\(count) instead of \(window.count)"
        }
    }

    private var found: UnsafeBufferPointer<UInt16> { UnsafeBufferPointer(start: list.slots, count: list.count) }

    private func nextWindow() -> String? {
        guard let next = stream.nextWindow(from: window.base) else {
            return expected.hasMatch(window.base..<scope.documents) ? "no window, though there are matches" : nil
        }
        if next < window.base || next % scope.windowSize != 0 { return "window \(next)" }
        return expected.hasMatch(window.base..<next) ? "window \(next), though there are matches before" : nil
    }

    private mutating func match() -> String? {
        let before = window.someBits(using: &random)
        let some = GuardedBytes(numbers: before)
        stream.match(window.base, into: some.numbers(UInt64.self).baseAddress!)
        return before.withUnsafeBufferPointer { window.problem(united: $0, some.numbers(UInt64.self)) }
    }

    private mutating func restrict() -> String? {
        let before = window.someBits(using: &random)
        let some = GuardedBytes(numbers: before)
        stream.restrict(window.base, some.numbers(UInt64.self).baseAddress!)
        return before.withUnsafeBufferPointer { window.problem(restricted: $0, some.numbers(UInt64.self)) }
    }

    private func bound() -> String? {
        let bound = stream.bound(window.base)
        guard let best = window.best else { return nil }
        return bound >= Double(best) ? nil : "bound \(bound), best \(best)"
    }

    private mutating func collect() -> String? {
        let need = window.need(using: &random)
        // Whatever the list held is forgotten.
        list.count = 0
        list.append(0, 1)
        stream.collect(window.base, need: need, into: list)
        return window.problem(collected: found, list.scores, need: need)
    }

    private func put(_ candidates: [NaiveWindow.Candidate]) {
        list.count = 0
        for one in candidates { list.append(one.slot, one.score) }
    }

    private mutating func refine() -> String? {
        let candidates = window.candidates(using: &random)
        let isRequired = random.chance(50)
        let need = random.chance(50) ? -.infinity : window.need(using: &random) + Double(random.below(16)) / 2
        put(candidates)
        stream.refine(window.base, list, isRequired: isRequired, need: need)
        let wanted = window.refined(candidates, isRequired: isRequired, need: need)
        return NaiveWindow.difference(found, list.scores, from: wanted).map {
            "required \(isRequired), need \(need): \($0)"
        }
    }

    private mutating func matchesAmong() -> String? {
        let before = window.someBits(using: &random)
        let some = GuardedBytes(numbers: before)
        list.count = 0
        list.append(0, 1)
        let scores = isScored && random.chance(50)
        stream.matches(window.base, among: some.numbers(UInt64.self).baseAddress!, isScored: scores, into: list)
        return NaiveWindow.difference(found, list.scores, from: window.matches(among: before, isScored: scores))
    }

    private mutating func filter() -> String? {
        let candidates = window.candidates(using: &random)
        put(candidates)
        stream.filter(window.base, list)
        return NaiveWindow.difference(found, list.scores, from: window.filtered(candidates))
    }
}

extension SegmentScope {
    /// The sizes of windows there are.
    static let windowSizes = [4096, 16_384, 65_536]

    /// A scope whose windows have a given size.
    static func sized(_ windowSize: Int, documents: Int) -> SegmentScope {
        let scope = SegmentScope(documents: documents)
        scope.chooseWindow(cost: 0, wanted: 1, widest: windowSize)
        precondition(scope.windowSize == windowSize)
        return scope
    }

    /// Goes over to the largest windows, as a search does when it counts what it has scored.
    func widen() { chooseWindow(cost: 0, wanted: 1, widest: Self.widestWindow) }
}
