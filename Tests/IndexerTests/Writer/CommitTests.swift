import TestSupport
import Testing

@testable import Indexer
@testable import Segments

/// A commit that is gathered by the writer, persisted beside it, and recorded afterwards.
@Suite struct CommitTests {
    private let files = FaultyFileSystem()
    private let folder: IndexFolder

    init() throws {
        folder = IndexFolder("/index", files: files)
        let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("price", .integer)])
        try IndexWriter(folder, .empty(schema)).commit()
    }

    private func put(_ key: String, _ writer: IndexWriter) throws {
        var document = DocumentBuffer()
        document.append(writer.members.key, text: key)
        document.append(1 - writer.members.key, integer: 1)
        var batch = WriteBatch()
        try batch.put(document, writer.members)
        #expect(try writer.write(batch) == [.created])
    }

    private func patch(_ key: String, _ price: Int64, _ writer: IndexWriter) throws {
        var batch = WriteBatch()
        try batch.patch(key: key, [("price", .integer(price))], writer.members)
        #expect(try writer.write(batch) == [.patched])
    }

    /// Updates are encoded when the commit is persisted, as they were when it was gathered; those that a file holds
    /// already are not written again.
    @Test func updatesAreEncodedWhenTheyArePersisted() throws {
        let writer = try IndexWriter(folder, .current)
        try put("a", writer)
        try writer.commit()
        try patch("a", 2, writer)
        let prepared = try writer.prepareCommit()
        #expect(prepared.updates.map(\.segment) == [0])
        #expect(prepared.manifest.segments[0].changes == nil)
        try patch("a", 3, writer)
        let manifest = try prepared.persist()
        #expect(manifest.segments[0].changes?.number == manifest.sequence)
        let committed = try IndexReader(folder)
        let segment = try #require(committed.updates[0])
        #expect(segment.columns[1]?.value(0) == .some(SortKey.of(Int64(2))))
        prepared.removeGarbage()
        writer.finishCommit(prepared, manifest)
        // The later patch is in the next commit, and in none after it.
        let next = try writer.prepareCommit()
        #expect(next.updates.count == 1)
        let nextManifest = try next.persist()
        writer.finishCommit(next, nextManifest)
        let last = try writer.prepareCommit()
        #expect(last.updates.isEmpty)
        #expect(last.manifest.segments[0].changes == nextManifest.segments[0].changes)
    }

    /// Files that the writer creates while a commit is persisted stay when old ones are removed.
    @Test func newFilesSurviveTheRemovalOfOldOnes() throws {
        let writer = try IndexWriter(folder, .current)
        try put("a", writer)
        try writer.commit()
        try put("b", writer)
        let prepared = try writer.prepareCommit()
        // A segment, a merge that is running, one that has ended, and a log.
        try put("c", writer)
        _ = try writer.view()
        let running = writer.startMerge(0..<1)
        let merged = try running.run()
        let ended = writer.startMerge(1..<3)
        writer.finishMerge(ended, try ended.run())
        let manifest = try prepared.persist()
        prepared.removeGarbage()
        writer.finishCommit(prepared, manifest)
        writer.finishMerge(running, merged)
        try writer.commit()
        let reader = try IndexReader(folder)
        for key in ["a", "b", "c"] { #expect(try reader.find(key: key) != nil, "\(key)") }
        #expect(try folder.check().problems == [])
    }
}
