import Kernels
import Segments

/// A predicate on the documents of a segment that can be evaluated for any document in O(1).
protocol DocumentTest {
    /// An upper bound of the number of documents that satisfy the predicate.
    var cost: Int { get }
    /// The first document at or after `document` that may satisfy the predicate; nil if none can.
    func next(from document: Int) -> Int?
    /// Returns true if a document of the segment satisfies the predicate.
    func contains(_ document: Int) -> Bool
    /// Sets the bits (`bits |= matches`) of the matches among the `count` documents from `base`, a multiple of 64, on.
    func match(_ base: Int, count: Int, into bits: UnsafeMutablePointer<UInt64>)
}

extension DocumentTest {
    func next(from document: Int) -> Int? { document }
}

/// A stream of the documents whose value in a column satisfies a predicate. Scores are 0.
///
/// Candidates are tested one by one, windows with many candidates as a whole.
final class ColumnStream<Test: DocumentTest>: UnscoredStream {
    let scope: SegmentScope
    let cost: Int
    private let test: Test

    init(_ test: Test, _ scope: SegmentScope) {
        self.test = test
        self.scope = scope
        cost = test.cost
    }

    func nextWindow(from base: Int) -> Int? {
        guard let next = test.next(from: base), next < scope.documents else { return nil }
        return next & ~(scope.windowSize - 1)
    }

    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) {
        test.match(base, count: min(scope.documents - base, scope.windowSize), into: bits)
    }

    func restrict(_ base: Int, _ bits: UnsafeMutablePointer<UInt64>) {
        if hasAtLeast(scope.windowSize / Self.testCost, bits, words: scope.words) {
            return scope.withBits { matched in
                match(base, into: matched)
                _ = intersectBits(bits, matched, words: scope.words)
            }
        }
        for i in 0..<scope.words {
            var word = bits[i]
            var kept = word
            while word != 0 {
                let slot = word.trailingZeroBitCount
                if !test.contains(base &+ i &* 64 &+ slot) { kept &= ~(1 &<< UInt64(slot)) }
                word &= word &- 1
            }
            bits[i] = kept
        }
    }

    /// The cost of testing one document, in documents that are tested in a row.
    private static var testCost: Int { 4 }

    func filter(_ base: Int, _ list: CandidateList) {
        var kept = 0
        for i in 0..<list.count {
            let slot = list.slots[i]
            list.slots[kept] = slot
            list.scores[kept] = list.scores[i]
            kept &+= test.contains(base &+ Int(slot)) ? 1 : 0
        }
        list.count = kept
    }
}

/// A test for numbers in a range of sort keys.
///
/// Zones of `NumberColumn.zoneSize` documents without such a number are skipped. Updated values of the column's patch
/// replace those of the segment.
struct NumberTest: DocumentTest {
    let column: PatchedColumn
    /// The sort keys that satisfy the test, both ends included.
    let keys: ClosedRange<UInt64>
    let cost: Int
    /// The number of documents of the segment.
    private let documents: Int

    /// A test for the numbers of a column. Complexity: O(zones), to compute the cost.
    init(_ column: PatchedColumn, _ keys: ClosedRange<UInt64>, documents: Int) {
        self.column = column
        self.keys = keys
        self.documents = documents
        var cost = 0
        if let numbers = column.column {
            for zone in 0..<((documents + NumberColumn.zoneSize - 1) / NumberColumn.zoneSize) {
                guard numbers.zone(zone)?.overlaps(keys) ?? false else { continue }
                cost += min(NumberColumn.zoneSize, documents - zone * NumberColumn.zoneSize)
            }
            cost = min(cost, numbers.present)
        }
        self.cost = min(cost + (column.patch?.count ?? 0), documents)
    }

    @inline(__always)
    func contains(_ document: Int) -> Bool { column.key(document).map(keys.contains) ?? false }

    func next(from document: Int) -> Int? {
        var start = document
        while start < documents {
            let zone = start / NumberColumn.zoneSize
            let end = min((zone + 1) * NumberColumn.zoneSize, documents)
            if mayMatch(zone, start..<end) { return start }
            start = end
        }
        return nil
    }

    /// Returns true if a zone can have a match among `range`, some of its documents: by its minimum and maximum, or
    /// because documents around them were updated to such a number.
    private func mayMatch(_ zone: Int, _ range: Range<Int>) -> Bool {
        if column.column?.zone(zone)?.overlaps(keys) ?? false { return true }
        return column.patch?.keys(of: range)?.overlaps(keys) ?? false
    }

    func match(_ base: Int, count: Int, into bits: UnsafeMutablePointer<UInt64>) {
        var from = base
        while from < base &+ count {
            let zone = from / NumberColumn.zoneSize
            let end = min((zone &+ 1) &* NumberColumn.zoneSize, base &+ count)
            if mayMatch(zone, from..<end) { match(from..<end, into: bits + (from &- base) &>> 6) }
            from = end
        }
    }

    /// Sets the bits of the matches in a range of documents that starts at a multiple of 64.
    private func match(_ range: Range<Int>, into bits: UnsafeMutablePointer<UInt64>) {
        let patch = column.patch.flatMap { $0.mayContain(range) ? $0 : nil }
        var word = 0
        var from = range.lowerBound
        while from < range.upperBound {
            let end = min(from &+ 64, range.upperBound)
            var matches = column.column?.bits(from, count: end &- from, keys) ?? 0
            if let patch { matches = patch.corrected(matches, from: from, keys) }
            bits[word] |= matches
            word &+= 1
            from = end
        }
    }
}

/// A test for documents that have a token in a text field.
struct LengthTest: DocumentTest {
    /// The norm code of each document of the segment; 0 for no token.
    let norms: UnsafePointer<UInt8>
    let cost: Int

    @inline(__always)
    func contains(_ document: Int) -> Bool { norms[document] != 0 }

    func match(_ base: Int, count: Int, into bits: UnsafeMutablePointer<UInt64>) {
        for slot in 0..<count {
            bits[slot &>> 6] |= (norms[base &+ slot] != 0 ? 1 : 0) &<< UInt64(truncatingIfNeeded: slot & 63)
        }
    }
}

/// A test for documents that have a value in a keyword field.
struct OrdinalTest: DocumentTest {
    let column: OrdinalColumn
    let cost: Int

    @inline(__always)
    func contains(_ document: Int) -> Bool { column.hasOrdinal(document) }

    func match(_ base: Int, count: Int, into bits: UnsafeMutablePointer<UInt64>) {
        for slot in 0..<count where column.hasOrdinal(base &+ slot) { setBit(bits, slot) }
    }
}
