public import Kernels

/// The number of leading bytes of `bytes` that are valid UTF-8 (RFC 3629: no overlong forms, no surrogates).
///
/// Complexity: O(bytes), eight at a time over ASCII.
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

/// Appends `bytes` to `out` with every ill-formed sequence replaced by U+FFFD. Returns how many there were.
///
/// One replacement stands for each maximal ill-formed part, as Unicode recommends.
public func repairUTF8(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout GrowableBuffer<UInt8>) -> Int {
    guard let p = bytes.baseAddress else { return 0 }
    var repairs = 0
    var i = 0
    while i < bytes.count {
        let rest = UnsafeBufferPointer(start: p + i, count: bytes.count - i)
        let good = validUTF8Prefix(rest)
        out.append(from: p + i, count: good)
        i += good
        guard i < bytes.count else { break }
        i += illFormedLength(p + i, left: bytes.count - i)
        out.append(contentsOf: UnsafeRawBufferPointer(replacement.elements))
        repairs += 1
    }
    return repairs
}

/// Bytes of the well-formed sequence beyond ASCII at `p`, or 0 when it is ill-formed or cut off.
@inline(__always)
private func sequenceLength(_ p: UnsafePointer<UInt8>, left: Int) -> Int {
    let first = p[0]
    switch first {
    case 0xC2...0xDF:
        return left >= 2 && p[1] & 0xC0 == 0x80 ? 2 : 0
    case 0xE0...0xEF:
        guard left >= 3, secondByteRange(first).contains(p[1]), p[2] & 0xC0 == 0x80 else { return 0 }
        return 3
    case 0xF0...0xF4:
        guard left >= 4, secondByteRange(first).contains(p[1]), p[2] & 0xC0 == 0x80, p[3] & 0xC0 == 0x80 else {
            return 0
        }
        return 4
    default:
        return 0
    }
}

/// What may follow a first byte: excludes overlong forms, surrogates and values beyond U+10FFFF.
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

/// Bytes of the ill-formed sequence at `p` that one replacement stands for: the longest prefix that could have gone on.
private func illFormedLength(_ p: UnsafePointer<UInt8>, left: Int) -> Int {
    let first = p[0]
    guard (0xC2...0xF4).contains(first), left >= 2, secondByteRange(first).contains(p[1]) else { return 1 }
    let wanted = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    var n = 2
    while n < wanted, n < left, p[n] & 0xC0 == 0x80 { n += 1 }
    return n
}

private struct Replacement: @unchecked Sendable {
    let elements: UnsafeBufferPointer<UInt8>

    init() {
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 3)
        _ = bytes.initialize(from: [0xEF, 0xBF, 0xBD])
        elements = UnsafeBufferPointer(bytes)
    }
}

private let replacement = Replacement()
