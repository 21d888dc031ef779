import OracleSupport

@testable import Indexer

/// A day of a shop in short: batches of changes, views, commits and merges, in an order that a seed decides.
struct ShopScript {
    enum Step {
        case write([ShopModel.Change])
        case view
        case commit
        case merge(to: Int)
        case backup
        /// Goods put without a log, and committed.
        case bulk([ShopModel.Change])
        /// The index is made anew of these goods, without a log.
        case rebuild([ShopModel.Change])
        /// All goods are deleted.
        case clear
        /// The writer ends as it is, and another begins.
        case reopen
    }

    let steps: [Step]

    init(seed: UInt64, batches: Int) {
        var random = SplitMix64(seed: seed)
        var steps: [Step] = []
        for _ in 0..<batches {
            steps.append(.write(ShopModel.changes(1 + random.below(8), &random)))
            if random.chance(35) { steps.append(.view) }
            if random.chance(18) { steps.append(.commit) }
            if random.chance(10) { steps.append(.merge(to: 1 + random.below(3))) }
            if random.chance(8) { steps.append(.backup) }
            if random.chance(8) {
                let changes = ShopModel.changes(1 + random.below(12), &random)
                steps.append(.bulk(changes.compactMap(\.unversionedPut)))
            }
            if random.chance(5) { steps.append(.clear) }
            if random.chance(5) {
                let changes = ShopModel.changes(1 + random.below(12), &random)
                steps.append(.rebuild(changes.compactMap(\.unversionedPut)))
            }
            if random.chance(12) { steps.append(.reopen) }
        }
        self.steps = steps
    }

    /// Number of changes.
    var changes: Int {
        steps.reduce(0) { if case .write(let changes) = $1 { $0 + changes.count } else { $0 } }
    }
}

/// A script on its way: what was acknowledged, and what was under way.
final class ShopRun: @unchecked Sendable {
    let folder: IndexFolder
    private let script: ShopScript
    /// What was acknowledged.
    private(set) var model = ShopModel()
    /// The batch that is being written.
    private(set) var pending: [ShopModel.Change] = []
    /// What is there instead once a rebuild under way is done.
    private(set) var rebuilt: ShopModel?
    /// What the newest commit holds, and what the one under way does.
    private(set) var committed: [ShopModel] = []
    private var next = 0
    private var backups = 0
    private var writer: IndexWriter?
    /// The first thing that was not as it should be.
    private(set) var problem: String?

    init(_ script: ShopScript, _ folder: IndexFolder) {
        self.script = script
        self.folder = folder
    }

    var isDone: Bool { next == script.steps.count || problem != nil }

    /// Makes the index, or opens it again.
    func open() throws {
        writer = nil
        if try folder.currentGeneration() == nil {
            committed = [ShopModel()]
            let first = try IndexWriter(folder, .empty(try ShopModel.schema()))
            try first.commit()
        }
        let opened = try IndexWriter(folder, .current)
        writer = opened
        try settle(opened)
    }

    /// What was under way when the writer stopped either happened, from the first change on, or did not.
    private func settle(_ writer: IndexWriter) throws {
        let view = try writer.view()
        var state = model
        var found: ShopModel?
        for count in 0...pending.count where found == nil {
            if count > 0 { _ = state.apply(pending[count - 1]) }
            if try state.difference(from: view) == nil, state.hasTombstones(of: writer) { found = state }
        }
        if found == nil, let rebuilt, try rebuilt.difference(from: view) == nil, rebuilt.hasTombstones(of: writer) {
            found = rebuilt
        }
        rebuilt = nil
        guard let found else {
            let difference = try model.difference(from: view) ?? "?"
            problem = problem ?? "after opening: \(difference)"
            return
        }
        model = found
        pending = []
    }

