import Kernels
import Storage

/// Changes an index: documents go in, segments come out, and a commit makes them durable and visible to everyone.
///
/// A writer holds the folder's lock for as long as it lives. It is used in one of two ways:
///
/// - *Bulk*: `add` documents and `commit`. Nothing is visible or durable before; a writer that is dropped, or killed,
///   leaves the index as it was.
/// - *Live*: `write` batches. Each is in the write-ahead log, and survives any crash, when `write` returns; `view`
/// shows   it to this process, `commit` to others and lets the log be forgotten.
///
/// One thread at a time may use it; with `threads` above one, full segments are written by another while the next one
/// fills. After an error of the disk a writer is over: what was acknowledged is on disk, and the next writer finds it.
public final class IndexWriter {
    /// Where a writer begins.
    public enum Start: Sendable {
        /// With no documents, in a new generation that replaces the current one at `commit`.
        case empty(Schema)
        /// With the documents of the current generation, those in its write-ahead log included.
        case current
    }

    /// The schema of the documents.
    public let schema: Schema
    /// The generation being written.
    public let generation: Int
    /// What the next commit carries along for the caller; begins as what the current commit carries, or empty.
    public var payload: [String: String] = [:]

    let folder: IndexFolder
    let stack: SegmentStack
    private let lock: any FileLock
    /// Number of the newest manifest.
    var sequence: Int
    /// Changes so far, all of which the segments hold. Each has a number in the log.
    private(set) var operations: Int
    /// Whether the generation is another than was there before, and was not committed yet.
    var isNewGeneration = false
    /// Whether documents were added that no log has.
    private var isBulk = false
    private var log: LogWriter?
    /// Whether changes were logged; then commits are marked in the log, so that the one before can stand in for them.
    var isLive = false
    var tombstones = Tombstones()
    var savedTombstones: (revision: Int, description: TombstonesDescription?) = (0, nil)
    /// What ended this writer.
    private var failure: IndexError?
    private var document = DocumentBuffer()

    /// Smallest memory limit that leaves room for the fixed tables of a segment.
    public static let leastMemory = 16 << 20

    /// Opens a folder for writing, creating it when needed.
    ///
    /// `memoryLimit` is in bytes and counts everything segments need in memory, their writing included; with two
    /// threads half of it is for the segment being filled and half for the one being written.
    /// Errors: `storage(.locked)` when another process writes here, `foreign` when the folder holds something else,
    /// `empty` when it should continue an index that is not there, `storage(.damagedLog)` when acknowledged changes
    /// cannot be read.
    public init(
        _ folder: IndexFolder, _ start: Start, memoryLimit: Int = 256 << 20, threads: Int = 1
    ) throws(IndexError) {
        // Nothing is made in a folder that is not Quire's, nor where there is nothing to go on with.
        try folder.refuseStrangers(deep: false)
        if case .current = start {
            guard try folder.currentGeneration() != nil else { throw .empty(path: folder.path) }
        }
        try storing { () throws(StorageError) in try folder.files.makeDirectories(folder.path + "/generations") }
        lock = try storing { () throws(StorageError) in try folder.files.lock(folder.lockPath) }
        try folder.refuseStrangers(deep: true)
        self.folder = folder
        let limit = min(max(memoryLimit, Self.leastMemory), 3 << 30)
        let manifest: Manifest
        switch start {
        case .empty(let schema):
            // Whatever is wrong with the current generation, a rebuild must be possible: nothing of it is read.
            let generation = (try folder.generations().last ?? 0) + 1
            manifest = Manifest(generation: generation, sequence: 0, operations: 0, schema: schema, segments: [])
            isNewGeneration = true
            let path = folder.generationPath(generation)
            try storing { () throws(StorageError) in try folder.files.makeDirectories(path) }
        case .current:
            guard let current = try folder.currentGeneration() else { throw .empty(path: folder.path) }
            try folder.syncNames(of: current)
            manifest = try folder.recoverableManifest(of: current)
            // What cannot be removed now is in nobody's way.
            try? folder.removeGarbage(keeping: current)
            try manifest.checkAnalyzers(folder.path)
        }
        schema = manifest.schema
        generation = manifest.generation
        sequence = manifest.sequence
        operations = manifest.operations
        payload = manifest.payload
        stack = try SegmentStack(
            schema, folder.generationFolder(generation), manifest.segments,
            memoryLimit: threads > 1 ? limit / 2 : limit, flushesAside: threads > 1)
        if case .current = start { try recover(manifest) }
    }

