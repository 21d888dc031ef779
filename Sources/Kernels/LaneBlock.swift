/// Blocks of 256 unsigned integers, packed for eight lanes that are decoded at once.
///
/// Shape: a block is a matrix of 32 rows by 8 lanes; `slot = row * 8 + lane`. Values that ascend (documents) are laid
/// out down the lanes: lane l holds ranks 32l ..< 32l + 32, so that the running sum of gaps goes down all eight lanes
/// side by side and one short step at the end joins them. Packed with w bits a value a block is w rows of 32 bytes:
/// each lane packs its own 32 values into w 32-bit words, least significant bit first.
/// Source of the idea: Afroozeh and Boncz, "The FastLanes Compression Layout", PVLDB 16(9), 2023.
public enum LaneBlock {
    /// Values of a block.
    public static let count = 256
    /// Rows, each of eight lanes.
    public static let rows = 32

    /// Bytes of a packed block.
    @inlinable public static func byteCount(width: Int) -> Int { width &* 32 }

    /// Where the value of a rank stands: down the lanes.
    @inlinable
    @inline(__always)
    public static func slot(ofRank rank: Int) -> Int { (rank & 31) &<< 3 | rank &>> 5 }

    /// The rank of a slot, the inverse of `slot(ofRank:)`.
    @inlinable
    @inline(__always)
    public static func rank(ofSlot slot: Int) -> Int { (slot & 7) &<< 5 | slot &>> 3 }

    /// Calls `body` with the slots of the ranks `low ..< high`, in the order of ranks: lane after lane, row after row.
    @inlinable
    @inline(__always)
    public static func forEachSlot(from low: Int, to high: Int, _ body: (Int) -> Void) {
        var left = high &- low
        var slot = self.slot(ofRank: low)
        var rowsLeft = rows &- low & 31
        while left > 0 {
            let n = min(rowsLeft, left)
            let end = slot &+ n &* 8
            while slot < end {
                body(slot)
                slot &+= 8
            }
            left &-= n
            rowsLeft = rows
            slot = slot & 7 &+ 1
        }
    }

    /// Packs 256 values, given in the order of slots.
    ///
    /// Shape: all values are below 2^`width`, `width` 0...32; writes `byteCount(width:)` bytes.
    public static func pack(_ values: UnsafePointer<UInt32>, width: Int, to out: UnsafeMutableRawPointer) {
        for lane in 0..<8 {
            var pending: UInt64 = 0
            var bits = 0
            var at = lane &* 4
            for row in 0..<rows {
                pending |= UInt64(values[row &* 8 &+ lane]) &<< UInt64(truncatingIfNeeded: bits)
                bits &+= width
                if bits >= 32 {
                    out.storeBytes(of: UInt32(truncatingIfNeeded: pending), toByteOffset: at, as: UInt32.self)
                    pending &>>= 32
                    bits &-= 32
                    at &+= 32
                }
            }
        }
    }

    /// Unpacks 256 values into the order of slots and adds `plus` to each.
    ///
    /// Shape: reads `byteCount(width:)` bytes at any alignment; `width` 0...32.
    public static func unpack(
        _ source: UnsafeRawPointer, width: Int, plus: UInt32, into out: UnsafeMutablePointer<UInt32>
    ) {
        if width == 0 { return out.update(repeating: plus, count: count) }
        let target = UnsafeMutableRawPointer(out)
        let more = SIMD8<UInt32>(repeating: plus)
        var lanes = LaneReader(source, width: width)
        for row in 0..<rows {
            target.storeBytes(of: lanes.next(row) &+ more, toByteOffset: row &* 32, as: SIMD8<UInt32>.self)
        }
    }

