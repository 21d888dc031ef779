import Kernels
import Segments
import Storage

/// A writer of the standby generation: the one that takes the changes of the current generation from its log, and can
/// replace it.
///
/// A standby is filled with rows or documents first, unless it was the current generation before, and then follows the
/// log. Its manifest has the number of the change up to which it followed, so that it can go on from there after a
/// crash: no log is removed before. Not thread-safe.
final class StandbyWriter {
    /// The key in the payload of a generation that is not filled yet; the value is the source that it is filled from.
    private static let unfinishedKey = "unfinished"

    /// The writer of the generation's segments.
    let writer: IndexWriter
    /// The generation whose log it follows.
    private let source: Int
    /// From the documents of that generation to its own.
    private let translation: MemberTranslation
    /// The number of documents and patches that the schema refuses.
    private(set) var refused = 0
    /// The first of them, with the reason; nil for none.
    private(set) var refusal: String?
    /// The policy of its merges.
    private let mergePolicy: MergePolicy
    /// A change or a row of the source, and a document of its own.
    private var original = DocumentBuffer()
    private var row = DocumentBuffer()

    /// Opens the standby generation of a folder whose writer is `current`.
    ///
    /// Errors: `corrupt` when it cannot be read, `analyzer`, `storage`.
    init(of current: IndexWriter, generation: Int, mergePolicy: MergePolicy) throws(IndexError) {
        let folder = current.folder
        try folder.syncNames(of: generation)
        let manifest = try folder.newestManifest(of: generation)
        // Files that cannot be removed now do no harm.
        try? folder.removeGarbage(keeping: generation)
        writer = try IndexWriter(standby: manifest, of: current)
        source = current.generation
        translation = MemberTranslation(from: current.members, to: writer.members)
        self.mergePolicy = mergePolicy
    }

    /// Returns the standby generation of a rebuild: the one that an interrupted rebuild of the same plan left, or an
    /// empty one, which replaces any other. That begins with the last change of `current`, which must be durable: those
    /// after it are followed.
    ///
    /// Errors: `corrupt`, `storage`.
    static func generation(for rebuild: Rebuild, of current: IndexWriter) throws(IndexError) -> Int {
        let folder = current.folder
        if let begun = try folder.generationsInUse()?.standby, isBegun(rebuild, begun, folder) { return begun }
        let generation = max(try folder.generations().last ?? 0, rebuild.lastGeneration) + 1
        try storing { () throws(StorageError) in
            try folder.files.makeDirectories(folder.generationPath(generation))
        }
        // A standby that was dropped may have had the number: a crash must not bring its files back.
        try folder.syncNames(of: generation)
        try folder.use(GenerationsInUse(current: current.generation, standby: generation))
        let empty = Manifest(
            generation: generation, sequence: 0, operations: current.operations, schema: rebuild.schema,
            segments: [], payload: rebuild.payload.merging([unfinishedKey: rebuild.source.rawValue]) { $1 })
        let writer = try IndexWriter(standby: empty, of: current)
        writer.takeOver(current.tombstones)
        try writer.commit()
        return generation
    }

    /// True if a generation was begun by a rebuild of the same plan, and is not filled yet.
    private static func isBegun(_ rebuild: Rebuild, _ generation: Int, _ folder: IndexFolder) -> Bool {
        guard let manifest = try? folder.newestManifest(of: generation),
            (try? manifest.checkAnalyzers(folder.path)) != nil
        else { return false }
        var payload = manifest.payload
        return payload.removeValue(forKey: unfinishedKey) == rebuild.source.rawValue && payload == rebuild.payload
            && manifest.schema == rebuild.schema
    }

    /// True if it has everything that the current generation has, up to the change that it followed.
    var isFilled: Bool { writer.payload[Self.unfinishedKey] == nil }

    /// The source that it is still filled from; nil when it is filled.
    var pendingSource: Rebuild.Origin? { writer.payload[Self.unfinishedKey].flatMap { Rebuild.Origin(rawValue: $0) } }

    /// Records that it is filled; the next commit makes that durable.
    func finish() { writer.payload[Self.unfinishedKey] = nil }

    // MARK: - Filling

