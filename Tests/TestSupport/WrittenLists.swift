package import Segments

/// Postings lists as they are encoded in a segment. Each section is followed by the eight bytes of padding that a file
/// guarantees and then by an inaccessible page.
package final class WrittenLists {
    /// The lists as plain values.
    package let lists: [PlainList]
    /// The infos of the terms, aligned with `lists`.
    package let infos: [TermInfo]
    /// The number of documents of the segment.
    package let documents: Int
    package let hasPositions: Bool
    /// The bytes of the sections.
    package let postingsBytes: [UInt8]
    package let positionsBytes: [UInt8]
    private let postings: GuardedBytes
    private let positions: GuardedBytes

    /// Writes lists; `norms` are the norm codes of all documents, nil for lists without positions.
    package init(_ lists: [PlainList], documents: Int, norms: [UInt8]?) throws {
        self.lists = lists
        self.documents = documents
        hasPositions = norms != nil
        var infos: [TermInfo] = []
        let image = try writtenSegment(documents: 1) { segment in
            let stream = try segment.stream(.postings)
            try (norms ?? []).withUnsafeBufferPointer { codes in
                var writer = PostingsWriter(stream, norms: norms == nil ? nil : codes.baseAddress)
                for list in lists { infos.append(try Self.write(list, to: &writer)) }
                segment.end(stream)
                try writer.finish(segment, field: 0)
            }
        }
        self.infos = infos
        func bytes(_ kind: SectionKind) -> [UInt8] {
            image.section(kind).map { Array(image.bytes[$0.offset..<($0.offset + $0.length)]) } ?? []
        }
        postingsBytes = bytes(.postings)
        positionsBytes = bytes(.positions)
        postings = Self.guarded(postingsBytes)
        positions = Self.guarded(positionsBytes)
    }

    /// The same lists with other bytes, or in a segment that has fewer documents.
    package init(_ other: WrittenLists, postings: [UInt8]? = nil, positions: [UInt8]? = nil, documents: Int? = nil) {
        lists = other.lists
        infos = other.infos
        self.documents = documents ?? other.documents
        hasPositions = other.hasPositions
        postingsBytes = postings ?? other.postingsBytes
        positionsBytes = positions ?? other.positionsBytes
        self.postings = Self.guarded(postingsBytes)
        self.positions = Self.guarded(positionsBytes)
    }

    private static func guarded(_ bytes: [UInt8]) -> GuardedBytes {
        GuardedBytes(bytes + [UInt8](repeating: 0xFF, count: 8))
    }

    private static func write(_ list: PlainList, to writer: inout PostingsWriter) throws -> TermInfo {
        writer.begin()
        for (document, places) in zip(list.documents, list.positions) {
            guard writer.hasPositions else {
                writer.append(document: document, frequency: 1)
                continue
            }
            writer.append(document: document, frequency: UInt32(places.count))
            writer.append(firstPosition: places[0])
            for i in 1..<places.count { writer.append(positionGap: places[i] - places[i - 1]) }
        }
        return try writer.end()
    }

    /// The list with an index, for reading, optionally with a modified term info; nil if the engine refuses it.
    package func list(_ index: Int, _ change: (inout TermInfo) -> Void = { _ in }) -> PostingsList? {
        var info = infos[index]
        change(&info)
        return PostingsList(
            info, hasPositions: hasPositions, documents: documents,
            postings: UnsafeRawBufferPointer(rebasing: postings.raw.dropLast(8)),
            positions: UnsafeRawBufferPointer(rebasing: positions.raw.dropLast(8)))
    }
}

extension PlainList {
    /// List sizes at and around the boundaries of blocks.
    package static let sizes = [1, 2, 3, 7, 8, 9, 100, 255, 256, 257, 511, 512, 513, 768, 5000]

    /// Random lists of all `sizes`.
    package static func samples(
        _ spread: Spread, _ occurrences: Occurrences, below limit: Int, _ random: inout SplitMix64
    ) -> [PlainList] {
        sizes.filter { $0 < 600 || occurrences != .many }.map { size in
            // Sometimes up to the last document of the segment.
            let first = random.chance(30) ? 0 : spread == .consecutive ? limit - size : random.below(limit / 2)
            return PlainList(size, spread, occurrences, from: first, below: limit, using: &random)
        }
    }
}
