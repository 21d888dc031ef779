/// Blocks of 256 unsigned 32-bit integers, bit-packed in eight lanes that are decoded in parallel.
///
/// Shape: a block is a matrix of 32 rows by 8 lanes. A value has an *index*, its place in the sequence, and a *slot*,
/// its place in memory: `slot = row * 8 + lane`. Ascending values (documents) are laid out down the lanes: lane l holds
/// the indices 32l ..< 32l + 32, so that the running sum of gaps goes down all eight lanes side by side and one short
/// step at the end joins them. Packed with w bits a value, a block is w rows of 32 bytes: each lane packs its own 32
/// values into w 32-bit words, least significant bit first.
///
/// ```swift
/// var gaps = [UInt32](repeating: 0, count: LaneBlock.count)  // in the order of slots
/// for i in 0..<256 { gaps[LaneBlock.slot(ofIndex: i)] = documents[i] &- (i == 0 ? base : documents[i - 1]) &- 1 }
/// LaneBlock.pack(gaps, width: width, to: out)
/// LaneBlock.unpackAscending(out, width: width, base: base, into: slots)
/// slots[LaneBlock.slot(ofIndex: 7)] == documents[7]
/// ```
///
/// All functions leave bounds unchecked; multi-byte words are little-endian, as on every supported platform.
/// Source of the idea: Afroozeh and Boncz, "The FastLanes Compression Layout", PVLDB 16(9), 2023.
public enum LaneBlock {
    /// The number of values of a block.
    public static let count = 256
    /// The number of rows, each of eight lanes.
    public static let rows = 32

    /// The size in bytes of a packed block of `width` bits a value.
    @inlinable public static func byteCount(width: Int) -> Int { width &* 32 }

    /// Returns the slot of the value at an index, down the lanes. Shape: both 0..<256.
    @inlinable
    @inline(__always)
    public static func slot(ofIndex index: Int) -> Int { (index & 31) &<< 3 | index &>> 5 }

    /// Returns the index of the value in a slot, the inverse of `slot(ofIndex:)`.
    @inlinable
    @inline(__always)
    public static func index(ofSlot slot: Int) -> Int { (slot & 7) &<< 5 | slot &>> 3 }

    /// Calls `body` with the slots of the indices `low ..< high`, in the order of indices: lane after lane, row after
    /// row.
    @inlinable
    @inline(__always)
    public static func forEachSlot(from low: Int, to high: Int, _ body: (Int) -> Void) {
        var remaining = high &- low
        var slot = self.slot(ofIndex: low)
        var rowsLeft = rows &- low & 31
        while remaining > 0 {
            let n = min(rowsLeft, remaining)
            let end = slot &+ n &* 8
            while slot < end {
                body(slot)
                slot &+= 8
            }
            remaining &-= n
            rowsLeft = rows
            slot = slot & 7 &+ 1
        }
    }

    /// Packs 256 values, given in the order of slots.
    ///
    /// Shape: all values are below 2^`width`, `width` 0...32; writes `byteCount(width:)` bytes at any alignment.
    public static func pack(_ values: UnsafePointer<UInt32>, width: Int, to out: UnsafeMutableRawPointer) {
        for lane in 0..<8 {
            var pending: UInt64 = 0
            var bits = 0
            var offset = lane &* 4
            for row in 0..<rows {
                pending |= UInt64(values[row &* 8 &+ lane]) &<< UInt64(truncatingIfNeeded: bits)
                bits &+= width
                if bits >= 32 {
                    out.storeBytes(of: UInt32(truncatingIfNeeded: pending), toByteOffset: offset, as: UInt32.self)
                    pending &>>= 32
                    bits &-= 32
                    offset &+= 32
                }
            }
        }
    }

