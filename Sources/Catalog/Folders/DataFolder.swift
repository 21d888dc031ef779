public import Indexer
import Storage

/// The folder that holds the catalogs of a service, one folder each, named for the catalog.
public struct DataFolder: Sendable {
    /// Path of the folder.
    public let path: String

    /// The data folder at `path`.
    public init(_ path: String) { self.path = path }

    /// The search profile's name inside a catalog's folder.
    static let profileName = "profile.json"

    /// The names of the catalogs that have an index, sorted.
    public func catalogs() throws(CatalogError) -> [String] {
        let files = FileSystem()
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
        return IndexFolder(path + "/" + name, companions: [Self.profileName])
    }

    /// Opens a catalog's newest commit with its profile.
    ///
    /// Errors: `unknown` when there is no such catalog.
    public func open(_ name: String) throws(CatalogError) -> CatalogSearcher {
        let folder = try index(name)
        guard FileSystem().exists(folder.path + "/CURRENT") else {
            throw .unknown(name, known: try catalogs())
        }
        let reader = try indexing { () throws(IndexError) in try IndexReader(folder) }
        return CatalogSearcher(name: name, reader: reader, profile: try profile(name, reader.schema))
    }

    /// The profile of a catalog; what the schema suggests when it has none of its own.
    func profile(_ name: String, _ schema: Schema) throws(CatalogError) -> SearchProfile {
        let path = path + "/" + name + "/" + Self.profileName
        guard FileSystem().exists(path) else { return SearchProfile(for: schema) }
        let json: [UInt8]
        do { json = try FileSystem().read(path) } catch { throw .storage(error) }
        return try SearchProfile(json: json, path: path, schema: schema)
    }

    /// Stores a checked profile beside a catalog's index.
    func store(profile json: [UInt8], of name: String) throws(CatalogError) {
        do {
            try FileSystem().replace(path + "/" + name + "/" + Self.profileName, with: json)
        } catch {
            throw .storage(error)
        }
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
