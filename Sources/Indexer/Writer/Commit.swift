import Kernels
import Storage

/// What a commit makes durable: gathered from a writer at one moment, written while the writer goes on.
///
/// The protocol, in order: sync every segment the manifest names, write and sync the files of changes, sync the folder,
/// write and sync the manifest under another name, rename it, sync the folder.
public struct PreparedCommit: Sendable {
    let folder: IndexFolder
    let manifest: Manifest
    /// Paths of segments to sync.
    let segments: [String]
    /// Files to write.
    let files: [(path: String, bytes: [UInt8])]
    /// Which state of each segment's changes the manifest will name.
    let saved: [String: (revision: Int, description: ChangesDescription?)]
    let tombstones: (revision: Int, description: TombstonesDescription?)

    /// Makes it durable and visible to other processes. May run beside the writer it was taken from.
    ///
    /// Errors: `storage`; the commit is there as a whole, or not at all, and the writer must be ended.
    public func persist() throws(IndexError) {
        let generation = folder.generationFolder(manifest.generation)
        try storing { () throws(StorageError) in
            for path in segments { try folder.files.sync(path) }
            for (path, bytes) in files {
                // A commit that failed may have left one of this name.
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
    /// Makes everything so far durable and visible to all processes.
    ///
    /// Errors: `storage`; the commit is there as a whole, or not at all, and the writer is over.
    public func commit() throws(IndexError) {
        let prepared = try prepareCommit()
        do throws(IndexError) { try prepared.persist() } catch { throw end(error) }
        finishCommit(prepared)
    }

    /// Gathers what a commit must make durable. Follow with `persist`, on any thread, and `finishCommit`.
    func prepareCommit() throws(IndexError) -> PreparedCommit {
        try throwIfOver()
        do throws(IndexError) { try stack.flush() } catch { throw end(error) }
        stack.dropEmpty()
        let next = sequence + 1
        try endLog(with: next)
        var manifest = manifest(next, operations: operations)
        var files: [(path: String, bytes: [UInt8])] = []
        var saved: [String: (revision: Int, description: ChangesDescription?)] = [:]
        for (i, segment) in stack.segments.enumerated() {
            var entry = segment.saved
            if entry.revision != segment.changes.revision || entry.description == nil {
                let changes = segment.changes.snapshot(documents: segment.reader.documents)
                entry = (segment.changes.revision, nil)
                if !changes.isEmpty {
                    let name = segment.reader.description.name
                    let bytes = ChangesFile.encode(changes, name: name, documents: segment.reader.documents)
                    let checksum = bytes.withUnsafeBytes { CRC32C.checksum($0) }
                    entry.description = ChangesDescription(
                        number: next, bytes: bytes.count, checksum: checksum, deleted: changes.deleted.count)
                    files.append((stack.folder.changes(name, next), bytes))
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
                TombstonesDescription(number: next, bytes: bytes.count, checksum: checksum)
            )
            files.append((stack.folder.tombstones(next), bytes))
        }
        manifest.tombstones = tombstones.description
        sequence = next
        return PreparedCommit(
            folder: folder, manifest: manifest,
            segments: stack.segments.filter { !$0.isDurable }.map { stack.folder.segment($0.reader.description.name) },
            files: files, saved: saved, tombstones: tombstones)
    }

    /// Takes note of a commit that was persisted, and removes files that nobody needs any more.
    func finishCommit(_ commit: PreparedCommit) {
        for segment in stack.segments {
            guard let saved = commit.saved[segment.reader.description.name] else { continue }
            segment.isDurable = true
            segment.saved = saved
        }
        savedTombstones = commit.tombstones
        isNewGeneration = false
        // The commit stands whatever happens to files that no longer count; the next one removes what is left.
        let names = stack.segments.map(\.reader.description.name) + stack.unfinished
        try? folder.removeGarbage(keeping: generation, and: Set(names.map { $0 + ".seg" }))
    }
}
