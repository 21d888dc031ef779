import Glibc

/// Bytes of which one edge touches a page that nobody may use: one byte too many ends the test run.
public final class GuardedBytes {
    /// Where the forbidden page lies.
    public enum Edge: CaseIterable, Sendable {
        case behind, before
    }

    /// The first byte.
    public let pointer: UnsafeMutablePointer<UInt8>
    /// Number of bytes.
    public let count: Int
    private let region: UnsafeMutableRawPointer
    private let regionSize: Int

    /// A guarded copy of some bytes.
    public init(_ bytes: [UInt8], _ edge: Edge = .behind) {
        let page = Int(getpagesize())
        let usable = (bytes.count + page) / page * page
        regionSize = usable + page
        region = mmap(nil, regionSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        let forbidden = edge == .behind ? region + usable : region
        precondition(mprotect(forbidden, page, PROT_NONE) == 0)
        let start = edge == .behind ? forbidden - bytes.count : region + page
        pointer = start.assumingMemoryBound(to: UInt8.self)
        for (i, byte) in bytes.enumerated() { pointer[i] = byte }
        count = bytes.count
    }

    /// A guarded copy of some numbers, little endian.
    public convenience init<T: FixedWidthInteger & BitwiseCopyable>(numbers: [T], _ edge: Edge = .behind) {
        self.init(numbers.withUnsafeBytes { Array($0) }, edge)
    }

    deinit { munmap(region, regionSize) }

    /// The bytes.
    public var raw: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: pointer, count: count) }

    /// The bytes as an array.
    public var bytes: [UInt8] { Array(raw) }

    /// The bytes as numbers; their count must be a multiple of a number's size.
    public func numbers<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> UnsafeMutableBufferPointer<T> {
        UnsafeMutableRawBufferPointer(start: pointer, count: count).bindMemory(to: type)
    }
}
