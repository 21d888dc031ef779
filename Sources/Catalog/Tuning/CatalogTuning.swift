import Glibc
package import Segments

/// The tuning of a catalog, as people read and change it.
///
/// A change is checked against the schema before it is written, and a wrong one changes nothing. It is in force in
/// every process as soon as that looks at the folder again.
///
/// ```swift
/// let tuning = CatalogTuning(try DataFolder("quire-data").existingIndex("books"))
/// let before = try tuning.current(.synonyms)
/// try tuning.put(.synonyms, json: bytes, expecting: before.revision, who: "editor")
/// try tuning.restore(before.revision, expecting: nil, who: "editor")
/// ```
package struct CatalogTuning: Sendable {
    private let index: IndexFolder
    private let folder: TuningFolder

    /// A part that is read and replaced on its own.
    package enum Part: String, Sendable, CaseIterable {
        /// Everything but the rules. Without a member `synonyms` it keeps the present ones.
        case profile
        /// The synonyms of the profile.
        case synonyms
        /// The rules of merchandising.
        case rules
    }

    /// The tuning of an index that exists.
    package init(_ index: IndexFolder) {
        self.index = index
        folder = TuningFolder(index)
    }

    /// A part of the present tuning, as JSON that can be put again.
    package struct Current: JSONWritable, Sendable {
        /// The number of the newest revision; 0 if there is none.
        package var revision: Int
        private let part: Part
        private let parts: ProfileParts
        private let rules: [Rule]

        fileprivate init(_ part: Part, _ newest: TuningRevision?, _ parts: ProfileParts) {
            revision = newest?.revision ?? 0
            rules = newest?.rules ?? []
            self.part = part
            self.parts = parts
        }

        /// Writes the JSON of the part.
        package func write(to json: inout JSONWriter) {
            let synonyms = parts.synonyms ?? []
            switch part {
            case .synonyms: synonyms.write(to: &json)
            case .rules: rules.write(to: &json)
            case .profile:
                json.object { json in
                    var members = parts.members ?? [:]
                    members["synonyms"] = .null
                    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                        if name == "synonyms" { json.member(name, synonyms) } else { json.member(name, value) }
                    }
                }
            }
        }
    }

    /// Returns a part of the tuning that is in force.
    ///
    /// Errors: `index`, `profile`, `tuning`, `storage`.
    package func current(_ part: Part) throws(CatalogError) -> Current {
        let newest = try folder.newestRevision()
        let manifest = try manifest()
        var parts = try ProfileParts.inForce(newest, manifest, path: index.path)
        if parts.members == nil { parts = ProfileParts(try parts.profile(for: manifest, path: index.path)) }
        return Current(part, newest, parts)
    }

    /// Returns the revisions that are kept, newest first. Errors: `storage`.
    package func revisions() throws(CatalogError) -> [TuningRevision] { try folder.revisions() }

    /// Returns a revision. Errors: `unknownRevision`, `tuning` if it is corrupt, `storage`.
    package func revision(_ number: Int) throws(CatalogError) -> TuningRevision { try folder.revision(number) }

    /// Replaces a part, and returns the new revision. `expected` is the number of the newest revision that the change
    /// was made from; nil for any.
    ///
    /// Errors: `request` with the place of the problem and the remedy if the JSON is not valid or does not fit the
    /// schema, `outdatedRevision` if another revision is the newest, `index`, `tuning`, `storage`.
    @discardableResult
    package func put(
        _ part: Part, json: [UInt8], expecting expected: Int?, who: String
    ) throws(CatalogError) -> TuningRevision {
        try change(expected, who, part.rawValue) { manifest throws(CatalogError) in
            let newest = try folder.newestRevision()
            var parts = try ProfileParts.inForce(newest, manifest, path: index.path)
            var rules = newest?.rules ?? []
            try Self.refusing(part.rawValue) { () throws(CatalogError) in
                switch part {
                case .profile:
                    let kept = parts.synonyms
                    parts = try ProfileParts(json: json, path: "")
                    parts.synonyms = parts.synonyms ?? kept
                case .synonyms: parts.synonyms = try Synonyms.list(json: json)
                case .rules: rules = try Rule.list(json: json)
                }
                let profile = try parts.profile(for: manifest, path: "")
                if part == .rules { try Self.check(rules, manifest.schema, profile) }
            }
            return (parts, rules)
        }
    }

    /// Refuses rules of which one does not fit the schema. Errors: `request` with the place and the remedy.
    private static func check(_ rules: [Rule], _ schema: Schema, _ profile: SearchProfile) throws(CatalogError) {
        let analyzer = SearchFields.titleAnalyzer(SearchFields.groups(schema, profile))
        guard let unfit = RuleTable(rules, schema, analyzer).unfit.first else { return }
        throw .request(unfit.problem(of: "rules"))
    }

    /// Makes an older revision the newest again, as a new one, and returns that. Errors: as for `put`, and
    /// `unknownRevision`. A newest revision that is corrupt does not matter.
    @discardableResult
    package func restore(_ number: Int, expecting expected: Int?, who: String) throws(CatalogError) -> TuningRevision {
        let old = try folder.revision(number)
        return try change(expected, who, "restore \(number)") { manifest throws(CatalogError) in
            var parts = old.parts
            try Self.refusing("revision") { () throws(CatalogError) in
                if parts.members == nil, manifest.payload[SearchProfile.payloadKey] != nil {
                    // The default profile was in force; now the commit has one of its own.
                    parts.members = ProfileParts(SearchProfile(default: manifest)).members
                }
                _ = try parts.profile(for: manifest, path: "")
            }
            return (parts, old.rules)
        }
    }

    /// Calls `swap`, after which another generation is searched, and takes over to it what the catalog is tuned by:
    /// synonyms and rules, and the profile unless the generation was built or tuned with one of its own.
    ///
    /// Errors: those of `swap`, `index`, `profile`, `tuning`, `storage`.
    package func carryOver(_ swap: () throws(CatalogError) -> Void) throws(CatalogError) {
        try folder.locked { () throws(CatalogError) in
            try swap()
            guard let newest = try folder.newestRevision() else { return }
            let manifest = try manifest()
            if newest.generation == manifest.generation { return }
            let tuned = try folder.revisions().first { $0.generation == manifest.generation }
            var parts: ProfileParts
            if let tuned { parts = tuned.parts } else { parts = try ProfileParts(of: manifest, path: index.path) }
            let own = tuned == nil ? manifest.payload[SearchProfile.ownProfileKey] : nil
            if own != "all" { parts.synonyms = newest.synonyms }
            if tuned == nil, own == nil, (try? newest.parts.profile(for: manifest, path: index.path)) != nil {
                parts.members = newest.profile
            }
            // A profile that does not fit would make the catalog unreadable.
            _ = try parts.profile(for: manifest, path: index.path)
            try write(newest.revision, "swap", TuningRevision.commandLine, manifest, parts, newest.rules)
        }
    }

    /// Runs `body`, and throws its errors about a profile as problems of `part`.
    static func refusing(_ part: String, _ body: () throws(CatalogError) -> Void) throws(CatalogError) {
        do throws(CatalogError) {
            try body()
        } catch {
            guard case .profile(_, let problem) = error else { throw error }
            throw .request(.wrongTuning(part, problem))
        }
    }

    /// Writes the revision with the parts and rules that `make` returns for the newest commit, while nobody else writes
    /// one.
    private func change(
        _ expected: Int?, _ who: String, _ change: String,
        _ make: (Manifest) throws(CatalogError) -> (ProfileParts, [Rule])
    ) throws(CatalogError) -> TuningRevision {
        try folder.locked { () throws(CatalogError) in
            let number = try folder.newest()
            if let expected, expected != number { throw .outdatedRevision(newest: number) }
            let manifest = try manifest()
            let (parts, rules) = try make(manifest)
            return try write(number, change, who, manifest, parts, rules)
        }
    }

    /// Writes the revision after another one. The lock must be held.
    @discardableResult
    private func write(
        _ last: Int, _ change: String, _ who: String, _ manifest: Manifest, _ parts: ProfileParts, _ rules: [Rule]
    ) throws(CatalogError) -> TuningRevision {
        let revision = TuningRevision(
            revision: last + 1, time: time(nil), who: who, change: change, generation: manifest.generation,
            profile: parts.members, synonyms: parts.synonyms ?? [], rules: rules)
        try folder.write(revision)
        return revision
    }

    /// The manifest of the newest commit. Errors: `index`.
    private func manifest() throws(CatalogError) -> Manifest {
        try indexing { () throws(IndexError) in
            guard let manifest = try index.newestManifest() else { throw .empty(path: index.path) }
            return manifest
        }
    }
}

extension RequestProblem {
    /// The problem of a part of the tuning that is not valid or does not fit the catalog.
    static func wrongTuning(_ part: String, _ problem: String) -> RequestProblem {
        let isUnfit = problem.contains("does not fit the schema")
        return RequestProblem(
            "bad_\(part)", part, problem,
            hint: isUnfit
                ? "nothing was changed; use fields of the schema, or add the field to the schema and rebuild the "
                    + "catalog with `quire index --schema`"
                : "nothing was changed; correct it and send it again")
    }
}
