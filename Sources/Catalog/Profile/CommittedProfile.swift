import Segments

extension SearchProfile {
    /// The key of the profile in the payload of a commit.
    static let payloadKey = "profile"

    /// Reads the profile of a commit, or creates one if the commit has none: by the roles of the members for an
    /// inferred schema, otherwise the default profile. `path` names the catalog in errors.
    ///
    /// Errors: `profile` if it is not valid.
    init(of manifest: Manifest, path: String) throws(CatalogError) {
        if let json = manifest.payload[Self.payloadKey] {
            self = try SearchProfile(json: Array(json.utf8), path: path, schema: manifest.schema)
        } else if manifest.isInferred {
            self = SearchProfile(roles: manifest.schema)
        } else {
            self = SearchProfile(for: manifest.schema)
        }
    }
}

extension Manifest {
    /// True if the schema was inferred from documents, and not given.
    var isInferred: Bool { payload[SearchProfile.inferredKey] == SearchProfile.inferredMark }
}
