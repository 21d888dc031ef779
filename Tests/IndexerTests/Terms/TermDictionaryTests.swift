import Kernels
import OracleSupport
import Testing

@testable import Indexer

@Suite struct TermDictionaryTests {
    private static func terms(_ count: Int, _ random: inout SplitMix64) -> [[UInt8]] {
        var terms: Set<[UInt8]> = []
        while terms.count < count {
            let stem = random.chance(50) ? Array("morethaneight/".utf8) : []
            let longest = random.chance(2) ? 250 : 6
            terms.insert(stem + (0...random.below(longest)).map { _ in random.pick([0, 1, 97, 98, 254, 255]) })
        }
        return terms.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// What a postings writer could answer for terms in this order: offsets never descend.
    private static func infos(_ count: Int, hasPositions: Bool, _ random: inout SplitMix64) -> [TermInfo] {
        var postings = 0
        var positions = 0
        return (0..<count).map { _ in
            let documents = random.chance(50) ? 1 : 2 + random.skewed(below: 1 << 30)
            let total = hasPositions ? documents + (random.chance(50) ? 0 : random.skewed(below: 1 << 31)) : documents
            var info = TermInfo(
                documentFrequency: documents, totalFrequency: total, postingsOffset: 0, positionsOffset: 0,
                singleDocument: 0, singlePosition: 0)
            if documents == 1 {
                info.singleDocument = UInt32.random(in: 0...(.max), using: &random)
            } else {
                info.postingsOffset = postings
                postings += random.skewed(below: 1 << 35)
            }
            if hasPositions {
                if total == 1 {
                    info.singlePosition = UInt32.random(in: 0...(.max), using: &random)
                } else {
                    info.positionsOffset = positions
                    positions += random.skewed(below: 1 << 35)
                }
            }
            return info
        }
    }

    /// Whether two infos mean the same: what has no meaning for a single document is not compared.
    private static func areSame(_ a: TermInfo, _ b: TermInfo, hasPositions: Bool) -> Bool {
        guard a.documentFrequency == b.documentFrequency, a.totalFrequency == b.totalFrequency else { return false }
        let documents =
            a.documentFrequency == 1 ? a.singleDocument == b.singleDocument : a.postingsOffset == b.postingsOffset
        guard documents, hasPositions else { return documents }
        return a.totalFrequency == 1 ? a.singlePosition == b.singlePosition : a.positionsOffset == b.positionsOffset
    }

    private static func written(_ terms: [[UInt8]], _ infos: [TermInfo], hasPositions: Bool) throws -> SegmentImage {
        var writer = TermDictionaryWriter(hasPositions: hasPositions)
        for (term, info) in zip(terms, infos) { term.withUnsafeBufferPointer { writer.append($0, info) } }
        var image: SegmentImage?
        let folder = try TemporaryFolder()
        let segment = try SegmentWriter(folder: folder.path, name: "1", documents: 1)
        try writer.finish(segment, field: 0)
        _ = try segment.finish()
        image = try SegmentImage(folder.path + "/1.seg")
        return try #require(image)
    }

    @Test(arguments: [0, 1, 2, 31, 32, 33, 63, 64, 65, 97, 1000], [false, true])
    func findsAndWalks(_ count: Int, _ hasPositions: Bool) throws {
        var random = SplitMix64(seed: UInt64(count))
        let terms = Self.terms(count, &random)
        let infos = Self.infos(count, hasPositions: hasPositions, &random)
        let image = try Self.written(terms, infos, hasPositions: hasPositions)
        try image.with(.termIndex, .termBlocks) { index, blocks in
            let dictionary = try #require(TermDictionary(index: index, blocks: blocks, hasPositions: hasPositions))
            #expect(dictionary.count == count)
            var cursor = TermCursor(dictionary)
            for (number, term) in terms.enumerated() {
                let hasNext = cursor.next()
                let (ordinal, bytes, info) = (cursor.ordinal, Array(cursor.term), cursor.info)
                #expect(hasNext && ordinal == number && bytes == term)
                #expect(Self.areSame(info, infos[number], hasPositions: hasPositions))
                guard case .found(let known, let rank) = term.withUnsafeBufferPointer({ dictionary.find($0) }) else {
                    Issue.record("term \(number) is not found")
                    continue
                }
                #expect(rank == number && Self.areSame(known, infos[number], hasPositions: hasPositions))
            }
            let (hasMore, failed) = (cursor.next(), cursor.failed)
            #expect(!hasMore && !failed)
            let known = Set(terms)
            for term in terms.shuffled(using: &random).prefix(200) + [[], [0], [255, 255, 255]] {
                for near in [term + [0], term + [255], Array(term.dropLast()), term.map { $0 ^ 1 }]
                where !known.contains(near) {
                    if case .absent = near.withUnsafeBufferPointer({ dictionary.find($0) }) { continue }
                    Issue.record("\(near) is not absent")
                }
            }
        }
    }

    /// A dictionary whose bytes are any bytes answers or refuses; it must not end the process.
    @Test func damagedBytesDoNotTrap() async {
        await #expect(processExitsWith: .success) {
            func varint(_ value: UInt64) -> [UInt8] {
                var out = [UInt8](repeating: 0, count: 10)
                let n = out.withUnsafeMutableBufferPointer { writeVarint(value, to: $0.baseAddress!) }
                return Array(out.prefix(n))
            }
            func walk(_ block: [UInt8]) {
                var index = [UInt8](repeating: 0, count: 24)
                index[0] = 2
                let padded = block + [UInt8](repeating: 0, count: 16)
                index.withUnsafeBytes { index in
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
                            var postings = PostingsCursor(list, frequencies: true)
                            var positions = GrowableBuffer<UInt32>(capacity: 16)
                            while postings.nextBlock() {
                                while postings.index < postings.count {
                                    postings.readPositions(into: &positions)
                                    postings.index += 1
                                }
                            }
                        }
                    }
                }
            }
            let huge = [UInt64(Int.max), UInt64(Int.max) - 7, UInt64.max, 1 << 62, 1 << 32]
            for a in huge {
                for b in huge + [0, 1, 2, 300] {
                    // Offsets, then a term "a": documents, further occurrences, postings, positions.
                    walk(varint(a) + varint(b) + [0, 1, 97] + varint(2) + varint(b) + varint(a) + varint(b))
                    walk(varint(b) + varint(a) + [0, 1, 97] + varint(300) + varint(b) + varint(a) + varint(a))
                    walk(varint(0) + varint(a) + [0, 1, 97] + varint(b) + varint(a) + varint(0) + varint(0))
                    walk(varint(0) + varint(0) + [0] + varint(a) + [97] + varint(1) + varint(b) + varint(a))
                }
            }
        }
    }
}
