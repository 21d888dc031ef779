import Kernels
public import Segments
import Storage

/// The state that a commit makes durable: gathered from a writer at one moment, persisted while the writer goes on.
///
/// The protocol, in order: sync every segment that the manifest names, write and sync the files of updates and
/// tombstones, sync the folder, write and sync the manifest under another name, rename it, sync the folder.
package struct PreparedCommit: Sendable {
    let folder: IndexFolder
    let manifest: Manifest
    /// The paths of the segments to sync.
    let segments: [String]
    /// The files to write.
    let files: [(path: String, bytes: [UInt8])]
    /// The revision of each segment's updates, by name, and the file of them that the manifest names.
    let saved: [String: (revision: Int, description: UpdatesDescription?)]
    /// The revision of the tombstones, and the file of them that the manifest names.
    let tombstones: (revision: Int, description: TombstonesDescription?)

    /// Makes the commit durable and visible to other processes. May run on another thread than the writer, and while it
    /// goes on.
    ///
    /// Errors: `storage`; the commit is there as a whole, or not at all, and the writer must be ended.
    package func persist() throws(IndexError) {
        let generation = folder.generationFolder(manifest.generation)
        try storing { () throws(StorageError) in
            for path in segments { try folder.files.sync(path) }
            for (path, bytes) in files {
                // A commit that failed may have left a file of this name.
                try folder.files.remove(path)
                let file = try AppendFile(creating: path, in: folder.files)
                try file.append(bytes)
                try file.finish(sync: true)
            }
            try folder.files.syncDirectory(generation.path)
        }
        try folder.publish(manifest)
    }
}

extension IndexWriter {
    /// Makes all changes so far durable and visible to all processes.
    ///
    /// A crash at any moment leaves the index as it was before, or with the whole commit. Errors: `storage`; the commit
    /// is there as a whole, or not at all, and the writer is ended.
    public func commit() throws(IndexError) {
        let prepared = try prepareCommit()
        do throws(IndexError) { try prepared.persist() } catch { throw end(error) }
        finishCommit(prepared)
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
        var files: [(path: String, bytes: [UInt8])] = []
        var saved: [String: (revision: Int, description: UpdatesDescription?)] = [:]
        for (i, segment) in stack.segments.enumerated() {
            var entry = segment.saved
            if entry.revision != segment.updates.revision || entry.description == nil {
                let updates = segment.updates.snapshot(documents: segment.reader.documents)
                entry = (segment.updates.revision, nil)
                if !updates.isEmpty {
                    let name = segment.reader.description.name
                    let bytes = UpdatesFile.encode(updates, name: name, documents: segment.reader.documents)
                    let checksum = bytes.withUnsafeBytes { CRC32C.checksum($0) }
                    entry.description = UpdatesDescription(
                        number: nextSequence, bytes: bytes.count, checksum: checksum, deleted: updates.deleted.count)
                    files.append((stack.folder.updates(name, nextSequence), bytes))
                }
            }
            manifest.segments[i].changes = entry.description
            saved[segment.reader.description.name] = entry
        }
        var tombstones = savedTombstones
        if tombstones.revision != self.tombstones.revision {
            let bytes = self.tombstones.bytes
            let checksum = bytes.withUnsafeBytes { CRC32C.checksum($0) }
            tombstones = (
                self.tombstones.revision,
                TombstonesDescription(number: nextSequence, bytes: bytes.count, checksum: checksum)
            )
            files.append((stack.folder.tombstones(nextSequence), bytes))
        }
        manifest.tombstones = tombstones.description
        sequence = nextSequence
        return PreparedCommit(
            folder: folder, manifest: manifest,
            segments: stack.segments.filter { !$0.isDurable }.map { stack.folder.segment($0.reader.description.name) },
            files: files, saved: saved, tombstones: tombstones)
    }

    /// Records that a commit was persisted, and removes the files that nobody needs any more.
    func finishCommit(_ commit: PreparedCommit) {
        for segment in stack.segments {
            guard let saved = commit.saved[segment.reader.description.name] else { continue }
            segment.isDurable = true
            segment.saved = saved
        }
        savedTombstones = commit.tombstones
        isNewGeneration = false
        // The commit is valid whatever happens to files that are not needed; the next one removes the remaining ones.
        let names = stack.segments.map(\.reader.description.name) + stack.unfinished
        try? folder.removeGarbage(keeping: generation, and: Set(names.map { $0 + ".seg" }))
    }
}
