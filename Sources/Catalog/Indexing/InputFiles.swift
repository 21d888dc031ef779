package import Indexer
package import Segments
import Storage

/// Returns the bytes of a file.
///
/// Errors: `storage`.
package func readFile(_ path: String) throws(CatalogError) -> [UInt8] {
    do { return try PosixFileSystem().read(path) } catch { throw .storage(error) }
}

extension Schema {
    /// Reads and validates the schema in a file.
    ///
    /// Errors: `storage`, `input(.unusable)` with the position inside the file.
    package init(contentsOf path: String) throws(CatalogError) {
        let json = try readFile(path)
        do {
            try self.init(json: json)
        } catch {
            throw .input(.unusable(file: path, problem: error.description))
        }
    }
}

extension Mapping {
    /// Reads and validates the mapping in a file.
    ///
    /// Errors: `storage`, `input(.unusable)` with the position inside the file.
    package init(contentsOf path: String) throws(CatalogError) {
        let json = try readFile(path)
        do { try self.init(json: json, path: path) } catch { throw .input(error) }
    }
}
