import FoundationEssentials
import Kernels
import TestSupport
import Testing

@testable import Indexer
@testable import Segments

/// A live index whose folder changes while it has no writer.
@Suite struct LiveReopeningTests {
    private let home: TemporaryFolder
    private let folder: IndexFolder

    init() throws {
        home = try TemporaryFolder()
        folder = IndexFolder(home.path + "/index")
        try IndexWriter(folder, .empty(Self.schema("price"))).commit()
    }

    private static func schema(_ number: String) throws -> Schema {
        try Schema(key: "id", fields: [Field("id", .keyword), Field(number, .integer)])
    }

    private static func batch(_ members: Members) throws -> WriteBatch {
        var document = DocumentBuffer()
        document.append(members.key, text: "a")
        document.append(1 - members.key, integer: 5)
        var batch = WriteBatch()
        try batch.put(document, members)
        return batch
    }

    /// Ends the writer of a live index by moving its folder away, then puts another index in its place and waits until
    /// the live index has opened or refused that.
    private func replaceIndex(of live: LiveIndex, by schema: Schema) throws {
        let other = IndexFolder(home.path + "/other")
        for _ in 0..<2 { try IndexWriter(other, .empty(schema)).commit() }
        try FileManager.default.moveItem(atPath: folder.path, toPath: home.path + "/old")
        #expect(throws: IndexError.self) { try live.write(Self.batch(live.members)) }
        // The reply to the write may come before the writer has ended, this one cannot.
        #expect(throws: IndexError.self) { try live.refresh() }
        try FileManager.default.moveItem(atPath: other.path, toPath: folder.path)
        while let failure = live.failure, failure != .rebuilt(path: folder.path) { _ = try? live.refresh() }
    }

    /// An index that was built again with another schema is not written: what callers send would not fit.
    @Test func anotherSchemaIsRefused() throws {
        var options = LiveOptions()
        options.retryAfter = .zero
        let events = Monitor([String]())
        let live = try LiveIndex(folder, options) { event in events.withLock { $0.append("\(event)") } }
        try replaceIndex(of: live, by: Self.schema("year"))
        let refusal = IndexError.rebuilt(path: folder.path)
        #expect(live.failure == refusal)
        #expect("\(refusal)" == "\(folder.path) was rebuilt with another schema; open it again")
        #expect(events.withLock { $0.last }?.contains("another schema") == true)
        #expect(throws: refusal) { try live.write(Self.batch(live.members)) }
        #expect(throws: refusal) { try live.commit() }
        // The lock is free: it can be opened again, and nothing was written.
        let again = try LiveIndex(folder)
        #expect(again.schema == (try Self.schema("year")))
        #expect(again.view.documents == 0)
        #expect(try again.write(Self.batch(again.members)) == [.created])
        try again.close()
        #expect(throws: refusal) { try live.close() }
    }

    @Test func theSameSchemaIsContinued() throws {
        var options = LiveOptions()
        options.retryAfter = .zero
        let live = try LiveIndex(folder, options)
        try replaceIndex(of: live, by: Self.schema("price"))
        #expect(live.failure == nil)
        #expect(live.view.manifest.generation == 2)
        #expect(try live.write(Self.batch(live.members)) == [.created])
        try live.close()
    }

    /// Another error than the one that was reported is reported too, each once, however often it is met.
    @Test func anotherErrorIsReported() throws {
        var options = LiveOptions()
        options.retryAfter = .zero
        let events = Monitor([String]())
        let live = try LiveIndex(folder, options) { event in events.withLock { $0.append("\(event)") } }
        try FileManager.default.moveItem(atPath: folder.path, toPath: home.path + "/old")
        #expect(throws: IndexError.self) { try live.write(Self.batch(live.members)) }
        #expect(throws: IndexError.self) { try live.refresh() }
        // The folder is back, and cannot be read.
        let current = home.path + "/old/CURRENT"
        let intact = try Data(contentsOf: URL(fileURLWithPath: current))
        try Data("1".utf8).write(to: URL(fileURLWithPath: current))
        try FileManager.default.moveItem(atPath: home.path + "/old", toPath: folder.path)
        func isCorrupt(_ error: IndexError?) -> Bool { if case .corrupt? = error { true } else { false } }
        while !isCorrupt(live.failure) { _ = try? live.refresh() }
        for _ in 0..<50 { _ = try? live.refresh() }
        #expect(events.withLock { events in events.count { $0.contains("CURRENT is corrupt") } } == 1)
        try intact.write(to: URL(fileURLWithPath: folder.path + "/CURRENT"))
        while live.failure != nil { _ = try? live.refresh() }
        #expect(events.withLock { $0.last } == "writing goes on")
        #expect(try live.write(Self.batch(live.members)) == [.created])
        try live.close()
    }

    /// Batches are compared with the members of the writer that logs them, not only with those of the caller.
    @Test func batchesThatDoNotFitAreNotLogged() throws {
        let writer = try IndexWriter(folder, .current)
        let queue = LiveQueue(SharedMemory(limit: 1 << 20))
        let replies = Monitor<[String: Result<[WriteOutcome], IndexError>]>([:])
        let foreign = Members(try Self.schema("year"))
        for (name, members) in [("foreign", foreign), ("own", writer.members)] {
            let batch = try Self.batch(members)
            let reply: LiveReply<[WriteOutcome]> = { result in replies.withLock { $0[name] = result } }
            #expect(try queue.append(.write(batch, payload: [:], refresh: false, reply)))
        }
        #expect(try queue.append(.close { _ in }))
        let state = LiveState(try writer.view())
        try LiveLoop(writer, LiveOptions(), queue, state) { _ in }.run()
        let results = replies.withLock { $0 }
        guard case .failure(.document)? = results["foreign"] else {
            Issue.record("\(String(describing: results["foreign"]))")
            return
        }
        #expect(results["own"] == .success([.created]))
        #expect(try IndexReader(folder).documents == 1)
    }

    /// Nobody wakes up at the end of a pause when merges were canceled: the loop would not block while it is closing.
    @Test func cancelingMergesEndsAPause() throws {
        var merges = try MergeScheduler(LiveOptions(), LiveQueue(SharedMemory(limit: 1)))
        merges.pause()
        #expect(merges.pausedUntil != nil)
        merges.cancel()
        #expect(merges.pausedUntil == nil)
    }
}
