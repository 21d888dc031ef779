import CIntrinsics

// Runs of bytes that count something: most are zero, few are large. Read eight at a time.

@usableFromInline let eachByte: UInt64 = 0x0101_0101_0101_0101

/// Which bytes of a word are at least `least` (1...255): the high bit of each is set.
@inlinable
@inline(__always)
func bytes(_ word: UInt64, atLeast least: UInt64) -> UInt64 {
    let high = eachByte &* 0x80
    // The lower seven bits reach the high bit when they are at least what is missing.
    let reached = (word & ~high) &+ eachByte &* (least <= 128 ? 128 &- least : 256 &- least)
    return (least <= 128 ? reached | word : reached & word) & high
}

/// The first of `bytes[from ..< end]` that is at least `least`; `end` when there is none.
///
/// Shape: any alignment; `least` 1...255. Complexity: O(end - from), 32 bytes a step.
@inlinable
public func firstByte(
    atLeast least: UInt8, in bytes: UnsafePointer<UInt8>, from start: Int, to end: Int
) -> Int {
    let source = UnsafeRawPointer(bytes)
    let wanted = UInt64(least)
    var at = start
    while at &+ 32 <= end {
        var any: UInt64 = 0
        for i in 0..<4 {
            let word = source.loadUnaligned(fromByteOffset: at &+ i &* 8, as: UInt64.self)
            any |= Kernels.bytes(word, atLeast: wanted)
        }
        if any != 0 { break }
        at &+= 32
    }
    while at < end, bytes[at] < least { at &+= 1 }
    return at
}

/// How many of some bytes are not zero. Complexity: O(count).
@inlinable
public func countNonzeroBytes(_ bytes: UnsafePointer<UInt8>, count: Int) -> Int {
    let source = UnsafeRawPointer(bytes)
    var found = 0
    var at = 0
    while at &+ 8 <= count {
        let word = source.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        found &+= Kernels.bytes(word, atLeast: 1).nonzeroBitCount
        at &+= 8
    }
    while at < count {
        found &+= bytes[at] == 0 ? 0 : 1
        at &+= 1
    }
    return found
}

/// The sum of some bytes. Complexity: O(count).
@inlinable
public func sumBytes(_ bytes: UnsafePointer<UInt8>, count: Int) -> Int {
    var sum = 0
    for i in 0..<count { sum &+= Int(bytes[i]) }
    return sum
}

/// Which of 32 bytes have four lower bits below `limit`, 0...127: a bit each, that of the first byte lowest.
public func lowNibbles(below limit: Int, of bytes: UnsafeRawPointer) -> UInt32 {
    quire_low_nibbles_below(bytes, CInt(truncatingIfNeeded: limit))
}

/// Sums up the four higher bits of 32 bytes: `ends[i]` is the sum up to byte i, itself included.
public func sumUpHighNibbles(of bytes: UnsafeRawPointer, into ends: UnsafeMutablePointer<UInt16>) {
    quire_sum_up_high_nibbles(bytes, ends)
}