    /// Runs until the end or an error.
    func run() throws {
        while !isDone {
            // Those need the lock.
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
            case .clear: try write(model.goods.keys.sorted().map { .delete($0, version: nil) }, writer)
            case .reopen, .rebuild: break
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

    private func write(_ changes: [ShopModel.Change], _ writer: IndexWriter) throws {
        pending = changes
        let outcomes = try writer.write(try ShopModel.batch(changes, writer.members))
        let expected = changes.map { model.apply($0) }
        if outcomes != expected { problem = "outcomes \(outcomes), not \(expected)" }
        pending = []
    }

    /// Puts goods without a log: none of them is there before the commit, which brings all.
    private func load(_ changes: [ShopModel.Change], _ writer: IndexWriter) throws {
        committed.append(model)
        try writer.commit()
        committed = [model]
        var loaded = model
        var outcomes: [WriteOutcome] = []
        for change in changes {
            outcomes.append(loaded.apply(change))
            if try writer.put(ShopModel.document(change)) != (outcomes.last == .updated) {
                problem = "a put in bulk replaces nothing, or what is not there"
            }
        }
        committed.append(loaded)
        pending = changes
        try writer.commit()
        model = loaded
        committed = [model]
        pending = []
    }

    /// Makes the index anew: it is the old one until the new one is whole.
    private func rebuild(_ changes: [ShopModel.Change]) throws {
        if let writer {
            committed.append(model)
            try writer.commit()
            committed = [model]
        }
        writer = nil
        try load(changes)
        try open()
    }

    private func load(_ changes: [ShopModel.Change]) throws {
        var loaded = ShopModel()
        let fresh = try IndexWriter(folder, .empty(try ShopModel.schema()))
        for change in changes {
            if loaded.apply(change) == .created {
                try fresh.add(ShopModel.document(change))
            } else if try !fresh.put(ShopModel.document(change)) {
                problem = "a put in bulk does not find what it replaces"
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

    /// A backup is an index of its own that holds what was acknowledged, whatever happens to the first.
    private func backUp() throws -> String? {
        backups += 1
        let path = "/backup\(backups)"
        let files = folder.files
        _ = try folder.backUp(to: path)
        let copy = IndexFolder(path, files: files)
        let restored = try IndexWriter(copy, .current)
        if let difference = try model.difference(from: try restored.view()) { return "the backup: \(difference)" }
        // What becomes of the copy does not change the index.
        _ = try restored.write(try ShopModel.batch([.delete("g1", version: nil)], restored.members))
        try restored.commit()
        try restored.merge(to: 1)
        try restored.commit()
        return nil
    }

    /// Ends the writer.
    func close() { writer = nil }

    /// Looks at what a crash left of the index: opened as another process would, then by a writer that goes on.
    func verify(_ files: FaultyFileSystem) throws -> String? {
        let folder = IndexFolder(folder.path, files: files)
        guard try folder.currentGeneration() != nil else {
            return model == ShopModel() && committed.count <= 1 ? nil : "the index is gone"
        }
        let reader = try IndexReader(folder)
        let isCommit = try committed.contains { try $0.difference(from: reader) == nil }
        guard isCommit else {
            let difference = try committed.last?.difference(from: reader) ?? "?"
            return "a reader finds no commit: \(difference)"
        }
        return try Self.goOn(folder, files, model, pending, rebuilt)
    }

    /// Looks at what a crash left of an index of which nothing is known but what was acknowledged and what was not.
    func verify(
        _ files: FaultyFileSystem, acknowledged: some Sequence<ShopModel.Change>,
        pending: some Sequence<ShopModel.Change>
    ) throws -> String? {
        var model = ShopModel()
        for change in acknowledged { _ = model.apply(change) }
        return try Self.goOn(IndexFolder(folder.path, files: files), files, model, Array(pending), nil)
    }

    private static func goOn(
        _ folder: IndexFolder, _ files: FaultyFileSystem, _ model: ShopModel, _ pending: [ShopModel.Change],
        _ rebuilt: ShopModel?
    ) throws -> String? {
        let again = ShopRun(ShopScript(seed: 99, batches: 3), folder)
        again.model = model
        again.pending = pending
        again.rebuilt = rebuilt
        try again.open()
        if let problem = again.problem { return problem }
        try again.run()
        try again.writer?.commit()
        again.close()
        if let problem = again.problem { return "going on: \(problem)" }
        if let problem = try folder.check().problems.first { return problem }
        return leak(folder, files)
    }

    /// A file that nothing needs.
    static func leak(_ folder: IndexFolder, _ files: FaultyFileSystem) -> String? {
        guard let generation = try? folder.currentGeneration(),
            let manifests = try? folder.manifests(of: generation),
            let logs = try? folder.logNumbers(of: generation)
        else { return "the folder cannot be listed" }
        var needed: Set<String> = [folder.path + "/CURRENT", folder.path + "/write.lock"]
        var oldest = Int.max
        for sequence in manifests.suffix(2) {
            guard let manifest = try? folder.manifest(of: generation, sequence) else { continue }
            oldest = min(oldest, manifest.operations)
            for name in manifest.fileNames.union(["manifest-\(sequence)"]) {
                needed.insert(folder.generationPath(generation) + "/" + name)
            }
        }
        for (i, first) in logs.enumerated() where i + 1 == logs.count || logs[i + 1] > oldest + 1 {
            needed.insert(folder.generationFolder(generation).log(first))
        }
        return files.allFiles.first { $0.hasPrefix(folder.path + "/") && !needed.contains($0) }.map {
            "\($0) is needed by nothing"
        }
    }
}

extension ShopModel {
    /// Whether a writer remembers the same deletions.
    func hasTombstones(of writer: IndexWriter) -> Bool {
        writer.tombstones.count == tombstones.count
            && tombstones.allSatisfy { key, version in
                Array(key.utf8).withUnsafeBufferPointer { writer.tombstones.version($0) } == version
            }
    }
}
