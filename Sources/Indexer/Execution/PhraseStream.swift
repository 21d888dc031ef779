import Kernels

/// The documents that have several terms at given distances.
final class PhraseStream: DocumentStream {
    /// One term of the phrase.
    final class Term {
        var cursor: PostingsCursor
        let offset: UInt32
        var positions = GrowableBuffer<UInt32>(capacity: 16)

        init(_ list: PostingsList, offset: UInt32) {
            cursor = PostingsCursor(list, frequencies: true)
            self.offset = offset
        }
    }

    let cost: Int
    let bits: UnsafeMutablePointer<UInt64>
    private let window = WindowBits()
    private let entries = WindowEntries()
    private let weight: TermWeight?
    private let damage: DamageReport
    /// Rarest first.
    private let terms: [Term]
    private var starts = GrowableBuffer<UInt32>(capacity: 16)

    /// A phrase of at least two terms; a stream without `weight` only matches.
    init(_ terms: [Term], weight: TermWeight?, damage: DamageReport) {
        self.terms = terms.sorted { $0.cursor.list.info.documentFrequency < $1.cursor.list.info.documentFrequency }
        cost = self.terms.first?.cursor.list.info.documentFrequency ?? 0
        bits = window.words
        self.weight = weight
        self.damage = damage
    }

    func nextWindow(from base: Int) -> Int? {
        guard let document = nextCandidate(from: UInt32(base)) else { return nil }
        return windowBase(document)
    }

    func load(_ base: Int) {
        clearWindow(bits)
        entries.base = base
        let end = UInt32(min(base + windowSize, Int(UInt32.max)))
        var n = 0
        var from = UInt32(base)
        while let document = nextCandidate(from: from), document < end {
            let frequency = phraseFrequency()
            if frequency > 0 {
                let slot = Int(document) - base
                setBit(bits, slot)
                entries.slots[n] = UInt16(slot)
                entries.frequencies[n] = frequency
                n += 1
            }
            from = document + 1
        }
        entries.count = n
    }

    func addScores(matching: UnsafePointer<UInt64>, to sums: UnsafeMutablePointer<Double>) {
        guard let weight else { return }
        entries.addScores(weight, matching: matching, to: sums)
    }

    /// The first document at or after `from` that has all the terms; the cursors stand on it.
    private func nextCandidate(from: UInt32) -> UInt32? {
        var candidate = terms[0].cursor.advance(to: from)
        search: while candidate != .max {
            for term in terms.dropFirst() {
                let document = term.cursor.advance(to: candidate)
                if document == candidate { continue }
                if document == .max { break search }
                candidate = terms[0].cursor.advance(to: document)
                continue search
            }
            return candidate
        }
        for term in terms where term.cursor.failed { damage.note(.postings) }
        return nil
    }

    /// How often the phrase stands in the current document: places of the rarest term that all others confirm.
    private func phraseFrequency() -> UInt32 {
        let lead = terms[0]
        lead.cursor.readPositions(into: &lead.positions)
        starts.removeAll()
        for i in 0..<lead.positions.count where lead.positions[i] >= lead.offset {
            starts.append(lead.positions[i] - lead.offset)
        }
        for term in terms.dropFirst() {
            if starts.count == 0 { break }
            term.cursor.readPositions(into: &term.positions)
            keepStarts(of: term)
        }
        for term in terms where term.cursor.failed { damage.note(.positions) }
        return UInt32(starts.count)
    }

    /// Keeps the starts at which `term` stands at its offset.
    private func keepStarts(of term: Term) {
        var kept = 0
        var j = 0
        for i in 0..<starts.count {
            let wanted = starts[i] &+ term.offset
            while j < term.positions.count, term.positions[j] < wanted { j += 1 }
            if j == term.positions.count { break }
            if term.positions[j] == wanted {
                starts[kept] = starts[i]
                kept += 1
            }
        }
        starts.count = kept
    }
}
