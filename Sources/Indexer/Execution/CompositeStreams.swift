import Kernels

/// The documents that all of several streams match; some of those score, the others only filter.
final class IntersectionStream: DocumentStream {
    let cost: Int
    let bits: UnsafeMutablePointer<UInt64>
    private let window = WindowBits()
    private let sums = ScoreSums()
    /// In the order of the query: scores are summed in it.
    private let scored: [any DocumentStream]
    /// All streams, rarest first.
    private let all: [any DocumentStream]

    init(scored: [any DocumentStream], filters: [any DocumentStream]) {
        self.scored = scored
        all = (scored + filters).sorted { $0.cost < $1.cost }
        cost = all.first?.cost ?? 0
        bits = window.words
    }

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

    func load(_ base: Int) {
        let lead = all[0]
        lead.load(base)
        bits.update(from: lead.bits, count: windowWords)
        for stream in all.dropFirst() {
            stream.load(base)
            if !intersectWindow(bits, stream.bits) { return }
        }
    }

    func addScores(matching: UnsafePointer<UInt64>, to target: UnsafeMutablePointer<Double>) {
        sums.add(scored, matching: matching, to: target)
    }
}

/// The documents that at least one of several streams matches; a document's score is the sum over those that match.
final class UnionStream: DocumentStream {
    let cost: Int
    let bits: UnsafeMutablePointer<UInt64>
    private let window = WindowBits()
    private let sums = ScoreSums()
    private let mine = WindowBits()
    private let streams: [any DocumentStream]
    /// Those that have matches in the loaded window.
    private var loaded: [any DocumentStream] = []

    init(_ streams: [any DocumentStream]) {
        self.streams = streams
        cost = streams.reduce(0) { $0 + $1.cost }
        bits = window.words
    }

    func nextWindow(from base: Int) -> Int? {
        streams.compactMap { $0.nextWindow(from: base) }.min()
    }

    func load(_ base: Int) {
        clearWindow(bits)
        loaded.removeAll(keepingCapacity: true)
        for stream in streams where stream.nextWindow(from: base) == base {
            stream.load(base)
            uniteWindow(bits, stream.bits)
            loaded.append(stream)
        }
    }

    func addScores(matching: UnsafePointer<UInt64>, to target: UnsafeMutablePointer<Double>) {
        let sums = sums.sums
        forEachBit(matching) { sums[$0] = 0 }
        // Each stream scores only what it matches itself.
        for stream in loaded {
            mine.words.update(from: stream.bits, count: windowWords)
            if intersectWindow(mine.words, matching) { stream.addScores(matching: mine.words, to: sums) }
        }
        forEachBit(matching) { target[$0] += Double(Float(sums[$0])) }
    }
}

/// The documents of `base`, with the scores of `optional` added where it matches as well.
final class OptionalStream: DocumentStream {
    let cost: Int
    let bits: UnsafeMutablePointer<UInt64>
    private let base: any DocumentStream
    private let optional: any DocumentStream
    private let sums = ScoreSums()
    private let both = WindowBits()

    init(_ base: any DocumentStream, optional: any DocumentStream) {
        self.base = base
        self.optional = optional
        cost = base.cost
        bits = base.bits
    }

    func nextWindow(from start: Int) -> Int? { base.nextWindow(from: start) }

    func load(_ start: Int) {
        base.load(start)
        if optional.nextWindow(from: start) == start {
            optional.load(start)
        } else {
            clearWindow(optional.bits)
        }
    }

    func addScores(matching: UnsafePointer<UInt64>, to target: UnsafeMutablePointer<Double>) {
        let words = both.words
        words.update(from: optional.bits, count: windowWords)
        let wantsOptional = intersectWindow(words, matching)
        let sums = sums.sums
        forEachBit(matching) { sums[$0] = 0 }
        base.addScores(matching: matching, to: sums)
        if wantsOptional { optional.addScores(matching: words, to: sums) }
        forEachBit(matching) { target[$0] += Double(Float(sums[$0])) }
    }
}

/// The documents of `base` that `excluded` does not match.
final class ExclusionStream: DocumentStream {
    var cost: Int { base.cost }
    let bits: UnsafeMutablePointer<UInt64>
    private let window = WindowBits()
    private let base: any DocumentStream
    private let excluded: any DocumentStream

    init(_ base: any DocumentStream, excluded: any DocumentStream) {
        self.base = base
        self.excluded = excluded
        bits = window.words
    }

    func nextWindow(from start: Int) -> Int? { base.nextWindow(from: start) }

    func load(_ start: Int) {
        base.load(start)
        bits.update(from: base.bits, count: windowWords)
        if excluded.nextWindow(from: start) == start {
            excluded.load(start)
            subtractWindow(bits, excluded.bits)
        }
    }

    func addScores(matching: UnsafePointer<UInt64>, to target: UnsafeMutablePointer<Double>) {
        base.addScores(matching: matching, to: target)
    }
}

/// All documents of a segment, with a constant score.
final class AllStream: DocumentStream {
    let cost: Int
    let bits: UnsafeMutablePointer<UInt64>
    private let window = WindowBits()
    private let score: Float

    init(documents: Int, score: Float) {
        cost = documents
        bits = window.words
        self.score = score
    }

    func nextWindow(from base: Int) -> Int? { base < cost ? base & ~(windowSize - 1) : nil }

    func load(_ base: Int) {
        let end = min(cost - base, windowSize)
        for word in 0..<windowWords {
            let left = end - word * 64
            bits[word] = left >= 64 ? .max : left <= 0 ? 0 : (1 << UInt64(left)) - 1
        }
    }

    func addScores(matching: UnsafePointer<UInt64>, to sums: UnsafeMutablePointer<Double>) {
        let score = Double(score)
        forEachBit(matching) { sums[$0] += score }
    }
}

/// What only filters: matches like another stream and never scores.
final class UnscoredStream: DocumentStream {
    var cost: Int { base.cost }
    var bits: UnsafeMutablePointer<UInt64> { base.bits }
    private let base: any DocumentStream

    init(_ base: any DocumentStream) { self.base = base }

    func nextWindow(from start: Int) -> Int? { base.nextWindow(from: start) }
    func load(_ start: Int) { base.load(start) }
    func addScores(matching: UnsafePointer<UInt64>, to sums: UnsafeMutablePointer<Double>) {}
}
