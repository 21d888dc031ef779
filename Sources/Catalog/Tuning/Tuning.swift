package import Segments

/// The profile, and all else that the searches of a commit are tuned by.
///
/// The profile is that of the newest revision if that was made for the generation of the commit, and otherwise the
/// commit's own: a rebuild switches generation and profile by one rename.
package struct Tuning: Sendable {
    /// The number of the newest revision; 0 if the catalog was never tuned.
    package let revision: Int
    /// The profile, with the synonyms.
    package let profile: SearchProfile
    /// The rules of merchandising, in their order.
    package let rules: [Rule]

    /// The tuning of a commit that has never been tuned but by its profile.
    package init(_ profile: SearchProfile) {
        self.init(revision: 0, profile: profile, rules: [])
    }

    /// The tuning of a commit by the newest revision, nil for none. `path` names the catalog in errors.
    ///
    /// Errors: `profile` if the profile is not valid.
    package init(_ newest: TuningRevision?, _ manifest: Manifest, path: String) throws(CatalogError) {
        revision = newest?.revision ?? 0
        rules = newest?.rules ?? []
        profile = try ProfileParts.inForce(newest, manifest, path: path).profile(for: manifest, path: path)
    }

    /// Returns the same tuning with another profile, or with other rules.
    func with(_ profile: SearchProfile? = nil, rules: [Rule]? = nil) -> Tuning {
        Tuning(revision: revision, profile: profile ?? self.profile, rules: rules ?? self.rules)
    }

    private init(revision: Int, profile: SearchProfile, rules: [Rule]) {
        self.revision = revision
        self.profile = profile
        self.rules = rules
    }
}

extension ProfileParts {
    /// The profile that counts for a commit beside the newest revision, nil for none.
    ///
    /// Errors: `profile` if the one of the commit is not valid.
    static func inForce(
        _ newest: TuningRevision?, _ manifest: Manifest, path: String
    ) throws(CatalogError) -> ProfileParts {
        if let newest, newest.generation == manifest.generation { return newest.parts }
        return try ProfileParts(of: manifest, path: path)
    }
}
