import Kernels
public import Segments
import Storage

/// A writer of an index: documents go in, segments come out, and a commit makes them durable and visible to everyone.
///
/// A writer holds the folder's lock for as long as it lives. It is used in one of two ways, which must not be mixed
/// between two commits:
///
/// - *Bulk*: `add` documents and `commit`. Nothing is visible or durable before; a writer that is released, or killed,
///   leaves the index as it was.
/// - *Live*: `write` batches. Each is in the write-ahead log, and survives any crash, when `write` returns; `view`
///   shows it to this process, `commit` to others, and the log can then be removed.
///
/// One thread at a time may use it; with `threads` above one, full segments are written by another thread while the
/// next one fills. After an error of the disk a writer is ended, and every call throws: what was acknowledged is on
/// disk, and the next writer finds it.
/// ```swift
/// // Bulk: replaces the index when it commits.
/// let writer = try IndexWriter(folder, .empty(schema), threads: 2)
/// var document = DocumentBuffer()
/// while try reader.next(into: &document) { try writer.add(document) }
/// try writer.commit()
///
/// // Live: continues the current index.
/// let writer = try IndexWriter(folder, .current)
/// let outcomes = try writer.write(batch)  // durable
/// let view = try writer.view()            // visible to this process
/// try writer.commit()                     // visible to all processes
/// ```
public final class IndexWriter {
    /// The state that a writer starts from.
    public enum Start: Sendable {
        /// No documents, in a new generation that replaces the current one at `commit`.
        case empty(Schema)
        /// The documents of the current generation, those in its write-ahead log included.
        case current
    }

    /// The schema of the documents.
    public let schema: Schema
    /// The number of the generation being written.
    package let generation: Int
    /// Data of the caller that the next commit carries; initially that of the current commit, or empty.
    public var payload: [String: String] = [:]

    let folder: IndexFolder
    /// The documents.
    let stack: SegmentStack
    /// The memory of the segments in memory.
    private let memory: SharedMemory
    /// The lock of the folder, released with the last writer that has it.
    let lock: any FileLock
    /// The number of the newest manifest.
    var sequence: Int
    /// The number of changes so far, all of which the segments hold; also the number in the log of the last one.
    var operations: Int
    /// True if the generation is not the one that was there before, and was not committed yet.
    var isNewGeneration = false
    /// True if documents were added that are in no log.
    private var isBulk = false
    /// The log that changes are appended to; nil before the first change after a commit.
    private var log: LogWriter?
    /// True if changes were logged; then commits are marked in the log, so that the manifest before can replace a
    /// corrupt one.
    var isLive = false
    /// The versions of deleted documents.
    var tombstones = Tombstones()
    /// The newest file of tombstones, and the revision it holds.
    var savedTombstones: (revision: Int, description: TombstonesDescription?) = (0, nil)
    /// The error that ended the writer.
    private var failure: IndexError?
    /// The maximum number of documents, deleted ones included until they are merged away.
    var maxDocuments = IndexWriter.documentLimit
    /// The document of the change that is being applied.
    var document = DocumentBuffer()
    /// The document that the last patch with texts made.
    var rewritten = DocumentBuffer()

    /// The minimum memory limit in bytes, which leaves room for the fixed tables of a segment; smaller limits are
    /// raised to it.
    package static let minimumMemory = 16 << 20
    /// The maximum memory limit in bytes: a segment's tables have offsets of 32 bits.
    static let maximumMemory = 3 << 30

    /// The number of documents up to which a writer accepts more: an index has at most 4,294,967,295, and a recovery
    /// must fit those of the last commit that were merged away since beside those that were added since.
    static let documentLimit = Int(UInt32.max) - 1 << 26

    /// Opens a folder for writing, and creates it when needed.
    ///
    /// `memoryLimit` is in bytes, at most 3 GB, and counts everything that segments need in memory, their writing
    /// included; with two threads half of it is for the segment being filled and half for the one being written.
    /// Errors: `storage(.locked)` when another process writes here, `foreign` when the folder holds something else,
    /// `empty` when it should continue an index that does not exist, `corrupt`, `analyzer`, `storage(.corruptLog)` when
    /// acknowledged changes cannot be read.
    /// Complexity: `.current` repeats the logged changes since the newest commit.
    public convenience init(
        _ folder: IndexFolder, _ start: Start, memoryLimit: Int = 256 << 20, threads: Int = 1
    ) throws(IndexError) {
        let limit = min(max(memoryLimit, Self.minimumMemory), Self.maximumMemory)
        let memory = SharedMemory(limit: threads > 1 ? limit / 2 : limit)
        try self.init(folder, start, memory, flushesInBackground: threads > 1)
    }

