import Kernels
import TestSupport
import Testing

@testable import Indexer
@testable import Searching
@testable import Segments

/// A second generation beside the current one: filled, followed, compared and swapped while threads write.
@Suite struct LiveStandbyTests {
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

    private static func plan(
        _ source: Rebuild.Origin = .rows, _ fields: [Field]? = nil
    ) throws -> Rebuild {
        let same = try DurabilityModel.schema()
        let schema = try fields.map { try Schema(key: "id", fields: $0) } ?? same
        return Rebuild(schema: schema, payload: [:], source: source)
    }

    /// Writes random changes in batches, and applies them to the model.
    private static func write(
        _ batches: Int, to live: LiveIndex, _ model: inout DurabilityModel, _ random: inout SplitMix64,
        prefix: String = "g"
    ) throws {
        for _ in 0..<batches {
            let changes = DurabilityModel.changes(1 + random.below(6), &random, prefix: prefix)
            let outcomes = try live.write(try DurabilityModel.batch(changes, live.members))
            let expected = changes.map { model.apply($0) }
            #expect(outcomes == expected)
        }
    }

    @Test func swapsAndRollsBackWhileThreadsWrite() throws {
        let files = FaultyFileSystem()
        let folder = try Self.emptyIndex(files)
        let problems = Monitor<[String]>([])
        let documents = Monitor<[String: DurabilityModel.Fields]>([:])
        let live = try LiveIndex(folder, Self.hurried()) { event in problems.withLock { $0.append("\(event)") } }
        let writers = (0..<3).map { number in
            WorkerThread {
                var random = SplitMix64(seed: SplitMix64.varied(UInt64(80 + number)))
                var model = DurabilityModel()
                do {
                    try Self.write(120, to: live, &model, &random, prefix: "\(number)-")
                    documents.withLock { [model] in $0.merge(model.documents) { $1 } }
                } catch {
                    problems.withLock { $0.append("writer \(number): \(error)") }
                }
            }
        }
        let generation = live.view.manifest.generation
        let standby = try live.rebuild(try Self.plan())
        _ = try standby.view()
        #expect(standby.progress.isFilled)
        #expect(try live.differences().isEmpty)
        try live.swap()
        #expect(live.view.manifest.generation == generation + 1)
        try live.swap()
        #expect(live.view.manifest.generation == generation)
        for writer in writers { writer.join() }
        #expect(try live.differences().isEmpty)
        try live.swap()
        try live.close()
        #expect(problems.withLock { $0 } == [])
        let model = DurabilityModel(documents: documents.withLock { $0 })
        #expect(try model.difference(from: live.view) == nil)
        #expect(try model.difference(from: try IndexReader(folder)) == nil)
        #expect(try folder.check().problems == [])
        #expect(DurabilityRun.leak(folder, files) == nil)
    }

    /// With another schema the index is opened again; rolling back keeps what was changed in between.
    @Test func anotherSchemaIsSwappedInAndOut() throws {
        let files = FaultyFileSystem()
        let folder = try Self.emptyIndex(files)
        var random = SplitMix64(seed: SplitMix64.varied(90))
        var model = DurabilityModel()
        var live = try LiveIndex(folder, Self.hurried())
        try Self.write(30, to: live, &model, &random)
        let fields = [
            Field("text", .text), Field("id", .keyword), Field("price", .float), Field("tag", .keyword),
            Field("tag_words", .text, from: "tag"),
        ]
        _ = try live.rebuild(try Self.plan(.rows, fields)).view()
        try Self.write(30, to: live, &model, &random)
        #expect(try live.differences().isEmpty)
        try live.swap()
        #expect(throws: IndexError.rebuilt(path: folder.path)) { try live.write(WriteBatch()) }
        try? live.close()

        live = try LiveIndex(folder, Self.hurried())
        #expect(live.schema.fields.map(\.name) == fields.map(\.name))
        #expect(live.view.liveDocuments == model.documents.count)
        let found = try live.view.search(Search(.term(field: "tag_words", "t1"), limit: 0)).total
        #expect(found == model.documents.values.count { $0.tag == "t1" })
        for change in DurabilityModel.changes(60, &random) {
            var batch = WriteBatch()
            var document = DocumentBuffer()
            guard case .put(let key, let fields, let version) = change else { continue }
            document.append(0, text: fields.text)
            document.append(1, text: key)
            if let price = fields.price { document.append(2, float: Double(price)) }
            document.append(3, text: fields.tag)
            try batch.put(document, live.members, version: version)
            let outcome = try live.write(batch)
            #expect(outcome == [model.apply(change)])
        }
        #expect(try live.differences().isEmpty)
        try live.swap()
        try? live.close()
        live = try LiveIndex(folder, Self.hurried())
        #expect(try model.difference(from: live.view) == nil)
        try live.dropStandby()
        try live.close()
        #expect(DurabilityRun.leak(folder, files) == nil)
    }

