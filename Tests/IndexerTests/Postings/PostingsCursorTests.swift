import Kernels
import OracleSupport
import Testing

@testable import Indexer

/// Ways to reach a document, against a search in the plain list.
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
                for number in lists.indices { body(try #require(written.list(number)), lists[number], &random) }
            }
        }
    }

    /// Ascending targets on, before and behind documents, some twice; steps of all sizes.
    private static func targets(_ list: PlainList, _ random: inout SplitMix64) -> [UInt32] {
        var targets: [UInt32] = []
        let step = 1 + random.skewed(below: 400)
        var at = random.below(3)
        while at < list.documents.count {
            let document = list.documents[at]
            targets.append(random.chance(50) ? document : document &- UInt32(min(Int(document), random.below(3))))
            if random.chance(20) { targets.append(document) }
            if random.chance(20) { targets.append(document + UInt32(random.below(70))) }
            at += 1 + random.below(step)
        }
        let last = list.documents[list.documents.count - 1]
        targets += [last, last + 1, last + 1, last + 100]
        return targets.sorted()
    }

    /// `seek` stops at the first block that reaches the target, or at the end, and never goes back.
    @Test(arguments: PlainList.Spread.allCases)
    func seekStopsAtTheBlock(_ spread: PlainList.Spread) throws {
        try written(spread, seed: 21) { read, list, random in
            var cursor = PostingsCursor(read)
            var wrong = 0
            for target in Self.targets(list, &random) {
                cursor.seek(target)
                let rank = list.rank(of: target)
                let expected = rank == list.documents.count ? read.blockCount : rank / 256
                if cursor.block != expected { wrong += 1 }
                if cursor.isAtEnd != (expected == read.blockCount) { wrong += 1 }
                if cursor.isAtEnd {
                    if cursor.first != .max { wrong += 1 }
                } else {
                    if cursor.last != list.documents[min(expected * 256 + 255, list.documents.count - 1)] { wrong += 1 }
                    if cursor.first > list.documents[expected * 256] { wrong += 1 }
                }
                let before = cursor.block
                cursor.seek(target / 2)
                if cursor.block != before { wrong += 1 }
            }
            let failed = cursor.failed
            #expect(wrong == 0 && !failed)
        }
    }

    /// `find` answers the slot of documents the list has and of no others; frequency and places belong to it.
    @Test(arguments: PlainList.Spread.allCases)
    func findKnowsWhatIsThere(_ spread: PlainList.Spread) throws {
        var buffer = GrowableBuffer<UInt32>(capacity: 4)
        try written(spread, seed: 22) { read, list, random in
            var cursor = PostingsCursor(read, positions: true)
            var wrong = 0
            for target in Self.targets(list, &random) {
                let rank = list.rank(of: target)
                let isThere = rank < list.documents.count && list.documents[rank] == target
                let slot = cursor.find(target)
                if (slot >= 0) != isThere { wrong += 1 }
                guard isThere, slot >= 0 else { continue }
                if slot != cursor.slot(rank % 256) { wrong += 1 }
                guard read.hasPositions else { continue }
                if Int(cursor.frequency(slot)) != list.frequency(rank) { wrong += 1 }
                if random.chance(50), cursor.firstPosition(slot) != list.positions[rank][0] { wrong += 1 }
                if random.chance(50) {
                    cursor.readPositions(slot, into: &buffer)
                    if !buffer.elements.elementsEqual(list.positions[rank]) { wrong += 1 }
                }
            }
            let failed = cursor.failed
            #expect(wrong == 0 && !failed)
        }
    }

    /// Where only frequencies are wanted, a slot has to lead to the right one.
    @Test(arguments: PlainList.Spread.allCases)
    func findWithoutPositionsKnowsFrequencies(_ spread: PlainList.Spread) throws {
        try written(spread, seed: 23) { read, list, random in
            var cursor = PostingsCursor(read)
            var wrong = 0
            for target in Self.targets(list, &random) {
                let rank = list.rank(of: target)
                let isThere = rank < list.documents.count && list.documents[rank] == target
                let slot = cursor.find(target)
                if (slot >= 0) != isThere { wrong += 1 }
                let expected = isThere && read.hasPositions ? list.frequency(rank) : 1
                if isThere, slot >= 0, Int(cursor.frequency(slot)) != expected { wrong += 1 }
            }
            #expect(wrong == 0)
        }
    }

    /// Ranks within decoded blocks, in any order of blocks.
    @Test(arguments: PlainList.Spread.allCases)
    func ranksCountDocumentsBefore(_ spread: PlainList.Spread) throws {
        try written(spread, seed: 24) { read, list, random in
            var cursor = PostingsCursor(read)
            var wrong = 0
            for block in (0..<read.blockCount).shuffled(using: &random) {
                cursor.open(block)
                cursor.decode()
                let documents = list.documents[(block * 256)..<min(block * 256 + 256, list.documents.count)]
                for document in documents.shuffled(using: &random).prefix(40) + [0, .max - 1] {
                    for target in [document, document &+ 1, document - min(document, 1)] {
                        let expected = min(max(list.rank(of: target) - block * 256, 0), documents.count)
                        if cursor.rank(of: target) != expected { wrong += 1 }
                    }
                }
            }
            #expect(wrong == 0)
        }
    }

    /// Bit sets are united with windows that begin or end anywhere among them.
    @Test func bitSetsAreUnitedWithWindows() throws {
        var seen = 0
        try written(.dense, seed: 25) { read, list, random in
            var cursor = PostingsCursor(read)
            for block in 0..<read.blockCount {
                cursor.open(block)
                guard cursor.isBitSet else { continue }
                seen += 1
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
        #expect(seen > 10)
    }
}
