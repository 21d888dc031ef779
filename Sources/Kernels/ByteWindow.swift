import CIntrinsics

// Arrays of one-byte counters, most of them zero and few of them large, scanned a 64-bit word at a time.

/// A word whose eight bytes are all 1: a product with it repeats a byte eight times.
@usableFromInline let eachByte: UInt64 = 0x0101_0101_0101_0101

/// A word in which the high bit of every byte is set that is at least `minimum` (1...255) in `word`; all other bits are
/// clear.
@inlinable
@inline(__always)
func bytes(_ word: UInt64, atLeast minimum: UInt64) -> UInt64 {
    let high = eachByte &* 0x80
    // The sum carries into the high bit when the lower seven bits are at least those of `minimum`.
    let carried = (word & ~high) &+ eachByte &* (minimum <= 128 ? 128 &- minimum : 256 &- minimum)
    return (minimum <= 128 ? carried | word : carried & word) & high
}

/// Returns the index of the first of `bytes[start ..< end]` that is at least `minimum`; `end` when there is none.
///
/// Shape: any alignment; `minimum` 1...255. Complexity: O(end - start), 32 bytes a step.
@inlinable
public func firstByte(atLeast minimum: UInt8, in bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
    let source = UnsafeRawPointer(bytes)
    let wideMinimum = UInt64(minimum)
    var index = start
    while index &+ 32 <= end {
        var matches: UInt64 = 0
        for i in 0..<4 {
            let word = source.loadUnaligned(fromByteOffset: index &+ i &* 8, as: UInt64.self)
            matches |= Kernels.bytes(word, atLeast: wideMinimum)
        }
        if matches != 0 { break }
        index &+= 32
    }
    while index < end, bytes[index] < minimum { index &+= 1 }
    return index
}

/// Returns the number of bytes that are not zero. Complexity: O(count), 8 bytes a step.
@inlinable
public func countNonzeroBytes(_ bytes: UnsafePointer<UInt8>, count: Int) -> Int {
    let source = UnsafeRawPointer(bytes)
    var nonzeroCount = 0
    var index = 0
    while index &+ 8 <= count {
        let word = source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        nonzeroCount &+= Kernels.bytes(word, atLeast: 1).nonzeroBitCount
        index &+= 8
    }
    while index < count {
        nonzeroCount &+= bytes[index] == 0 ? 0 : 1
        index &+= 1
    }
    return nonzeroCount
}

/// Returns the sum of `count` bytes. Complexity: O(count).
@inlinable
public func sumBytes(_ bytes: UnsafePointer<UInt8>, count: Int) -> Int {
    var sum = 0
    for i in 0..<count { sum &+= Int(bytes[i]) }
    return sum
}

/// Returns a bit mask of the bytes, among 32, whose low four bits are below `limit` (0...127); bit i is that of byte i.
public func lowNibbles(below limit: Int, of bytes: UnsafeRawPointer) -> UInt32 {
    quire_low_nibbles_below(bytes, CInt(truncatingIfNeeded: limit))
}

/// Writes the prefix sums of the high four bits of 32 bytes: `ends[i]` is the sum over bytes 0...i.
public func sumUpHighNibbles(of bytes: UnsafeRawPointer, into ends: UnsafeMutablePointer<UInt16>) {
    quire_sum_up_high_nibbles(bytes, ends)
}
