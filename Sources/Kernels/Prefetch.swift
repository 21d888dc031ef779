public import CIntrinsics

/// Prefetches the cache line at an address, which need not be readable, while the processor goes on. It is only a hint.
@inlinable
@inline(__always)
public func prefetch(_ address: UnsafeRawPointer) { quire_prefetch(address) }
