import Glibc
import Kernels

/// The first eight bytes of a term as a number that orders like the bytes.
@inline(__always)
func termPrefix(_ term: UnsafeBufferPointer<UInt8>) -> UInt64 {
    guard let start = term.baseAddress else { return 0 }
    return loadShort(start, min(term.count, 8)).byteSwapped
}

/// Whether `a` comes before `b` in the order of bytes, shorter first.
@inline(__always)
func precedes(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
    let common = min(a.count, b.count)
    if common > 0 {
        let order = memcmp(a.baseAddress!, b.baseAddress!, common)
        if order != 0 { return order < 0 }
    }
    return a.count < b.count
}
