import TestSupport
import Testing

@testable import Indexer
@testable import Segments

/// A merged segment equals, byte for byte, the one that indexing all its documents together produces.
@Suite struct MergeTests {
    private static func check(_ corpus: some IndexableCorpus, segments: Int) throws {
        let whole = try SegmentImage(TemporaryIndex(corpus))
        let parts = try TemporaryIndex(corpus, segments: segments, seed: 5)
        try parts.merge(to: 1)
        #expect(try parts.folder.check().problems == [])
        let merged = try SegmentImage(parts)
        #expect(Set(merged.sections.map(\.name)) == Set(whole.sections.map(\.name)))
        for section in whole.sections {
            let other = try #require(merged.section(section.kind, Int(section.field)))
            let expected = whole.bytes[section.offset..<(section.offset + section.length)]
            let found = merged.bytes[other.offset..<(other.offset + other.length)]
            #expect(expected.elementsEqual(found), "\(section.name)")
        }
    }

    /// Postings of several blocks: those of the first segment are copied as bytes.
    @Test(arguments: [2, 3, 7])
    func mergesPostingsOfManyBlocks(_ segments: Int) throws {
        try Self.check(SkewedCorpus(seed: SplitMix64.varied(101), count: 6000), segments: segments)
    }

    @Test(arguments: Alphabet.allCases)
    func mergesRandomTexts(_ alphabet: Alphabet) throws {
        try Self.check(RandomCorpus(seed: SplitMix64.varied(102), count: 800, alphabet), segments: 4)
    }

    private static func merger(_ reader: IndexReader) -> SegmentMerger {
        let sources = zip(reader.segments, reader.updates).map { segment, updates in
            (segment, updates ?? PendingUpdates().snapshot(documents: segment.documents))
        }
        return SegmentMerger(sources, schema: reader.schema)
    }

    /// Positions and terms that are too many for memory are written by way of a file.
    @Test(arguments: [0, 100, 5_000]) func mergesByWayOfAFile(spillBytes: Int) throws {
        let parts = try TemporaryIndex(SkewedCorpus(seed: SplitMix64.varied(103), count: 3000), segments: 3, seed: 5)
        let reader = try IndexReader(parts.folder)
        let merger = Self.merger(reader)
        let folder = parts.folder.generationFolder(reader.manifest.generation)
        let kept = try #require(try merger.write(folder: folder, name: "kept"))
        let spilled = try #require(try merger.write(folder: folder, name: "file", spillBytes: spillBytes))
        #expect(spilled.bytes == kept.bytes)
        // That of the table, which has those of all pages.
        #expect(spilled.checksum == kept.checksum)
        #expect(try SegmentReader(folder: folder, spilled).corruptSections().isEmpty)
    }

    @Test func aFullDiskEndsAMergeByWayOfAFile() throws {
        let files = FaultyFileSystem()
        let folder = IndexFolder("/index", files: files)
        let writer = try IndexWriter(folder, .empty(try DurabilityModel.schema()))
        var random = SplitMix64(seed: 9)
        for _ in 0..<3 {
            let changes = DurabilityModel.changes(200, &random, prefix: "k")
            _ = try writer.write(try DurabilityModel.batch(changes, writer.members))
            try writer.commit()
        }
        let reader = try IndexReader(folder)
        let merger = Self.merger(reader)
        let generation = folder.generationFolder(reader.manifest.generation)
        var failures = 0
        for call in 1... {
            files.set(.fail(at: call, code: 28))
            let name = "merged\(call)"
            do throws(IndexError) {
                _ = try merger.write(folder: generation, name: name, spillBytes: 0)
                break
            } catch {
                guard case .storage = error else { throw error }
                failures += 1
            }
        }
        #expect(failures > 3)
    }
}
