import Kernels
import Synchronization
import TestSupport
import Testing

@testable import Indexer
@testable import Searching
@testable import Segments

/// A live index under threads that write and search, on disks that fail, and after power failures.
@Suite struct LiveIndexTests {
    /// Options under which commits, merges and refreshes happen all the time.
    private static func hurried() -> LiveOptions {
        var options = LiveOptions()
        options.refreshAfter = .milliseconds(1)
        options.commitAfter = .milliseconds(2)
        options.retryAfter = .zero
        options.mergePolicy.width = 3
        options.mergePolicy.floorBytes = 1 << 10
        return options
    }

    private static func emptyIndex(_ files: FaultyFileSystem) throws -> IndexFolder {
        let folder = IndexFolder("/index", files: files)
        try IndexWriter(folder, .empty(try DurabilityModel.schema())).commit()
        return folder
    }

    /// The findings of all threads.
    private final class Findings: Sendable {
        let problems = Monitor<[String]>([])
        let documents = Monitor<[String: DurabilityModel.Fields]>([:])
        let isOver = Atomic(false)

        func note(_ problem: String) { problems.withLock { $0.append(problem) } }
    }

    /// Every writer has keys of its own and a model of them: what it refreshes, it sees; in the end all changes are
    /// there.
    @Test func concurrentWritesAndSearchesAreConsistent() throws {
        let files = FaultyFileSystem()
        let folder = try Self.emptyIndex(files)
        let findings = Findings()
        let live = try LiveIndex(folder, Self.hurried()) { event in findings.note("\(event)") }
        let writers = (0..<4).map { number in
            WorkerThread {
                do {
                    let last = try Self.write(live, number)
                    findings.documents.withLock { $0.merge(last) { $1 } }
                } catch {
                    findings.note("writer \(number): \(error)")
                }
            }
        }
        let searchers = (0..<2).map { _ in
            WorkerThread {
                while !findings.isOver.load(ordering: .relaxed) {
                    do {
                        if let problem = try Self.verify(live.view) { findings.note(problem) }
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
        let model = DurabilityModel(documents: findings.documents.withLock { $0 })
        #expect(try model.difference(from: live.view) == nil)
        #expect(try model.difference(from: try IndexReader(folder)) == nil)
        #expect(try folder.check().problems == [])
        #expect(DurabilityRun.leak(folder, files) == nil)
    }

    /// Writes documents with keys of one writer's own; returns those that must be left.
    private static func write(_ live: LiveIndex, _ writer: Int) throws -> [String: DurabilityModel.Fields] {
        var random = SplitMix64(seed: SplitMix64.varied(UInt64(50 + writer)))
        var model = DurabilityModel()
        for round in 0..<80 {
            let changes = DurabilityModel.changes(1 + random.below(6), &random, prefix: "\(writer)-")
            let refresh = random.chance(25)
            let outcomes = try live.write(try DurabilityModel.batch(changes, live.members), refresh: refresh)
            let expected = changes.map { model.apply($0) }
            if outcomes != expected { throw IndexError.request(problem: "\(outcomes), not \(expected)") }
            if refresh {
                let view = live.view
                for key in Set(changes.map(\.key)) {
                    let document = try view.find(key: key)
                    guard (document == nil) == (model.documents[key] == nil),
                        try document.flatMap(view.version) == model.documents[key]?.version
                    else { throw IndexError.request(problem: "round \(round): \(key) is not as it was written") }
                }
            }
        }
        return model.documents
    }

    /// Checks that every hit of a view can be read, and that its key leads back to it.
    private static func verify(_ view: IndexReader) throws -> String? {
        let hits = try view.search(Search(.term(field: "text", "w3"), limit: 20)).hits
        for hit in hits {
            guard case .text(let key)? = try view.document(hit.document)["id"] else { return "a hit without key" }
            if try view.find(key: key) != hit.document { return "\(key) is not found by its key" }
        }
        return nil
    }

    /// A client with its changes: after a crash all acknowledged ones must be there, and any first few of the others
    /// may be.
    private final class Client: Sendable {
        struct State: Sendable {
            var issued: [DurabilityModel.Change] = []
            var acknowledged = 0
        }

        let state = Monitor(State())

        func write(_ changes: [DurabilityModel.Change], to live: LiveIndex) throws {
            state.withLock { $0.issued += changes }
            let batch = try DurabilityModel.batch(changes, live.members)
            let outcomes = try live.write(batch)
            #expect(outcomes.count == changes.count)
            state.withLock { $0.acknowledged += changes.count }
        }
    }

    /// The power fails again and again while all threads work.
    @Test func acknowledgedChangesSurvivePowerFailures() throws {
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
                    let run = DurabilityRun(DurabilityScript(seed: 1, batches: 0), folder)
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
        for _ in 0..<60 { try client.write(DurabilityModel.changes(1 + random.below(6), &random), to: live) }
        try live.close()
        files.watch(nil)
        let (crashes, problems) = sweep.withLock { ($0.stops, $0.problems) }
        #expect(problems == [])
        #expect(crashes > 30)
    }

    /// A disk fails, or is full, at some call: the client gets an error, searches go on, and writing resumes by itself.
    /// The scheduler decides which thread gets the error, and the client sees only its own: the calls are swept until
    /// it has seen some.
    @Test(arguments: [5, 28] as [Int32]) func writingResumesAfterDiskErrors(_ code: Int32) throws {
        var failures = 0
        for sweep in 0..<300 where sweep < 31 || failures <= 5 {
            let call = 3 + sweep * 13 % 401
            let files = FaultyFileSystem()
            let folder = try Self.emptyIndex(files)
            let live = try LiveIndex(folder, Self.hurried())
            files.set(.fail(at: call, code: code))
            // The possible states: a deletion that was not acknowledged may be recorded, and not be visible.
            var models = [DurabilityModel()]
            var random = SplitMix64(seed: UInt64(call))
            for _ in 0..<25 {
                let changes = DurabilityModel.changes(1 + random.below(6), &random)
                do {
                    let outcomes = try live.write(try DurabilityModel.batch(changes, live.members))
                    models = models.compactMap { Self.apply(changes, to: $0, giving: outcomes) }
                } catch is IndexError {
                    failures += 1
                    _ = try Self.verify(live.view)
                    while (try? live.refresh()) == nil {}
                    let view = live.view
                    models = try Self.possibleStates(after: changes, on: models).filter {
                        try $0.difference(from: view) == nil
                    }
                }
                #expect(!models.isEmpty, "call \(call): an acknowledged change is missing")
                if models.isEmpty { return }
                // Then the power fails as well.
                let crashed = IndexFolder(folder.path, files: files.crashed(.losesAll))
                let recovered = try IndexWriter(crashed, .current).view()
                let isThere = try models.contains { try $0.difference(from: recovered) == nil }
                #expect(isThere, "call \(call): an acknowledged change is lost with the power")
                if !isThere { return }
            }
            files.set(.nothing)
            while (try? live.commit()) == nil {}
            try live.close()
            // The call that failed may have been the removal of old files; the next commit repeats it.
            try IndexWriter(folder, .current).commit()
            let reader = try IndexReader(folder)
            #expect(try models.contains { try $0.difference(from: reader) == nil })
            #expect(try folder.check().problems == [])
            #expect(DurabilityRun.leak(folder, files) == nil)
        }
        #expect(failures > 5)
    }

    /// A batch larger than the queue is accepted alone; requests without changes never wait for room.
    @Test func aFullQueueAcceptsRequestsWithoutChanges() throws {
        let queue = LiveQueue(SharedMemory(limit: 100))
        var batch = WriteBatch()
        try batch.delete(key: String(repeating: "k", count: 1000))
        let write = LiveRequest.write(batch, payload: [:], refresh: false) { _ in }
        #expect(try queue.append(write))
        #expect(try !queue.append(write))
        #expect(try queue.append(.refresh { _ in }))
        #expect(try queue.append(.commit { _ in }))
        #expect(try queue.append(.close { _ in }))
        #expect(queue.take(until: nil).count == 4)
        #expect(throws: IndexError.self) { try queue.append(write) }
    }

    /// Returns a model after changes; nil when they would have had other outcomes.
    private static func apply(
        _ changes: [DurabilityModel.Change], to model: DurabilityModel, giving outcomes: [WriteOutcome]
    ) -> DurabilityModel? {
        var model = model
        return changes.map { model.apply($0) } == outcomes ? model : nil
    }

    /// Returns the models that may result from changes that were not acknowledged: after the first few of them, or all.
    private static func possibleStates(
        after changes: [DurabilityModel.Change], on models: [DurabilityModel]
    ) -> [DurabilityModel] {
        var states = models
        for var model in models {
            for change in changes {
                _ = model.apply(change)
                if !states.contains(model) { states.append(model) }
            }
        }
        return states
    }
}
