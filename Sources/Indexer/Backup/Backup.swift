import Storage

/// What a backup holds.
public struct BackupReport: Codable, Sendable, Equatable {
    /// Where it is.
    public var path: String
    /// The generation it was taken of.
    public var generation = 0
    /// The manifest within it.
    public var sequence = 0
    /// Documents of the commit, deleted ones included until their segment is merged.
    public var documents = 0
    /// Files that share their bytes with the index.
    public var linked = 0
    /// Files that were copied, and the bytes of them.
    public var copied = 0
    /// Bytes that were copied.
    public var copiedBytes = 0
}

extension IndexFolder {
    /// Makes an index of its own of the newest commit and the changes behind it, while writers and readers go on.
    ///
    /// Files that never change are linked, on another disk copied. `path` must not exist; the backup counts from the
    /// moment its `CURRENT` is there. What was acknowledged before the call is in it.
    /// Errors: `empty`, `foreign` when there is something at `path`, `corrupt`, `storage`.
    /// Complexity: O(files) on one disk, O(bytes) on another.
    public func backUp(to path: String) throws(IndexError) -> BackupReport {
        guard path != self.path, !path.hasPrefix(self.path + "/") else {
            throw .foreign(path: path, problem: "it lies in the index itself; a backup needs a folder elsewhere")
        }
        var attempt = 0
        while true {
            attempt += 1
            do throws(IndexError) {
                guard let manifest = try newestManifest() else { throw .empty(path: self.path) }
                return try copy(manifest, to: path)
            } catch {
                // Two commits may have replaced what was about to be linked: begin again, but not for ever.
                guard error.isMissingFile, attempt < 10 else { throw error.asDamage }
            }
        }
    }

    private func copy(_ manifest: Manifest, to path: String) throws(IndexError) -> BackupReport {
        // Whoever makes the folder owns it: two backups of one name do not get in each other's way.
        let isMade = try storing { () throws(StorageError) in
            try files.makeDirectories(files.parent(of: path))
            return try files.makeDirectory(path)
        }
        guard isMade else {
            throw .foreign(path: path, problem: "something is there already; a backup needs a new name")
        }
        do throws(IndexError) {
            return try copy(manifest, to: IndexFolder(path, files: files))
        } catch {
            try? files.removeTree(path)
            throw error
        }
    }

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
            try files.syncDirectory(copy.path)
            try files.syncDirectory(target.path + "/generations")
            try files.syncDirectory(files.parent(of: target.path))
            try files.replace(target.currentPath, with: IndexFolder.currentBytes(manifest.generation))
            return report
        }
    }
}

extension FileSystem {
    /// Gives a file that never changes another name, or copies it to another disk.
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