    /// Documents so far, those found at the start included and deleted ones not.
    public var documents: Int { stack.documents }

    /// The numbered members that documents for this writer are made of.
    public var members: Members { stack.members }

    /// Number of segments, the one in memory included.
    public var segmentCount: Int { stack.count }

    // MARK: - Bulk

    /// Adds a document made of `members`, without a log. It has the version that its key was deleted with, if any.
    ///
    /// Errors: `document` when it has no key or its key is taken; the writer goes on. Any other error ends it.
    public func add(_ document: borrowing DocumentBuffer) throws(IndexError) {
        if let failure { throw failure }
        let key = try members.key(of: document)
        if try stack.find(key, hash64(key.baseAddress!, key.count)) != nil {
            let text = String(decoding: key, as: UTF8.self)
            throw .document(problem: "the key \"\(text)\" is taken by an earlier document; keys must be unique")
        }
        let known = tombstones.version(key)
        tombstones.forget(key)
        try addInBulk(document, version: known)
    }

    /// Adds a document made of `members`, without a log, in the place of the one with its key if there is one, whose
    /// version it keeps. Answers whether there was one.
    ///
    /// Errors: `document` when it has no key; the writer goes on. Any other error ends it.
    public func put(_ document: borrowing DocumentBuffer) throws(IndexError) -> Bool {
        if let failure { throw failure }
        let key = try members.key(of: document)
        let place = try stack.find(key, hash64(key.baseAddress!, key.count))
        let known = place == nil ? tombstones.version(key) : place?.version
        place?.changes.delete(place?.document ?? 0)
        tombstones.forget(key)
        try addInBulk(document, version: known)
        return place != nil
    }

    private func addInBulk(_ document: borrowing DocumentBuffer, version: Int?) throws(IndexError) {
        precondition(log == nil, "documents are added in bulk between commits, not among logged changes")
        isBulk = true
        operations += 1
        do throws(IndexError) { try stack.add(document, version: version) } catch { throw end(error) }
    }

    /// Removes what was written and not committed. After a commit that failed halfway, of which nobody knows whether it
    /// counts, nothing that it may rest on is removed: the next writer does it.
    public func discard() throws(IndexError) {
        failure = failure ?? .stopped(reason: "its changes were discarded")
        try? stack.endFlush()
        if try folder.currentGeneration() == generation {
            // A generation that was made anew may be the current one in memory alone.
            if !isNewGeneration { try folder.removeGarbage(keeping: generation) }
        } else {
            try folder.removeGeneration(generation)
        }
    }

    // MARK: - Live

    /// Makes a batch durable, then does it; answers what became of each change.
    ///
    /// Errors: `document` when a change does not fit the schema: nothing was done, and the writer goes on. Any other
    /// ends the writer; the batch is then not acknowledged, and may be found by the next writer or not.
    public func write(_ batch: WriteBatch) throws(IndexError) -> [WriteOutcome] {
        try batch.check(members)
        try log(batch)
        try syncLog()
        return try apply(batch)
    }

    /// Appends a batch, which was checked, to the log; nothing is promised yet. Batches are applied in the order they
    /// were logged.
    func log(_ batch: WriteBatch) throws(IndexError) {
        if let failure { throw failure }
        precondition(!isBulk, "documents that were added in bulk are committed before changes are logged")
        isLive = true
        try guarded { () throws(StorageError) in
            let log = try openLog()
            var failure: StorageError?
            batch.forEach { change in
                guard failure == nil else { return }
                do throws(StorageError) { _ = try log.append(change) } catch { failure = error }
            }
            if let failure { throw failure }
        }
    }

    /// Makes logged batches durable.
    func syncLog() throws(IndexError) {
        if let failure { throw failure }
        try guarded { () throws(StorageError) in try log?.sync() }
    }

