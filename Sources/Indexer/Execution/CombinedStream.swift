import Kernels

/// The documents that have a term in any of several fields, scored by BM25F.
final class CombinedStream: DocumentStream {
    /// The term in one field; the stream's weight only serves for bounds.
    struct Part {
        let stream: TermStream
        let weight: Double
    }

    /// The lengths of one field; none where the segment has no text in it.
    struct Length {
        let weight: Double
        let norms: UnsafePointer<UInt8>?
    }

    let scope: SegmentScope
    let cost: Int
    private let parts: [Part]
    private let lengths: [Length]
    private let combined: CombinedFields
    private let weight: Float?
    /// Finds the documents.
    private let union: UnionStream

    /// A stream without `weight` only matches.
    init(_ parts: [Part], _ lengths: [Length], _ combined: CombinedFields, weight: Float?, _ scope: SegmentScope) {
        self.scope = scope
        self.parts = parts
        self.lengths = lengths
        self.combined = combined
        self.weight = weight
        union = UnionStream(parts.map { $0.stream }, scope)
        cost = union.cost
    }

    var widestWindow: Int { SegmentScope.widestSums }

    func nextWindow(from base: Int) -> Int? { union.nextWindow(from: base) }
    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) { union.match(base, into: bits) }

    /// A field's occurrences add at most what they add where the other fields are empty.
    func bound(_ base: Int) -> Double {
        var sum = 0.0
        var matches = false
        for part in parts {
            let share = part.stream.bound(base)
            if share < 0 { continue }
            matches = true
            // share = 1 - 1 / (1 + x), so x = share / (1 - share); near 1 the float says nothing of x any more.
            sum += share > 0.999 ? .infinity : share / (1 - share)
        }
        if !matches { return -1 }
        guard let weight else { return 0 }
        if sum == .infinity { return Double(weight) }
        let most = Double(weight) * (1 - 1 / (1 + sum * 1.001))
        return Double(Float(most).nextUp)
    }

    func collect(_ base: Int, need: Double, into list: CandidateList) {
        list.count = 0
        guard let weight else {
            if need <= 0 { matches(base, into: list) }
            return
        }
        if bound(base) < need { return }
        scope.withBits { bits in
            scope.withSums { sums in
                for part in parts { addOccurrences(part, base, sums, bits) }
                list.take(sums, bits, words: scope.words, least: 0)
            }
        }
        for i in 0..<list.count {
            list.scores[i] = score(base &+ Int(list.slots[i]), occurrences: list.scores[i], weight)
        }
        list.drop(below: need)
    }

    private func addOccurrences(
        _ part: Part, _ base: Int, _ sums: UnsafeMutablePointer<Double>, _ bits: UnsafeMutablePointer<UInt64>
    ) {
        let stream = part.stream
        let cursor = stream.cursor
        let from = UInt32(truncatingIfNeeded: base)
        let end = stream.end(base)
        stream.enter(base)
        while cursor.pointee.first < end {
            cursor.pointee.decode()
            cursor.pointee.decodeFrequencies()
            let documents = cursor.pointee.documents
            let frequencies = cursor.pointee.frequencies
            stream.forEachRank(from, end) { slot in
                let place = Int(documents[slot] &- from)
                sums[place] += part.weight * Double(frequencies[slot])
                setBit(bits, place)
            }
            if cursor.pointee.last >= end { break }
            cursor.pointee.open(cursor.pointee.block &+ 1)
        }
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, need: Double) {
        if list.count == 0 { return }
        for part in parts { part.stream.enter(base) }
        var kept = 0
        for i in 0..<list.count {
            let document = base &+ Int(list.slots[i])
            var occurrences = 0.0
            var matches = false
            for part in parts {
                let slot = part.stream.cursor.pointee.find(UInt32(truncatingIfNeeded: document))
                if slot < 0 { continue }
                matches = true
                if weight == nil { continue }
                occurrences += part.weight * Double(part.stream.cursor.pointee.frequency(slot))
            }
            let gain = matches ? weight.map { score(document, occurrences: occurrences, $0) } ?? 0 : 0
            list.slots[kept] = list.slots[i]
            list.scores[kept] = list.scores[i] + gain
            kept &+= matches || !isRequired ? 1 : 0
        }
        list.count = kept
        list.drop(below: need)
    }

    private func score(_ document: Int, occurrences: Double, _ weight: Float) -> Double {
        var length = 0.0
        for field in lengths {
            guard let norms = field.norms else { continue }
            length += field.weight * Double(LengthCode.lengths[Int(norms[document])])
        }
        return combined.score(weight: weight, occurrences: occurrences, length: length)
    }
}
