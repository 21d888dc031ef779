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
    /// The cursors and offsets of the parts, and the slots of the current document in their blocks.
    private let cursors: UnsafeMutablePointer<UnsafeMutablePointer<PostingsCursor>>
    private let offsets: UnsafeMutablePointer<UInt32>
    private let slots: UnsafeMutablePointer<Int>
    private var starts = GrowableBuffer<UInt32>(capacity: 16)
    private var positions = GrowableBuffer<UInt32>(capacity: 16)

    /// A phrase of at least two terms, whose streams carry the phrase's own weight; without `weight` it only matches.
    init(_ parts: [Part], weight: TermWeight?, _ scope: SegmentScope) {
        self.scope = scope
        self.parts = parts.sorted { $0.stream.cost < $1.stream.cost }
        cost = self.parts.first?.stream.cost ?? 0
        self.weight = weight
        slots = .allocate(capacity: parts.count)
        offsets = .allocate(capacity: parts.count)
        cursors = .allocate(capacity: parts.count)
        for (i, part) in self.parts.enumerated() {
            offsets[i] = part.offset
            cursors[i] = part.stream.cursor
        }
    }

    deinit {
        slots.deallocate()
        offsets.deallocate()
        cursors.deallocate()
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
    private var isDense: Bool { cost &* 32 >= scope.documents }

    /// Fills `list` with the documents of the window that have all the terms.
    private func candidates(_ base: Int, into list: CandidateList) {
        if isDense {
            scope.withBits { bits in
                parts[0].stream.match(base, into: bits)
                for part in parts.dropFirst() { part.stream.restrict(base, bits) }
                list.take(bits, words: scope.words)
            }
        } else {
            parts[0].stream.matches(base, into: list)
            for part in parts.dropFirst() where list.count > 0 { part.stream.filter(base, list) }
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
            let frequency = frequency(document, weight, need - scores[i])
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
        for part in parts where list.count > 0 { part.stream.filter(base, list) }
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
            for part in parts where found.count > 0 { part.stream.filter(base, found) }
            keep(base, found, scored: weight, need: -.infinity)
            list.add(found, isRequired: isRequired)
            list.drop(below: need)
        }
    }

    // MARK: Positions

    /// How often the phrase stands in a document; 0 also when it cannot score `need`.
    ///
    /// The terms are looked up one by one, rarest first, and given up at the first that is not there or not where it
    /// should be. Most documents have most terms once: then only first positions are compared.
    private func frequency(_ document: Int, _ weight: TermWeight?, _ need: Double) -> UInt32 {
        var areSingle = true
        var start: UInt32 = 0
        var hasStart = false
        var rarest = UInt32.max
        for i in 0..<parts.count {
            let cursor = cursors[i]
            let slot = cursor.pointee.find(UInt32(truncatingIfNeeded: document))
            if slot < 0 { return 0 }
            slots[i] = slot
            let frequency = cursor.pointee.frequency(slot)
            if frequency < rarest {
                rarest = frequency
                // The phrase is not more frequent than its rarest term.
                if let weight, Double(weight.score(frequency: rarest, document: document)) < need { return 0 }
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
            let wanted = position &- offsets[i]
            if position < offsets[i] || hasStart && start != wanted { return 0 }
            start = wanted
            hasStart = true
        }
        return areSingle ? 1 : mergedFrequency()
    }

    /// Places of the rarest term that all others confirm.
    private func mergedFrequency() -> UInt32 {
        read(0)
        starts.removeAll()
        for i in 0..<positions.count where positions[i] >= offsets[0] {
            starts.append(positions[i] &- offsets[0])
        }
        for i in 1..<parts.count where starts.count > 0 {
            read(i)
            keepStarts(offsets[i])
        }
        return UInt32(truncatingIfNeeded: starts.count)
    }

    private func read(_ part: Int) {
        let cursor = cursors[part]
        cursor.pointee.readPositions(slots[part], into: &positions)
        if cursor.pointee.failed { scope.note(.positions) }
    }

    /// Keeps the starts at which the term that was read stands at its offset.
    private func keepStarts(_ offset: UInt32) {
        var kept = 0
        var j = 0
        for i in 0..<starts.count {
            let wanted = starts[i] &+ offset
            while j < positions.count, positions[j] < wanted { j += 1 }
            if j == positions.count { break }
            if positions[j] == wanted {
                starts[kept] = starts[i]
                kept += 1
            }
        }
        starts.count = kept
    }
}
