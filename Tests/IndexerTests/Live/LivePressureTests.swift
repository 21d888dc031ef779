import FoundationEssentials
import Glibc
import Kernels
import Synchronization
import TestSupport
import Testing

@testable import Indexer
@testable import Segments

/// A live index that reaches its limits, whose merges fail, or whose files are removed.
@Suite struct LivePressureTests {
    private let home: TemporaryFolder
    private let folder: IndexFolder

    init() throws {
        home = try TemporaryFolder()
        folder = IndexFolder(home.path + "/index")
        try IndexWriter(folder, .empty(try Self.schema())).commit()
    }

    private static func schema() throws -> Schema {
        try Schema(key: "id", fields: [Field("id", .keyword), Field("text", .text)])
    }

    /// Returns a batch of documents with these keys.
    private static func batch(_ keys: [String], _ members: Members) throws -> WriteBatch {
        var batch = WriteBatch()
        for key in keys {
            var document = DocumentBuffer()
            document.append(members.key, text: key)
            document.append(1 - members.key, text: "some words of \(key)")
            try batch.put(document, members)
        }
        return batch
    }

    /// Too many segments wait to be merged: documents are refused, what makes no segment is not, and it ends.
    @Test func documentsAreRefusedWhileSegmentsPileUp() throws {
        var options = LiveOptions()
        options.maxMergeableSegments = 3
        options.mergePolicy.width = 1000
        let live = try LiveIndex(folder, options)
        for number in 0..<4 {
            let batch = try Self.batch(["a\(number)"], live.members)
            #expect(try live.write(batch, refresh: true) == [.created])
        }
        #expect(live.view.segments.count == 4)
        #expect(throws: IndexError.busy) { try live.write(Self.batch(["b"], live.members)) }
        let reply = Monitor<Result<[WriteOutcome], IndexError>?>(nil)
        try live.submit(Self.batch(["b"], live.members)) { result in reply.withLock { $0 = result } }
        #expect(reply.wait(for: { $0 }) == .failure(.busy))
        // A segment without live documents goes away, and there is room again.
        var deletion = WriteBatch()
        try deletion.delete(key: "a0")
        #expect(try live.write(deletion, refresh: true) == [.deleted])
        #expect(live.view.segments.count == 3)
        #expect(try live.write(Self.batch(["b"], live.members)) == [.created])
        try live.close()
        #expect(try IndexReader(folder).documents == 4)
    }

    /// Documents that the index has no numbers for are refused before they are logged, in batches and in bulk.
    @Test func documentsBeyondTheLimitAreRefused() throws {
        let writer = try IndexWriter(folder, .current)
        let members = writer.members
        writer.maxDocuments = 3
        let queue = LiveQueue(SharedMemory(limit: 1 << 20))
        let replies = Monitor<[Result<[WriteOutcome], IndexError>]>([])
        // All three are taken together: what was accepted before counts.
        for keys in [["a", "b"], ["c", "d"], ["c"], ["a"]] {
            let batch = try Self.batch(keys, members)
            let isAccepted = try queue.append(
                .write(batch, payload: [:], refresh: false) { result in replies.withLock { $0.append(result) } })
            #expect(isAccepted)
        }
        var deletion = WriteBatch()
        try deletion.delete(key: "b")
        #expect(
            try queue.append(
                .write(deletion, payload: [:], refresh: false) { result in replies.withLock { $0.append(result) } }))
        #expect(try queue.append(.close { _ in }))
        let state = LiveState(try writer.view())
        try LiveLoop(writer, LiveOptions(), queue, state) { _ in }.run()
        let results = replies.withLock { $0 }
        let refusals = results.filter { if case .failure(.document) = $0 { true } else { false } }
        #expect(refusals.count == 2)
        #expect(results.contains(.success([.created, .created])))
        #expect(results.contains(.success([.created])))
        #expect(results.contains(.success([.deleted])))
        #expect(state.failure == nil)
        #expect(try IndexReader(folder).liveDocuments == 2)
    }

    @Test func bulkDocumentsBeyondTheLimitAreRefused() throws {
        let writer = try IndexWriter(folder, .current)
        writer.maxDocuments = 2
        var document = DocumentBuffer()
        for key in ["a", "b", "c"] {
            document.reset()
            document.append(writer.members.key, text: key)
            if key == "c" {
                #expect(throws: IndexError.self) { try writer.add(document) }
                #expect(throws: IndexError.self) { try writer.put(document) }
            } else {
                try writer.add(document)
            }
        }
        #expect(throws: IndexError.self) { try writer.write(Self.batch(["d"], writer.members)) }
        try writer.commit()
        #expect(try IndexReader(folder).documents == 2)
    }

    /// The thread that acknowledges changes never waits for the removal of old files, which takes long when they are
    /// large.
    @Test func oldFilesAreRemovedByAnotherThread() throws {
        let files = FaultyFileSystem()
        let folder = IndexFolder("/index", files: files)
        try IndexWriter(folder, .empty(try Self.schema())).commit()
        var options = LiveOptions()
        options.mergePolicy.width = 2
        let acknowledging = Monitor<Set<UInt>>([])
        let live = try LiveIndex(folder, options)
        let before = files.removals.count
        // Merges run beside the writer: as many commits as it takes until one has made a segment useless.
        for number in 0..<2000
        where number < 12 || !files.removals[before...].contains(where: { $0.path.hasSuffix(".seg") }) {
            try live.submit(Self.batch(["a\(number)"], live.members)) { _ in
                acknowledging.withLock { _ = $0.insert(UInt(pthread_self())) }
            }
            try live.refresh()
            try live.commit()
        }
        let removals = files.removals[before...]
        try live.close()
        #expect(removals.contains { $0.path.hasSuffix(".seg") })
        #expect(acknowledging.withLock { $0.count } == 1)
        let own = acknowledging.withLock { $0 }
        #expect(removals.filter { own.contains($0.thread) }.map(\.path) == [])
    }

    /// A corrupt segment is reported once, is searched on, and does not keep the others from being merged.
    @Test func aCorruptSegmentDoesNotStopMerges() throws {
        var options = LiveOptions()
        options.mergePolicy.width = 1000
        do {
            let live = try LiveIndex(folder, options)
            for number in 0..<2 { _ = try live.write(Self.batch(["a\(number)"], live.members), refresh: true) }
            try live.close()
        }
        let manifest = try #require(try folder.newestManifest())
        let path = folder.generationFolder(manifest.generation).segment(manifest.segments[0].name)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let text = Array("some".utf8)
        let place = try #require(bytes.indices.dropLast(4).first { Array(bytes[$0..<$0 + 4]) == text })
        bytes[place] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))

        options.mergePolicy.width = 2
        let events = Monitor<[String]>([])
        let live = try LiveIndex(folder, options) { event in events.withLock { $0.append("\(event)") } }
        try live.refresh()
        let event = events.wait { $0.first }
        #expect(event?.contains("cannot be merged any more") == true)
        for number in 0..<40 { _ = try live.write(Self.batch(["b\(number)"], live.members), refresh: true) }
        // Merges end at any time: their results are seen by a later view.
        while live.view.segments.count > 8 { try live.refresh() }
        #expect(live.view.segments.first?.description.name == manifest.segments[0].name)
        #expect(live.view.documents == 42)
        #expect(events.withLock { $0.count } == 1)
        try live.close()
    }
}
