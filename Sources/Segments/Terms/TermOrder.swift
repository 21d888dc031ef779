public import Glibc
public import Kernels

/// Returns the first eight bytes of a term as a big-endian number, zeros after a shorter term: numbers order like the
/// bytes.
@inlinable
@inline(__always)
package func termPrefix(_ term: UnsafeBufferPointer<UInt8>) -> UInt64 {
    guard let start = term.baseAddress else { return 0 }
    return loadShort(start, min(term.count, 8)).byteSwapped
}

/// Returns true if `a` comes before `b` in the order of the terms: by bytes, a prefix before longer terms.
@inlinable
@inline(__always)
package func precedes(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
    let common = min(a.count, b.count)
    if common > 0 {
        let order = memcmp(a.baseAddress!, b.baseAddress!, common)
        if order != 0 { return order < 0 }
    }
    return a.count < b.count
}
