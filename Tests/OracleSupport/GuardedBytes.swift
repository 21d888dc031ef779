import Glibc

/// Bytes whose end touches a page that nobody may read: one byte read too many ends the test run.
public final class GuardedBytes {
    /// The first byte.
    public let pointer: UnsafeMutablePointer<UInt8>
    /// Number of bytes.
    public let count: Int
    private let region: UnsafeMutableRawPointer
    private let regionSize: Int

    /// A guarded copy of some bytes.
    public init(_ bytes: [UInt8]) {
        let page = Int(getpagesize())
        let readable = (bytes.count + page) / page * page
        regionSize = readable + page
        region = mmap(nil, regionSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        precondition(mprotect(region + readable, page, PROT_NONE) == 0)
        pointer = (region + readable - bytes.count).assumingMemoryBound(to: UInt8.self)
        for (i, byte) in bytes.enumerated() { pointer[i] = byte }
        count = bytes.count
    }

    deinit { munmap(region, regionSize) }

    /// The bytes.
    public var raw: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: pointer, count: count) }
}
