import TestSupport

@testable import Indexer
@testable import Segments

/// A script of writing: batches of changes, views, commits and merges, in an order that a seed determines.
struct DurabilityScript {
    enum Step {
        case write([DurabilityModel.Change])
        case view
        case commit
        case merge(to: Int)
        case backup
        /// Documents are put without a log, and committed.
        case bulk([DurabilityModel.Change])
        /// The index is rebuilt from these documents, without a log.
        case rebuild([DurabilityModel.Change])
        /// All documents are deleted.
        case clear
        /// The writer is released as it is, and another is opened.
        case reopen
        /// A standby generation is filled from the rows, as far as a number of documents; without it to the end.
        case fill(until: Int?)
        /// The standby generation, if it is filled, follows the log.
        case follow
        /// The generations are swapped, if there are two and the standby is filled.
        case swap
    }

    let steps: [Step]

    init(seed: UInt64, batches: Int) {
        var random = SplitMix64(seed: seed)
        var steps: [Step] = []
        for _ in 0..<batches {
            steps.append(.write(DurabilityModel.changes(1 + random.below(8), &random)))
            if random.chance(35) { steps.append(.view) }
            if random.chance(18) { steps.append(.commit) }
            if random.chance(10) { steps.append(.merge(to: 1 + random.below(3))) }
            if random.chance(8) { steps.append(.backup) }
            if random.chance(8) {
                let changes = DurabilityModel.changes(1 + random.below(12), &random)
                steps.append(.bulk(changes.compactMap(\.unversionedPut)))
            }
            if random.chance(5) { steps.append(.clear) }
            if random.chance(5) {
                let changes = DurabilityModel.changes(1 + random.below(12), &random)
                steps.append(.rebuild(changes.compactMap(\.unversionedPut)))
            }
            if random.chance(12) { steps.append(.reopen) }
            if random.chance(20) { steps.append(.fill(until: random.chance(30) ? random.below(6) : nil)) }
            if random.chance(20) { steps.append(.follow) }
            if random.chance(12) { steps.append(.swap) }
        }
        self.steps = steps
    }

    /// A script of these steps.
    init(_ steps: [Step]) { self.steps = steps }

    /// The number of changes.
    var changes: Int {
        steps.reduce(0) { if case .write(let changes) = $1 { $0 + changes.count } else { $0 } }
    }
}

/// A run of a script: the acknowledged state, and the pending changes.
final class DurabilityRun: @unchecked Sendable {
    let folder: IndexFolder
    private let script: DurabilityScript
    /// The acknowledged state.
    private(set) var model = DurabilityModel()
    /// The batch that is being written.
    private(set) var pending: [DurabilityModel.Change] = []
    /// The state after the rebuild that is running; nil when none is.
    private(set) var rebuilt: DurabilityModel?
    /// The states of the newest commit and of the one that is running.
    private(set) var committed: [DurabilityModel] = []
    private var next = 0
    private var backups = 0
    private var writer: IndexWriter?
    /// The first difference from the expectation.
    private(set) var problem: String?

    init(_ script: DurabilityScript, _ folder: IndexFolder) {
        self.script = script
        self.folder = folder
    }

    var isDone: Bool { next == script.steps.count || problem != nil }

    /// Creates the index, or opens it again.
    func open() throws {
        writer = nil
        if try folder.currentGeneration() == nil {
            committed = [DurabilityModel()]
            let first = try IndexWriter(folder, .empty(try DurabilityModel.schema()))
            try first.commit()
        }
        let opened = try IndexWriter(folder, .current)
        writer = opened
        try settle(opened)
    }

    /// Determines which of the pending changes took effect when the writer stopped: the first few, or all.
    private func settle(_ writer: IndexWriter) throws {
        let view = try writer.view()
        var state = model
        var settled: DurabilityModel?
        for count in 0...pending.count where settled == nil {
            if count > 0 { _ = state.apply(pending[count - 1]) }
            if try state.difference(from: view) == nil, state.hasTombstones(of: writer) { settled = state }
        }
        if settled == nil, let rebuilt, try rebuilt.difference(from: view) == nil, rebuilt.hasTombstones(of: writer) {
            settled = rebuilt
        }
        rebuilt = nil
        guard let settled else {
            let difference = try model.difference(from: view) ?? "?"
            problem = problem ?? "after opening: \(difference)"
            return
        }
        model = settled
        pending = []
    }

