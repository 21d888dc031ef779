import Glibc

/// A copy of some bytes with one edge at an inaccessible page: an access one byte too far ends the test run.
package final class GuardedBytes {
    /// The side of the inaccessible page.
    package enum Edge: CaseIterable, Sendable {
        case behind, before
    }

    /// The first byte.
    package let pointer: UnsafeMutablePointer<UInt8>
    /// The number of bytes.
    package let count: Int
    private let region: UnsafeMutableRawPointer
    private let regionSize: Int

    /// A guarded copy of some bytes.
    package init(_ bytes: [UInt8], _ edge: Edge = .behind) {
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

    /// A guarded copy of some integers, little endian.
    package convenience init<T: FixedWidthInteger & BitwiseCopyable>(numbers: [T], _ edge: Edge = .behind) {
        self.init(numbers.withUnsafeBytes { Array($0) }, edge)
    }

    deinit { munmap(region, regionSize) }

    /// The bytes.
    package var raw: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: pointer, count: count) }

    /// The bytes as an array.
    package var bytes: [UInt8] { Array(raw) }

    /// The bytes as integers; the number of bytes must be a multiple of an integer's size.
    package func numbers<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> UnsafeMutableBufferPointer<T> {
        UnsafeMutableRawBufferPointer(start: pointer, count: count).bindMemory(to: type)
    }
}
