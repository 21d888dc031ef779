public import Segments
import Storage

/// The folder that holds the catalogs of a service, one folder for each, named like the catalog.
///
/// ```swift
/// let folder = DataFolder("quire-data")
/// for name in try folder.catalogs() { print(name, try folder.open(name).documents) }
/// ```
public struct DataFolder: Sendable {
    /// The path of the folder.
    public let path: String

    /// The data folder at `path`. Nothing is created or read.
    public init(_ path: String) { self.path = path }

    /// Returns true if the folder exists.
    ///
    /// Errors: `storage`.
    package func exists() throws(CatalogError) -> Bool {
        do { return try PosixFileSystem().isDirectory(path) } catch { throw .storage(error) }
    }

    /// Returns the names of the catalogs that have a committed index, sorted; empty if the folder does not exist.
    ///
    /// Errors: `storage`.
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

    /// Returns the index folder of a catalog, whether it exists or not.
    ///
    /// Errors: `name` if the text is not a valid name.
    public func index(_ name: String) throws(CatalogError) -> IndexFolder {
        guard Self.isName(name) else { throw .name(name) }
        return IndexFolder(path + "/" + name)
    }

    /// Returns the index folder of an existing catalog.
    ///
    /// Errors: `name`, `unknown` if the catalog does not exist, `storage`.
    public func existingIndex(_ name: String) throws(CatalogError) -> IndexFolder {
        let folder = try index(name)
        let exists: Bool
        do { exists = try PosixFileSystem().exists(folder.path + "/CURRENT") } catch { throw .storage(error) }
        if !exists { throw .unknown(name, known: try catalogs()) }
        return folder
    }

    /// Opens the newest commit of a catalog with its tuning.
    ///
    /// Errors: `name`, `unknown` if the catalog does not exist, `index` if it is corrupt, `profile` if its profile is
    /// not valid, `tuning` if its newest tuning revision is corrupt, `storage`.
    public func open(_ name: String) throws(CatalogError) -> CatalogSearcher {
        try open(name, reusing: nil, at: RuleClock.now())
    }

    /// Opens the newest commit of a catalog, with the rules of a time. Tables of `other`, an older searcher of it, are
    /// used again where they are the same. Errors: as above.
    func open(
        _ name: String, reusing other: CatalogSearcher?, at time: Int64
    ) throws(CatalogError) -> CatalogSearcher {
        let folder = try existingIndex(name)
        let reader = try indexing { () throws(IndexError) in try IndexReader(folder) }
        let newest = try TuningFolder(folder).newestRevision()
        let tuning = try Tuning(newest, reader.manifest, path: folder.path)
        return CatalogSearcher(name: name, reader: reader, tuning: tuning, reusing: other, at: time)
    }

    /// Opens the newest commit of the generation beside the current one; nil if the catalog has none.
    ///
    /// Errors: as for `open`.
    package func openStandby(_ name: String) throws(CatalogError) -> CatalogSearcher? {
        let folder = try existingIndex(name)
        let reader = try indexing { () throws(IndexError) -> IndexReader? in
            guard let generation = try folder.generationsInUse()?.standby else { return nil }
            return try IndexReader(folder, generation: generation)
        }
        guard let reader else { return nil }
        let tuning = try Tuning(TuningFolder(folder).newestRevision(), reader.manifest, path: folder.path)
        return CatalogSearcher(name: name, reader: reader, tuning: tuning, reusing: nil, at: RuleClock.now())
    }

    /// Returns true if a text is a valid catalog name: 1 to 64 of the characters a-z, 0-9, _ and -.
    public static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
                    || $0 == UInt8(ascii: "-")
            }
    }
}
