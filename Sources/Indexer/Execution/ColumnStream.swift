import Kernels

/// Tells of any document whether it is looked for.
protocol DocumentTest {
    /// At most this many documents are.
    var cost: Int { get }
    /// Whether a document of the segment is.
    func contains(_ document: Int) -> Bool
    /// `bits |= matches` for the `count` documents from `base`, a multiple of 64, on.
    func match(_ base: Int, count: Int, into bits: UnsafeMutablePointer<UInt64>)
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

    func nextWindow(from base: Int) -> Int? { base < scope.documents ? base & ~(scope.windowSize - 1) : nil }

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

/// Whether a document's number lies between two sort keys.
struct NumberTest: DocumentTest {
    let column: PatchedColumn
    let keys: ClosedRange<UInt64>
    let cost: Int

    init(_ column: PatchedColumn, _ keys: ClosedRange<UInt64>) {
        self.column = column
        self.keys = keys
        cost = (column.column?.present ?? 0) + (column.patch?.count ?? 0)
    }

    @inline(__always)
    func contains(_ document: Int) -> Bool { column.key(document).map(keys.contains) ?? false }

    func match(_ base: Int, count: Int, into bits: UnsafeMutablePointer<UInt64>) {
        var changed = column.patch?.place(of: base) ?? 0
        var slot = 0
        while slot < count {
            let end = min(slot &+ 64, count)
            var word = column.column?.bits(base &+ slot, count: end &- slot, keys) ?? 0
            if let patch = column.patch {
                while changed < patch.count, Int(patch.documents[changed]) < base &+ end {
                    let bit: UInt64 = 1 &<< UInt64(patch.documents[changed] & 63)
                    word = patch.keys[changed].map(keys.contains) ?? false ? word | bit : word & ~bit
                    changed &+= 1
                }
            }
            bits[slot &>> 6] |= word
            slot = end
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
