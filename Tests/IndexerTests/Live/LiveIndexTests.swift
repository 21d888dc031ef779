import Kernels
import OracleSupport
import Synchronization
import Testing

@testable import Indexer

/// A live index under threads that write and search, on disks that fail, and found after power failures.
@Suite struct LiveIndexTests {
    /// Everything happens all the time: commits, merges, views.
    private static func hurried() -> LiveOptions {
        var options = LiveOptions()
        options.refreshAfter = .milliseconds(1)
        options.commitAfter = .milliseconds(2)
        options.retryAfter = .zero
        options.mergePolicy.width = 3
        options.mergePolicy.floor = 1 << 10
        return options
    }

    private static func emptyIndex(_ files: FaultyFileSystem) throws -> IndexFolder {
        let folder = IndexFolder("/shop", files: files)
        try IndexWriter(folder, .empty(try ShopModel.schema())).commit()
        return folder
    }

    /// What threads found.
    private final class Findings: Sendable {
        let problems = Monitor<[String]>([])
        let goods = Monitor<[String: ShopModel.Good]>([:])
        let isOver = Atomic(false)

        func note(_ problem: String) { problems.withLock { $0.append(problem) } }
    }

    /// Every writer has keys of its own and a model of them; what it waits for, it sees; in the end all of it is there.
    @Test func manyThreadsWriteAndSearch() throws {
        let files = FaultyFileSystem()
        let folder = try Self.emptyIndex(files)
        let findings = Findings()
        let live = try LiveIndex(folder, Self.hurried()) { event in findings.note("\(event)") }
        let writers = (0..<4).map { number in
            WorkerThread {
                do {
                    let last = try Self.write(live, number)
                    findings.goods.withLock { $0.merge(last) { $1 } }
                } catch {
                    findings.note("writer \(number): \(error)")
                }
            }
        }
        let searchers = (0..<2).map { _ in
            WorkerThread {
                while !findings.isOver.load(ordering: .relaxed) {
                    do {
                        if let problem = try Self.look(at: live.view) { findings.note(problem) }
                    } catch {
                        findings.note("search: \(error)")
                    }
                }
            }
        }
        for writer in writers { writer.join() }
        findings.isOver.store(true, ordering: .relaxed)
        for searcher in searchers { searcher.join() }
        try live.close()
        #expect(findings.problems.withLock { $0 } == [])
        #expect(throws: IndexError.self) { try live.write(WriteBatch()) }
        let model = ShopModel(goods: findings.goods.withLock { $0 })
        #expect(try model.difference(from: live.view) == nil)
        #expect(try model.difference(from: try IndexReader(folder)) == nil)
        #expect(try folder.check().problems == [])
        #expect(ShopRun.leak(folder, files) == nil)
    }

    /// Writes goods with keys of one writer's own; answers what must be left.
    private static func write(_ live: LiveIndex, _ number: Int) throws -> [String: ShopModel.Good] {
        var random = SplitMix64(seed: SplitMix64.varied(UInt64(50 + number)))
        var model = ShopModel()
        for round in 0..<80 {
            let changes = ShopModel.changes(1 + random.below(6), &random, prefix: "\(number)-")
            let refresh = random.chance(25)
            let outcomes = try live.write(try ShopModel.batch(changes, live.members), refresh: refresh)
            let expected = changes.map { model.apply($0) }
            if outcomes != expected { throw IndexError.request(problem: "\(outcomes), not \(expected)") }
            if refresh {
                let view = live.view
                for key in Set(changes.map(\.key)) {
                    let found = try view.find(key: key)
                    guard (found == nil) == (model.goods[key] == nil),
                        try found.flatMap(view.version) == model.goods[key]?.version
                    else { throw IndexError.request(problem: "round \(round): \(key) is not as it was written") }
                }
            }
        }
        return model.goods
    }

    /// Every hit of a view can be read, and its key leads back to it.
    private static func look(at view: IndexReader) throws -> String? {
        let hits = try view.search(Search(.term(field: "text", "w3"), limit: 20)).hits
        for hit in hits {
            guard case .text(let key)? = try view.document(hit.document)["id"] else { return "a hit without key" }
            if try view.find(key: key) != hit.document { return "\(key) is not found by its key" }
        }
        return nil
    }

    /// One client, and what it may find: everything acknowledged, and of what was not the first few changes.
    private final class Client: Sendable {
        struct State: Sendable {
            var issued: [ShopModel.Change] = []
            var acknowledged = 0
        }

        let state = Monitor(State())

        func write(_ changes: [ShopModel.Change], to live: LiveIndex) throws {
            state.withLock { $0.issued += changes }
            let batch = try ShopModel.batch(changes, live.members)
            let outcomes = try live.write(batch)
            #expect(outcomes.count == changes.count)
            state.withLock { $0.acknowledged += changes.count }
        }
    }

