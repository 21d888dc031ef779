import Kernels
import TestSupport
import Testing

@testable import Searching
@testable import Segments

/// A check of the whole contract of `DocumentStream`: all operations, in any order and repeatedly, against naive
/// matches.
struct StreamContract {
    private enum Operation: CaseIterable {
        case nextWindow, match, restrict, bound, collect, refine, matches, matchesAmong, filter, count
    }

    private let stream: any DocumentStream
    private let expected: NaiveMatches
    private let scope: SegmentScope
    private let list = CandidateList(1 << 16)
    private let operations: [Operation]
    private let isScored: Bool
    private var random: SplitMix64
    private var window: NaiveWindow

    /// The contract of a stream; `isScored` is false to check only operations without scores.
    init(_ stream: any DocumentStream, _ expected: NaiveMatches, seed: UInt64, isScored: Bool = true) {
        self.stream = stream
        self.expected = expected
        self.isScored = isScored
        operations = Operation.allCases.filter { isScored || ![.bound, .collect, .refine].contains($0) }
        scope = stream.scope
        random = SplitMix64(seed: seed)
        window = NaiveWindow(expected, base: 0, size: 64)
    }

    /// The first violation of the contract; nil if there is none.
    mutating func problem() -> String? {
        if stream.cost < expected.count { return "\(expected.count) matches, cost \(stream.cost)" }
        // All windows in order, some of them, only those that `nextWindow` returns, and the first once more.
        for pass in 0..<4 {
            var base = 0
            while base < scope.documents {
                window = NaiveWindow(expected, base: base, size: scope.windowSize)
                let shuffled = operations.shuffled(using: &random)
                for operation in shuffled.prefix(pass == 0 ? shuffled.count : 3) + shuffled.prefix(pass == 0 ? 3 : 1) {
                    if let problem = check(operation) {
                        return "\(operation), pass \(pass), window \(base), \(scope.windowSize): \(problem)"
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

    private mutating func check(_ operation: Operation) -> String? {
        switch operation {
        case .nextWindow: return nextWindow()
        case .match: return match()
        case .restrict: return restrict()
        case .bound: return bound()
        case .collect: return collect()
        case .refine: return refine()
        case .matches:
            stream.matches(window.base, into: list)
            return window.problem(matches: output)
        case .matchesAmong: return matchesAmong()
        case .filter: return filter()
        case .count:
            let count = stream.count(window.base)
            return count == window.count ? nil : "\(count) instead of \(window.count)"
        }
    }

    private var output: UnsafeBufferPointer<UInt16> { UnsafeBufferPointer(start: list.slots, count: list.count) }

    private func nextWindow() -> String? {
        guard let next = stream.nextWindow(from: window.base) else {
            return expected.hasMatch(window.base..<scope.documents) ? "no window, though there are matches" : nil
        }
        if next < window.base || next % scope.windowSize != 0 { return "window \(next)" }
        return expected.hasMatch(window.base..<next) ? "window \(next), though there are matches before" : nil
    }

    private mutating func match() -> String? {
        let before = window.randomBits(using: &random)
        let bits = GuardedBytes(numbers: before)
        stream.match(window.base, into: bits.numbers(UInt64.self).baseAddress!)
        return before.withUnsafeBufferPointer { window.problem(united: $0, bits.numbers(UInt64.self)) }
    }

    private mutating func restrict() -> String? {
        let before = window.randomBits(using: &random)
        let bits = GuardedBytes(numbers: before)
        stream.restrict(window.base, bits.numbers(UInt64.self).baseAddress!)
        return before.withUnsafeBufferPointer { window.problem(restricted: $0, bits.numbers(UInt64.self)) }
    }

    private func bound() -> String? {
        let bound = stream.bound(window.base)
        guard let best = window.best else { return nil }
        return bound >= Double(best) ? nil : "bound \(bound), best \(best)"
    }

    private mutating func collect() -> String? {
        let minScore = window.minScore(using: &random)
        // The former content of the list must not matter.
        list.count = 0
        list.append(0, 1)
        stream.collect(window.base, minScore: minScore, into: list)
        return window.problem(collected: output, list.scores, minScore: minScore)
    }

    private func put(_ candidates: [NaiveWindow.Candidate]) {
        list.count = 0
        for candidate in candidates { list.append(candidate.slot, candidate.score) }
    }

    private mutating func refine() -> String? {
        let candidates = window.candidates(using: &random)
        let isRequired = random.chance(50)
        let minScore = random.chance(50) ? -.infinity : window.minScore(using: &random) + Double(random.below(16)) / 2
        put(candidates)
        stream.refine(window.base, list, isRequired: isRequired, minScore: minScore)
        let expected = window.refined(candidates, isRequired: isRequired, minScore: minScore)
        return NaiveWindow.difference(output, list.scores, from: expected).map {
            "required \(isRequired), minScore \(minScore): \($0)"
        }
    }

    private mutating func matchesAmong() -> String? {
        let before = window.randomBits(using: &random)
        let bits = GuardedBytes(numbers: before)
        list.count = 0
        list.append(0, 1)
        let scores = isScored && random.chance(50)
        stream.matches(window.base, among: bits.numbers(UInt64.self).baseAddress!, isScored: scores, into: list)
        return NaiveWindow.difference(output, list.scores, from: window.matches(among: before, isScored: scores))
    }

    private mutating func filter() -> String? {
        let candidates = window.candidates(using: &random)
        put(candidates)
        stream.filter(window.base, list)
        return NaiveWindow.difference(output, list.scores, from: window.filtered(candidates))
    }
}

extension SegmentScope {
    /// All window sizes.
    static let windowSizes = [4096, 16_384, 65_536]

    /// A scope with a given window size.
    static func sized(_ windowSize: Int, documents: Int) -> SegmentScope {
        let scope = SegmentScope(documents: documents)
        scope.chooseWindow(cost: 0, matches: 1, widest: windowSize)
        precondition(scope.windowSize == windowSize)
        return scope
    }

    /// Switches to the largest windows, as a search does when it counts after scoring.
    func widen() { chooseWindow(cost: 0, matches: 1, widest: Self.widestWindow) }
}
