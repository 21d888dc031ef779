import Segments

extension SearchProfile {
    /// The key of the profile in the payload of a commit.
    static let payloadKey = "profile"
    /// The key in the payload of a rebuild that was given a profile of its own: `all`, or `members` without synonyms.
    static let ownProfileKey = "ownProfile"
    /// The key of synonyms in the payload of a commit that has no profile.
    static let synonymsKey = "synonyms"

    /// The profile of a commit that has none: by the roles of the members for an inferred schema, otherwise the default
    /// profile.
    init(default manifest: Manifest) {
        if manifest.isInferred { self.init(roles: manifest.schema) } else { self.init(for: manifest.schema) }
    }

    /// Reads the profile of a commit, or creates one if the commit has none. `path` names the catalog in errors.
    ///
    /// Errors: `profile` if it is not valid.
    init(of manifest: Manifest, path: String) throws(CatalogError) {
        if let json = manifest.payload[Self.payloadKey] {
            try self.init(json: Array(json.utf8), path: path, schema: manifest.schema)
        } else {
            self.init(default: manifest)
            guard let json = manifest.payload[Self.synonymsKey] else { return }
            synonyms = try Synonyms.list(json: Array(json.utf8))
        }
    }
}

extension Manifest {
    /// True if the schema was inferred from documents, and not given.
    var isInferred: Bool { payload[SearchProfile.inferredKey] == SearchProfile.inferredMark }
}
