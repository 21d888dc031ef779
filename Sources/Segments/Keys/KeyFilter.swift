package import Kernels

/// A Bloom filter of the keys of a segment, in blocks of one cache line, that excludes most keys which are not in it.
///
/// Bytes: a power of two of 64-byte blocks, at least 12 bits a key. A key's hash selects a block by its high half and
/// six bits in it by its low half. About 1 key in 100 that is not in the segment is not excluded and has to be looked
/// up.
///
/// ```swift
/// var writer = KeyFilterWriter(keys: keys.count)
/// for key in keys { key.withUnsafeBufferPointer { writer.insert(hash64($0.baseAddress!, $0.count)) } }
/// try segment.section(.keyFilter, field: field, writer.finish())
/// ```
///
/// Source: Putze, Sanders and Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007.
struct KeyFilter {
    /// The size of a block in bytes.
    static let blockBytes = 64

    private let base: UnsafeRawPointer
    /// The number of blocks less one.
    private let mask: UInt64
    private let pages: SectionPages

    /// Creates a filter over its section; nil if that is not a power of two of blocks. The bytes are not copied.
    init?(_ bytes: UnsafeRawBufferPointer, pages: SectionPages = .unchecked) {
        let blocks = bytes.count / Self.blockBytes
        guard let base = bytes.baseAddress, blocks > 0, blocks & (blocks - 1) == 0, bytes.count % Self.blockBytes == 0
        else { return nil }
        self.base = base
        self.pages = pages
        mask = UInt64(blocks - 1)
    }

    /// Returns false only if no key with this `hash64` was inserted; nil if the page does not match its checksum.
    /// Complexity: O(1), one cache line.
    func mayContain(_ hash: UInt64) -> Bool? {
        let block = base + Int(hash &>> 32 & mask) * Self.blockBytes
        guard pages.isIntact(block, Self.blockBytes) else { return nil }
        for probe in 0..<KeyFilterWriter.probes {
            let bit = KeyFilterWriter.bit(hash, probe)
            if block.load(fromByteOffset: bit &>> 3, as: UInt8.self) &>> UInt8(bit & 7) & 1 == 0 { return false }
        }
        return true
    }
}

/// A builder of a `KeyFilter`.
package struct KeyFilterWriter: ~Copyable {
    /// The number of bits that are set for a key.
    static let probes = 6

    private var bytes: GrowableBuffer<UInt8>
    private let mask: UInt64

    /// Creates an empty filter for a number of keys. More keys only make it less selective.
    package init(keys: Int) {
        var blocks = 1
        while blocks * KeyFilter.blockBytes * 8 < keys * 12 { blocks *= 2 }
        bytes = GrowableBuffer(capacity: blocks * KeyFilter.blockBytes)
        bytes.append(repeating: 0, count: blocks * KeyFilter.blockBytes)
        mask = UInt64(blocks - 1)
    }

    /// Returns the bit, 0...511, of a probe in the block: nine bits of its own in the product of the hash's low half.
    @inline(__always)
    static func bit(_ hash: UInt64, _ probe: Int) -> Int {
        let mixed = (hash & 0xFFFF_FFFF) &* 0xD6E8_FEB8_6659_FD93
        return Int(truncatingIfNeeded: mixed &>> UInt64(10 &+ 9 &* probe) & 511)
    }

    /// Inserts a key, given its `hash64`. Complexity: O(1).
    package mutating func insert(_ hash: UInt64) {
        let block = Int(hash &>> 32 & mask) * KeyFilter.blockBytes
        for probe in 0..<Self.probes {
            let bit = Self.bit(hash, probe)
            bytes[block + bit &>> 3] |= 1 << UInt8(bit & 7)
        }
    }

    /// Ends the builder. Returns the bytes of the section.
    package consuming func finish() -> GrowableBuffer<UInt8> { bytes }
}