    /// Opens a folder for writing, with segments in memory that share it with those of other writers.
    ///
    /// Errors, complexity: as of `init(_:_:memoryLimit:threads:)`.
    init(
        _ folder: IndexFolder, _ start: Start, _ memory: SharedMemory, flushesInBackground: Bool = false
    ) throws(IndexError) {
        // Nothing is created in a folder that is not Quire's, nor where there is no index to continue.
        try folder.refuseForeignFiles(deep: false)
        if case .current = start {
            guard try folder.currentGeneration() != nil else { throw .empty(path: folder.path) }
        }
        try storing { () throws(StorageError) in try folder.files.makeDirectories(folder.path + "/generations") }
        lock = try storing { () throws(StorageError) in try folder.files.lock(folder.lockPath) }
        try folder.refuseForeignFiles(deep: true)
        self.folder = folder
        let manifest: Manifest
        switch start {
        case .empty(let schema):
            // A rebuild must be possible whatever is wrong with the current generation: nothing of it is read.
            let generation = (try folder.generations().last ?? 0) + 1
            manifest = Manifest(generation: generation, sequence: 0, operations: 0, schema: schema, segments: [])
            isNewGeneration = true
            let path = folder.generationPath(generation)
            try storing { () throws(StorageError) in try folder.files.makeDirectories(path) }
        case .current:
            guard let current = try folder.currentGeneration() else { throw .empty(path: folder.path) }
            try folder.syncNames(of: current)
            try folder.dropVoidStandby()
            manifest = try folder.recoverableManifest(of: current)
            // Files that cannot be removed now do no harm.
            try? folder.removeGarbage(keeping: current)
            try manifest.checkAnalyzers(folder.path)
        }
        schema = manifest.schema
        generation = manifest.generation
        sequence = manifest.sequence
        operations = manifest.operations
        payload = manifest.payload
        stack = try SegmentStack(
            schema, folder.generationFolder(generation), manifest.segments, memory,
            flushesInBackground: flushesInBackground)
        self.memory = memory
        if case .current = start { try recover(manifest) }
    }

    /// Opens a standby generation, which takes the changes of another generation's log and has none of its own, with
    /// the lock and the memory of the current generation's writer.
    ///
    /// Errors: `corrupt`, `analyzer`, `storage`.
    init(standby manifest: Manifest, of current: IndexWriter) throws(IndexError) {
        folder = current.folder
        try manifest.checkAnalyzers(folder.path)
        lock = current.lock
        memory = current.memory
        schema = manifest.schema
        generation = manifest.generation
        sequence = manifest.sequence
        operations = manifest.operations
        payload = manifest.payload
        let generationFolder = folder.generationFolder(generation)
        stack = try SegmentStack(
            schema, generationFolder, manifest.segments, memory)
        if let saved = manifest.tombstones {
            tombstones = try Tombstones.read(from: generationFolder, saved)
            savedTombstones = (tombstones.revision, saved)
        }
    }

    /// The number of live documents, those found at the start included.
    public var documents: Int { stack.documents }

    /// The numbered members that documents for this writer are made of.
    public var members: Members { stack.members }

    /// The number of segments, those in memory included.
    package var segmentCount: Int { stack.count }

    // MARK: - Bulk

    /// Adds a document made of `members`, without a log. It gets the version that its key was deleted with, if any.
    ///
    /// Errors: `document` when it has no key, its key exists already, it has too many values or one that the schema
    /// refuses; the writer goes on. Any other error ends it.
    public func add(_ document: borrowing DocumentBuffer) throws(IndexError) {
        try members.check(document)
        try add(scanned: document)
    }

    /// Adds a document whose values a `DocumentReader` of the same members has checked; otherwise as `add`.
    package func add(scanned document: borrowing DocumentBuffer) throws(IndexError) {
        if let failure { throw failure }
        try checkRoom(for: 1)
        let key = try members.key(of: document)
        if try stack.find(key, hash64(key.baseAddress!, key.count)) != nil {
            let text = String(decoding: key, as: UTF8.self)
            throw .document(problem: "the key \"\(text)\" belongs to an earlier document; keys must be unique")
        }
        let deletedVersion = tombstones.version(key)
        tombstones.forget(key)
        try addInBulk(document, version: deletedVersion)
    }

    /// Adds a document made of `members`, without a log, or replaces the one with its key, whose version it keeps.
    /// Returns true if there was one.
    ///
    /// Errors: `document` when it has no key, too many values or one that the schema refuses; the writer goes on. Any
    /// other error ends it.
    public func put(_ document: borrowing DocumentBuffer) throws(IndexError) -> Bool {
        try members.check(document)
        return try put(scanned: document)
    }

    /// Adds or replaces a document whose values a `DocumentReader` of the same members has checked; otherwise as `put`.
    package func put(scanned document: borrowing DocumentBuffer) throws(IndexError) -> Bool {
        if let failure { throw failure }
        try checkRoom(for: 1)
        let key = try members.key(of: document)
        let existing = try stack.find(key, hash64(key.baseAddress!, key.count))
        let existingVersion = existing == nil ? tombstones.version(key) : existing?.version
        existing?.updates.delete(existing?.document ?? 0)
        tombstones.forget(key)
        try addInBulk(document, version: existingVersion)
        return existing != nil
    }

    /// Adds a checked document without a log.
    private func addInBulk(_ document: borrowing DocumentBuffer, version: Int?) throws(IndexError) {
        precondition(log == nil, "documents are added in bulk between commits, not among logged changes")
        isBulk = true
        operations += 1
        do throws(IndexError) { try stack.add(document, version: version) } catch { throw end(error) }
    }

