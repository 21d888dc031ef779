package import Segments
import Storage

/// The content and cost of a backup.
package struct BackupReport: Codable, Sendable, Equatable {
    /// The path of the backup's index folder.
    package var path: String
    /// The generation that was copied.
    package var generation = 0
    /// The number of the manifest that was copied.
    package var sequence = 0
    /// The number of documents of the commit, deleted ones included until their segment is merged.
    package var documents = 0
    /// The number of files that share their bytes with the index.
    package var linked = 0
    /// The number of files that were copied.
    package var copied = 0
    /// The number of bytes that were copied.
    package var copiedBytes = 0
}

extension IndexFolder {
    /// Creates an independent index from the newest commit, the logged changes after it and the tuning, while readers
    /// and a writer go on.
    ///
    /// Files that never change are hard-linked, or copied to another disk. `path` must not exist; its parent folders
    /// are created. The backup is valid from the moment its `CURRENT` exists, and durable when the function returns. It
    /// contains every change that was acknowledged before the call. After an error nothing is left at `path`.
    /// ```swift
    /// let report = try IndexFolder("data/books").backUp(to: "backups/books-monday")
    /// let problems = try IndexFolder(report.path).check().problems  // a backup is an index
    /// ```
    /// Errors: `empty`, `foreign` when there is something at `path`, `corrupt`, `storage`.
    /// Complexity: O(files) on one disk, O(bytes) on another.
    package func backUp(to path: String) throws(IndexError) -> BackupReport {
        guard path != self.path, !path.hasPrefix(self.path + "/") else {
            throw .foreign(path: path, problem: "it is inside the index itself; a backup needs a folder elsewhere")
        }
        var attempts = 0
        while true {
            attempts += 1
            do throws(IndexError) {
                guard let manifest = try newestManifest() else { throw .empty(path: self.path) }
                return try copy(manifest, to: path)
            } catch {
                // Two commits may have replaced the files that were about to be linked: start again, a limited number
                // of times.
                guard error.isMissingFile, attempts < 10 else { throw error.asCorruption }
            }
        }
    }

    /// Creates the folder and copies into it; removes it after an error.
    private func copy(_ manifest: Manifest, to path: String) throws(IndexError) -> BackupReport {
        // Whoever creates the folder owns it: two backups of one name do not interfere.
        let isCreated = try storing { () throws(StorageError) in
            try files.makeDirectories(files.parent(of: path))
            return try files.makeDirectory(path)
        }
        guard isCreated else {
            throw .foreign(path: path, problem: "something is there already; a backup needs a new name")
        }
        do throws(IndexError) {
            return try copy(manifest, to: IndexFolder(path, files: files))
        } catch {
            try? files.removeTree(path)
            throw error
        }
    }

    /// Copies a commit and the logs after it, then publishes the copy by its `CURRENT`.
    ///
    /// Errors: `storage(.missing)` when a commit has replaced a file meanwhile.
    private func copy(_ manifest: Manifest, to target: IndexFolder) throws(IndexError) -> BackupReport {
        let source = generationFolder(manifest.generation)
        let copy = target.generationFolder(manifest.generation)
        var report = BackupReport(
            path: target.path, generation: manifest.generation, sequence: manifest.sequence,
            documents: manifest.documents)
        return try storing { () throws(StorageError) in
            try files.makeDirectories(copy.path)
            for name in manifest.fileNames.union(["manifest-\(manifest.sequence)"]).sorted() {
                try files.share(source.path + "/" + name, copy.path + "/" + name, &report)
            }
            let logs = try logNumbers(of: manifest.generation).filter { $0 > manifest.operations }
            if let first = logs.first, first > manifest.operations + 1 {
                throw .missing(path: source.log(manifest.operations + 1))
            }
            for first in logs { try files.copy(source.log(first), copy.log(first), &report) }
            // After a swap the logs of the generation go, and later changes are in another one.
            guard ((try? currentGeneration()) ?? nil) == manifest.generation else {
                throw .missing(path: currentPath)
            }
            try copyTuning(to: target, &report)
            try files.syncDirectory(copy.path)
            try files.syncDirectory(target.path + "/generations")
            try files.syncDirectory(files.parent(of: target.path))
            try files.replace(target.currentPath, with: GenerationsInUse(current: manifest.generation).bytes)
            return report
        }
    }

    /// Copies the revisions of the tuning, durably but for the folder itself.
    private func copyTuning(to target: IndexFolder, _ report: inout BackupReport) throws(StorageError) {
        let revisions = try tuningRevisions()
        guard let newest = revisions.last else { return }
        try files.makeDirectories(target.tuningPath)
        for revision in revisions {
            do throws(StorageError) {
                try files.share(tuningPath(revision), target.tuningPath(revision), &report)
            } catch {
                // Old revisions go when there are new ones.
                guard case .missing = error, revision != newest else { throw error }
            }
        }
        try files.syncDirectory(target.tuningPath)
    }
}

extension FileSystem {
    /// Hard-links a file that never changes, or copies it when it cannot be linked.
    fileprivate func share(_ from: String, _ to: String, _ report: inout BackupReport) throws(StorageError) {
        do throws(StorageError) {
            try link(from, to: to)
            report.linked += 1
        } catch {
            if case .missing = error { throw error }
            try copy(from, to, &report)
        }
    }

    /// Copies a file, durably.
    fileprivate func copy(_ from: String, _ to: String, _ report: inout BackupReport) throws(StorageError) {
        let source = try map(from)
        let target = try AppendFile(creating: to, in: self)
        try withExtendedLifetime(source) { () throws(StorageError) in try target.append(source.bytes) }
        try target.finish(sync: true)
        report.copied += 1
        report.copiedBytes += source.bytes.count
    }
}