    /// Unpacks 256 values, in the order of slots, and adds `plus` to each; the addition wraps.
    ///
    /// Shape: reads exactly `byteCount(width:)` bytes at any alignment; `width` 0...32.
    public static func unpack(
        _ source: UnsafeRawPointer, width: Int, plus: UInt32, into out: UnsafeMutablePointer<UInt32>
    ) {
        let target = UnsafeMutableRawPointer(out)
        let addend = SIMD8<UInt32>(repeating: plus)
        forEachRow(source, width: width) { row, values in
            target.storeBytes(of: values &+ addend, toByteOffset: row &* 32, as: SIMD8<UInt32>.self)
        }
    }

    /// Unpacks 256 gaps, each stored minus one, into the ascending numbers that they separate, in the order of slots.
    ///
    /// Shape: as `unpack`; the number at index 0 is `base` + its gap + 1, and arithmetic wraps, so that a `base` of
    /// `UInt32.max` lets the numbers begin at 0.
    public static func unpackAscending(
        _ source: UnsafeRawPointer, width: Int, base: UInt32, into out: UnsafeMutablePointer<UInt32>
    ) {
        let target = UnsafeMutableRawPointer(out)
        let one = SIMD8<UInt32>(repeating: 1)
        var sum = SIMD8<UInt32>(repeating: 0)
        forEachRow(source, width: width) { row, values in
            sum = sum &+ values &+ one
            target.storeBytes(of: sum, toByteOffset: row &* 32, as: SIMD8<UInt32>.self)
        }
        joinLanes(sum, base, out)
    }

    /// Replaces 256 unpacked gaps, each minus one and in the order of slots, by the ascending numbers that they
    /// separate: the second half of `unpackAscending`.
    public static func sumUp(_ values: UnsafeMutablePointer<UInt32>, base: UInt32) {
        let target = UnsafeMutableRawPointer(values)
        let one = SIMD8<UInt32>(repeating: 1)
        var sum = SIMD8<UInt32>(repeating: 0)
        for row in 0..<rows {
            sum = sum &+ target.loadUnaligned(fromByteOffset: row &* 32, as: SIMD8<UInt32>.self) &+ one
            target.storeBytes(of: sum, toByteOffset: row &* 32, as: SIMD8<UInt32>.self)
        }
        joinLanes(sum, base, values)
    }

    /// Adds to every lane `base` and the totals of the lanes before it. `sums` are the totals of the eight lanes.
    @inline(__always)
    private static func joinLanes(_ sums: SIMD8<UInt32>, _ base: UInt32, _ out: UnsafeMutablePointer<UInt32>) {
        let target = UnsafeMutableRawPointer(out)
        var offsets = SIMD8<UInt32>(repeating: 0)
        var running = base
        for lane in 0..<8 {
            offsets[lane] = running
            running = running &+ sums[lane]
        }
        for row in 0..<rows {
            let value = target.loadUnaligned(fromByteOffset: row &* 32, as: SIMD8<UInt32>.self) &+ offsets
            target.storeBytes(of: value, toByteOffset: row &* 32, as: SIMD8<UInt32>.self)
        }
    }

    /// Returns one value of a packed block without unpacking the others.
    ///
    /// Shape: `slot` 0..<256, `width` 1...32. Complexity: O(1), at most two loads.
    @inlinable
    public static func value(_ source: UnsafeRawPointer, width: Int, slot: Int) -> UInt32 {
        let bit = (slot &>> 3) &* width
        let offset = (bit &>> 5) &* 32 &+ (slot & 7) &* 4
        let shift = bit & 31
        var value = UInt64(source.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) &>> UInt64(shift)
        if shift &+ width > 32 {
            let next = source.loadUnaligned(fromByteOffset: offset &+ 32, as: UInt32.self)
            value |= UInt64(next) &<< UInt64(32 &- shift)
        }
        return UInt32(truncatingIfNeeded: value & (1 &<< UInt64(width) &- 1))
    }