    /// Runs until the end or an error.
    func run() throws {
        while !isDone {
            // These steps need the lock.
            switch script.steps[next] {
            case .reopen:
                try open()
                next += 1
                continue
            case .rebuild(let changes):
                try rebuild(changes)
                next += 1
                continue
            default: break
            }
            guard let writer else { return }
            switch script.steps[next] {
            case .write(let changes): try write(changes, writer)
            case .clear: try write(model.documents.keys.sorted().map { .delete($0, version: nil) }, writer)
            case .reopen, .rebuild: break
            case .fill(let count): try fill(writer, until: count)
            case .follow: try standby(of: writer)?.follow(to: writer.operations)
            case .swap: try swap(writer)
            case .view:
                problem = try model.difference(from: try writer.view())
            case .commit:
                committed.append(model)
                writer.payload["cursor"] = "\(next)"
                try writer.commit()
                committed = [model]
            case .merge(let count): try writer.merge(to: count)
            case .backup: problem = try backUp()
            case .bulk(let changes): try load(changes, writer)
            }
            next += 1
        }
    }

    private func write(_ changes: [DurabilityModel.Change], _ writer: IndexWriter) throws {
        pending = changes
        let outcomes = try writer.write(try DurabilityModel.batch(changes, writer.members))
        let expected = changes.map { model.apply($0) }
        if outcomes != expected { problem = "outcomes \(outcomes), not \(expected)" }
        pending = []
    }

    /// Puts documents without a log: none is visible before the commit, which publishes all.
    private func load(_ changes: [DurabilityModel.Change], _ writer: IndexWriter) throws {
        committed.append(model)
        try writer.commit()
        committed = [model]
        var loaded = model
        var outcomes: [WriteOutcome] = []
        for change in changes {
            outcomes.append(loaded.apply(change))
            if try writer.put(DurabilityModel.document(change)) != (outcomes.last == .updated) {
                problem = "a put in bulk reports a wrong replacement"
            }
        }
        committed.append(loaded)
        pending = changes
        try writer.commit()
        model = loaded
        committed = [model]
        pending = []
    }

    /// Rebuilds the index: the old one remains valid until the new one is complete.
    private func rebuild(_ changes: [DurabilityModel.Change]) throws {
        if let writer {
            committed.append(model)
            try writer.commit()
            committed = [model]
        }
        writer = nil
        try load(changes)
        try open()
    }

    private func load(_ changes: [DurabilityModel.Change]) throws {
        var loaded = DurabilityModel()
        let fresh = try IndexWriter(folder, .empty(try DurabilityModel.schema()))
        for change in changes {
            if loaded.apply(change) == .created {
                try fresh.add(DurabilityModel.document(change))
            } else if try !fresh.put(DurabilityModel.document(change)) {
                problem = "a put in bulk does not replace an existing document"
            }
        }
        rebuilt = loaded
        committed.append(loaded)
        do {
            try fresh.commit()
        } catch {
            try? fresh.discard()
            throw error
        }
        model = loaded
        rebuilt = nil
        committed = [model]
    }

    // MARK: - The standby generation

    /// Fills a standby generation, or goes on with one that an earlier step did not fill.
    private func fill(_ writer: IndexWriter, until limit: Int?) throws {
        let plan = Rebuild(schema: writer.schema, payload: [:], source: .rows)
        let generation = try StandbyWriter.generation(for: plan, of: writer)
        let standby = try Self.open(generation, writer)
        let view = try writer.view()
        try standby.follow(to: writer.operations)
        var isInterrupted = false
        do throws(IndexError) {
            try standby.add(rowsOf: view, writer.tombstones) { count throws(IndexError) in
                isInterrupted = limit.map { count > $0 } ?? false
                if isInterrupted { throw .stopped(reason: "the step ends here") }
            }
        } catch {
            guard isInterrupted else { throw error }
        }
        if !isInterrupted { standby.finish() }
        try standby.commit()
    }

    /// Opens the standby generation, if there is one and it is filled.
    private func standby(of writer: IndexWriter) throws -> StandbyWriter? {
        guard let generation = try folder.generationsInUse()?.standby else { return nil }
        let standby = try Self.open(generation, writer)
        return standby.isFilled ? standby : nil
    }

    private static func open(_ generation: Int, _ writer: IndexWriter) throws -> StandbyWriter {
        try StandbyWriter(of: writer, generation: generation, mergePolicy: MergePolicy())
    }

    private func swap(_ writer: IndexWriter) throws {
        guard let standby = try standby(of: writer) else { return }
        committed.append(model)
        try standby.replace(writer)
        committed = [model]
        self.writer = standby.writer
        problem = try model.difference(from: try standby.writer.view())
    }

    /// Returns how the standby generation differs from the expectation once it is filled and has followed the log; nil
    /// if it does not, or there is none. One that a crash left before its first commit has no documents to be lost.
    private func standbyDifference(_ writer: IndexWriter) throws -> String? {
        guard let generation = try folder.generationsInUse()?.standby,
            try !folder.manifests(of: generation).isEmpty
        else { return nil }
        let standby = try Self.open(generation, writer)
        try standby.follow(to: writer.operations)
        if !standby.isFilled { try standby.add(rowsOf: try writer.view(), writer.tombstones) { _ in } }
        let view = try standby.writer.view()
        if let difference = try model.difference(from: view) { return "the standby: \(difference)" }
        return model.hasTombstones(of: standby.writer) ? nil : "the standby has other tombstones"
    }

