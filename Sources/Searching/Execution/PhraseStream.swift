import Segments

/// A stream of the documents in which several terms occur at given distances.
///
/// Documents that have all the terms are found as in an intersection. Positions are read only where a phrase as
/// frequent as the rarest of its terms in the document could reach `minScore`.
final class PhraseStream: DocumentStream {
    /// One term of the phrase.
    struct Part {
        /// A stream with positions.
        let stream: TermStream
        /// The position in the phrase, relative to the first term.
        let offset: UInt32
    }

    let scope: SegmentScope
    let cost: Int
    /// The weight of the phrase; nil if the stream only matches.
    private let weight: TermWeight?
    /// The terms, the rarest first.
    private let parts: [Part]
    /// The state of each part in the current document; `memory` owns it.
    private let states: UnsafeMutablePointer<PhraseTermState>
    private let memory: PhraseMemory
    /// True if all candidates are known to have all the terms.
    private var areConfirmed = false

    /// A phrase of at least two terms whose streams have the weight of the whole phrase; without `weight` it only
    /// matches.
    init(_ parts: consuming [Part], weight: TermWeight?, _ scope: SegmentScope) {
        self.scope = scope
        // By insertion: there are few, and this runs for every segment.
        for i in 1..<max(parts.count, 1) {
            var j = i
            while j > 0, parts[j].stream.cost < parts[j - 1].stream.cost {
                parts.swapAt(j, j - 1)
                j -= 1
            }
        }
        self.parts = parts
        cost = parts.first?.stream.cost ?? 0
        self.weight = weight
        memory = scope.phraseMemory()
        states = memory.terms(parts.count)
        for (i, part) in self.parts.enumerated() {
            states[i] = PhraseTermState(cursor: part.stream.cursor, offset: part.offset, slot: 0)
        }
    }

    func nextWindow(from base: Int) -> Int? {
        commonWindow(of: parts, from: base) { $0.stream.nextWindow(from: $1) }
    }

    var widestWindow: Int { SegmentScope.widestWindow }
    var countsByScoring: Bool { true }

    /// True if the rarest term has so many documents that bit sets are faster than lists.
    private var isDense: Bool { cost &* 192 >= scope.documents }

    /// Fills `list` with the documents of a window that may have all the terms: those that have the rarest one and,
    /// where bit sets are fast, the others. Lookups of single documents are left to `frequency`, which needs them
    /// anyway.
    private func candidates(_ base: Int, into list: CandidateList) {
        var confirmedParts = 1
        let density = parts[0].stream.density
        if isDense, parts[1].stream.prefersBits(for: density) {
            scope.withBits { bits in
                parts[0].stream.match(base, into: bits)
                while confirmedParts + 1 < parts.count, parts[confirmedParts + 1].stream.prefersBits(for: density) {
                    parts[confirmedParts].stream.restrict(base, bits)
                    confirmedParts += 1
                }
                parts[confirmedParts].stream.matches(base, among: bits, isScored: false, into: list)
                confirmedParts += 1
            }
        } else {
            parts[0].stream.matches(base, into: list)
        }
        narrow(base, list, from: confirmedParts)
    }

    /// Drops candidates that lack one of the terms from `part` on, where bit sets are fast; sets `areConfirmed`.
    private func narrow(_ base: Int, _ list: CandidateList, from part: Int) {
        areConfirmed = true
        for part in parts[part...] {
            if part.stream.prefersBits(for: list.count) {
                part.stream.filter(base, list)
            } else {
                areConfirmed = false
            }
        }
    }

    /// Keeps the candidates in which the phrase occurs and adds its score; drops those that cannot reach `minScore`.
    private func keep(_ base: Int, _ list: CandidateList, scored weight: TermWeight?, minScore: Double) {
        for part in parts { part.stream.enter(base) }
        let slots = list.slots
        let scores = list.scores
        var kept = 0
        for i in 0..<list.count {
            let document = base &+ Int(slots[i])
            let frequency = frequency(UInt32(truncatingIfNeeded: document), weight, minScore - scores[i])
            if frequency == 0 { continue }
            slots[kept] = slots[i]
            let score = weight.map { Double($0.score(frequency: frequency, document: document)) } ?? 0
            scores[kept] = scores[i] + score
            kept &+= 1
        }
        list.count = kept
        list.drop(below: minScore)
    }