    /// Adds the documents of a view of the current generation that it does not have, and takes over the `tombstones` of
    /// that time. It must have followed all changes that the view shows, and no others. `proceed` is called with each
    /// number of documents so far, and ends the walk by its error.
    ///
    /// Errors: `document` if a member is not stored, `corrupt`, `storage`, that of `proceed`.
    func add(
        rowsOf view: IndexReader, _ tombstones: Tombstones, _ proceed: (Int) throws(IndexError) -> Void
    ) throws(IndexError) {
        precondition(writer.operations == view.manifest.operations, "rows are added as of the change that was followed")
        try Self.checkRows(of: view.members, for: translation.target)
        var count = 0
        try DocumentScan(view).forEach { document, version throws(IndexError) in
            count += 1
            try proceed(count)
            let key = try view.members.key(of: document)
            if try writer.stack.find(key, hash64(key.baseAddress!, key.count)) != nil { return }
            if translation.isIdentity { return try add(document, version) }
            if let problem = translation.translate(document, into: &row) {
                return refuse(String(decoding: key, as: UTF8.self), problem)
            }
            try add(row, version)
        }
        writer.takeOver(tombstones)
    }

    /// Refuses to fill a generation from rows that lack members which it needs. Errors: `document`.
    static func checkRows(of source: Members, for target: Members) throws(IndexError) {
        for member in source.all where !member.stored && target.number(of: member.name) != nil {
            throw .document(
                problem: "\"\(member.name)\" is not stored, so that its values can only come from a source: rebuild "
                    + "the catalog from a file, or store the field")
        }
    }

    private func add(_ document: borrowing DocumentBuffer, _ version: Int?) throws(IndexError) {
        try writer.checkRoom(for: 1)
        try writer.stack.add(document, version: version)
    }

    /// Applies changes of a source beside the log, such as the documents of an export: a change with a version that is
    /// not above that of the document has no effect.
    ///
    /// Errors: `document` when the batch was made for another schema or the index is full; any other ends the writer.
    func apply(_ batch: WriteBatch) throws(IndexError) -> [WriteOutcome] {
        try batch.checkFits(writer.members)
        guard pendingSource == .documents else {
            throw .document(problem: "the other generation is complete, or filled from rows: it takes no documents")
        }
        try writer.checkRoom(for: batch.puts)
        let followed = writer.operations
        defer { writer.operations = followed }
        return try writer.apply(batch)
    }

    // MARK: - Following

    /// Applies the changes of the log up to a number; they must be durable. While it waits for rows, documents that
    /// were changed are removed instead, whatever it has of them: the rows that are added later have the changes.
    ///
    /// Errors: `storage(.corruptLog)` if one is missing, `stopped` when `isCancelled` returns true, `corrupt`,
    /// `storage`. Complexity: O(bytes of the logs).
    func follow(to last: Int, unless isCancelled: () -> Bool = { false }) throws(IndexError) {
        guard writer.operations < last else { return }
        let folder = writer.folder
        let logs = try storing { () throws(StorageError) in try folder.logNumbers(of: source) }
        for (i, first) in logs.enumerated() where first <= last {
            if i + 1 < logs.count, logs[i + 1] <= writer.operations + 1 { continue }
            let path = folder.generationFolder(source).log(first)
            guard let log = try storing({ () throws(StorageError) in try LogReader(path, in: folder.files) }) else {
                continue
            }
            try log.forEach(from: writer.operations + 1) { number, change throws(IndexError) in
                guard number <= last else { return }
                guard number == writer.operations + 1 else { throw gap(path) }
                if number % 1_000 == 0, isCancelled() { throw .stopped(reason: "the rebuild has ended") }
                try follow(change)
            }
        }
        if writer.operations < last { throw gap(folder.generationPath(source)) }
    }

    private func gap(_ path: String) -> IndexError {
        .storage(.corruptLog(path: path, offset: 0, reason: "change \(writer.operations + 1) is missing"))
    }

    /// Applies one change of the log.
    private func follow(_ bytes: UnsafeRawBufferPointer) throws(IndexError) {
        if WriteBatch.markedSequence(bytes) != nil {
            writer.operations += 1
            return
        }
        let waitsForRows = pendingSource == .rows
        if translation.isIdentity, !waitsForRows, bytes.first != ChangeKind.rewritten.rawValue {
            try writer.apply(bytes, isLogged: true)
            return
        }
        guard let change = Change(bytes, translation.source, into: &original, isLogged: true) else {
            throw .corrupt(
                file: writer.folder.generationPath(source), section: "the write-ahead log", offset: 0,
                problem: "a change is malformed")
        }
        if waitsForRows { return try forget(change) }
        if change.kind == .rewritten {
            if try follow(rewriting: change) { return }
            // The whole document, of which a part may have been removed.
            _ = Change(bytes, translation.source, into: &original, isLogged: true)
        }
        try follow(translating: change)
    }

