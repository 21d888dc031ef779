import TestSupport
import Testing

@testable import Indexer
@testable import Segments

/// Merged suggestions are those that are written from the texts of the documents that are left, byte for byte.
@Suite struct SuggestionMergeTests {
    /// Documents with one to three names out of few words, and votes.
    private struct Names: IndexableCorpus {
        var documents: [(key: Int, names: [String], votes: Int64)]
        var count: Int { documents.count }
        static let field = 2

        static func random(_ count: Int, _ random: inout SplitMix64) -> Names {
            let words = ["the", "harry", "potter", "三体", "红楼梦", "编程", "c++", "a", "1984", "（上）"]
            func name() -> String { (0...random.below(3)).map { _ in random.pick(words) }.joined(separator: " ") }
            return Names(
                documents: (0..<count).map { key in
                    (key, (0...random.below(3)).map { _ in name() }, Int64(random.below(300)))
                })
        }

        func indexSchema() throws -> Schema {
            try Schema(
                key: "id",
                fields: [
                    Field("id", .keyword), Field("votes", .integer),
                    Field("names", .suggestion, from: "name", multiple: true, kind: .title, weight: "votes"),
                ])
        }

        func write(_ number: Int, into buffer: inout DocumentBuffer, _ members: Members) {
            let document = documents[number]
            buffer.reset()
            buffer.append(0, text: "\(document.key)")
            buffer.append(1, integer: document.votes)
            for name in document.names { buffer.append(2, text: name) }
        }
    }

    /// Deletes and patches some documents of an index, and of the corpus it was made of.
    private func change(_ corpus: inout Names, _ index: TemporaryIndex, _ random: inout SplitMix64) throws {
        let writer = try IndexWriter(index.folder, .current)
        var batch = WriteBatch()
        for document in corpus.documents.indices.reversed() {
            if random.chance(30) {
                try batch.delete(key: "\(corpus.documents[document].key)")
                corpus.documents.remove(at: document)
            } else if random.chance(20) {
                corpus.documents[document].votes = Int64(random.below(3000))
                let votes = StoredValue.integer(corpus.documents[document].votes)
                try batch.patch(key: "\(corpus.documents[document].key)", [("votes", votes)], writer.members)
            }
        }
        if batch.count > 0 { _ = try writer.write(batch) }
        try writer.commit()
    }

    private func section(_ image: SegmentImage) -> ArraySlice<UInt8>? {
        image.section(.suggestions, Names.field).map { image.bytes[$0.offset..<$0.offset + $0.length] }
    }

    /// The section that is written from the texts of all segments in their order, with the weights of now.
    private func expected(_ parts: IndexReader, _ sources: [SegmentMerger.Source]) throws -> SegmentImage {
        let field = parts.schema.fields[Names.field]
        let buffer = SuggestionFieldBuffer(field, parts.schema)
        var weights: [Double] = []
        for source in sources {
            let index = try #require(try source.segment.suggestions(Names.field))
            for entry in 0..<index.count {
                let text = index.text(of: entry).bindMemory(to: UInt8.self)
                index.forEachDocument(of: entry, below: source.segment.documents) { document in
                    if let target = source.map.target(UInt32(document)) { buffer.add(text, to: Int(target)) }
                    return true
                }
            }
            let votes = PatchedColumn(column: try source.segment.numbers(1), patch: source.updates.columns[1])
            source.map.forEach { weights.append(votes.key($0).map(NumberCodec.integer.number) ?? 0) }
        }
        return try writtenSegment(documents: weights.count) {
            _ = try buffer.write(to: $0, field: Names.field, weights: weights)
        }
    }

    @Test(arguments: [1, 2, 6]) func mergedSuggestionsAreThoseOfTheirTexts(_ segments: Int) throws {
        var random = SplitMix64(seed: SplitMix64.varied(105))
        for count in [1, 7, 70, 400] {
            var corpus = Names.random(count, &random)
            let index = try TemporaryIndex(corpus, segments: segments, seed: random.next())
            try change(&corpus, index, &random)
            guard corpus.count > 0 else { continue }
            let parts = try index.reader()
            let sources = zip(parts.segments, parts.updates).map { segment, updates in
                (segment, updates ?? PendingUpdates().snapshot(documents: segment.documents))
            }
            let merger = SegmentMerger(sources, schema: parts.schema)
            let whole = try expected(parts, merger.sources)
            let folder = index.folder.generationFolder(parts.manifest.generation)
            for (name, spillBytes) in [("kept", 1 << 20), ("spilled", 50)] {
                let merged = try #require(try merger.write(folder: folder, name: name, spillBytes: spillBytes))
                #expect(section(try SegmentImage(folder.segment(name))) == section(whole))
                let found = try SegmentReader(folder: folder, merged).statistics[Names.field]
                let written = try TemporaryIndex(corpus).reader().segments[0].statistics[Names.field]
                #expect(found.documentCount == written.documentCount)
                #expect(found.termCount == written.termCount)
                #expect(found.postingCount == written.postingCount)
            }
        }
    }
}
