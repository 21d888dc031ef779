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

    /// A schema whose documents may be large without words.
    private static func schemaOfRows() throws -> Schema {
        try Schema(key: "id", fields: [Field("id", .keyword), Field("row", .stored)])
    }

    /// A document with a stored text that cannot be compressed, larger than a small segment.
    private static func largeBatch(_ key: Int, _ members: Members) throws -> WriteBatch {
        var random = SplitMix64(seed: UInt64(key))
        // Six random bits in each byte: three quarters of the size are left when it is compressed.
        let text = String(decoding: random.bytes(MergeJob.largeBytes * 3 / 2).map { 48 + $0 & 63 }, as: UTF8.self)
        var document = DocumentBuffer()
        document.append(members.key, text: "k\(key)")
        document.append(1 - members.key, text: text)
        var batch = WriteBatch()
        try batch.put(document, members)
        return batch
    }

    /// Resources whose thread for small or for large merges is taken by a merge that writes a byte a second. The
    /// segments 0 to 1 have the size of that merge, 2 to 3 are as large, 4 to 5 are small.
    private struct Occupied {
        let writer: IndexWriter
        let resources = WriteResources(memory: 16 << 20)
        let slow = RateLimiter(bytesPerSecond: 1)
        let results = Monitor<[String: Result<SegmentReader?, IndexError>]>([:])

        init(isLarge: Bool) throws {
            let folder = IndexFolder("/index", files: FaultyFileSystem())
            writer = try IndexWriter(folder, .empty(try schemaOfRows()))
            try writer.commit()
            for number in 0..<6 {
                let isLarge = isLarge && number < 4 && number % 2 == 0
                _ = try writer.write(
                    isLarge ? largeBatch(number, writer.members) : batch(number..<number + 1, writer.members))
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
    @Test(arguments: [false, true]) func aMergeThatWaitsIsCanceledAtOnce(isLarge: Bool) throws {
        let occupied = try Occupied(isLarge: isLarge)
        let waiting = RateLimiter(bytesPerSecond: nil)
        occupied.run("waiting", 2..<4, waiting)
        occupied.resources.cancel(waiting)
        #expect(occupied.isCanceled("waiting"))
        occupied.end()
    }

    /// So does one that is started after it was canceled, as by a thread that did not know yet.
    @Test func aMergeWithACanceledLimiterEndsAtOnce() throws {
        let occupied = try Occupied(isLarge: false)
        let canceled = RateLimiter(bytesPerSecond: nil)
        occupied.resources.cancel(canceled)
        occupied.run("late", 2..<4, canceled)
        #expect(occupied.isCanceled("late"))
        occupied.end()
    }

    /// Small segments are merged while large ones are.
    @Test func smallMergesDoNotWaitForLargeOnes() throws {
        let occupied = try Occupied(isLarge: true)
        occupied.run("small", 4..<6, RateLimiter(bytesPerSecond: nil))
        occupied.results.wait { $0["small"] == nil ? nil : true }
        if case .success(let segment?)? = occupied.results.withLock({ $0["small"] }) {
            #expect(segment.documents == 2)
        } else {
            Issue.record("the small merge failed")
        }
        occupied.end()
    }

    /// While the segments are merged that there were when somebody asked, later ones are merged as ever.
    @Test func laterSegmentsAreMergedBesideAMergeThatWasAskedFor() throws {
        var options = LiveOptions()
        options.mergePolicy.width = 2
        options.mergePolicy.maxMergedBytes = 1 << 20
        options.mergeBytesPerSecond = 500_000
        let folder = IndexFolder("/index", files: FaultyFileSystem())
        try IndexWriter(folder, .empty(try Self.schemaOfRows())).commit()
        let live = try LiveIndex(folder, options)
        for key in 0..<2 { _ = try live.write(Self.largeBatch(key, live.members), refresh: true) }
        let merged = Monitor<Result<Void, IndexError>?>(nil)
        _ = try live.queue.append(.merge(to: 1) { result in merged.withLock { $0 = result } })
        // Its merge takes a minute. Without others there is a segment of each document.
        var key = 2
        while key < 1000, live.view.segments.count == key {
            _ = try live.write(Self.batch(key..<key + 1, live.members), refresh: true)
            key += 1
        }
        #expect(live.view.segments.count < key)
        #expect(merged.withLock { $0 } == nil)
        try live.close()
        if case .failure(.stopped)? = merged.withLock({ $0 }) {} else { Issue.record("the merge was not canceled") }
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
