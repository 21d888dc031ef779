import Segments

extension SearchProfile {
    /// The key of the profile in the payload of a commit.
    static let payloadKey = "profile"

    /// Reads the profile of a commit, or creates the default profile of the schema if the commit has none. `path` names
    /// the catalog in errors.
    ///
    /// Errors: `profile` if it is not valid.
    init(of manifest: Manifest, path: String) throws(CatalogError) {
        if let json = manifest.payload[Self.payloadKey] {
            self = try SearchProfile(json: Array(json.utf8), path: path, schema: manifest.schema)
        } else {
            self = SearchProfile(for: manifest.schema)
        }
    }
}
