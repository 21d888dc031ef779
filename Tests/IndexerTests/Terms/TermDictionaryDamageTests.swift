import Kernels
import OracleSupport
import Testing

@testable import Indexer

@Suite struct TermDictionaryDamageTests {
    /// A dictionary whose bytes are any bytes answers or refuses; it must not end the process.
    @Test func damagedBytesDoNotTrap() async {
        await #expect(processExitsWith: .success) {
            func varint(_ value: UInt64) -> [UInt8] {
                var out = [UInt8](repeating: 0, count: 10)
                let n = out.withUnsafeMutableBufferPointer { writeVarint(value, to: $0.baseAddress!) }
                return Array(out.prefix(n))
            }
            func walk(_ block: [UInt8]) {
                // Eight bytes may be read behind a section.
                var index = [UInt8](repeating: 0, count: 32)
                index[0] = 2
                let padded = block + [UInt8](repeating: 0, count: 16)
                index.withUnsafeBytes { index in
                    let index = UnsafeRawBufferPointer(rebasing: index.prefix(24))
                    padded.withUnsafeBytes { blocks in
                        guard let dictionary = TermDictionary(index: index, blocks: blocks, hasPositions: true) else {
                            return
                        }
                        var cursor = TermCursor(dictionary)
                        while cursor.next() {
                            let list = PostingsList(
                                cursor.info, hasPositions: true, documents: 1 << 20, postings: blocks, positions: blocks
                            )
                            guard let list else { continue }
                            var postings = PostingsCursor(list, positions: true)
                            var positions = GrowableBuffer<UInt32>(capacity: 16)
                            for block in 0..<list.blockCount {
                                postings.open(block)
                                postings.decode()
                                for slot in 0..<postings.count { postings.readPositions(slot, into: &positions) }
                            }
                        }
                    }
                }
            }
            let huge = [UInt64(Int.max), UInt64(Int.max) - 7, UInt64.max, 1 << 62, 1 << 32]
            for a in huge {
                for b in huge + [0, 1, 2, 300] {
                    // Offsets, then a term "a": documents, further occurrences, postings, positions.
                    walk(varint(a) + varint(b) + [0x10, 97] + varint(2) + varint(b) + varint(a) + varint(b))
                    walk(varint(b) + varint(a) + [0x10, 97] + varint(300) + varint(b) + varint(a) + varint(a))
                    walk(varint(0) + varint(a) + [0x10, 97] + varint(b) + varint(a) + varint(0) + varint(0))
                    // Lengths beyond fifteen.
                    walk(varint(0) + varint(0) + [0xF0] + varint(a) + [97] + varint(1) + varint(b) + varint(a))
                    walk(varint(0) + varint(0) + [0x1F] + varint(a) + [97] + varint(1) + varint(b) + varint(a))
                    walk(varint(0) + varint(0) + [0xFF] + varint(a) + varint(b) + [97] + varint(1) + varint(b))
                }
            }
        }
    }

    /// Bytes of a real dictionary that were spoilt: finding and walking end, inside guarded memory.
    @Test func spoiltDictionariesAreSurvived() async {
        await #expect(processExitsWith: .success) {
            var random = SplitMix64(seed: SplitMix64.varied(92))
            for family in TermDictionaryTests.Family.allCases {
                let terms = family.terms(&random).sorted { $0.lexicographicallyPrecedes($1) }
                let infos = TermSamples.infos(terms.count, hasPositions: true, &random)
                let image = try TermSamples.written(terms, infos, hasPositions: true)
                let (index, blocks) = image.with(.termIndex, .termBlocks) { (Array($0), Array($1)) }
                for _ in 0..<60 {
                    var spoilt = (index, blocks)
                    for _ in 0..<(1 + random.below(4)) {
                        if random.chance(20) { spoilt.0[random.below(index.count)] ^= UInt8(1 + random.below(255)) }
                        spoilt.1[random.below(random.chance(50) ? 100 : blocks.count)] ^= UInt8(1 + random.below(255))
                    }
                    // The eight bytes that follow a section in a file may be read, and nothing behind them.
                    let guarded = [spoilt.0, spoilt.1].map { GuardedBytes($0 + [UInt8](repeating: 0xFF, count: 8)) }
                    let parts = guarded.map { UnsafeRawBufferPointer(rebasing: $0.raw.dropLast(8)) }
                    guard let dictionary = TermDictionary(index: parts[0], blocks: parts[1], hasPositions: true) else {
                        continue
                    }
                    var cursor = TermCursor(dictionary)
                    while cursor.next() {}
                    for term in terms.shuffled(using: &random).prefix(30) {
                        _ = term.withUnsafeBufferPointer { dictionary.find($0) }
                    }
                    withExtendedLifetime(guarded) {}
                }
            }
        }
    }
}
