import Indexer
import Storage

extension CatalogStore {
    /// Removes a catalog with all its generations. Searches that run keep their snapshot. Blocks.
    ///
    /// Errors: `unknown`, `index(.storage(.locked))` while another process writes it, `storage`.
    package func remove(_ name: String) throws(CatalogError) {
        let index = try folder.existingIndex(name)
        forget(name)
        let files = PosixFileSystem()
        do throws(StorageError) {
            let lock = try files.lock(index.lockPath)
            defer { withExtendedLifetime(lock) {} }
            // From here on there is no catalog of the name; the rest is removed now, or when a server starts.
            let removed = DataFolder.removedPath(folder.path, name)
            try files.rename(index.path, to: removed)
            try files.syncDirectory(folder.path)
            try files.removeTree(removed)
        } catch {
            throw error.isLocked ? .index(.storage(error)) : .storage(error)
        }
    }
}

extension DataFolder {
    /// The prefix of the folders of removed catalogs, which no catalog's name has.
    private static let removedPrefix = ".removed-"

    /// The prefix of the files of bodies that catalogs are created from.
    package static let uploadPrefix = ".upload-"

    /// A path for the folder of a catalog that is being removed.
    static func removedPath(_ folder: String, _ name: String) -> String {
        "\(folder)/\(removedPrefix)\(name)-\(UInt64.random(in: 0 ... .max))"
    }

    /// Removes what a crash left of removed catalogs, and of bodies.
    ///
    /// Errors: `storage`.
    package func clean() throws(CatalogError) {
        let files = PosixFileSystem()
        do throws(StorageError) {
            for name in try files.list(path)
            where name.hasPrefix(Self.removedPrefix) || name.hasPrefix(Self.uploadPrefix) {
                try files.removeTree(path + "/" + name)
            }
        } catch {
            throw .storage(error)
        }
    }
}

extension StorageError {
    fileprivate var isLocked: Bool { if case .locked = self { true } else { false } }
}
