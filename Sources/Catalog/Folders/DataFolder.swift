public import Indexer
import Storage

/// The folder that holds the catalogs of a service, one folder each, named for the catalog.
public struct DataFolder: Sendable {
    /// Path of the folder.
    public let path: String

    /// The data folder at `path`.
    public init(_ path: String) { self.path = path }

    /// The names of the catalogs that have an index, sorted.
    public func catalogs() throws(CatalogError) -> [String] {
        let files = PosixFileSystem()
        do {
            guard try files.isDirectory(path) else { return [] }
            var names: [String] = []
            for name in try files.list(path) where Self.isName(name) {
                if try files.exists(path + "/" + name + "/CURRENT") { names.append(name) }
            }
            return names
        } catch {
            throw .storage(error)
        }
    }

    /// The index of a catalog, there or not yet.
    public func index(_ name: String) throws(CatalogError) -> IndexFolder {
        guard Self.isName(name) else { throw .name(name) }
        return IndexFolder(path + "/" + name)
    }

    /// The index of a catalog that is there.
    ///
    /// Errors: `unknown` when it is not, `storage` when that cannot be told.
    public func existingIndex(_ name: String) throws(CatalogError) -> IndexFolder {
        let folder = try index(name)
        let isThere: Bool
        do { isThere = try PosixFileSystem().exists(folder.path + "/CURRENT") } catch { throw .storage(error) }
        if !isThere { throw .unknown(name, known: try catalogs()) }
        return folder
    }

    /// Opens a catalog's newest commit with its profile.
    ///
    /// Errors: `unknown` when there is no such catalog.
    public func open(_ name: String) throws(CatalogError) -> CatalogSearcher {
        let folder = try existingIndex(name)
        let reader = try indexing { () throws(IndexError) in try IndexReader(folder) }
        let profile = try SearchProfile(of: reader.manifest, path: folder.path)
        return CatalogSearcher(name: name, reader: reader, profile: profile)
    }

    /// Whether a text may name a catalog.
    public static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
                    || $0 == UInt8(ascii: "-")
            }
    }
}