    func matches(_ base: Int, into list: CandidateList) {
        list.count = 0
        candidates(base, into: list)
        keep(base, list, scored: nil, minScore: -.infinity)
    }

    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) { matchByList(base, into: bits) }
    func count(_ base: Int) -> Int { countByList(base) }

    func filter(_ base: Int, _ list: CandidateList) {
        narrow(base, list, from: 0)
        keep(base, list, scored: nil, minScore: -.infinity)
    }

    func restrict(_ base: Int, _ bits: UnsafeMutablePointer<UInt64>) {
        scope.withList { list in
            list.fill(from: bits, words: scope.words)
            filter(base, list)
            bits.update(repeating: 0, count: scope.words)
            list.setBits(bits)
        }
    }

    func bound(_ base: Int) -> Double {
        var minimum = Double.infinity
        for part in parts {
            let bound = part.stream.bound(base)
            if bound < 0 { return -1 }
            minimum = min(minimum, bound)
        }
        return weight == nil ? 0 : minimum
    }

    func collect(_ base: Int, minScore: Double, into list: CandidateList) {
        list.count = 0
        guard let weight else {
            if minScore <= 0 { matches(base, into: list) }
            return
        }
        if bound(base) < minScore { return }
        candidates(base, into: list)
        keep(base, list, scored: weight, minScore: minScore)
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, minScore: Double) {
        addScores(to: list, isRequired: isRequired, minScore: minScore) { matching in
            narrow(base, matching, from: 0)
            keep(base, matching, scored: weight, minScore: -.infinity)
        }
    }

    // MARK: Positions

    /// The number of occurrences of the phrase in a document; also 0 if it cannot reach `minScore`.
    ///
    /// The document is abandoned at the first term, the rarest first, that is missing or at a wrong position. Most
    /// documents have most terms once: then only first positions are compared.
    private func frequency(_ document: UInt32, _ weight: TermWeight?, _ minScore: Double) -> UInt32 {
        // Most candidates that bit sets have not confirmed lack a term; the others most often fail by their score.
        if !areConfirmed {
            for i in 1..<parts.count {
                states[i].slot = states[i].cursor.pointee.find(document)
                if states[i].slot < 0 { return 0 }
            }
        }
        var areSingle = true
        var start: UInt32 = 0
        var hasStart = false
        var rarest = UInt32.max
        for i in 0..<parts.count {
            let cursor = states[i].cursor
            if i == 0 || areConfirmed {
                states[i].slot = cursor.pointee.find(document)
                if states[i].slot < 0 { return 0 }
            }
            let slot = states[i].slot
            let frequency = cursor.pointee.frequency(slot)
            if frequency < rarest {
                rarest = frequency
                // The phrase cannot be more frequent than its rarest term.
                if let weight, Double(weight.score(frequency: rarest, document: Int(document))) < minScore { return 0 }
            }
            if frequency != 1 {
                areSingle = false
                continue
            }
            guard let position = cursor.pointee.firstPosition(slot) else {
                scope.recordCorruption(in: .positions, field: parts[i].stream.field)
                return 0
            }
            // All terms that occur once must imply the same start of the phrase.
            let impliedStart = position &- states[i].offset
            if position < states[i].offset || hasStart && start != impliedStart { return 0 }
            start = impliedStart
            hasStart = true
        }
        return areSingle ? 1 : mergedFrequency()
    }

    /// The number of starts of the phrase that all terms confirm: the starts that the rarest term implies, intersected
    /// with those of each other term.
    private func mergedFrequency() -> UInt32 {
        read(0)
        memory.starts.removeAll()
        let offset = states[0].offset
        for i in 0..<memory.positions.count where memory.positions[i] >= offset {
            memory.starts.append(memory.positions[i] &- offset)
        }
        for i in 1..<parts.count where memory.starts.count > 0 {
            read(i)
            keepStarts(states[i].offset)
        }
        return UInt32(truncatingIfNeeded: memory.starts.count)
    }

    /// Reads the positions of a term in the current document into `memory.positions`.
    private func read(_ part: Int) {
        let cursor = states[part].cursor
        cursor.pointee.readPositions(states[part].slot, into: &memory.positions)
        if cursor.pointee.failed { scope.recordCorruption(in: .positions, field: parts[part].stream.field) }
    }

    /// Keeps the starts for which the term that was read last occurs at its offset. Complexity: O(starts + positions).
    private func keepStarts(_ offset: UInt32) {
        let starts = memory.starts.elements
        let positions = memory.positions.elements
        var kept = 0
        var j = 0
        for start in starts {
            let position = start &+ offset
            while j < positions.count, positions[j] < position { j += 1 }
            if j == positions.count { break }
            if positions[j] == position {
                memory.starts[kept] = start
                kept += 1
            }
        }
        memory.starts.count = kept
    }
}
