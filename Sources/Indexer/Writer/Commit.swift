import Kernels
public import Segments
import Storage

/// The state that a commit makes durable: gathered from a writer at one moment, persisted while the writer goes on.
///
/// The protocol, in order: sync every segment that the manifest names, write and sync the files of updates and
/// tombstones, sync the folder, write and sync the manifest under another name, rename it, sync the folder; then remove
/// the files that nobody needs any more.
package struct PreparedCommit: Sendable {
    let folder: IndexFolder
    /// The manifest, without the files of `updates`.
    let manifest: Manifest
    /// True for the first commit of a generation that replaces all others.
    let isFirst: Bool
    /// The paths of the segments to sync.
    let segments: [String]
    /// The updates that no file holds yet, with the index of their segment in the manifest.
    let updates: [(segment: Int, updates: SegmentUpdates)]
    /// The tombstones' file to write; nil when the manifest names an earlier one.
    let tombstonesBytes: [UInt8]?
    /// The revision of each segment's updates that the manifest holds, by name.
    let revisions: [String: Int]
    /// The revision of the tombstones that the manifest holds.
    let tombstonesRevision: Int
    /// The files of segments that the writer uses, and the number from which it names new ones.
    let used: (files: Set<String>, newSegments: Int)

    /// Makes the commit durable and visible to other processes; returns its manifest. May run on another thread than
    /// the writer, and while it goes on.
    ///
    /// Errors: `storage`; the commit is there as a whole, or not at all, and the writer must be ended. Complexity:
    /// O(bytes of the updates that no file holds yet).
    package func persist() throws(IndexError) -> Manifest {
        let generation = folder.generationFolder(manifest.generation)
        var manifest = manifest
        try storing { () throws(StorageError) in
            for path in segments { try folder.files.sync(path) }
            for (segment, updates) in updates {
                let description = manifest.segments[segment]
                let bytes = UpdatesFile.encode(updates, name: description.name, documents: description.documents)
                manifest.segments[segment].changes = UpdatesDescription(
                    number: manifest.sequence, bytes: bytes.count,
                    checksum: bytes.withUnsafeBytes { CRC32C.checksum($0) }, deleted: updates.deleted.count)
                try write(bytes, to: generation.updates(description.name, manifest.sequence))
            }
            if let tombstonesBytes { try write(tombstonesBytes, to: generation.tombstones(manifest.sequence)) }
            try folder.files.syncDirectory(generation.path)
        }
        try folder.publish(manifest, replacingAll: isFirst)
        return manifest
    }

    /// Removes the files that nobody needs after `persist`, on the same thread; the writer may go on.
    ///
    /// The commit is valid whatever happens to these files; the next one removes those that are left.
    package func removeGarbage() {
        try? folder.removeGarbage(keeping: manifest.generation, and: used.files, newSegments: used.newSegments)
    }

    /// Writes a file and makes it durable. A commit that failed may have left one of this name.
    private func write(_ bytes: [UInt8], to path: String) throws(StorageError) {
        try folder.files.remove(path)
        let file = try AppendFile(creating: path, in: folder.files)
        try file.append(bytes)
        try file.finish(sync: true)
    }
}

extension IndexWriter {
    /// Makes all changes so far durable and visible to all processes.
    ///
    /// A crash at any moment leaves the index as it was before, or with the whole commit. Errors: `storage`; the commit
    /// is there as a whole, or not at all, and the writer is ended.
    public func commit() throws(IndexError) {
        let prepared = try prepareCommit()
        do throws(IndexError) {
            let manifest = try prepared.persist()
            prepared.removeGarbage()
            finishCommit(prepared, manifest)
        } catch {
            throw end(error)
        }
    }

    /// Gathers what a commit must make durable, and marks the log. Follow with `persist`, on any thread, and
    /// `finishCommit`.
    ///
    /// Writes the documents in memory to a segment first. Between two calls there must be a `finishCommit`: only one
    /// commit is prepared at a time. Errors: `storage`; any error ends the writer.
    func prepareCommit() throws(IndexError) -> PreparedCommit {
        try throwIfEnded()
        do throws(IndexError) { try stack.flush() } catch { throw end(error) }
        stack.dropEmpty()
        let nextSequence = sequence + 1
        try endLog(with: nextSequence)
        var manifest = manifest(nextSequence, operations: operations)
        var updates: [(segment: Int, updates: SegmentUpdates)] = []
        for (i, segment) in stack.segments.enumerated() {
            manifest.segments[i].changes = segment.saved.description
            if segment.saved.revision == segment.updates.revision, segment.saved.description != nil { continue }
            manifest.segments[i].changes = nil
            let snapshot = segment.updates.snapshot(documents: segment.reader.documents)
            if !snapshot.isEmpty { updates.append((i, snapshot)) }
        }
        manifest.tombstones = savedTombstones.description
        var tombstonesBytes: [UInt8]?
        if savedTombstones.revision != tombstones.revision {
            let bytes = tombstones.bytes
            tombstonesBytes = bytes
            manifest.tombstones = TombstonesDescription(
                number: nextSequence, bytes: bytes.count, checksum: bytes.withUnsafeBytes { CRC32C.checksum($0) })
        }
        sequence = nextSequence
        let names = stack.segments.map(\.reader.description.name)
        return PreparedCommit(
            folder: folder, manifest: manifest, isFirst: isNewGeneration,
            segments: stack.segments.filter { !$0.isDurable }.map { stack.folder.segment($0.reader.description.name) },
            updates: updates, tombstonesBytes: tombstonesBytes,
            revisions: Dictionary(zip(names, stack.segments.map(\.updates.revision))) { $1 },
            tombstonesRevision: tombstones.revision,
            used: (Set((names + stack.unfinished).map { $0 + ".seg" }), stack.nextSegment))
    }

    /// Records that a commit was persisted, with the manifest that `persist` returned.
    func finishCommit(_ commit: PreparedCommit, _ manifest: Manifest) {
        let saved = Dictionary(manifest.segments.map { ($0.name, $0.changes) }) { $1 }
        for segment in stack.segments {
            let name = segment.reader.description.name
            guard let revision = commit.revisions[name], let description = saved[name] else { continue }
            segment.isDurable = true
            segment.saved = (revision, description)
        }
        savedTombstones = (commit.tombstonesRevision, manifest.tombstones)
        isNewGeneration = false
    }
}
