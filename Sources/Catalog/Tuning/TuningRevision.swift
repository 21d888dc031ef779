import FoundationEssentials

/// A state of what a catalog's searches are tuned by, with who made it and when.
///
/// ```json
/// {"revision": 7, "time": 1796000000, "who": "editor", "change": "synonyms", "generation": 2,
///  "profile": {"weights": {"title": 3}}, "synonyms": [{"words": ["ai", "artificial intelligence"]}], "rules": []}
/// ```
package struct TuningRevision: Codable, Sendable, Equatable {
    /// The number of the revision, from 1.
    package var revision: Int
    /// The time at which it was made, in seconds since 1970.
    package var time: Int
    /// The name of the admin key by which it was made, or `command line`.
    package var who: String
    /// The part that was replaced: `profile`, `synonyms`, `rules`, or `restore 7` or
    /// `swap` for all of them.
    package var change: String
    /// The generation of the index that its profile is for. In another one the profile of the commit counts; the
    /// other parts count in all of them.
    package var generation: Int
    /// The members of the profile but its synonyms; nil for the default profile of the schema.
    var profile: [String: JSONValue]?
    /// The synonyms.
    var synonyms: [Synonyms]
    /// The rules, in their order.
    var rules: [Rule]

    /// The name for changes by a command.
    package static let commandLine = "command line"

    /// The profile in parts.
    var parts: ProfileParts { ProfileParts(members: profile, synonyms: synonyms) }

    /// Writes the members that tell revisions apart.
    private func writeHead(to json: inout JSONWriter) {
        json.member("change", change)
        json.member("generation", generation)
        json.member("revision", revision)
        json.member("time", Date(timeIntervalSince1970: Double(time)).formatted(.iso8601))
        json.member("who", who)
    }

    /// A revision without its content, as lists show it.
    package struct Head: JSONWritable, Sendable {
        /// The revision.
        package let revision: TuningRevision

        /// The head of a revision.
        package init(_ revision: TuningRevision) { self.revision = revision }

        /// Writes an object.
        package func write(to json: inout JSONWriter) { json.object { revision.writeHead(to: &$0) } }
    }
}

extension TuningRevision: JSONWritable {
    /// Writes an object; the profile has its synonyms.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            writeHead(to: &json)
            json.member("profile", ifPresent: profile)
            json.member("rules", rules)
            json.member("synonyms", synonyms)
        }
    }
}
