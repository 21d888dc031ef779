/// Gzip input for tests: members of stored blocks, which need no compressor, and one that zlib has compressed.
package enum Gzip {
    /// A member (RFC 1952) that stores `raw` in blocks of at most 65,535 bytes (RFC 1951, section 3.2.4).
    package static func stored(_ raw: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        var start = 0
        repeat {
            let end = min(raw.count, start + 65_535)
            let size = UInt16(end - start)
            out.append(end == raw.count ? 1 : 0)
            out += littleEndian(size) + littleEndian(~size)
            out += raw[start..<end]
            start = end
        } while start < raw.count
        return out + littleEndian(crc32(raw)) + littleEndian(UInt32(raw.count))
    }

    /// `squares` compressed at level 9 by zlib: one block of dynamic Huffman codes, in which one byte stands for 144.
    package static let compressedSquares: [UInt8] = {
        let digits = compressed.filter { $0 != "\n" }.map { UInt8($0.hexDigitValue ?? 0) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }()

    /// The squares of 0..<20000 modulo 89, each followed by a comma.
    package static let squares: [UInt8] = (0..<20_000).flatMap { Array("\($0 * $0 % 89),".utf8) }

    private static func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        (0..<MemoryLayout<T>.size).map { UInt8(truncatingIfNeeded: value >> T(8 * $0)) }
    }

    /// The checksum of gzip (CRC-32), by a table that is built bit by bit.
    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var table = [UInt32](repeating: 0, count: 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
            table[byte] = crc
        }
        return ~bytes.reduce(~0) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
    }

    private static let compressed = """
        1f8b0800000000000203edcfc19184301003c084f4c0c680c93fb1d392c27dbb8a0fb63ca33e32b2f266dc9957ce3bebcdbdb247c6c8
        39735dd947c6ce7af2eccc9e3cb9b21a69fccd5e59333d3d339a98594d1f793af5ca1cd93bf7ce75e45c99477676536f9e3377173ddf
        f7fdf6b057fb176ab40ffaac8fe737a8e33ab4a3bba06bba6cfed676f9afc257e7fa156bbde7abdac2adddf22514524e51a59d1fb3d8
        b7ea91839e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e
        9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e
        9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e
        9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e
        9e9e9e9e9e9e9efedffa3f4f099930f8de0000
        """
}
