public import Kernels

/// Returns the number of leading bytes that are valid UTF-8 (RFC 3629: no overlong forms, no surrogates).
///
/// A sequence that the end of the bytes cuts off does not count. Complexity: O(bytes), eight per step over ASCII.
///
/// ```
/// 63 61 66 C3 A9     5: all bytes of "café"
/// 61 E4 B8           1: the last two are the beginning of a character that is cut off
/// ```
public func validUTF8Prefix(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    guard let p = bytes.baseAddress else { return 0 }
    let count = bytes.count
    let raw = UnsafeRawPointer(p)
    var i = 0
    while i < count {
        if p[i] < 0x80 {
            i &+= 1
            while i &+ 8 <= count, raw.loadUnaligned(fromByteOffset: i, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
                i &+= 8
            }
            continue
        }
        let length = sequenceLength(p + i, left: count &- i)
        if length == 0 { return i }
        i &+= length
    }
    return count
}

/// Appends `bytes` to `out` with every ill-formed sequence replaced by U+FFFD, and returns the number of replacements.
///
/// There is one replacement for each maximal ill-formed part, as Unicode recommends (The Unicode Standard, section 3.9,
/// "U+FFFD Substitution of Maximal Subparts"). Complexity: O(bytes).
///
/// ```swift
/// if validUTF8Prefix(bytes) < bytes.count {
///     repaired.removeAll()
///     repairCount += repairUTF8(bytes, into: &repaired)
/// }
/// ```
public func repairUTF8(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout GrowableBuffer<UInt8>) -> Int {
    guard let p = bytes.baseAddress else { return 0 }
    var repairs = 0
    var i = 0
    while i < bytes.count {
        let remaining = UnsafeBufferPointer(start: p + i, count: bytes.count - i)
        let validCount = validUTF8Prefix(remaining)
        out.append(from: p + i, count: validCount)
        i += validCount
        guard i < bytes.count else { break }
        i += illFormedLength(p + i, left: bytes.count - i)
        out.append(contentsOf: UnsafeRawBufferPointer(replacement.elements))
        repairs += 1
    }
    return repairs
}

/// Returns the length in bytes of the well-formed sequence beyond ASCII at `p`, of which `left` bytes may be read; 0
/// when it is ill-formed or cut off.
@inline(__always)
private func sequenceLength(_ p: UnsafePointer<UInt8>, left: Int) -> Int {
    let first = p[0]
    switch first {
    case 0xC2...0xDF: return left >= 2 && p[1] & 0xC0 == 0x80 ? 2 : 0
    case 0xE0...0xEF:
        guard left >= 3, secondByteRange(first).contains(p[1]), p[2] & 0xC0 == 0x80 else { return 0 }
        return 3
    case 0xF0...0xF4:
        guard left >= 4, secondByteRange(first).contains(p[1]), p[2] & 0xC0 == 0x80, p[3] & 0xC0 == 0x80 else {
            return 0
        }
        return 4
    default: return 0
    }
}

/// Returns the valid second bytes after a first byte, which excludes overlong forms, surrogates and values beyond
/// U+10FFFF.
@inline(__always)
private func secondByteRange(_ first: UInt8) -> ClosedRange<UInt8> {
    switch first {
    case 0xE0: 0xA0...0xBF
    case 0xED: 0x80...0x9F
    case 0xF0: 0x90...0xBF
    case 0xF4: 0x80...0x8F
    default: 0x80...0xBF
    }
}

/// Returns the number of bytes of the ill-formed sequence at `p` that one replacement stands for: its longest prefix
/// that is also the prefix of a well-formed sequence, and at least 1.
private func illFormedLength(_ p: UnsafePointer<UInt8>, left: Int) -> Int {
    let first = p[0]
    guard (0xC2...0xF4).contains(first), left >= 2, secondByteRange(first).contains(p[1]) else { return 1 }
    let fullLength = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    var n = 2
    while n < fullLength, n < left, p[n] & 0xC0 == 0x80 { n += 1 }
    return n
}

/// The UTF-8 bytes of U+FFFD at a fixed address; never freed.
private struct Replacement: @unchecked Sendable {
    let elements: UnsafeBufferPointer<UInt8>

    init() {
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 3)
        _ = bytes.initialize(from: [0xEF, 0xBF, 0xBD])
        elements = UnsafeBufferPointer(bytes)
    }
}

private let replacement = Replacement()