    /// Drops the standby generation: it can only follow changes that are logged.
    private func dropStandby() throws(IndexError) {
        guard try folder.generationsInUse()?.standby != nil else { return }
        do throws(IndexError) { try folder.use(GenerationsInUse(current: generation)) } catch { throw end(error) }
    }

    /// Removes what was written and not committed, and ends the writer. After a commit that failed halfway, of which
    /// nobody knows whether it is valid, nothing that it may need is removed: the next writer does that.
    public func discard() throws(IndexError) {
        failure = failure ?? .stopped(reason: "its changes were discarded")
        try? stack.endFlush()
        if try folder.currentGeneration() == generation {
            // A new generation may be the current one in memory only.
            if !isNewGeneration { try folder.removeGarbage(keeping: generation) }
        } else {
            try folder.removeGeneration(generation)
        }
    }

    // MARK: - Live

    /// Makes a batch durable, then applies it; returns the outcome of each change, in order.
    ///
    /// Errors: `document` when the batch was made for another schema or the index is full: nothing was done, and the
    /// writer goes on. Any other error ends the writer; the batch is then not acknowledged, and the next writer may
    /// find it or not.
    public func write(_ batch: WriteBatch) throws(IndexError) -> [WriteOutcome] {
        try batch.checkFits(members)
        try checkRoom(for: batch.puts)
        if batch.readsDocuments {
            let outcomes = try applyAndLog(batch)
            try syncLog()
            return outcomes
        }
        try log(batch)
        try syncLog()
        return try apply(batch)
    }

    /// Refuses documents that the index has no numbers for. Errors: `document`. Complexity: O(1).
    func checkRoom(for puts: Int) throws(IndexError) {
        guard puts > 0, stack.numbers + puts > maxDocuments else { return }
        throw .document(
            problem: "the index has \(stack.numbers) documents, deleted ones included until they are merged away; "
                + "at most \(maxDocuments) fit")
    }

    /// Appends a checked batch to the log; nothing is promised yet. Batches must be applied in the order they were
    /// logged.
    func log(_ batch: WriteBatch) throws(IndexError) {
        try beginLogging()
        var failure: IndexError?
        batch.forEach { change in
            guard failure == nil else { return }
            do throws(IndexError) { try log(record: change) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Opens the log. Changes that are applied before they are logged are appended each by `log(record:)`.
    func beginLogging() throws(IndexError) {
        if let failure { throw failure }
        precondition(!isBulk, "documents that were added in bulk are committed before changes are logged")
        isLive = true
        try guarded { () throws(StorageError) in _ = try openLog() }
    }

    /// Appends the record of a change that was applied.
    func log(record: UnsafeRawBufferPointer) throws(IndexError) {
        guard let log else { preconditionFailure("the log is opened before records are appended") }
        try guarded { () throws(StorageError) in _ = try log.append(record) }
    }

    /// The size of the log in bytes, so far.
    var logBytes: Int { log?.byteCount ?? 0 }

    /// Makes the logged batches durable.
    func syncLog() throws(IndexError) {
        if let failure { throw failure }
        try guarded { () throws(StorageError) in try log?.sync() }
    }

    /// Returns all changes so far as readers see them. Writes the documents in memory to a segment, which is not
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
                stack.segments.map { $0.updates.snapshot(documents: $0.reader.documents) })
        } catch {
            throw end(error)
        }
    }

    /// Returns a manifest of the segments, without their updates.
    func manifest(_ sequence: Int, operations: Int) -> Manifest {
        Manifest(
            generation: generation, sequence: sequence, operations: operations, schema: schema,
            segments: stack.segments.map(\.reader.description), payload: payload)
    }

    // MARK: - The log

    /// Returns the log, created when there is none; its first record will have the next number.
    private func openLog() throws(StorageError) -> LogWriter {
        if let log { return log }
        let new = try LogWriter(creating: stack.folder.log(operations + 1), first: operations + 1, in: folder.files)
        log = new
        return new
    }

    /// Ends the log with a mark that everything before it is in a manifest; the next change starts another log.
    func endLog(with sequence: Int) throws(IndexError) {
        let isUnmarked = isBulk || !isLive
        if isBulk, !isNewGeneration { try dropStandby() }
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

    /// Records the error that ended the writer, and returns it.
    func end(_ error: IndexError) -> IndexError {
        if failure == nil { failure = .stopped(reason: error.description) }
        return error
    }

    /// Throws the error that ended the writer, if any.
    func throwIfEnded() throws(IndexError) {
        if let failure { throw failure }
    }

    /// Runs file operations; an error ends the writer.
    private func guarded(_ body: () throws(StorageError) -> Void) throws(IndexError) {
        do { try body() } catch { throw end(.storage(error)) }
    }

    /// Counts a mark of the log that is being recovered: no other commit may have the number of one that was begun.
    func count(mark: Int) {
        operations += 1
        sequence = max(sequence, mark)
    }
}