    /// Unpacks 256 gaps, each stored less one, and sums them up to ascending numbers in the order of slots.
    ///
    /// Shape: the number of rank 0 is `base` + its gap + 1; arithmetic wraps.
    public static func unpackAscending(
        _ source: UnsafeRawPointer, width: Int, base: UInt32, into out: UnsafeMutablePointer<UInt32>
    ) {
        let target = UnsafeMutableRawPointer(out)
        let one = SIMD8<UInt32>(repeating: 1)
        var sum = SIMD8<UInt32>(repeating: 0)
        if width == 0 {
            for row in 0..<rows {
                sum = sum &+ one
                target.storeBytes(of: sum, toByteOffset: row &* 32, as: SIMD8<UInt32>.self)
            }
        } else {
            var lanes = LaneReader(source, width: width)
            for row in 0..<rows {
                sum = sum &+ lanes.next(row) &+ one
                target.storeBytes(of: sum, toByteOffset: row &* 32, as: SIMD8<UInt32>.self)
            }
        }
        joinLanes(sum, base, out)
    }

    /// Sums up 256 gaps, each less one and in the order of slots, in place; as `unpackAscending` does.
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

    /// Adds to every lane what the lanes before it summed up to.
    @inline(__always)
    private static func joinLanes(_ sums: SIMD8<UInt32>, _ base: UInt32, _ out: UnsafeMutablePointer<UInt32>) {
        let target = UnsafeMutableRawPointer(out)
        var before = SIMD8<UInt32>(repeating: 0)
        var running = base
        for lane in 0..<8 {
            before[lane] = running
            running = running &+ sums[lane]
        }
        for row in 0..<rows {
            let value = target.loadUnaligned(fromByteOffset: row &* 32, as: SIMD8<UInt32>.self) &+ before
            target.storeBytes(of: value, toByteOffset: row &* 32, as: SIMD8<UInt32>.self)
        }
    }

    /// One value of a packed block.
    ///
    /// Shape: `slot` 0..<256, `width` 1...32. Complexity: O(1), at most two loads.
    @inlinable
    public static func value(_ source: UnsafeRawPointer, width: Int, slot: Int) -> UInt32 {
        let bit = (slot &>> 3) &* width
        let at = (bit &>> 5) &* 32 &+ (slot & 7) &* 4
        let shift = bit & 31
        var value = UInt64(source.loadUnaligned(fromByteOffset: at, as: UInt32.self)) &>> UInt64(shift)
        if shift &+ width > 32 {
            let next = source.loadUnaligned(fromByteOffset: at &+ 32, as: UInt32.self)
            value |= UInt64(next) &<< UInt64(32 &- shift)
        }
        return UInt32(truncatingIfNeeded: value & (1 &<< UInt64(width) &- 1))
    }

    /// The rank of the first of 256 ascending numbers, laid out down the lanes, that is not below `target`; 256 when
    /// all are.
    ///
    /// Complexity: eight lane ends at once, then five steps down one lane, without branches.
    @inlinable
    @inline(__always)
    public static func rank(of target: UInt32, in values: UnsafePointer<UInt32>) -> Int {
        let ends = UnsafeRawPointer(values).loadUnaligned(fromByteOffset: 31 &* 32, as: SIMD8<UInt32>.self)
        let below = ends .< SIMD8<UInt32>(repeating: target)
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

/// Reads a packed block row by row.
private struct LaneReader {
    private let source: UnsafeRawPointer
    private let mask: SIMD8<UInt32>
    private let width: UInt32
    private var shift: UInt32 = 0
    private var next = 32
    private var word: SIMD8<UInt32>

    @inline(__always)
    init(_ source: UnsafeRawPointer, width: Int) {
        self.source = source
        self.width = UInt32(truncatingIfNeeded: width)
        mask = SIMD8(repeating: UInt32(truncatingIfNeeded: UInt64(1) &<< UInt64(width) &- 1))
        word = source.loadUnaligned(as: SIMD8<UInt32>.self)
    }

    /// The values of the next row; `row` counts the calls, and behind the last nothing more is read.
    @inline(__always)
    mutating func next(_ row: Int) -> SIMD8<UInt32> {
        var value = word &>> SIMD8(repeating: shift)
        shift &+= width
        if shift >= 32 {
            shift &-= 32
            if row < LaneBlock.rows &- 1 {
                word = source.loadUnaligned(fromByteOffset: next, as: SIMD8<UInt32>.self)
                next &+= 32
                // A product instead of a shift: shifts by vectors are taken apart without AVX2.
                if shift > 0 { value |= word &* SIMD8(repeating: 1 &<< (width &- shift)) }
            }
        }
        return value & mask
    }
}
