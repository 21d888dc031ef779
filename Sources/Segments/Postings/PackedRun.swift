import Kernels

/// A decoder of up to 256 small numbers, packed with one width, and exceptions that are wider (patched frame of
/// reference).
///
/// Bytes: head u8 (the width in bits 0–5; bit 6: has exceptions) │ [exceptions] n u8 │ n × slot u8 │ n × (value >>
/// width) u8 │ body. The body of a full run of 256 is a `LaneBlock`, that of a shorter run is packed in order. An
/// exception costs two bytes; the writer chooses the width with which body and exceptions are smallest together.
///
/// The bytes are not copied. Eight bytes beyond the section must be readable.
@usableFromInline
struct PackedRun {
    /// The bits of the head that hold the width.
    static let widthMask: UInt8 = 0x3F
    /// The bit of the head that is set if there are exceptions.
    static let exceptionFlag: UInt8 = 0x40

    /// Bits per value in the body, 0...32.
    let width: Int
    /// The number of values.
    let count: Int
    let body: UnsafeRawPointer
    /// The number of exceptions.
    private let exceptions: Int
    /// The slots of the exceptions, followed by their upper bits.
    private let exceptionSlots: UnsafeRawPointer
    /// The size in bytes, from the head to the end of the body.
    let byteCount: Int

    /// Reads the head of a run of `count` values; nil if the run has an invalid width or does not end before `end`.
    @inline(__always)
    init?(_ start: UnsafeRawPointer, end: UnsafeRawPointer, count: Int) {
        guard start < end else { return nil }
        let head = start.load(as: UInt8.self)
        width = Int(head & Self.widthMask)
        self.count = count
        guard width <= 32 else { return nil }
        var offset = 1
        if head & Self.exceptionFlag != 0 {
            guard end - start >= 2 else { return nil }
            exceptions = Int(start.load(fromByteOffset: 1, as: UInt8.self))
            offset = 2
        } else {
            exceptions = 0
        }
        exceptionSlots = start + offset
        offset &+= exceptions &* 2
        body = start + offset
        byteCount = offset &+ Self.bodyBytes(count, width)
        guard byteCount <= end - start else { return nil }
    }

    /// Returns the size in bytes of a body.
    @inline(__always)
    private static func bodyBytes(_ count: Int, _ width: Int) -> Int {
        count == LaneBlock.count ? LaneBlock.byteCount(width: width) : packedByteCount(count, width: width)
    }

    /// Writes all values, `plus` added to each, in the order of slots. `out` must have room for 256. Complexity:
    /// O(count).
    func decode(plus: UInt32, into out: UnsafeMutablePointer<UInt32>) {
        if count == LaneBlock.count {
            LaneBlock.unpack(body, width: width, plus: plus, into: out)
        } else {
            unpack32(body, count: count, width: width, into: out)
            if plus != 0 { for i in 0..<count { out[i] = out[i] &+ plus } }
        }
        if exceptions > 0 { patch(out) }
    }

    /// Writes the running sums of the values, each one more than stored, starting from `base`: the inverse of gaps.
    /// They are in the order of slots; `out` must have room for 256. Complexity: O(count).
    ///
    /// Sums wrap around; those of a run for which `isNarrow` holds do so at most once.
    func decodeAscending(base: UInt32, into out: UnsafeMutablePointer<UInt32>) {
        if count == LaneBlock.count {
            if exceptions == 0 { return LaneBlock.unpackAscending(body, width: width, base: base, into: out) }
            LaneBlock.unpack(body, width: width, plus: 0, into: out)
            patch(out)
            return LaneBlock.sumUp(out, base: base)
        }
        if exceptions == 0 { return unpackAscending32(body, count: count, width: width, base: base, into: out) }
        unpack32(body, count: count, width: width, into: out)
        patch(out)
        var last = base
        for i in 0..<count {
            last = last &+ out[i] &+ 1
            out[i] = last
        }
    }

    /// True if 256 values of this width, each one more than stored, sum up to less than 2^32.
    var isNarrow: Bool { width &+ (exceptions > 0 ? 8 : 0) < 24 }