    /// The documents of a source and the changes that arrive meanwhile sort themselves out by their versions; without
    /// versions the changes win.
    @Test func aSourceDoesNotUndoChanges() throws {
        let files = FaultyFileSystem()
        let folder = try Self.emptyIndex(files)
        let live = try LiveIndex(folder, Self.hurried())
        func put(_ key: String, _ text: String, version: Int?) -> DurabilityModel.Change {
            .put(key, .init(text: text, tag: "t", price: 1), version: version)
        }
        var model = DurabilityModel()
        func write(_ changes: [DurabilityModel.Change]) throws {
            _ = try live.write(try DurabilityModel.batch(changes, live.members))
            for change in changes { _ = model.apply(change) }
        }
        try write([put("gone", "w1", version: 1), put("kept", "w1", version: 1), put("plain", "w1", version: nil)])
        let standby = try live.rebuild(try Self.plan(.documents))
        try write([put("kept", "w3", version: 3), .delete("deleted", version: 5), put("plain", "w3", version: nil)])
        let source = [
            put("kept", "w2", version: 2), put("deleted", "w2", version: 4), put("plain", "w2", version: nil),
            put("new", "w2", version: 2),
        ]
        let reply = Monitor<Result<[WriteOutcome], IndexError>?>(nil)
        try standby.submit(try DurabilityModel.batch(source, standby.members)) { result in
            reply.withLock { $0 = result }
        }
        #expect(try reply.wait { $0 }?.get() == [.created, .created, .created, .created])
        #expect(throws: IndexError.request(problem: "the other generation is not complete yet")) { try live.swap() }
        try standby.finish()
        try live.swap()
        let expected: [String: DurabilityModel.Fields] = [
            "kept": .init(text: "w3", tag: "t", price: 1, version: 3),
            "plain": .init(text: "w3", tag: "t", price: 1), "new": .init(text: "w2", tag: "t", price: 1, version: 2),
        ]
        #expect(try DurabilityModel(documents: expected).difference(from: live.view) == nil)
        try live.close()
    }

    /// The power fails at any call while a generation is filled, followed and swapped: whoever opens the index goes on
    /// with it by itself.
    @Test func aRebuildGoesOnAfterPowerFailures() throws {
        var stops = 0
        for call in stride(from: 3, to: 400, by: 9) {
            let files = FaultyFileSystem()
            let folder = try Self.emptyIndex(files)
            var random = SplitMix64(seed: UInt64(call))
            var model = DurabilityModel()
            let live = try LiveIndex(folder, Self.hurried())
            try Self.write(10, to: live, &model, &random)
            let left = Monitor<FaultyFileSystem?>(nil)
            let calls = Monitor(0)
            files.watch {
                let isDue = calls.withLock { count in
                    count += 1
                    return count == call
                }
                if isDue { left.withLock { $0 = files.crashed(.losesAll, seed: UInt64(call)) } }
            }
            let standby = try live.rebuild(try Self.plan())
            _ = try standby.view()
            try live.swap()
            files.watch(nil)
            try live.close()
            guard let crashed = left.withLock({ $0 }) else { continue }
            stops += 1
            let again = try LiveIndex(IndexFolder(folder.path, files: crashed), Self.hurried())
            try again.refresh()
            #expect(try model.difference(from: again.view) == nil, "call \(call)")
            if again.standby != nil { #expect(try again.differences().isEmpty, "call \(call)") }
            try again.close()
        }
        #expect(stops > 5)
    }

    /// Documents of a source are only durable when it is finished: after a restart it has to be sent again.
    @Test func aSourceThatWasInterruptedIsBegunAgain() throws {
        let folder = try Self.emptyIndex(FaultyFileSystem())
        let first = try LiveIndex(folder, Self.hurried())
        let begun = try first.rebuild(try Self.plan(.documents)).progress
        #expect(begun.pending == .documents)
        try first.close()
        let second = try LiveIndex(folder, Self.hurried())
        let left = try #require(second.standby)
        #expect(left.progress.isInterrupted)
        #expect(throws: IndexError.self) { try left.finish() }
        let again = try second.rebuild(try Self.plan(.documents))
        #expect(!again.progress.isInterrupted)
        try again.finish()
        #expect(again.progress.isFilled)
        try second.close()
    }

    @Test func saysWhatIsMissing() throws {
        let live = try LiveIndex(try Self.emptyIndex(FaultyFileSystem()), Self.hurried())
        #expect(throws: IndexError.request(problem: "the index has no other generation; rebuild it first")) {
            try live.swap()
        }
        #expect(throws: IndexError.request(problem: "the index has no other generation")) { try live.dropStandby() }
        try live.close()
    }

    @Test func rowsWithoutAMemberAreRefusedAtOnce() throws {
        let files = FaultyFileSystem()
        let folder = IndexFolder("/index", files: files)
        let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("title", .text, stored: false)])
        try IndexWriter(folder, .empty(schema)).commit()
        let live = try LiveIndex(folder, Self.hurried())
        let plan = try Self.plan(.rows, [Field("id", .keyword), Field("title", .text)])
        let error = #expect(throws: IndexError.self) { try live.rebuild(plan) }
        #expect(error?.description.contains("\"title\" is not stored") == true)
        #expect(try folder.generationsInUse() == GenerationsInUse(current: 1))
        try live.close()
    }

    @Test func damageOfTheStandbyIsFoundByACheck() throws {
        let files = FaultyFileSystem()
        let folder = try Self.emptyIndex(files)
        var random = SplitMix64(seed: 7)
        var model = DurabilityModel()
        let live = try LiveIndex(folder, Self.hurried())
        try Self.write(40, to: live, &model, &random)
        _ = try live.rebuild(try Self.plan())
        #expect(try live.differences().isEmpty)
        try live.swap()
        try live.close()
        let inUse = try #require(try folder.generationsInUse())
        let standby = try #require(inUse.standby)
        #expect(try folder.check().problems == [])
        let segment = try #require(try folder.newestManifest(of: standby).segments.first)
        files.spoil(folder.generationFolder(standby).segment(segment.name)) { $0[$0.count / 2] ^= 1 }
        let problems = try folder.check().problems
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("the standby generation \(standby): ") == true)
    }
}
