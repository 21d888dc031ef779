import Glibc

/// A small generator whose numbers depend on the seed alone (SplitMix64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

/// Bytes whose end touches a page that nobody may read: one byte read too many ends the test run.
final class GuardedBytes {
    let pointer: UnsafeMutablePointer<UInt8>
    let count: Int
    private let region: UnsafeMutableRawPointer
    private let regionSize: Int

    init(_ bytes: [UInt8]) {
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

    var raw: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: pointer, count: count) }
}