    /// The power goes again and again while all threads work.
    @Test func powerFailsWhileThreadsWork() throws {
        let files = FaultyFileSystem()
        let folder = try Self.emptyIndex(files)
        let client = Client()
        let sweep = Monitor((calls: 0, stops: 0, problems: [String]()))
        let live = try LiveIndex(folder, Self.hurried()) { event in sweep.withLock { $0.problems.append("\(event)") } }
        files.watch {
            sweep.withLock { sweep in
                sweep.calls += 1
                guard sweep.calls % 7 == 0, sweep.problems.count < 3 else { return }
                sweep.stops += 1
                let before = client.state.withLock { $0 }
                let crash = FaultyFileSystem.Crash.allCases[sweep.stops % 3]
                let left = files.crashed(crash, seed: UInt64(sweep.stops))
                let after = client.state.withLock { $0 }
                do {
                    let run = ShopRun(ShopScript(seed: 1, batches: 0), folder)
                    if let problem = try run.verify(
                        left, acknowledged: after.issued[..<before.acknowledged],
                        pending: after.issued[before.acknowledged...])
                    {
                        sweep.problems.append("call \(sweep.calls), \(crash): \(problem)")
                    }
                } catch {
                    sweep.problems.append("call \(sweep.calls), \(crash): \(error)")
                }
            }
        }
        var random = SplitMix64(seed: SplitMix64.varied(70))
        for _ in 0..<60 { try client.write(ShopModel.changes(1 + random.below(6), &random), to: live) }
        try live.close()
        files.watch(nil)
        let (stops, problems) = sweep.withLock { ($0.stops, $0.problems) }
        #expect(problems == [])
        #expect(stops > 30)
    }

    /// A disk that fails, or is full, at some call: the client is told, searches go on, and writing goes on by itself.
    /// Which thread meets the failure is the scheduler's choice, and the client hears only of its own: the calls are
    /// swept until it has heard of some.
    @Test(arguments: [5, 28] as [Int32]) func theDiskFails(_ code: Int32) throws {
        var failures = 0
        for sweep in 0..<300 where sweep < 31 || failures <= 5 {
            let at = 3 + sweep * 13 % 401
            let files = FaultyFileSystem()
            let folder = try Self.emptyIndex(files)
            let live = try LiveIndex(folder, Self.hurried())
            files.set(.fail(at: at, code: code))
            // What may be there: a deletion that was not acknowledged may be remembered, and not be seen.
            var models = [ShopModel()]
            var random = SplitMix64(seed: UInt64(at))
            for _ in 0..<25 {
                let changes = ShopModel.changes(1 + random.below(6), &random)
                do {
                    let outcomes = try live.write(try ShopModel.batch(changes, live.members))
                    models = models.compactMap { Self.apply(changes, to: $0, giving: outcomes) }
                } catch is IndexError {
                    failures += 1
                    _ = try Self.look(at: live.view)
                    while (try? live.refresh()) == nil {}
                    let view = live.view
                    models = try Self.beginnings(of: changes, on: models).filter {
                        try $0.difference(from: view) == nil
                    }
                }
                #expect(!models.isEmpty, "call \(at): what was acknowledged is not there")
                if models.isEmpty { return }
                // Then the power goes as well.
                let left = IndexFolder(folder.path, files: files.crashed(.losesAll))
                let found = try IndexWriter(left, .current).view()
                let isThere = try models.contains { try $0.difference(from: found) == nil }
                #expect(isThere, "call \(at): what was acknowledged is gone with the power")
                if !isThere { return }
            }
            files.set(.nothing)
            while (try? live.commit()) == nil {}
            try live.close()
            // Removing old files may have been what failed; the next commit does it.
            try IndexWriter(folder, .current).commit()
            let reader = try IndexReader(folder)
            #expect(try models.contains { try $0.difference(from: reader) == nil })
            #expect(try folder.check().problems == [])
            #expect(ShopRun.leak(folder, files) == nil)
        }
        #expect(failures > 5)
    }

    /// A batch larger than the queue goes through alone; what is no change never waits behind it.
    @Test func aFullQueueTakesWhatIsNoChange() throws {
        let queue = LiveQueue(most: 100)
        var batch = WriteBatch()
        try batch.delete(key: String(repeating: "k", count: 1000))
        let write = LiveRequest.write(batch, payload: [:], refresh: false) { _ in }
        #expect(try queue.append(write))
        #expect(try !queue.append(write))
        #expect(try queue.append(.refresh { _ in }) && queue.append(.commit { _ in }) && queue.append(.close { _ in }))
        #expect(queue.take(until: nil).count == 4)
        #expect(throws: IndexError.self) { try queue.append(write) }
    }

    /// A model after changes; nil when others than these would have come of them.
    private static func apply(
        _ changes: [ShopModel.Change], to model: ShopModel, giving outcomes: [WriteOutcome]
    ) -> ShopModel? {
        var model = model
        return changes.map { model.apply($0) } == outcomes ? model : nil
    }

    /// What may have come of changes that were not acknowledged: the first few of them, or all.
    private static func beginnings(of changes: [ShopModel.Change], on models: [ShopModel]) -> [ShopModel] {
        var all = models
        for var model in models {
            for change in changes {
                _ = model.apply(change)
                if !all.contains(model) { all.append(model) }
            }
        }
        return all
    }
}
