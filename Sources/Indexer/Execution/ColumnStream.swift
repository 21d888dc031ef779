import Kernels

/// Tells of any document whether it is looked for.
protocol DocumentTest {
    /// At most this many documents are.
    var cost: Int { get }
    /// The first document from one on that may be.
    func next(from document: Int) -> Int?
    /// Whether a document of the segment is.
    func contains(_ document: Int) -> Bool
    /// `bits |= matches` for the `count` documents from `base`, a multiple of 64, on.
    func match(_ base: Int, count: Int, into bits: UnsafeMutablePointer<UInt64>)
}

extension DocumentTest {
    func next(from document: Int) -> Int? { document }
}

/// The documents whose value in a column is looked for; without scores.
final class ColumnStream<Test: DocumentTest>: DocumentStream {
    let scope: SegmentScope
    let cost: Int
    private let test: Test

    init(_ test: Test, _ scope: SegmentScope) {
        self.test = test
        self.scope = scope
        cost = test.cost
    }

    var widestWindow: Int { SegmentScope.widestWindow }

    func nextWindow(from base: Int) -> Int? {
        guard let next = test.next(from: base), next < scope.documents else { return nil }
        return next & ~(scope.windowSize - 1)
    }

    func match(_ base: Int, into bits: UnsafeMutablePointer<UInt64>) {
        test.match(base, count: min(scope.documents - base, scope.windowSize), into: bits)
    }

    func restrict(_ base: Int, _ bits: UnsafeMutablePointer<UInt64>) {
        if hasAtLeast(scope.windowSize / Self.testCost, bits, words: scope.words) {
            return scope.withBits { own in
                match(base, into: own)
                _ = intersectBits(bits, own, words: scope.words)
            }
        }
        for i in 0..<scope.words {
            var word = bits[i]
            var left = word
            while word != 0 {
                let slot = word.trailingZeroBitCount
                if !test.contains(base &+ i &* 64 &+ slot) { left &= ~(1 &<< UInt64(slot)) }
                word &= word &- 1
            }
            bits[i] = left
        }
    }

    /// Looking at one document costs about as much as this many in a row.
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

    // What it matches has no score of its own; a constant one is laid over it.

    func bound(_ base: Int) -> Double { 0 }

    func collect(_ base: Int, need: Double, into list: CandidateList) {
        list.count = 0
        if need <= 0 { matches(base, into: list) }
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, need: Double) {
        if isRequired { filter(base, list) }
        list.drop(below: need)
    }
}

/// Whether a document's number lies between two sort keys. Zones that have no such number are skipped.
struct NumberTest: DocumentTest {
    let column: PatchedColumn
    let keys: ClosedRange<UInt64>
    let cost: Int
    /// Documents of the segment.
    private let documents: Int

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
        var place = document
        while place < documents {
            let zone = place / NumberColumn.zoneSize
            let end = min((zone + 1) * NumberColumn.zoneSize, documents)
            if mayHave(zone, place..<end) { return place }
            place = end
        }
        return nil
    }

    /// Whether a zone, of which some documents are looked at, can have a number that is looked for.
    private func mayHave(_ zone: Int, _ some: Range<Int>) -> Bool {
        if column.column?.zone(zone)?.overlaps(keys) ?? false { return true }
        guard let patch = column.patch else { return false }
        let changed = patch.place(of: some.lowerBound)
        return changed < patch.count && Int(patch.documents[changed]) < some.upperBound
    }

    func match(_ base: Int, count: Int, into bits: UnsafeMutablePointer<UInt64>) {
        var from = base
        while from < base &+ count {
            let zone = from / NumberColumn.zoneSize
            let end = min((zone &+ 1) &* NumberColumn.zoneSize, base &+ count)
            if mayHave(zone, from..<end) { match(from..<end, into: bits + (from &- base) &>> 6) }
            from = end
        }
    }

    /// Matches some documents, the first of which is a multiple of 64.
    private func match(_ some: Range<Int>, into bits: UnsafeMutablePointer<UInt64>) {
        var changed = column.patch?.place(of: some.lowerBound) ?? 0
        var word = 0
        var from = some.lowerBound
        while from < some.upperBound {
            let end = min(from &+ 64, some.upperBound)
            var found = column.column?.bits(from, count: end &- from, keys) ?? 0
            if let patch = column.patch {
                while changed < patch.count, Int(patch.documents[changed]) < end {
                    let bit: UInt64 = 1 &<< UInt64(patch.documents[changed] & 63)
                    found = patch.keys[changed].map(keys.contains) ?? false ? found | bit : found & ~bit
                    changed &+= 1
                }
            }
            bits[word] |= found
            word &+= 1
            from = end
        }
    }
}

/// Whether a document has a token in a text field.
struct LengthTest: DocumentTest {
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

/// Whether a document has a value in a keyword field.
struct OrdinalTest: DocumentTest {
    let column: OrdinalColumn
    let cost: Int

    @inline(__always)
    func contains(_ document: Int) -> Bool { column.hasOrdinal(document) }

    func match(_ base: Int, count: Int, into bits: UnsafeMutablePointer<UInt64>) {
        for slot in 0..<count where column.hasOrdinal(base &+ slot) { setBit(bits, slot) }
    }
}
