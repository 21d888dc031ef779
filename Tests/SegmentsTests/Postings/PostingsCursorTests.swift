import Kernels
import TestSupport
import Testing

@testable import Segments

/// Seeking and finding documents, compared with a search in the plain list.
@Suite struct PostingsCursorTests {
    private static let documents = 1 << 18

    private func written(
        _ spread: PlainList.Spread, seed: UInt64, _ body: (PostingsList, PlainList, inout SplitMix64) -> Void
    ) throws {
        var random = SplitMix64(seed: seed)
        for occurrences in [PlainList.Occurrences.once, .few] {
            let lists = PlainList.samples(spread, occurrences, below: Self.documents, &random)
            let norms = someNorms(Self.documents, &random)
            for norms in occurrences == .once ? [nil] : [norms] {
                let written = try WrittenLists(lists, documents: Self.documents, norms: norms)
                for i in lists.indices { body(try #require(written.list(i)), lists[i], &random) }
            }
        }
    }

    /// Returns ascending targets equal to, before and after documents, some of them twice, in steps of all sizes.
    private static func targets(_ list: PlainList, _ random: inout SplitMix64) -> [UInt32] {
        var targets: [UInt32] = []
        let step = 1 + random.skewed(below: 400)
        var index = random.below(3)
        while index < list.documents.count {
            let document = list.documents[index]
            targets.append(random.chance(50) ? document : document &- UInt32(min(Int(document), random.below(3))))
            if random.chance(20) { targets.append(document) }
            if random.chance(20) { targets.append(document + UInt32(random.below(70))) }
            index += 1 + random.below(step)
        }
        let last = list.documents[list.documents.count - 1]
        targets += [last, last + 1, last + 1, last + 100]
        return targets.sorted()
    }

    /// `seek` stops at the first block that reaches the target, or at the end, and never moves back.
    @Test(arguments: PlainList.Spread.allCases)
    func seekStopsAtTheFirstBlockThatReachesTheTarget(_ spread: PlainList.Spread) throws {
        try written(spread, seed: 21) { read, list, random in
            var cursor = PostingsCursor(read)
            var mismatches = 0
            for target in Self.targets(list, &random) {
                cursor.seek(target)
                let index = list.rank(of: target)
                let expected = index == list.documents.count ? read.blockCount : index / 256
                if cursor.block != expected { mismatches += 1 }
                if cursor.isAtEnd != (expected == read.blockCount) { mismatches += 1 }
                if cursor.isAtEnd {
                    if cursor.first != .max { mismatches += 1 }
                } else {
                    let lastIndex = min(expected * 256 + 255, list.documents.count - 1)
                    if cursor.last != list.documents[lastIndex] { mismatches += 1 }
                    if cursor.first > list.documents[expected * 256] { mismatches += 1 }
                }
                let before = cursor.block
                cursor.seek(target / 2)
                if cursor.block != before { mismatches += 1 }
            }
            let failed = cursor.failed
            #expect(mismatches == 0)
            #expect(!failed)
        }
    }

    /// `find` returns the slots of documents that the list has, and of no others, with their frequencies and positions.
    @Test(arguments: PlainList.Spread.allCases)
    func findReturnsTheSlotsOfDocuments(_ spread: PlainList.Spread) throws {
        var buffer = GrowableBuffer<UInt32>(capacity: 4)
        try written(spread, seed: 22) { read, list, random in
            var cursor = PostingsCursor(read, positions: true)
            var mismatches = 0
            for target in Self.targets(list, &random) {
                let index = list.rank(of: target)
                let isInList = index < list.documents.count && list.documents[index] == target
                let slot = cursor.find(target)
                if (slot >= 0) != isInList { mismatches += 1 }
                guard isInList, slot >= 0 else { continue }
                if slot != cursor.slot(index % 256) { mismatches += 1 }
                guard read.hasPositions else { continue }
                if Int(cursor.frequency(slot)) != list.frequency(index) { mismatches += 1 }
                if random.chance(50), cursor.firstPosition(slot) != list.positions[index][0] { mismatches += 1 }
                if random.chance(50) {
                    cursor.readPositions(slot, into: &buffer)
                    if !buffer.elements.elementsEqual(list.positions[index]) { mismatches += 1 }
                }
            }
            let failed = cursor.failed
            #expect(mismatches == 0)
            #expect(!failed)
        }
    }

    /// Without positions, a slot need only lead to the right frequency.
    @Test(arguments: PlainList.Spread.allCases)
    func findWithoutPositionsLeadsToFrequencies(_ spread: PlainList.Spread) throws {
        try written(spread, seed: 23) { read, list, random in
            var cursor = PostingsCursor(read)
            var mismatches = 0
            for target in Self.targets(list, &random) {
                let index = list.rank(of: target)
                let isInList = index < list.documents.count && list.documents[index] == target
                let slot = cursor.find(target)
                if (slot >= 0) != isInList { mismatches += 1 }
                let expected = isInList && read.hasPositions ? list.frequency(index) : 1
                if isInList, slot >= 0, Int(cursor.frequency(slot)) != expected { mismatches += 1 }
            }
            #expect(mismatches == 0)
        }
    }

    /// `lowerBound` in decoded blocks, in any order of blocks.
    @Test(arguments: PlainList.Spread.allCases)
    func lowerBoundsCountTheDocumentsBefore(_ spread: PlainList.Spread) throws {
        try written(spread, seed: 24) { read, list, random in
            var cursor = PostingsCursor(read)
            var mismatches = 0
            for block in (0..<read.blockCount).shuffled(using: &random) {
                cursor.open(block)
                cursor.decode()
                let documents = list.documents[(block * 256)..<min(block * 256 + 256, list.documents.count)]
                for document in documents.shuffled(using: &random).prefix(40) + [0, .max - 1] {
                    for target in [document, document &+ 1, document - min(document, 1)] {
                        let expected = min(max(list.rank(of: target) - block * 256, 0), documents.count)
                        if cursor.lowerBound(of: target) != expected { mismatches += 1 }
                    }
                }
            }
            #expect(mismatches == 0)
        }
    }

    /// Windows begin and end before, within and after the bit sets.
    @Test func bitSetsAreUnitedWithWindows() throws {
        var bitSets = 0
        try written(.dense, seed: 25) { read, list, random in
            var cursor = PostingsCursor(read)
            for block in 0..<read.blockCount {
                cursor.open(block)
                guard cursor.isBitSet else { continue }
                bitSets += 1
                let documents = list.documents[(block * 256)..<(block * 256 + 256)]
                let first = Int(documents.first!) & ~63
                for _ in 0..<6 {
                    let base = max(first + 64 * (random.below(40) - 20), 0)
                    let words = 1 + random.below(32)
                    let before = (0..<words).map { _ in random.next() & random.next() }
                    var expected = before
                    for document in documents where (base..<(base + words * 64)).contains(Int(document)) {
                        expected[(Int(document) - base) / 64] |= 1 << UInt64((Int(document) - base) % 64)
                    }
                    let bits = GuardedBytes(numbers: before, random.pick(GuardedBytes.Edge.allCases))
                    cursor.uniteBitSet(
                        UInt32(base), UInt32(base + words * 64), bits.numbers(UInt64.self).baseAddress!)
                    #expect(bits.numbers(UInt64.self).elementsEqual(expected))
                }
            }
        }
        #expect(bitSets > 10)
    }
}
