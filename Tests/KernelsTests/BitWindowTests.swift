import Kernels
import TestSupport
import Testing

/// Window operations against sets of numbers, inside guarded memory.
@Suite struct BitWindowTests {
    /// The words of the window in which the bits of some slots are set, by definition.
    private static func words(_ slots: Set<Int>, _ count: Int) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: count)
        for slot in slots { words[slot / 64] |= UInt64(1) << UInt64(slot % 64) }
        return words
    }

    /// The words of a window after an operation; nil if they depend on the edge of guarded memory at which it lies.
    private static func changed(
        _ words: [UInt64], _ body: (UnsafeMutablePointer<UInt64>, GuardedBytes.Edge) -> Void
    ) -> [UInt64]? {
        let results = GuardedBytes.Edge.allCases.map { edge in
            let bytes = GuardedBytes(numbers: words, edge)
            let bits = bytes.numbers(UInt64.self)
            body(bytes.pointer.withMemoryRebound(to: UInt64.self, capacity: words.count) { $0 }, edge)
            return Array(bits)
        }
        return results[0] == results[1] ? results[0] : nil
    }

    /// Windows from no word to the largest, and sets of slots from empty to full, including those at the edges of
    /// words.
    private static let samples: [(words: Int, sets: [Set<Int>])] = {
        var random = SplitMix64(seed: 9)
        return [0, 1, 2, 3, 64, 256, 1024].map { words in
            let size = words * 64
            var sets: [Set<Int>] = [[], Set(0..<size)]
            if size > 0 { sets += [[0], [size - 1], Set(stride(from: 63, to: size, by: 64)), Set(0..<64)] }
            for share in [2, 10, 100] where size > 0 {
                sets.append(Set((0..<size).filter { _ in random.below(share) == 0 }))
            }
            return (words, sets)
        }
    }()

    @Test func everyBitIsSetAndReadAlone() {
        for slot in 0..<4096 {
            let alone = Self.changed([UInt64](repeating: 0, count: 64)) { bits, _ in setBit(bits, slot) }
            #expect(alone == Self.words([slot], 64))
        }
        let full = [UInt64](repeating: .max, count: 64)
        #expect(Self.changed(full) { bits, _ in setBit(bits, 4095) } == full, "setting a set bit changes nothing")
    }

    @Test(arguments: samples.indices)
    func operationsOnOneWindow(sampleIndex: Int) {
        let (count, sets) = Self.samples[sampleIndex]
        for set in sets {
            let words = Self.words(set, count)
            let same = Self.changed(words) { bits, _ in
                #expect(countBits(bits, words: count) == set.count)
                #expect((0..<(count * 64)).filter { hasBit(bits, $0) } == set.sorted())
                var seen: [Int] = []
                forEachBit(bits, words: count) { seen.append($0) }
                #expect(seen == set.sorted())
            }
            #expect(same == words, "reading must not change the window")
            for minimum in [-1, 0, 1, set.count - 1, set.count, set.count + 1] {
                words.withUnsafeBufferPointer { bits in
                    #expect(hasAtLeast(minimum, bits.baseAddress!, words: count) == (minimum <= set.count))
                }
            }
        }
    }

    @Test(arguments: samples.indices)
    func operationsOnTwoWindows(sampleIndex: Int) {
        let (count, sets) = Self.samples[sampleIndex]
        for (a, b) in sets.flatMap({ a in sets.map { (a, $0) } }) {
            let words = Self.words(a, count)
            let other = Self.words(b, count)
            func changed(_ body: (UnsafeMutablePointer<UInt64>, UnsafePointer<UInt64>) -> Void) -> [UInt64]? {
                Self.changed(words) { bits, edge in
                    let second = GuardedBytes(numbers: other, edge)
                    body(bits, UnsafePointer(second.numbers(UInt64.self).baseAddress!))
                    #expect(second.numbers(UInt64.self).elementsEqual(other), "the second window is only read")
                }
            }
            let both = changed { #expect(intersectBits($0, $1, words: count) == a.intersection(b).count) }
            #expect(both == zip(words, other).map { $0 & $1 })
            #expect(changed { uniteBits($0, $1, words: count) } == zip(words, other).map { $0 | $1 })
            #expect(changed { subtractBits($0, $1, words: count) } == zip(words, other).map { $0 & ~$1 })
            #expect(changed { uniteUnaligned($0, $1, words: count) } == zip(words, other).map { $0 | $1 })
        }
    }

    @Test(arguments: 0..<8)
    func unitingAcceptsAnyAlignment(offset: Int) {
        var random = SplitMix64(seed: UInt64(offset))
        for count in [0, 1, 2, 5, 64] {
            let words = (0..<count).map { _ in random.next() & random.next() }
            let other = (0..<count).map { _ in random.next() & random.next() }
            let bytes = other.withUnsafeBytes { Array($0) }
            let padding = [UInt8](repeating: 0xFF, count: offset)
            let united = Self.changed(words) { bits, edge in
                let source = GuardedBytes(edge == .behind ? bytes + padding : padding + bytes, edge)
                uniteUnaligned(bits, source.pointer + (edge == .behind ? 0 : offset), words: count)
            }
            #expect(united == zip(words, other).map { $0 | $1 })
        }
    }

    @Test(arguments: [4, 64, 256, 1024])
    func blocksOfDocumentsSetTheirBits(words count: Int) {
        var random = SplitMix64(seed: 10)
        let size = count * 64
        for base in [UInt32(0), 4096, 1 << 20, .max - UInt32(size) + 1] {
            for _ in 0..<6 {
                var slots = Set((0..<256).map { _ in random.below(size) })
                while slots.count < 256 { slots.insert(random.below(size)) }
                // Decoded blocks are in the order of slots, which is not that of documents.
                let documents = slots.shuffled(using: &random).map { base + UInt32($0) }
                let before = Self.words([0, size - 1], count)
                let set = Self.changed(before) { bits, edge in
                    let values = GuardedBytes(numbers: documents, edge)
                    setBits256(bits, values.numbers(UInt32.self).baseAddress!, base: base)
                }
                #expect(set == Self.words(slots.union([0, size - 1]), count))
            }
        }
    }
}
