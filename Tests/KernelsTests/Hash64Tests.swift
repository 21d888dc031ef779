import Kernels
import TestSupport
import Testing

@Suite struct Hash64Tests {
    private func hash(_ bytes: [UInt8]) -> UInt64 {
        let guarded = GuardedBytes(bytes)
        return hash64(guarded.pointer, guarded.count)
    }

    @Test func shortLoadsEqualByteWiseAssembly() {
        var random = SplitMix64(seed: 1)
        for count in 0...8 {
            for _ in 0..<200 {
                let bytes = random.bytes(count)
                let guarded = GuardedBytes(bytes)
                var expected: UInt64 = 0
                for (i, byte) in bytes.enumerated() { expected |= UInt64(byte) << UInt64(8 * i) }
                #expect(loadShort(guarded.pointer, count) == expected, "\(bytes)")
            }
        }
    }

    @Test func foldedProductIsBothHalvesOfTheProduct() {
        #expect(foldedProduct(0, .max) == 0)
        #expect(foldedProduct(.max, .max) == UInt64.max)
        #expect(foldedProduct(1 << 63, 6) == 3)
        #expect(foldedProduct(1 << 32, 1 << 32) == 1)
        #expect(foldedProduct(0xFFFF_FFFF, 0x1_0000_0001) == UInt64.max)
    }

    @Test func equalBytesHashEqualAtEveryAlignment() {
        var random = SplitMix64(seed: 2)
        for length in 0...70 {
            let bytes = random.bytes(length)
            let expected = hash(bytes)
            for lead in 0..<16 {
                // The bytes before and after the hashed ones differ each time and must not count.
                var padded = random.bytes(lead) + bytes + random.bytes(9)
                let found = padded.withUnsafeMutableBufferPointer { hash64($0.baseAddress! + lead, length) }
                #expect(found == expected, "length \(length), lead \(lead)")
            }
        }
    }

    @Test func everyBitOfEveryLengthCounts() {
        var random = SplitMix64(seed: 6)
        for length in 1...40 {
            var bytes = random.bytes(length)
            let whole = hash(bytes)
            for bit in 0..<length * 8 {
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(hash(bytes) != whole, "length \(length), bit \(bit)")
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            }
        }
    }

    /// A million keys such as catalogs have: numbers in decimal, with leading zeros, in hexadecimal, with a prefix.
    /// All differ: plain numbers have at most six digits, the others have seven, eight, or a prefix.
    @Test func aMillionShortKeysDoNotCollide() {
        let seen = HashTable()
        var collisions = 0
        for number in 0..<250_000 {
            if !seen.insert(number, base: 10, width: 1, prefix: "") { collisions += 1 }
            if !seen.insert(number, base: 10, width: 8, prefix: "") { collisions += 1 }
            if !seen.insert(number, base: 16, width: 7, prefix: "") { collisions += 1 }
            if !seen.insert(number, base: 10, width: 1, prefix: "goods-") { collisions += 1 }
        }
        #expect(seen.count == 1_000_000)
        #expect(collisions == 0)
    }

    @Test func lowBitsSpreadKeysEvenly() {
        var buckets = [Int](repeating: 0, count: 256)
        for number in 0..<65_536 {
            let key = Array("k\(number)".utf8)
            let hash = key.withUnsafeBufferPointer { hash64($0.baseAddress!, $0.count) }
            buckets[Int(hash & 255)] += 1
        }
        // 256 per bucket on average, with a standard deviation of 16: chance never reaches eight deviations.
        #expect(buckets.allSatisfy { (128...384).contains($0) })
    }
}

/// The set of hashes seen so far, in a plain table: tests are not optimized, and a million `Set.insert` take seconds.
private final class HashTable {
    private(set) var count = 0
    private let slots = UnsafeMutablePointer<UInt64>.allocate(capacity: 1 << 21)
    private let key = UnsafeMutablePointer<UInt8>.allocate(capacity: 32)

    init() { slots.initialize(repeating: 0, count: 1 << 21) }

    deinit {
        slots.deallocate()
        key.deallocate()
    }

    /// Hashes `prefix` and the digits of `number` (at least `width`); returns true if the hash is new.
    func insert(_ number: Int, base: Int, width: Int, prefix: StaticString) -> Bool {
        var start = 32
        var remaining = number
        while remaining > 0 || start > 32 - width {
            start -= 1
            let digit = UInt8(truncatingIfNeeded: remaining % base)
            key[start] = digit < 10 ? 48 + digit : 87 + digit
            remaining /= base
        }
        start -= prefix.utf8CodeUnitCount
        (key + start).update(from: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
        count += 1
        return insert(hash64(key + start, 32 - start))
    }

    private func insert(_ hash: UInt64) -> Bool {
        // The high bits choose the slot, so that this does not rely on the property of `lowBitsSpreadKeysEvenly`.
        var slot = Int(truncatingIfNeeded: hash >> 43)
        while slots[slot] != 0 {
            if slots[slot] == hash { return false }
            slot = (slot + 1) & (1 << 21 - 1)
        }
        slots[slot] = hash
        return true
    }
}