    /// Does what a logged batch says.
    func apply(_ batch: WriteBatch) throws(IndexError) -> [WriteOutcome] {
        if let failure { throw failure }
        var outcomes: [WriteOutcome] = []
        outcomes.reserveCapacity(batch.count)
        var problem: IndexError?
        batch.forEach { change in
            guard problem == nil else { return }
            do throws(IndexError) { outcomes.append(try apply(change)) } catch { problem = error }
        }
        if let problem { throw end(problem) }
        return outcomes
    }

    /// Does one change of the log.
    func apply(_ bytes: UnsafeRawBufferPointer) throws(IndexError) -> WriteOutcome {
        guard let change = Change(bytes, members, into: &document) else {
            throw .corrupt(
                file: stack.folder.path, section: "the write-ahead log", offset: 0, problem: "a change makes no sense")
        }
        operations += 1
        let key = change.kind == .put ? try members.key(of: document) : change.key
        guard let start = key.baseAddress else { return .missing }
        let place = try stack.find(key, hash64(start, key.count))
        let known = place == nil ? tombstones.version(key) : place?.version
        if let version = change.version, let known, version <= known { return .stale(version: known) }
        switch change.kind {
        case .mark: return .missing
        case .put:
            place?.changes.delete(place?.document ?? 0)
            tombstones.forget(key)
            try stack.add(document, version: change.version ?? known)
            return place == nil ? .created : .updated
        case .delete:
            if let version = change.version { tombstones.remember(key, version) }
            guard let place else { return .missing }
            place.changes.delete(place.document)
            return .deleted
        case .patch:
            guard let place else { return .missing }
            stack.patch(place, change.numbers, version: change.version)
            return .patched
        }
    }

    /// What this writer has done so far, as readers see it. Writes what is in memory to a segment, which is not
    /// durable.
    ///
    /// Complexity: that of the segment, and O(documents / 64) for segments with deletions.
    public func view() throws(IndexError) -> IndexReader {
        if let failure { throw failure }
        do throws(IndexError) {
            try stack.flush()
            stack.dropEmpty()
            return try IndexReader(
                folder.path, manifest(sequence, operations: operations), stack.segments.map(\.reader),
                stack.segments.map { $0.changes.snapshot(documents: $0.reader.documents) })
        } catch {
            throw end(error)
        }
    }

    /// What a manifest of the segments would say.
    func manifest(_ sequence: Int, operations: Int) -> Manifest {
        Manifest(
            generation: generation, sequence: sequence, operations: operations, schema: schema,
            segments: stack.segments.map(\.reader.description), payload: payload)
    }

    // MARK: - The log

    private func openLog() throws(StorageError) -> LogWriter {
        if let log { return log }
        let new = try LogWriter(
            creating: stack.folder.log(operations + 1), first: operations + 1, in: folder.files)
        log = new
        return new
    }

    /// Ends the log with a mark that all before it is in a manifest; the next change begins another.
    func endLog(with sequence: Int) throws(IndexError) {
        let isUnmarked = isBulk || !isLive
        isBulk = false
        if isUnmarked { return }
        try guarded { () throws(StorageError) in
            let log = try openLog()
            var failure: StorageError?
            WriteBatch.mark(sequence).withUnsafeBytes { bytes in
                do throws(StorageError) { _ = try log.append(bytes) } catch { failure = error }
            }
            if let failure { throw failure }
            try log.sync()
            try log.close()
        }
        operations += 1
        log = nil
    }

    // MARK: - The end

    /// Remembers what ended the writer.
    func end(_ error: IndexError) -> IndexError {
        if failure == nil { failure = .stopped(reason: error.description) }
        return error
    }

    func throwIfOver() throws(IndexError) {
        if let failure { throw failure }
    }

    private func guarded(_ body: () throws(StorageError) -> Void) throws(IndexError) {
        do { try body() } catch { throw end(.storage(error)) }
    }

    /// Takes a mark of the log into account: no other commit has the number of one that was begun.
    func count(mark: Int) {
        operations += 1
        sequence = max(sequence, mark)
    }
}
