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
}
