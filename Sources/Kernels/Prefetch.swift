public import CIntrinsics

/// Has the cache line at an address, which need not be readable, fetched while something else is done.
@inlinable
@inline(__always)
public func prefetch(_ address: UnsafeRawPointer) { quire_prefetch(address) }
