import Kernels

/// Which keys a segment surely does not have: a Bloom filter in blocks of one cache line.
///
/// Bytes: a power of two of 64-byte blocks with at least 12 bits a key. A key's hash chooses a block by its high half
/// and six bits in it by its low half. About 1 key in 100 that is not here has to be looked up.
/// Source: Putze, Sanders and Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007.
struct KeyFilter {
    static let blockBytes = 64

    private let base: UnsafeRawPointer
    private let mask: UInt64
    private let pages: SectionPages

    /// Nil when the bytes are no filter.
    init?(_ bytes: UnsafeRawBufferPointer, pages: SectionPages = .unchecked) {
        let blocks = bytes.count / Self.blockBytes
        guard let base = bytes.baseAddress, blocks > 0, blocks & (blocks - 1) == 0,
            bytes.count % Self.blockBytes == 0
        else { return nil }
        self.base = base
        self.pages = pages
        mask = UInt64(blocks - 1)
    }

    /// False only when no key with this hash was inserted; nil when the bytes are not what was written.
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

/// Builds a `KeyFilter`.
struct KeyFilterWriter: ~Copyable {
    static let probes = 6

    private var bytes: GrowableBuffer<UInt8>
    private let mask: UInt64

    /// A filter for a number of keys.
    init(keys: Int) {
        var blocks = 1
        while blocks * KeyFilter.blockBytes * 8 < keys * 12 { blocks *= 2 }
        bytes = GrowableBuffer(capacity: blocks * KeyFilter.blockBytes)
        bytes.append(repeating: 0, count: blocks * KeyFilter.blockBytes)
        mask = UInt64(blocks - 1)
    }

    /// Bit 0...511 of a block: each probe takes its own nine bits of the hash's low half, multiplied.
    @inline(__always)
    static func bit(_ hash: UInt64, _ probe: Int) -> Int {
        let mixed = (hash & 0xFFFF_FFFF) &* 0xD6E8_FEB8_6659_FD93
        return Int(truncatingIfNeeded: mixed &>> UInt64(10 &+ 9 &* probe) & 511)
    }

    /// Inserts a key by its `hash64`.
    mutating func insert(_ hash: UInt64) {
        let block = Int(hash &>> 32 & mask) * KeyFilter.blockBytes
        for probe in 0..<Self.probes {
            let bit = Self.bit(hash, probe)
            bytes[block + bit &>> 3] |= 1 << UInt8(bit & 7)
        }
    }

    /// The section's bytes.
    consuming func finish() -> GrowableBuffer<UInt8> { bytes }
}
