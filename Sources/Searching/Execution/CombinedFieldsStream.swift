import Kernels
import Segments

/// A stream of the documents that have a term in any of several fields, scored by BM25F.
///
/// Frequencies of all fields are summed per document first, because the score is not a sum over the fields.
final class CombinedFieldsStream: DocumentStream {
    /// The term in one field. The weight of the stream is 1: it only serves to compute bounds.
    struct Part {
        let stream: TermStream
        /// The weight of the field.
        let weight: Double
    }

    /// The lengths of one field.
    struct Length {
        /// The weight of the field.
        let weight: Double
        /// The norm code of each document; nil if the segment has no text in the field.
        let norms: UnsafePointer<UInt8>?
    }

    let scope: SegmentScope
    let cost: Int
    /// The fields in which the segment has the term.
    private let parts: [Part]
    /// The cursor and the weight of each of them, for loops that must not count references.
    private let cursors: [(cursor: UnsafeMutablePointer<PostingsCursor>, weight: Double)]
    /// The lengths of all fields.
    private let lengths: [Length]
    private let combined: CombinedFields
    /// boost · idf; nil if the stream only matches.
    private let weight: Float?
    /// The union of the parts, which finds the documents.
    private let union: UnionStream

    /// A stream over at least one part; without `weight` it only matches.
    init(_ parts: [Part], _ lengths: [Length], _ combined: CombinedFields, weight: Float?, _ scope: SegmentScope) {
        self.scope = scope
        self.parts = parts
        cursors = parts.map { ($0.stream.cursor, $0.weight) }
        self.lengths = lengths
        self.combined = combined
        self.weight = weight
        union = UnionStream(parts.map { $0.stream }, scope)
        cost = union.cost
    }

    var widestWindow: Int { SegmentScope.widestSums }

    func nextWindow(from base: Int) -> Int? { union.nextWindow(from: base) }
    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) { union.match(base, into: bits) }
    func filter(_ base: Int, _ list: CandidateList) { union.filter(base, list) }

    /// The bound of a window: each field's occurrences count at most as much as in a document whose other fields are
    /// empty.
    func bound(_ base: Int) -> Double {
        var sum = 0.0
        var matches = false
        for part in parts {
            let share = part.stream.bound(base)
            if share < 0 { continue }
            matches = true
            // share = 1 - 1 / (1 + x), so x = share / (1 - share); near 1 the float has no precision left for x.
            sum += share > 0.999 ? .infinity : share / (1 - share)
        }
        if !matches { return -1 }
        guard let weight else { return 0 }
        if sum == .infinity { return Double(weight) }
        let bound = Double(weight) * (1 - 1 / (1 + sum * 1.001))
        return Double(Float(bound).nextUp)
    }

    func collect(_ base: Int, minScore: Double, into list: CandidateList) {
        list.count = 0
        guard let weight else {
            if minScore <= 0 { matches(base, into: list) }
            return
        }
        if bound(base) < minScore { return }
        scope.withBits { bits in
            scope.withSums { sums in
                for part in parts { addOccurrences(part, base, sums, bits) }
                list.fill(from: sums, bits, words: scope.words, minScore: 0)
            }
        }
        withLengths { lengths, codes in
            for i in 0..<list.count {
                let length = Self.length(base &+ Int(list.slots[i]), lengths, codes)
                list.scores[i] = combined.score(weight: weight, occurrences: list.scores[i], length: length)
            }
        }
        list.drop(below: minScore)
    }

    /// Adds a field's weighted frequencies in a window to `sums` and sets the bits of its documents.
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
            stream.forEachSlot(from, end) { slot in
                let offset = Int(documents[slot] &- from)
                sums[offset] += part.weight * Double(frequencies[slot])
                setBit(bits, offset)
            }
            if cursor.pointee.last >= end { break }
            cursor.pointee.open(cursor.pointee.block &+ 1)
        }
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, minScore: Double) {
        if list.count == 0 { return }
        if let weight, prefersSums(list) {
            return refineBySums(base, list, isRequired: isRequired, minScore: minScore, weight)
        }
        for part in parts { part.stream.enter(base) }
        var kept = 0
        cursors.withUnsafeBufferPointer { cursors in
            withLengths { lengths, codes in
                for i in 0..<list.count {
                    let document = base &+ Int(list.slots[i])
                    var occurrences = 0.0
                    var matches = false
                    for part in cursors {
                        let slot = part.cursor.pointee.find(UInt32(truncatingIfNeeded: document))
                        if slot < 0 { continue }
                        matches = true
                        if weight == nil { continue }
                        occurrences += part.weight * Double(part.cursor.pointee.frequency(slot))
                    }
                    var score = list.scores[i]
                    if matches, let weight {
                        let length = Self.length(document, lengths, codes)
                        score += combined.score(weight: weight, occurrences: occurrences, length: length)
                    }
                    list.slots[kept] = list.slots[i]
                    list.scores[kept] = score
                    kept &+= matches || !isRequired ? 1 : 0
                }
            }
        }
        list.count = kept
        list.drop(below: minScore)
    }

    /// True if there are so many candidates that reading all occurrences of the window costs less than looking for the
    /// candidates in each field: an occurrence costs about a fifth of a search.
    private func prefersSums(_ list: CandidateList) -> Bool {
        let expected = cost &* scope.windowSize / max(scope.documents, scope.windowSize)
        return scope.windowSize <= SegmentScope.widestSums && list.count &* parts.count &* 5 > expected
    }

    /// Adds the scores of the candidates from the occurrences of the whole window.
    private func refineBySums(
        _ base: Int, _ list: CandidateList, isRequired: Bool, minScore: Double, _ weight: Float
    ) {
        var kept = 0
        scope.withBits { bits in
            scope.withSums { sums in
                for part in parts { addOccurrences(part, base, sums, bits) }
                withLengths { lengths, codes in
                    for i in 0..<list.count {
                        let slot = Int(list.slots[i])
                        let matches = hasBit(bits, slot)
                        var score = list.scores[i]
                        if matches {
                            let length = Self.length(base &+ slot, lengths, codes)
                            score += combined.score(weight: weight, occurrences: sums[slot], length: length)
                        }
                        list.slots[kept] = list.slots[i]
                        list.scores[kept] = score
                        kept &+= matches || !isRequired ? 1 : 0
                    }
                }
                forEachBit(bits, words: scope.words) { sums[$0] = 0 }
            }
        }
        list.count = kept
        list.drop(below: minScore)
    }

    /// Calls `body` with the lengths of the fields, and the lengths of all norm codes.
    @inline(__always)
    private func withLengths(_ body: (UnsafeBufferPointer<Length>, UnsafeBufferPointer<Float>) -> Void) {
        lengths.withUnsafeBufferPointer { lengths in
            LengthCode.lengths.withUnsafeBufferPointer { codes in body(lengths, codes) }
        }
    }

    /// The weighted length of a document.
    @inline(__always)
    private static func length(
        _ document: Int, _ fields: UnsafeBufferPointer<Length>, _ codes: UnsafeBufferPointer<Float>
    ) -> Double {
        var length = 0.0
        for field in fields {
            guard let norms = field.norms else { continue }
            length += field.weight * Double(codes[Int(norms[document])])
        }
        return length
    }
}