    /// A backup is an independent index with all acknowledged changes, whatever happens to the original.
    private func backUp() throws -> String? {
        backups += 1
        let path = "/backup\(backups)"
        let files = folder.files
        _ = try folder.backUp(to: path)
        let copy = IndexFolder(path, files: files)
        let restored = try IndexWriter(copy, .current)
        if let difference = try model.difference(from: try restored.view()) { return "the backup: \(difference)" }
        // Changes to the copy do not change the original.
        _ = try restored.write(try DurabilityModel.batch([.delete("g1", version: nil)], restored.members))
        try restored.commit()
        try restored.merge(to: 1)
        try restored.commit()
        return nil
    }

    /// Releases the writer.
    func close() { writer = nil }

    /// Verifies what a crash left of the index: as another process opens it, then by a writer that continues it.
    func verify(_ files: FaultyFileSystem) throws -> String? {
        let folder = IndexFolder(folder.path, files: files)
        guard try folder.currentGeneration() != nil else {
            return model == DurabilityModel() && committed.count <= 1 ? nil : "the index is gone"
        }
        let reader = try IndexReader(folder)
        let isCommit = try committed.contains { try $0.difference(from: reader) == nil }
        guard isCommit else {
            let difference = try committed.last?.difference(from: reader) ?? "?"
            return "a reader finds no commit: \(difference)"
        }
        return try Self.continueRun(folder, files, model, pending, rebuilt)
    }

    /// Verifies what a crash left of an index of which only the acknowledged and the pending changes are known.
    func verify(
        _ files: FaultyFileSystem, acknowledged: some Sequence<DurabilityModel.Change>,
        pending: some Sequence<DurabilityModel.Change>
    ) throws -> String? {
        var model = DurabilityModel()
        for change in acknowledged { _ = model.apply(change) }
        return try Self.continueRun(IndexFolder(folder.path, files: files), files, model, Array(pending), nil)
    }

    /// Opens what a crash left, settles the pending changes, continues with another script, and checks the result.
    private static func continueRun(
        _ folder: IndexFolder, _ files: FaultyFileSystem, _ model: DurabilityModel, _ pending: [DurabilityModel.Change],
        _ rebuilt: DurabilityModel?
    ) throws -> String? {
        let run = DurabilityRun(DurabilityScript(seed: 99, batches: 3), folder)
        run.model = model
        // Backups of the run before may be there.
        run.backups = 1_000
        run.pending = pending
        run.rebuilt = rebuilt
        try run.open()
        if let problem = run.problem { return problem }
        if let writer = run.writer, let problem = try run.standbyDifference(writer) { return problem }
        try run.run()
        try run.writer?.commit()
        run.close()
        if let problem = run.problem { return "going on: \(problem)" }
        if let problem = try folder.check().problems.first { return problem }
        return leak(folder, files)
    }

    /// Returns a file that nothing needs; nil when there is none.
    static func leak(_ folder: IndexFolder, _ files: FaultyFileSystem) -> String? {
        guard let inUse = try? folder.generationsInUse(), let logs = try? folder.logNumbers(of: inUse.current) else {
            return "the folder cannot be listed"
        }
        let generation = inUse.current
        // As opening it does.
        if let standby = inUse.standby { try? folder.removeGarbage(keeping: standby) }
        var needed: Set<String> = [folder.path + "/CURRENT", folder.path + "/write.lock"]
        var oldestOperations = Int.max
        for generation in [generation, inUse.standby].compactMap(\.self) {
            for sequence in ((try? folder.manifests(of: generation)) ?? []).suffix(2) {
                guard let manifest = try? folder.manifest(of: generation, sequence) else { continue }
                oldestOperations = min(oldestOperations, manifest.operations)
                for name in manifest.fileNames.union(["manifest-\(sequence)"]) {
                    needed.insert(folder.generationPath(generation) + "/" + name)
                }
            }
        }
        for (i, first) in logs.enumerated() where i + 1 == logs.count || logs[i + 1] > oldestOperations + 1 {
            needed.insert(folder.generationFolder(generation).log(first))
        }
        return files.allFiles.first { $0.hasPrefix(folder.path + "/") && !needed.contains($0) }.map {
            "\($0) is needed by nothing"
        }
    }
}

extension DurabilityModel {
    /// True if a writer has recorded the same deletions.
    func hasTombstones(of writer: IndexWriter) -> Bool {
        writer.tombstones.count == tombstones.count
            && tombstones.allSatisfy { key, version in
                Array(key.utf8).withUnsafeBufferPointer { writer.tombstones.version($0) } == version
            }
    }
}
