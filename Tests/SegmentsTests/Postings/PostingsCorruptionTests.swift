import Kernels
import TestSupport
import Testing

@testable import Searching
@testable import Segments

/// Cursors over corrupt bytes return documents of the segment, or end with `failed` set.
@Suite struct PostingsCorruptionTests {
    private static let documents = 1 << 16

    /// Reads the whole list, block by block.
    private static func read(_ list: PostingsList) {
        var cursor = PostingsCursor(list, positions: list.hasPositions)
        var buffer = GrowableBuffer<UInt32>(capacity: 4)
        for block in 0..<list.blockCount {
            cursor.open(block)
            cursor.decode()
            cursor.decodeFrequencies()
            precondition(cursor.count <= 256)
            for index in 0..<cursor.count {
                let slot = cursor.slot(index)
                let document = cursor.documents[slot]
                precondition(Int(document) < documents, "beyond the segment")
                precondition(document >= cursor.first && document <= cursor.last, "outside its block")
                precondition(index == 0 || document > cursor.documents[cursor.slot(index - 1)], "out of order")
                if list.hasPositions, index % 5 == 0 { cursor.readPositions(slot, into: &buffer) }
            }
        }
    }

    /// Finds ascending targets in the list.
    private static func jump(_ list: PostingsList, _ random: inout SplitMix64) {
        var cursor = PostingsCursor(list, positions: random.chance(50))
        var buffer = GrowableBuffer<UInt32>(capacity: 4)
        var target = 0
        var block = -1
        while target < documents {
            let slot = cursor.find(UInt32(target))
            precondition(slot < 256 && (slot < 0 || !cursor.isAtEnd))
            precondition(cursor.block >= block, "went back")
            block = cursor.block
            if slot >= 0 {
                _ = cursor.frequency(slot)
                if list.hasPositions, random.chance(20) { cursor.readPositions(slot, into: &buffer) }
            }
            target += 1 + random.skewed(below: 3000)
        }
    }

    private static func corrupt(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        if bytes.isEmpty { return }
        switch random.below(4) {
        case 0: bytes[random.below(min(bytes.count, 30))] ^= UInt8(1 + random.below(255))
        case 1: bytes = Array(bytes.prefix(random.below(bytes.count)))
        case 2:
            let start = random.below(bytes.count)
            for index in start..<min(start + 40, bytes.count) { bytes[index] = UInt8(random.below(256)) }
        default: for _ in 0..<3 { bytes[random.below(bytes.count)] = random.pick([0, 0x7F, 0x80, 0xFF]) }
        }
    }

    /// Reads lists of every form with corruption of every kind; a trap would end the process.
    static func run(_ hasPositions: Bool) throws {
        var random = SplitMix64(seed: SplitMix64.varied(hasPositions ? 81 : 82))
        let norms = hasPositions ? someNorms(documents, &random) : nil
        for spread in PlainList.Spread.allCases {
            for size in [1, 2, 200, 256, 300, 513, 3000] {
                for occurrences in [PlainList.Occurrences.few, .many] where size < 600 || occurrences == .few {
                    let list = PlainList(
                        size, spread, occurrences, from: random.below(3000), below: documents, using: &random)
                    let intact = try WrittenLists([list], documents: documents, norms: norms)
                    for _ in 0..<25 { readCorrupted(intact, &random) }
                }
            }
        }
    }

    private static func readCorrupted(_ intact: WrittenLists, _ random: inout SplitMix64) {
        var (postings, positions) = (intact.postingsBytes, intact.positionsBytes)
        if random.chance(70) { corrupt(&postings, &random) } else { corrupt(&positions, &random) }
        let corrupted = WrittenLists(intact, postings: postings, positions: positions)
        // The info from the dictionary may be wrong as well.
        let list = corrupted.list(0) { info in
            guard random.chance(20) else { return }
            info.documentFrequency += random.below(600)
            info.totalFrequency += random.pick([-1, 0, 100, 1 << 40])
            info.positionsOffset += random.pick([0, 5, 1 << 20])
            info.singleDocument &+= UInt32(random.below(2)) << 20
        }
        guard let list else { return }
        read(list)
        jump(list, &random)
        withExtendedLifetime(corrupted) {}
    }

    /// A bit set begins at the word of its first possible document: lower bits would be documents of the block before.
    @Test func bitSetsWithDocumentsOfTheBlockBeforeAreRefused() throws {
        let list = PlainList((0..<1000).map { UInt32($0 * 3 + 10) })
        let intact = try WrittenLists([list], documents: 4000, norms: nil)
        let read = try #require(intact.list(0))
        var cursor = PostingsCursor(read)
        cursor.open(1)
        let (isBitSet, first) = (cursor.isBitSet, cursor.first)
        #expect(isBitSet)
        #expect(first % 64 > 0)
        // The block before ends with a document in the same word.
        let skipBytes = PostingsFormat.skipBytes(blocks: read.blockCount, hasPositions: false)
        let words =
            skipBytes + Int(intact.postingsBytes[4 * read.blockCount + 4]) + 256
            * Int(intact.postingsBytes[4 * read.blockCount + 5]) + 2
        var postings = intact.postingsBytes
        let word = postings[words..<(words + 8)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let moved = word & (word - 1) | 1 << UInt64(first % 64 - 1)
        #expect(word.nonzeroBitCount == moved.nonzeroBitCount)
        for byte in 0..<8 { postings[words + byte] = UInt8(truncatingIfNeeded: moved >> UInt64(8 * byte)) }
        let corrupted = WrittenLists(intact, postings: postings)
        cursor = PostingsCursor(try #require(corrupted.list(0)))
        cursor.open(1)
        cursor.decode()
        let (failed, count) = (cursor.failed, cursor.count)
        #expect(failed)
        #expect(count == 0)
        withExtendedLifetime(corrupted) {}
    }

    @Test func corruptListsDoNotTrap() async {
        await #expect(processExitsWith: .success) { try PostingsCorruptionTests.run(false) }
    }

    @Test func corruptListsWithPositionsDoNotTrap() async {
        await #expect(processExitsWith: .success) { try PostingsCorruptionTests.run(true) }
    }
}
