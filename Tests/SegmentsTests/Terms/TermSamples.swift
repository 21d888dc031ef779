import TestSupport
import Testing

@testable import Searching
@testable import Segments

/// Dictionaries in the form in which a segment has them.
enum TermSamples {
    /// Returns infos that a postings writer could return for terms in this order: offsets never descend.
    static func infos(_ count: Int, hasPositions: Bool, _ random: inout SplitMix64) -> [TermInfo] {
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

    /// True if two infos are equal, apart from members that are meaningless for a single document or occurrence.
    static func areSame(_ a: TermInfo, _ b: TermInfo, hasPositions: Bool) -> Bool {
        guard a.documentFrequency == b.documentFrequency, a.totalFrequency == b.totalFrequency else { return false }
        let documents =
            a.documentFrequency == 1 ? a.singleDocument == b.singleDocument : a.postingsOffset == b.postingsOffset
        guard documents, hasPositions else { return documents }
        return a.totalFrequency == 1 ? a.singlePosition == b.singlePosition : a.positionsOffset == b.positionsOffset
    }

    /// Writes a dictionary to a segment file of its own.
    static func written(_ terms: [[UInt8]], _ infos: [TermInfo], hasPositions: Bool) throws -> SegmentImage {
        var writer = TermDictionaryWriter(hasPositions: hasPositions)
        for (term, info) in zip(terms, infos) { term.withUnsafeBufferPointer { writer.append($0, info) } }
        let folder = try TemporaryFolder()
        let segment = try SegmentWriter(folder: folder.generation, name: "1", documents: 1)
        try writer.finish(segment, field: 0)
        _ = try segment.finish(sync: false)
        return try SegmentImage(folder.path + "/1.seg")
    }

    /// Checks that all terms are found, and walked in order, with their infos, and that `absent` terms are not found.
    static func check(
        _ terms: [[UInt8]], absent: some Sequence<[UInt8]>, hasPositions: Bool, _ random: inout SplitMix64
    ) throws {
        let infos = infos(terms.count, hasPositions: hasPositions, &random)
        try written(terms, infos, hasPositions: hasPositions).with(.termIndex, .termBlocks) { index, blocks in
            let dictionary = try #require(TermDictionary(index: index, blocks: blocks, hasPositions: hasPositions))
            #expect(dictionary.count == terms.count)
            func find(_ term: [UInt8]) -> TermDictionary.Entry {
                term.withUnsafeBufferPointer { dictionary.find($0) }
            }
            var cursor = TermCursor(dictionary)
            var mismatches: [[UInt8]] = []
            for (i, term) in terms.enumerated() {
                let isNext = cursor.next() && cursor.ordinal == i && cursor.term.elementsEqual(term)
                if !isNext || !areSame(cursor.info, infos[i], hasPositions: hasPositions) { mismatches.append(term) }
                guard case .found(let info, i) = find(term),
                    areSame(info, infos[i], hasPositions: hasPositions)
                else {
                    mismatches.append(term)
                    continue
                }
            }
            let (hasMore, failed) = (cursor.next(), cursor.failed)
            #expect(!hasMore)
            #expect(!failed)
            #expect(mismatches.isEmpty, "\(mismatches.first ?? [])")
            for block in 0..<dictionary.blockCount {
                var cursor = TermCursor(dictionary, block: block)
                let first = cursor.next() ? Array(cursor.term) : []
                let ordinal = cursor.ordinal
                #expect(first == terms[block * 32])
                #expect(ordinal == block * 32)
            }
            let present = Set(terms)
            let unexpected = absent.filter { term in
                if present.contains(term) { return false }
                if case .absent = find(term) { return false }
                return true
            }
            #expect(unexpected.isEmpty, "\(unexpected.first ?? []) is not absent")
        }
    }

    /// Returns terms close to a term, on either side of it.
    static func near(_ term: [UInt8]) -> [[UInt8]] {
        var neighbors = [term + [0], term + [255], term + [0, 0], Array(term.dropLast()), Array(term.dropFirst())]
        for index in Set([0, term.count / 2, term.count - 1, min(7, term.count - 1), min(8, term.count - 1)])
        where index >= 0 {
            for mask in [1, 0x80, 0xFF] as [UInt8] {
                var neighbor = term
                neighbor[index] ^= mask
                neighbors.append(neighbor)
                neighbors.append(Array(neighbor.prefix(index + 1)))
            }
        }
        return neighbors
    }
}