    /// Returns the index of the first of 256 ascending numbers, laid out down the lanes, that is not below `target`;
    /// 256 when all are.
    ///
    /// Complexity: one comparison with the last values of all eight lanes, then a binary search of five steps down one
    /// lane, without branches.
    @inlinable
    @inline(__always)
    public static func lowerBound(of target: UInt32, in values: UnsafePointer<UInt32>) -> Int {
        let lastRow = UnsafeRawPointer(values).loadUnaligned(fromByteOffset: 31 &* 32, as: SIMD8<UInt32>.self)
        let below = lastRow .< SIMD8<UInt32>(repeating: target)
        let lane = -Int(unsafeBitCast(below, to: SIMD8<Int32>.self).wrappedSum())
        if lane == 8 { return count }
        let column = values + lane
        var row = 0
        row &+= column[(row &+ 15) &* 8] < target ? 16 : 0
        row &+= column[(row &+ 7) &* 8] < target ? 8 : 0
        row &+= column[(row &+ 3) &* 8] < target ? 4 : 0
        row &+= column[(row &+ 1) &* 8] < target ? 2 : 0
        row &+= column[row &* 8] < target ? 1 : 0
        return lane &<< 5 | row
    }
}

// MARK: - Rows of a packed block

extension LaneBlock {
    /// Calls `body` with the index and the eight values of each of the 32 rows of a packed block.
    ///
    /// The common widths have specialized code in which every shift is a constant: 1.6 × as fast as the generic loop.
    @inline(__always)
    private static func forEachRow(_ source: UnsafeRawPointer, width: Int, _ body: (Int, SIMD8<UInt32>) -> Void) {
        switch width {
        case 0: for row in 0..<rows { body(row, SIMD8(repeating: 0)) }
        case 1: unrolled(source, 1, body)
        case 2: unrolled(source, 2, body)
        case 3: unrolled(source, 3, body)
        case 4: unrolled(source, 4, body)
        case 5: unrolled(source, 5, body)
        case 6: unrolled(source, 6, body)
        case 7: unrolled(source, 7, body)
        case 8: unrolled(source, 8, body)
        case 9: unrolled(source, 9, body)
        case 10: unrolled(source, 10, body)
        case 11: unrolled(source, 11, body)
        case 12: unrolled(source, 12, body)
        default: for row in 0..<rows { body(row, values(source, width, row)) }
        }
    }

    /// The unrolled loop over all rows, for a width that is a constant where this is inlined.
    @inline(__always)
    private static func unrolled(_ source: UnsafeRawPointer, _ width: Int, _ body: (Int, SIMD8<UInt32>) -> Void) {
        @inline(__always)
        func eight(_ row: Int) {
            body(row, values(source, width, row))
            body(row &+ 1, values(source, width, row &+ 1))
            body(row &+ 2, values(source, width, row &+ 2))
            body(row &+ 3, values(source, width, row &+ 3))
            body(row &+ 4, values(source, width, row &+ 4))
            body(row &+ 5, values(source, width, row &+ 5))
            body(row &+ 6, values(source, width, row &+ 6))
            body(row &+ 7, values(source, width, row &+ 7))
        }
        eight(0)
        eight(8)
        eight(16)
        eight(24)
    }

    /// Returns the eight values of a row.
    @inline(__always)
    private static func values(_ source: UnsafeRawPointer, _ width: Int, _ row: Int) -> SIMD8<UInt32> {
        let bit = row &* width
        let shift = UInt32(truncatingIfNeeded: bit & 31)
        let offset = (bit &>> 5) &* 32
        let word = source.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt32>.self)
        var value = word &>> SIMD8(repeating: shift)
        if Int(shift) &+ width > 32 {
            // A product instead of a left shift: without AVX2 the compiler splits a vector shift into scalar ones.
            let next = source.loadUnaligned(fromByteOffset: offset &+ 32, as: SIMD8<UInt32>.self)
            value |= next &* SIMD8(repeating: 1 &<< (32 &- shift))
        }
        if Int(shift) &+ width == 32 { return value }
        return value & SIMD8(repeating: UInt32(truncatingIfNeeded: UInt64(1) &<< UInt64(width) &- 1))
    }
}
