import Kernels
import TestSupport
import Testing

@testable import Indexer
@testable import Segments

/// Live indexes that share the memory and the threads for writing.
@Suite struct WriteResourcesTests {
    fileprivate static func batch(_ keys: Range<Int>, _ members: Members) throws -> WriteBatch {
        var batch = WriteBatch()
        for key in keys {
            var document = DocumentBuffer()
            document.append(members.key, text: "k\(key)")
            document.append(1 - members.key, text: "some words of \(key)")
            try batch.put(document, members)
        }
        return batch
    }

    private static func index(_ name: String, _ options: LiveOptions) throws -> LiveIndex {
        let folder = IndexFolder("/\(name)", files: FaultyFileSystem())
        let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("text", .text)])
        try IndexWriter(folder, .empty(schema)).commit()
        return try LiveIndex(folder, options)
    }

    /// Two indexes with the same resources merge, and both end although merges wait for others.
    @Test func indexesShareTheThreadsOfMerges() throws {
        var options = LiveOptions()
        options.mergePolicy.width = 2
        options.resources = WriteResources(memory: 64 << 20)
        let indexes = [try Self.index("a", options), try Self.index("b", options)]
        for number in 0..<40 {
            for live in indexes { _ = try live.write(Self.batch(number..<number + 1, live.members), refresh: true) }
        }
        for live in indexes {
            try live.merge(to: 1)
            try live.refresh()
            #expect(live.view.segments.count == 1)
            #expect(live.view.liveDocuments == 40)
        }
        for live in indexes { _ = try live.write(Self.batch(40..<41, live.members), refresh: true) }
        for live in indexes { try live.close() }
        #expect(options.resources.documents.bytes == 0)
        #expect(options.resources.changes.bytes == 0)
    }

    /// Resources whose thread for small merges is taken by a merge that writes a byte a second.
    private struct Occupied {
        let writer: IndexWriter
        let resources = WriteResources(memory: 16 << 20)
        let slow = RateLimiter(bytesPerSecond: 1)
        let results = Monitor<[String: Result<SegmentReader?, IndexError>]>([:])

        init() throws {
            let folder = IndexFolder("/index", files: FaultyFileSystem())
            let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("text", .text)])
            writer = try IndexWriter(folder, .empty(schema))
            try writer.commit()
            for number in 0..<4 {
                _ = try writer.write(WriteResourcesTests.batch(number..<number + 1, writer.members))
                _ = try writer.view()
            }
            run("slow", 0..<2, slow)
        }

        func run(_ name: String, _ range: Range<Int>, _ limiter: RateLimiter) {
            resources.run(writer.startMerge(range), limiter) { [results] result in
                results.withLock { $0[name] = result }
            }
        }

        func isCanceled(_ name: String) -> Bool {
            if case .failure(.stopped)? = results.withLock({ $0[name] }) { true } else { false }
        }

        /// Ends the slow merge.
        func end() {
            #expect(results.withLock { $0["slow"] } == nil)
            resources.cancel(slow)
            results.wait { $0["slow"] == nil ? nil : true }
            #expect(isCanceled("slow"))
        }
    }

    /// A merge that waits for another one ends at once when it is canceled.
    @Test func aMergeThatWaitsIsCanceledAtOnce() throws {
        let occupied = try Occupied()
        let waiting = RateLimiter(bytesPerSecond: nil)
        occupied.run("waiting", 2..<4, waiting)
        occupied.resources.cancel(waiting)
        #expect(occupied.isCanceled("waiting"))
        occupied.end()
    }

    /// So does one that is started after it was canceled, as by a thread that did not know yet.
    @Test func aMergeWithACanceledLimiterEndsAtOnce() throws {
        let occupied = try Occupied()
        let canceled = RateLimiter(bytesPerSecond: nil)
        occupied.resources.cancel(canceled)
        occupied.run("late", 2..<4, canceled)
        #expect(occupied.isCanceled("late"))
        occupied.end()
    }

    /// A queue with many waiting changes is refused more when the memory is full; one with few is not.
    @Test func queuesShareTheirMemory() throws {
        let memory = SharedMemory(limit: 1000)
        func write(_ bytes: Int) throws -> LiveRequest {
            var batch = WriteBatch()
            try batch.delete(key: String(repeating: "k", count: bytes))
            return .write(batch, payload: [:], refresh: false) { _ in }
        }
        do {
            let (first, second) = (LiveQueue(memory), LiveQueue(memory))
            #expect(try first.append(write(900)))
            #expect(try !first.append(write(10)))
            // The other one has little, and goes on until that is much.
            #expect(try second.append(write(10)))
            #expect(try !second.append(write(10)))
            #expect(first.take(until: nil).count == 1)
            // What is being written takes memory, too, but one batch may always wait.
            #expect(memory.bytes > 1200)
            #expect(try first.append(write(10)))
            #expect(try !first.append(write(10)))
            #expect(first.take(until: nil).count == 1)
            #expect(memory.bytes < 1000)
        }
        #expect(memory.bytes == 0)
    }
}
