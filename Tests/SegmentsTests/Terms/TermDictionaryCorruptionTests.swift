import Kernels
import TestSupport
import Testing

@testable import Segments

/// Encoded blocks of a dictionary with arbitrary numbers.
private enum CorruptBlock {
    static func varint(_ value: UInt64) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 10)
        let n = out.withUnsafeMutableBufferPointer { writeVarint(value, to: $0.baseAddress!) }
        return Array(out.prefix(n))
    }
    /// Returns a block of one term "a", not stored as a single, with the given columns; see `SegmentFormat.md`.
    static func block(
        bases: [UInt64], _ frequencies: [UInt64], _ postings: UInt64, _ positions: UInt64?,
        length: [UInt8] = [0x10]
    ) -> [UInt8] {
        let columns = [frequencies.flatMap(varint), varint(postings), positions.map(varint) ?? []]
        let head: [UInt8] = [0, 0, 0, 0, 0] + (positions == nil ? [] : [0])
        let sizes = varint(1) + varint(UInt64(columns[0].count)) + varint(UInt64(columns[1].count))
        return head + sizes + bases.flatMap(varint) + length + [97] + columns.joined()
    }
    /// Reads a dictionary of one block and the postings lists of its terms. Returns the number of lists that could be
    /// opened.
    static func walk(_ block: [UInt8], hasPositions: Bool = true) -> Int {
        // Eight bytes after a section may be read.
        var index = [UInt8](repeating: 0, count: 32)
        index[0] = 1
        let padded = block + [UInt8](repeating: 0, count: 16)
        return index.withUnsafeBytes { index in
            let index = UnsafeRawBufferPointer(rebasing: index.prefix(24))
            return padded.withUnsafeBytes { walk(index, $0, hasPositions) }
        }
    }
    static func walk(_ index: UnsafeRawBufferPointer, _ blocks: UnsafeRawBufferPointer, _ hasPositions: Bool) -> Int {
        guard let dictionary = TermDictionary(index: index, blocks: blocks, hasPositions: hasPositions) else {
            return 0
        }
        var lists = 0
        var cursor = TermCursor(dictionary)
        while cursor.next() {
            let list = PostingsList(
                cursor.info, hasPositions: hasPositions, documents: 1 << 20, postings: blocks, positions: blocks
            )
            guard let list else { continue }
            lists += 1
            var postings = PostingsCursor(list, positions: hasPositions)
            var positions = GrowableBuffer<UInt32>(capacity: 16)
            for block in 0..<min(list.blockCount, 1000) {
                postings.open(block)
                postings.decode()
                guard hasPositions else { continue }
                for slot in 0..<postings.count { postings.readPositions(slot, into: &positions) }
            }
        }
        return lists
    }
}

@Suite struct TermDictionaryCorruptionTests {
    /// A dictionary of arbitrary bytes returns something or fails; it must not end the process.
    @Test func arbitraryBlocksDoNotTrap() async {
        await #expect(processExitsWith: .success) {
            let maximum = UInt64(Int.max)
            let huge: [UInt64] = [maximum, maximum - 7, .max, 1 << 62, (1 << 48) - 1, 1 << 47, 1 << 32]
            let others: [UInt64] = huge + [0, 1, 2, 4, 300]
            var lists = [0, 0]
            for a: UInt64 in huge + [0, 3] as [UInt64] {
                for b in others {
                    // Columns: documents (doubled, plus one if further occurrences follow), postings, positions.
                    lists[0] += CorruptBlock.walk(CorruptBlock.block(bases: [a, b], [2], b, a))
                    lists[0] += CorruptBlock.walk(CorruptBlock.block(bases: [b, 0], [2 * 299], a, b))
                    lists[0] += CorruptBlock.walk(CorruptBlock.block(bases: [0, a], [1, b], 5, 0))
                    lists[0] += CorruptBlock.walk(CorruptBlock.block(bases: [0, 0], [b, a], 0, 0))
                    lists[0] += CorruptBlock.walk(
                        CorruptBlock.block(bases: [0, 0], [2], a, b, length: [0xF0] + CorruptBlock.varint(a)))
                    lists[0] += CorruptBlock.walk(
                        CorruptBlock.block(bases: [0, 0], [2], a, b, length: [0x1F] + CorruptBlock.varint(a)))
                    lists[1] += CorruptBlock.walk(CorruptBlock.block(bases: [a], [b], 0, nil), hasPositions: false)
                    lists[1] += CorruptBlock.walk(CorruptBlock.block(bases: [0], [2], a, nil), hasPositions: false)
                }
            }
            // Otherwise hardly any postings list was reached.
            precondition(lists[0] > 20 && lists[1] > 20, "\(lists)")
        }
    }

    /// Lookups and walks of real dictionaries with corrupt bytes end, within guarded memory.
    @Test func corruptDictionariesDoNotTrap() async {
        await #expect(processExitsWith: .success) {
            var random = SplitMix64(seed: SplitMix64.varied(92))
            for (family, hasPositions) in TermDictionaryTests.Family.allCases.flatMap({ [($0, true), ($0, false)] }) {
                let terms = family.terms(&random).sorted { $0.lexicographicallyPrecedes($1) }
                let infos = TermSamples.infos(terms.count, hasPositions: hasPositions, &random)
                let image = try TermSamples.written(terms, infos, hasPositions: hasPositions)
                let (index, blocks) = image.with(.termIndex, .termBlocks) { (Array($0), Array($1)) }
                for _ in 0..<60 {
                    var corrupt = (index, blocks)
                    for _ in 0..<(1 + random.below(4)) {
                        if random.chance(20) { corrupt.0[random.below(index.count)] ^= UInt8(1 + random.below(255)) }
                        corrupt.1[random.below(random.chance(50) ? 100 : blocks.count)] ^= UInt8(1 + random.below(255))
                    }
                    // The eight bytes that follow a section in a file may be read, but nothing after them.
                    let guarded = [corrupt.0, corrupt.1].map { GuardedBytes($0 + [UInt8](repeating: 0xFF, count: 8)) }
                    let sections = guarded.map { UnsafeRawBufferPointer(rebasing: $0.raw.dropLast(8)) }
                    let opened = TermDictionary(index: sections[0], blocks: sections[1], hasPositions: hasPositions)
                    guard let dictionary = opened else { continue }
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
