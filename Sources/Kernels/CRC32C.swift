import CIntrinsics

/// CRC-32C (Castagnoli), the checksum of every section and file.
///
/// Shape: start with `CRC32C()`, feed any number of pieces, read `value`; the result does not depend on how the bytes
/// are cut into pieces.
///
/// ```swift
/// var crc = CRC32C()
/// crc.update(header)
/// crc.update(body)
/// out.append(littleEndian: crc.value)
/// ```
///
/// Complexity: O(bytes), eight per step: with the processor's instruction, or with eight tables ("slicing by 8").
/// Source: Kounavis and Berry, "A systematic approach to building high performance software-based CRC generators",
/// 2005.
public struct CRC32C: Sendable {
    private var state: UInt32 = ~0

    /// The checksum of no bytes.
    public init() {}

    /// The checksum of the bytes fed so far.
    public var value: UInt32 { ~state }

    /// Feeds more bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        if quire_has_crc32c() == 0 { return updateByTables(bytes) }
        guard var p = bytes.baseAddress else { return }
        let wholeWordBytes = bytes.count & ~7
        let end = p + wholeWordBytes
        var crc = state
        while p < end {
            crc = quire_crc32c_step(crc, UInt64(littleEndian: p.loadUnaligned(as: UInt64.self)))
            p += 8
        }
        state = crc
        updateByTables(UnsafeRawBufferPointer(start: p, count: bytes.count &- wholeWordBytes))
    }

    /// Feeds more bytes with tables only: the fallback for processors without the instruction, and the reference
    /// implementation in tests.
    public mutating func updateByTables(_ bytes: UnsafeRawBufferPointer) {
        guard var p = bytes.baseAddress else { return }
        let table = crcTables.base
        var left = bytes.count
        var crc = state
        while left >= 8 {
            let word = UInt64(littleEndian: p.loadUnaligned(as: UInt64.self)) ^ UInt64(crc)
            let near = table[Int(word & 0xFF) &+ 7 &* 256] ^ table[Int(word &>> 8 & 0xFF) &+ 6 &* 256]
            let mid = table[Int(word &>> 16 & 0xFF) &+ 5 &* 256] ^ table[Int(word &>> 24 & 0xFF) &+ 4 &* 256]
            let far = table[Int(word &>> 32 & 0xFF) &+ 3 &* 256] ^ table[Int(word &>> 40 & 0xFF) &+ 2 &* 256]
            crc = near ^ mid ^ far ^ table[Int(word &>> 48 & 0xFF) &+ 256] ^ table[Int(word &>> 56)]
            p += 8
            left &-= 8
        }
        while left > 0 {
            crc = table[Int((crc ^ UInt32(p.load(as: UInt8.self))) & 0xFF)] ^ (crc &>> 8)
            p += 1
            left &-= 1
        }
        state = crc
    }

    /// Returns the checksum of one buffer. Complexity: O(bytes).
    public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var crc = CRC32C()
        crc.update(bytes)
        return crc.value
    }

    /// True if the last four bytes are the little-endian checksum of the preceding ones; false for fewer than four
    /// bytes. Complexity: O(bytes).
    public static func isSealed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let bodyCount = bytes.count - 4
        guard bodyCount >= 0 else { return false }
        let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: bodyCount, as: UInt32.self))
        return checksum(UnsafeRawBufferPointer(rebasing: bytes[..<bodyCount])) == stored
    }
}

/// Eight tables of 256 entries: table k advances the CRC of a byte over k further zero bytes.
///
/// Built once, on first use, from the reflected polynomial 0x82F63B78; never freed.
private struct CRCTables: @unchecked Sendable {
    let base: UnsafePointer<UInt32>

    init() {
        let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
            table[byte] = crc
        }
        for k in 1..<8 {
            for byte in 0..<256 {
                let previous = table[(k - 1) * 256 + byte]
                table[k * 256 + byte] = table[Int(previous & 0xFF)] ^ previous >> 8
            }
        }
        base = UnsafePointer(table)
    }
}

private let crcTables = CRCTables()