    /// Adds the upper bits of the exceptions. Slots outside the run, as corrupt bytes may have, are ignored.
    private func patch(_ out: UnsafeMutablePointer<UInt32>) {
        for i in 0..<exceptions {
            let slot = Int(exceptionSlots.load(fromByteOffset: i, as: UInt8.self))
            let upper = UInt32(exceptionSlots.load(fromByteOffset: exceptions &+ i, as: UInt8.self))
            if slot < count { out[slot] = out[slot] &+ upper &<< UInt32(truncatingIfNeeded: width) }
        }
    }

    /// Returns the value in a slot, which must be below `count`. Complexity: O(exceptions).
    @inline(__always)
    func value(_ slot: Int) -> UInt32 {
        var value: UInt32 = 0
        if width > 0 {
            if count == LaneBlock.count {
                value = LaneBlock.value(body, width: width, slot: slot)
            } else {
                value = UInt32(truncatingIfNeeded: unpack64(body, index: slot, width: width))
            }
        }
        for i in 0..<exceptions where Int(exceptionSlots.load(fromByteOffset: i, as: UInt8.self)) == slot {
            let upper = UInt32(exceptionSlots.load(fromByteOffset: exceptions &+ i, as: UInt8.self))
            value = value &+ upper &<< UInt32(truncatingIfNeeded: width)
        }
        return value
    }
}

/// An encoder of `PackedRun`s.
enum PackedRunWriter {
    /// Appends a run of `count` values (1...256) in the order of slots. `flags` are set in the head, beyond the run's
    /// own bits. `worth` is the number of bytes that exceptions must save to be used.
    ///
    /// Complexity: O(count + widths).
    static func append(
        _ values: UnsafePointer<UInt32>, count: Int, flags: UInt8 = 0, worth: Int = 1,
        to out: inout GrowableBuffer<UInt8>
    ) {
        let (width, exceptions) = choose(values, count, worth)
        out.append(UInt8(width) | flags | (exceptions > 0 ? PackedRun.exceptionFlag : 0))
        let mask = UInt32(truncatingIfNeeded: UInt64(1) << UInt64(width) - 1)
        if exceptions > 0 {
            out.append(UInt8(exceptions))
            for i in 0..<count where values[i] > mask { out.append(UInt8(i)) }
            for i in 0..<count where values[i] > mask { out.append(UInt8(values[i] >> UInt32(width))) }
        }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: count) { masked in
            let low = masked.baseAddress!
            for i in 0..<count { low[i] = values[i] & mask }
            if count == LaneBlock.count {
                let bytes = LaneBlock.byteCount(width: width)
                out.reserve(bytes)
                LaneBlock.pack(low, width: width, to: out.base + out.count)
                out.count += bytes
            } else {
                out.reserve(packedByteCount(count, width: width) + 8)
                out.count += pack32(low, count: count, width: width, to: out.base + out.count)
            }
        }
    }

    /// Returns the width that makes the run smallest, and the number of values that are wider.
    private static func choose(
        _ values: UnsafePointer<UInt32>, _ count: Int, _ worth: Int
    ) -> (width: Int, exceptions: Int) {
        var union: UInt32 = 0
        for i in 0..<count { union |= values[i] }
        let widest = bitWidth(of: UInt64(union))
        if widest == 0 { return (0, 0) }
        return withUnsafeTemporaryAllocation(of: Int.self, capacity: 33) { histogram in
            histogram.update(repeating: 0)
            for i in 0..<count { histogram[32 &- values[i].leadingZeroBitCount] &+= 1 }
            let isFull = count == LaneBlock.count
            func bytes(_ width: Int) -> Int { isFull ? width * 32 : packedByteCount(count, width: width) }
            var best = (width: widest, exceptions: 0)
            var minSize = bytes(widest) + 1 - worth
            var wider = 0
            // The upper bits of an exception must fit in one byte, so the width is at most 8 less.
            for width in stride(from: widest - 1, through: max(0, widest - 8), by: -1) {
                wider += histogram[width + 1]
                if wider > 255 { break }
                let size = bytes(width) + 1 + 2 * wider
                if size < minSize {
                    minSize = size
                    best = (width, wider)
                }
            }
            return best
        }
    }
}