    /// Removes the document of a change; the one to put is in `original`.
    private func forget(_ change: Change) throws(IndexError) {
        writer.operations += 1
        let key = change.kind.hasDocument ? try translation.source.key(of: original) : change.key
        guard let start = key.baseAddress else { return }
        if let existing = try writer.stack.find(key, hash64(start, key.count)) {
            existing.updates.delete(existing.document)
        }
    }

    /// Applies a patch of texts, whose document is in `original`, to the document of this generation, so that what
    /// only this one has of it stays. Returns false if that is impossible.
    private func follow(rewriting change: Change) throws(IndexError) -> Bool {
        guard try canRewrite(change) else { return false }
        original.remove { !change.replaced.contains($0) }
        guard translation.translate(values: original, into: &writer.document) == nil else { return false }
        var rewrite = change
        rewrite.kind = .rewrite
        rewrite.replaced = change.replaced.compactMap { translation.number(of: $0) }
        guard case .refused = try writer.apply(rewrite) else { return true }
        writer.operations -= 1
        return false
    }

    /// Applies a change of another schema, whose document is in `original`. What its own schema refuses must not leave
    /// an older document of the key.
    private func follow(translating change: Change) throws(IndexError) {
        var change = change
        switch change.kind {
        case .put, .rewritten:
            if let problem = translation.translate(original, into: &writer.document) {
                let key = try translation.source.key(of: original)
                refuse(String(decoding: key, as: UTF8.self), problem)
                change.kind = .delete
                change.key = key
            } else {
                change.kind = .put
            }
        case .patch:
            guard let numbers = translation.translate(change.numbers) else {
                refuse(String(decoding: change.key, as: UTF8.self), "a patch of a member that is a text now")
                writer.operations += 1
                return
            }
            change.numbers = numbers
        case .delete, .mark, .rewrite, .create: break
        }
        _ = try writer.apply(change)
    }

    /// True if the document of a rewrite is there, and stores what the rewrite does not replace.
    private func canRewrite(_ change: Change) throws(IndexError) -> Bool {
        guard let start = change.key.baseAddress,
            try writer.stack.find(change.key, hash64(start, change.key.count)) != nil
        else { return false }
        let replaced = Set(change.replaced.compactMap { translation.number(of: $0) })
        return writer.members.all.enumerated().allSatisfy { $1.stored || replaced.contains($0) }
    }

    private func refuse(_ key: String, _ problem: String) {
        refused += 1
        if refusal == nil { refusal = "\(key): \(problem)" }
    }

    // MARK: - Commits

    /// Returns the segments to merge next, without those that are corrupt; nil when no merge is worth it.
    private func nextMerge() -> Range<Int>? {
        let segments = writer.stack.segments
        var end = segments.count
        while end > 0 {
            if !segments[end - 1].mayMerge {
                end -= 1
                continue
            }
            let start = segments[..<end].lastIndex { !$0.mayMerge }.map { $0 + 1 } ?? 0
            if let selected = mergePolicy.next(segments[start..<end].map(\.candidate)) {
                return start + selected.lowerBound..<start + selected.upperBound
            }
            end = start
        }
        return nil
    }

    /// Makes its generation the current one, and that of `current` the standby: commits both with the same last change,
    /// and swaps them by one rename. A crash leaves them as they were, or swapped. Both writers remain usable.
    ///
    /// Errors: `corrupt`, `storage`: they are swapped, or not; both writers must be ended.
    func replace(_ current: IndexWriter) throws(IndexError) {
        try current.commit()
        try follow(to: current.operations)
        try commit()
        try writer.folder.use(GenerationsInUse(current: writer.generation, standby: current.generation))
        try? writer.folder.removeGarbage(keeping: current.generation)
    }

    /// Makes everything so far durable, after the merges that are worth it, which `merge` runs; without it, none.
    ///
    /// Errors: those of `merge`, `corrupt`, `storage`.
    func commit(
        merging merge: ((MergeJob) throws(IndexError) -> SegmentReader?)? = nil
    ) throws(IndexError) {
        try writer.stack.flush()
        if let merge {
            while let range = nextMerge() {
                let job = writer.startMerge(range)
                do throws(IndexError) {
                    writer.finishMerge(job, try merge(job))
                } catch {
                    if !writer.abandonMerge(job, error) { throw error }
                }
            }
        }
        try writer.commit()
    }
}

extension IndexWriter {
    /// Replaces the tombstones by those of another writer; the next commit saves them.
    fileprivate func takeOver(_ tombstones: Tombstones) {
        self.tombstones = tombstones
        // Its revision is that of another writer's file.
        savedTombstones.revision = -1
    }
}
