import Kernels

/// The documents that have several terms at given distances.
///
/// Documents that have all the terms are found as those of an intersection are; positions are looked at only where a
/// phrase as frequent as the rarest of its terms could score enough.
final class PhraseStream: DocumentStream {
    /// One term of the phrase.
    struct Part {
        let stream: TermStream
        /// Its place in the phrase, counted from the first.
        let offset: UInt32
    }

    let scope: SegmentScope
    let cost: Int
    private let weight: TermWeight?
    /// Rarest first.
    private let parts: [Part]
    /// One for each part.
    private let places: UnsafeMutablePointer<PhrasePlace>
    private let memory: PhraseMemory
    /// Whether the candidates are known to have all the terms.
    private var areConfirmed = false

    /// A phrase of at least two terms, whose streams carry the phrase's own weight; without `weight` it only matches.
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
        places = memory.places(parts.count)
        for (i, part) in self.parts.enumerated() {
            places[i] = PhrasePlace(cursor: part.stream.cursor, offset: part.offset, slot: 0)
        }
    }

    func nextWindow(from base: Int) -> Int? {
        var candidate = base
        search: while true {
            for part in parts {
                guard let next = part.stream.nextWindow(from: candidate) else { return nil }
                if next > candidate {
                    candidate = next
                    continue search
                }
            }
            return candidate
        }
    }

    var widestWindow: Int { SegmentScope.widestWindow }
    var countsByScoring: Bool { true }

    /// Whether the rarest term has so many documents that bits are quicker than lists.
    private var isDense: Bool { cost &* 192 >= scope.documents }

    /// Fills `list` with documents of the window that may have all the terms: those that have the rarest and, as far as
    /// bits tell quickly, the others. Single look-ups are left to `frequency`, which needs them anyway.
    private func candidates(_ base: Int, into list: CandidateList) {
        var known = 1
        let density = parts[0].stream.density
        if isDense, parts[1].stream.prefersBits(for: density) {
            scope.withBits { bits in
                parts[0].stream.match(base, into: bits)
                while known + 1 < parts.count, parts[known + 1].stream.prefersBits(for: density) {
                    parts[known].stream.restrict(base, bits)
                    known += 1
                }
                parts[known].stream.matches(base, among: bits, isScored: false, into: list)
                known += 1
            }
        } else {
            parts[0].stream.matches(base, into: list)
        }
        narrow(base, list, from: known)
    }

    /// Drops candidates that do not have the terms from `part` on, as far as bits tell quickly.
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

    /// Keeps the candidates in which the phrase stands, and adds its score; those that cannot reach `need` are dropped.
    private func keep(_ base: Int, _ list: CandidateList, scored weight: TermWeight?, need: Double) {
        for part in parts { part.stream.enter(base) }
        let slots = list.slots
        let scores = list.scores
        var kept = 0
        for i in 0..<list.count {
            let document = base &+ Int(slots[i])
            let frequency = frequency(UInt32(truncatingIfNeeded: document), weight, need - scores[i])
            if frequency == 0 { continue }
            slots[kept] = slots[i]
            let score = weight.map { Double($0.score(frequency: frequency, document: document)) } ?? 0
            scores[kept] = scores[i] + score
            kept &+= 1
        }
        list.count = kept
        list.drop(below: need)
    }

    func matches(_ base: Int, into list: CandidateList) {
        list.count = 0
        candidates(base, into: list)
        keep(base, list, scored: nil, need: -.infinity)
    }

    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) {
        scope.withList { list in
            matches(base, into: list)
            list.setBits(bits)
        }
    }

    func count(_ base: Int) -> Int {
        var count = 0
        scope.withList { list in
            matches(base, into: list)
            count = list.count
        }
        return count
    }

    func filter(_ base: Int, _ list: CandidateList) {
        narrow(base, list, from: 0)
        keep(base, list, scored: nil, need: -.infinity)
    }

    func restrict(_ base: Int, _ bits: UnsafeMutablePointer<UInt64>) {
        scope.withList { list in
            list.take(bits, words: scope.words)
            filter(base, list)
            bits.update(repeating: 0, count: scope.words)
            list.setBits(bits)
        }
    }

    func bound(_ base: Int) -> Double {
        var least = Double.infinity
        for part in parts {
            let bound = part.stream.bound(base)
            if bound < 0 { return -1 }
            least = min(least, bound)
        }
        return weight == nil ? 0 : least
    }

    func collect(_ base: Int, need: Double, into list: CandidateList) {
        list.count = 0
        guard let weight else {
            if need <= 0 { matches(base, into: list) }
            return
        }
        if bound(base) < need { return }
        candidates(base, into: list)
        keep(base, list, scored: weight, need: need)
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, need: Double) {
        if list.count == 0 { return }
        scope.withList { found in
            for i in 0..<list.count { found.append(Int(list.slots[i]), 0) }
            narrow(base, found, from: 0)
            keep(base, found, scored: weight, need: -.infinity)
            list.add(found, isRequired: isRequired)
            list.drop(below: need)
        }
    }

    // MARK: Positions

    /// How often the phrase stands in a document; 0 also when it cannot score `need`.
    ///
    /// The document is given up at the first term, rarest first, that is not there or not where it should be. Most
    /// documents have most terms once: then only first positions are compared.
    private func frequency(_ document: UInt32, _ weight: TermWeight?, _ need: Double) -> UInt32 {
        // Most candidates that bits have not confirmed lack a term; others most often fail to score enough.
        if !areConfirmed {
            for i in 1..<parts.count {
                places[i].slot = places[i].cursor.pointee.find(document)
                if places[i].slot < 0 { return 0 }
            }
        }
        var areSingle = true
        var start: UInt32 = 0
        var hasStart = false
        var rarest = UInt32.max
        for i in 0..<parts.count {
            let cursor = places[i].cursor
            if i == 0 || areConfirmed {
                places[i].slot = cursor.pointee.find(document)
                if places[i].slot < 0 { return 0 }
            }
            let slot = places[i].slot
            let frequency = cursor.pointee.frequency(slot)
            if frequency < rarest {
                rarest = frequency
                // The phrase is not more frequent than its rarest term.
                if let weight, Double(weight.score(frequency: rarest, document: Int(document))) < need { return 0 }
            }
            if frequency != 1 {
                areSingle = false
                continue
            }
            guard let position = cursor.pointee.firstPosition(slot) else {
                scope.note(.positions)
                return 0
            }
            // The phrase begins where every single term says it does.
            let wanted = position &- places[i].offset
            if position < places[i].offset || hasStart && start != wanted { return 0 }
            start = wanted
            hasStart = true
        }
        return areSingle ? 1 : mergedFrequency()
    }

    /// Places of the rarest term that all others confirm.
    private func mergedFrequency() -> UInt32 {
        read(0)
        memory.starts.removeAll()
        let offset = places[0].offset
        for i in 0..<memory.positions.count where memory.positions[i] >= offset {
            memory.starts.append(memory.positions[i] &- offset)
        }
        for i in 1..<parts.count where memory.starts.count > 0 {
            read(i)
            keepStarts(places[i].offset)
        }
        return UInt32(truncatingIfNeeded: memory.starts.count)
    }

    private func read(_ part: Int) {
        let cursor = places[part].cursor
        cursor.pointee.readPositions(places[part].slot, into: &memory.positions)
        if cursor.pointee.failed { scope.note(.positions) }
    }

    /// Keeps the starts at which the term that was read stands at its offset.
    private func keepStarts(_ offset: UInt32) {
        let starts = memory.starts.elements
        let positions = memory.positions.elements
        var kept = 0
        var j = 0
        for start in starts {
            let wanted = start &+ offset
            while j < positions.count, positions[j] < wanted { j += 1 }
            if j == positions.count { break }
            if positions[j] == wanted {
                memory.starts[kept] = start
                kept += 1
            }
        }
        memory.starts.count = kept
    }
}
