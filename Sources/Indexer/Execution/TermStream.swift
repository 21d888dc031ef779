import Kernels

/// How one term's (or phrase's) occurrences become scores.
struct TermWeight {
    /// boost * idf.
    let weight: Float
    /// By length code.
    let normInverses: NormInverses
    /// Length code by document.
    let norms: UnsafePointer<UInt8>
}

/// The 256 factors of a field's lengths, kept alive for the length of a search.
final class NormInverses {
    let values: UnsafePointer<Float>

    init(_ list: [Float]) {
        let copy = UnsafeMutablePointer<Float>.allocate(capacity: list.count)
        copy.initialize(from: list, count: list.count)
        values = UnsafePointer(copy)
    }

    deinit { values.deallocate() }
}

/// The matches of a window with their frequencies: what a leaf keeps between `load` and `addScores`.
final class WindowEntries {
    let slots: UnsafeMutablePointer<UInt16>
    let frequencies: UnsafeMutablePointer<UInt32>
    var base = 0
    var count = 0

    init() {
        slots = .allocate(capacity: windowSize)
        frequencies = .allocate(capacity: windowSize)
    }

    deinit {
        slots.deallocate()
        frequencies.deallocate()
    }

    /// Adds BM25 scores of the entries in `matching`.
    func addScores(_ weight: TermWeight, matching: UnsafePointer<UInt64>, to sums: UnsafeMutablePointer<Double>) {
        let norms = weight.norms + base
        let factors = weight.normInverses.values
        let total = weight.weight
        for i in 0..<count {
            let slot = Int(slots[i])
            if !hasBit(matching, slot) { continue }
            let score = BM25.score(
                weight: total, frequency: Float(frequencies[i]), normInverse: factors[Int(norms[slot])])
            sums[slot] += Double(score)
        }
    }
}

/// The documents of a term.
final class TermStream: DocumentStream {
    let cost: Int
    let bits: UnsafeMutablePointer<UInt64>
    private let window = WindowBits()
    private let entries = WindowEntries()
    private let weight: TermWeight?
    private let damage: DamageReport
    private var cursor: PostingsCursor

    /// A stream without `weight` only matches.
    init(_ list: PostingsList, weight: TermWeight?, damage: DamageReport) {
        cost = list.info.documentFrequency
        bits = window.words
        self.weight = weight
        self.damage = damage
        cursor = PostingsCursor(list, frequencies: weight != nil)
    }

    func nextWindow(from base: Int) -> Int? {
        let document = cursor.advance(to: UInt32(base))
        if document != .max { return windowBase(document) }
        if cursor.failed { damage.note(.postings) }
        return nil
    }

    func load(_ base: Int) {
        clearWindow(bits)
        entries.base = base
        let end = UInt32(min(base + windowSize, Int(UInt32.max)))
        var n = 0
        var document = cursor.advance(to: UInt32(base))
        while document < end {
            n = takeBlock(base: UInt32(base), end: end, into: n)
            guard cursor.index == cursor.count, cursor.nextBlock() else { break }
            document = cursor.document
        }
        entries.count = n
        if cursor.failed { damage.note(.postings) }
    }

    /// Takes what the current block has of the window; answers the number of entries so far.
    @inline(__always)
    private func takeBlock(base: UInt32, end: UInt32, into count: Int) -> Int {
        let documents = cursor.documents
        let frequencies = cursor.frequencies
        let blockEnd = cursor.count
        let isScored = weight != nil
        var i = cursor.index
        var n = count
        while i < blockEnd, documents[i] < end {
            let slot = Int(documents[i] &- base)
            setBit(bits, slot)
            if isScored {
                entries.slots[n] = UInt16(truncatingIfNeeded: slot)
                entries.frequencies[n] = frequencies[i]
                n &+= 1
            }
            i &+= 1
        }
        cursor.index = i
        return n
    }

    func addScores(matching: UnsafePointer<UInt64>, to sums: UnsafeMutablePointer<Double>) {
        guard let weight else { return }
        entries.addScores(weight, matching: matching, to: sums)
    }
}

/// Where streams leave word of damaged bytes: they end early, and the search throws instead of answering.
final class DamageReport {
    private(set) var section: SectionKind?

    func note(_ section: SectionKind) { self.section = section }
}
