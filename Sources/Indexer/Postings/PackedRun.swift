import Kernels

/// Up to 256 small numbers, packed with one width, with exceptions that are wider.
///
/// Bytes: head u8 (width in the low six bits, bit 6: has exceptions) │ [exceptions] count u8, their places u8…, their
/// bits above the width u8… │ body. The body of a full run is a `LaneBlock`, that of a shorter one is packed one value
/// behind the other. An exception costs two bytes; a width is chosen when body and exceptions are smallest together.
struct PackedRun {
    static let widthMask: UInt8 = 0x3F
    static let exceptionFlag: UInt8 = 0x40

    let width: Int
    let count: Int
    let body: UnsafeRawPointer
    private let exceptions: Int
    private let places: UnsafeRawPointer
    /// Bytes from the head to the end of the body.
    let byteCount: Int

    /// Nil when the run does not end before `end`.
    @inline(__always)
    init?(_ start: UnsafeRawPointer, end: UnsafeRawPointer, count: Int) {
        guard start < end else { return nil }
        let head = start.load(as: UInt8.self)
        width = Int(head & Self.widthMask)
        self.count = count
        guard width <= 32 else { return nil }
        var at = 1
        if head & Self.exceptionFlag != 0 {
            guard end - start >= 2 else { return nil }
            exceptions = Int(start.load(fromByteOffset: 1, as: UInt8.self))
            at = 2
        } else {
            exceptions = 0
        }
        places = start + at
        at &+= exceptions &* 2
        body = start + at
        byteCount = at &+ Self.bodyBytes(count, width)
        guard byteCount <= end - start else { return nil }
    }

    @inline(__always)
    private static func bodyBytes(_ count: Int, _ width: Int) -> Int {
        count == LaneBlock.count ? LaneBlock.byteCount(width: width) : packedByteCount(count, width: width)
    }

    /// Writes the values, `plus` added to each, in the order of slots; room for 256 is needed.
    func decode(plus: UInt32, into out: UnsafeMutablePointer<UInt32>) {
        if count == LaneBlock.count {
            LaneBlock.unpack(body, width: width, plus: plus, into: out)
        } else {
            unpack32(body, count: count, width: width, into: out)
            if plus != 0 { for i in 0..<count { out[i] = out[i] &+ plus } }
        }
        if exceptions > 0 { patch(out) }
    }

    /// Writes the running sum of the values, each one more than stored, starting from `base`.
    ///
    /// Sums wrap around; those of values for which `isNarrow` holds do so at most once.
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

    /// Whether 256 such values, each one more than stored, sum up to less than 2^32.
    var isNarrow: Bool { width &+ (exceptions > 0 ? 8 : 0) < 24 }

    /// Adds the upper bits of the exceptions.
    private func patch(_ out: UnsafeMutablePointer<UInt32>) {
        for i in 0..<exceptions {
            let place = Int(places.load(fromByteOffset: i, as: UInt8.self))
            let upper = UInt32(places.load(fromByteOffset: exceptions &+ i, as: UInt8.self))
            if place < count { out[place] = out[place] &+ upper &<< UInt32(truncatingIfNeeded: width) }
        }
    }

    /// The value in a slot. Complexity: O(exceptions).
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
        for i in 0..<exceptions where Int(places.load(fromByteOffset: i, as: UInt8.self)) == slot {
            let upper = UInt32(places.load(fromByteOffset: exceptions &+ i, as: UInt8.self))
            value = value &+ upper &<< UInt32(truncatingIfNeeded: width)
        }
        return value
    }
}

/// Writes `PackedRun`s.
enum PackedRunWriter {
    /// Appends a run of `count` values in the order of slots; `flags` are bits above the run's own in its head.
    ///
    /// `worth` is how many bytes exceptions have to save before they are used.
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

    /// The width that makes the run smallest, and how many values are wider.
    private static func choose(
        _ values: UnsafePointer<UInt32>, _ count: Int, _ worth: Int
    ) -> (width: Int, exceptions: Int) {
        var all: UInt32 = 0
        for i in 0..<count { all |= values[i] }
        let widest = bitWidth(of: UInt64(all))
        if widest == 0 { return (0, 0) }
        return withUnsafeTemporaryAllocation(of: Int.self, capacity: 33) { histogram in
            histogram.update(repeating: 0)
            for i in 0..<count { histogram[32 &- values[i].leadingZeroBitCount] &+= 1 }
            let isFull = count == LaneBlock.count
            func bytes(_ width: Int) -> Int { isFull ? width * 32 : packedByteCount(count, width: width) }
            var best = (width: widest, exceptions: 0)
            var least = bytes(widest) + 1 - worth
            var wider = 0
            // An exception's upper bits are one byte.
            for width in stride(from: widest - 1, through: max(0, widest - 8), by: -1) {
                wider += histogram[width + 1]
                if wider > 255 { break }
                let size = bytes(width) + 1 + 2 * wider
                if size < least {
                    least = size
                    best = (width, wider)
                }
            }
            return best
        }
    }
}
