public import Indexer
import Storage

/// The folder that holds the catalogs of a service, one folder each, named for the catalog.
public struct DataFolder: Sendable {
    /// Path of the folder.
    public let path: String

    /// The data folder at `path`.
    public init(_ path: String) { self.path = path }

    /// The search profile's name in a commit's payload.
    static let profileKey = "profile"

    /// The names of the catalogs that have an index, sorted.
    public func catalogs() throws(CatalogError) -> [String] {
        let files = PosixFileSystem()
        guard files.isDirectory(path) else { return [] }
        do {
            return try files.list(path).filter { Self.isName($0) && files.exists(path + "/" + $0 + "/CURRENT") }
        } catch {
            throw .storage(error)
        }
    }

    /// The index of a catalog, there or not yet.
    public func index(_ name: String) throws(CatalogError) -> IndexFolder {
        guard Self.isName(name) else { throw .name(name) }
        return IndexFolder(path + "/" + name)
    }

    /// Opens a catalog's newest commit with its profile.
    ///
    /// Errors: `unknown` when there is no such catalog.
    public func open(_ name: String) throws(CatalogError) -> CatalogSearcher {
        let folder = try index(name)
        guard PosixFileSystem().exists(folder.path + "/CURRENT") else {
            throw .unknown(name, known: try catalogs())
        }
        let reader = try indexing { () throws(IndexError) in try IndexReader(folder) }
        let profile = try Self.profile(of: reader.manifest, path: folder.path)
        return CatalogSearcher(name: name, reader: reader, profile: profile)
    }

    /// The profile a commit carries; what the schema suggests when it carries none.
    static func profile(of manifest: Manifest, path: String) throws(CatalogError) -> SearchProfile {
        guard let json = manifest.payload[profileKey] else { return SearchProfile(for: manifest.schema) }
        return try SearchProfile(json: Array(json.utf8), path: path, schema: manifest.schema)
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
