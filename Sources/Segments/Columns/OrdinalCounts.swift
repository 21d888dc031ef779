package import Kernels

/// Counts of ordinals: one byte per ordinal, and a small hash table for those that were counted 256 times and more.
///
/// As bytes, the counts of a large dictionary stay in the processor's L2 cache and take a quarter of the time to clear
/// and to scan. Memory: a byte per ordinal, and 8 to 32 bytes for each that was counted 256 times. An instance is not
/// thread-safe.
package struct OrdinalCounts: ~Copyable {
    /// The number of ordinals.
    package let count: Int
    /// The sum of all counts.
    package private(set) var sum = 0
    /// Each count modulo 256.
    private let low: UnsafeMutablePointer<UInt8>
    /// The owner of the bytes.
    package let memory: ReusableBytes
    // A hash table with open addressing: an ordinal plus one (0 is empty), and the number of times its byte overflowed.
    private var ordinals = GrowableBuffer<UInt32>(capacity: 1)
    private var overflows = GrowableBuffer<UInt32>(capacity: 1)
    /// The size of the table less one, a power of two less one.
    private var mask = -1
    /// The number of ordinals in the table.
    private var used = 0

    /// Creates counts that are all 0. `memory` is cleared and must not be used by others at the same time. Complexity:
    /// O(ordinals).
    package init(ordinals count: Int, _ memory: ReusableBytes = ReusableBytes()) {
        self.count = count
        self.memory = memory
        memory.clear(count)
        low = memory.base
    }

    /// The bytes of the counts, for loops that count: these increment a byte, call `addOverflow` for one that has
    /// become 0 again, and finally `add`.
    var bytes: UnsafeMutablePointer<UInt8> { low }

    /// Adds the number of increments to `sum`.
    mutating func add(_ counted: Int) { sum &+= counted }

    /// Records that the byte of an ordinal overflowed to 0.
    @inline(never)
    mutating func addOverflow(_ ordinal: Int) {
        if used &* 2 > mask { grow() }
        let slot = slot(of: ordinal)
        if ordinals.base[slot] == 0 {
            ordinals.base[slot] = UInt32(truncatingIfNeeded: ordinal &+ 1)
            used &+= 1
        }
        overflows.base[slot] &+= 1
    }

    /// Returns the slot of an ordinal in the table, or the empty one where it would be inserted.
    private func slot(of ordinal: Int) -> Int {
        let key = UInt32(truncatingIfNeeded: ordinal &+ 1)
        var slot = Int(key &* 0x9E37_79B1 &>> 7) & mask
        while ordinals.base[slot] != 0, ordinals.base[slot] != key { slot = (slot &+ 1) & mask }
        return slot
    }

    /// Doubles the table and inserts all ordinals again.
    private mutating func grow() {
        let entries = (0..<(mask + 1)).filter { ordinals.base[$0] != 0 }.map { (ordinals.base[$0], overflows.base[$0]) }
        mask = max(mask * 2 + 1, 63)
        ordinals.removeAll()
        ordinals.append(repeating: 0, count: mask + 1)
        overflows.removeAll()
        overflows.append(repeating: 0, count: mask + 1)
        for (ordinal, overflowCount) in entries {
            let slot = slot(of: Int(ordinal) - 1)
            ordinals.base[slot] = ordinal
            overflows.base[slot] = overflowCount
        }
    }

    /// The count of an ordinal, which is not checked. Complexity: O(1).
    package subscript(ordinal: Int) -> Int {
        Int(low[ordinal]) + (used == 0 ? 0 : Int(overflows.base[slot(of: ordinal)]) << 8)
    }

    /// The number of ordinals whose count is not 0. Complexity: O(ordinals), 8 bytes a step.
    var distinct: Int {
        var distinct = countNonzeroBytes(low, count: count)
        forEachLarge { ordinal, _ in distinct += low[ordinal] == 0 ? 1 : 0 }
        return distinct
    }

    /// Returns the sum of the counts in a range of ordinals. Complexity: O(range); O(1) for all.
    package func sum(_ range: Range<Int>) -> Int {
        if range == 0..<count { return sum }
        var sum = sumBytes(low + range.lowerBound, count: range.count)
        forEachLarge { ordinal, overflows in sum += range.contains(ordinal) ? overflows << 8 : 0 }
        return sum
    }

    /// Calls `body` with each ordinal that was counted 256 times or more and the number of overflows, in no particular
    /// order.
    package func forEachLarge(_ body: (Int, _ overflows: Int) -> Void) {
        if used == 0 { return }
        for slot in 0...mask where ordinals.base[slot] != 0 {
            body(Int(ordinals.base[slot]) - 1, Int(overflows.base[slot]))
        }
    }

    /// Returns the first ordinal in `start ..< end` whose byte, the count modulo 256, is at least `minimum`; `end` if
    /// there is none.
    package func next(atLeast minimum: UInt8, from start: Int, to end: Int) -> Int {
        firstByte(atLeast: minimum, in: low, from: start, to: end)
    }

    /// True if an ordinal was counted 256 times or more.
    @inline(__always)
    package func isLarge(_ ordinal: Int) -> Bool { used > 0 && overflows.base[slot(of: ordinal)] > 0 }

    /// Returns the ordinals of a range whose counts are multiples of 256 other than 0, descending: those that a scan of
    /// the bytes does not find.
    package func hiddenOrdinals(in range: Range<Int>) -> [Int] {
        var hidden: [Int] = []
        forEachLarge { ordinal, _ in if low[ordinal] == 0, range.contains(ordinal) { hidden.append(ordinal) } }
        return hidden.sorted(by: >)
    }
}
