import FoundationEssentials
import Indexer
import Segments

/// The JSON of a profile in two parts: its synonyms, which are replaced on their own, and all other members as they
/// were given.
///
/// ```swift
/// let parts = try ProfileParts(json: Array(#"{"weights": {"title": 3}}"#.utf8), path: "profile.json")
/// parts.synonyms   // nil: the profile does not say
/// ```
struct ProfileParts: Sendable, Equatable, Decodable {
    /// The members but `synonyms`; nil for the default profile of a schema.
    var members: [String: JSONValue]?
    /// The synonyms; nil if the profile does not say.
    var synonyms: [Synonyms]?

    /// The default profile with some synonyms.
    init(synonyms: [Synonyms]) { self.synonyms = synonyms }

    /// The parts of a profile whose synonyms are stored elsewhere.
    init(members: [String: JSONValue]?, synonyms: [Synonyms]) {
        self.members = members
        self.synonyms = synonyms
    }

    /// Takes the JSON of a profile apart. `path` names it in errors.
    ///
    /// Errors: `profile` with the path and the reason.
    init(json: some Collection<UInt8>, path: String) throws(CatalogError) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(json))
        } catch {
            throw .profile(path: path, problem: syntaxProblem(json: Array(json)) ?? describe(error))
        }
    }

    /// The parts of the profile that a commit has.
    ///
    /// Errors: `profile` if it is not valid.
    init(of manifest: Manifest, path: String) throws(CatalogError) {
        if let json = manifest.payload[SearchProfile.payloadKey] {
            try self.init(json: json.utf8, path: path)
        } else {
            self.init(synonyms: try SearchProfile(of: manifest, path: path).synonyms)
        }
    }

    /// The parts of a profile that was made by the program.
    init(_ profile: SearchProfile) {
        // Numbers and texts always encode, and what was encoded decodes.
        let json = (try? JSONEncoder().encode(profile)) ?? Data()
        members = (try? JSONDecoder().decode(Self.self, from: json))?.members
        synonyms = profile.synonyms
    }

    /// The members but `synonyms` as JSON; nil for the default profile.
    private var json: [UInt8]? { members.map { Self.encode($0) } }

    /// Returns the profile of these parts for a commit. `path` names it in errors.
    ///
    /// Errors: `profile` if it does not fit the schema.
    func profile(for manifest: Manifest, path: String) throws(CatalogError) -> SearchProfile {
        var profile: SearchProfile
        if let json {
            profile = try SearchProfile(json: json, path: path, schema: manifest.schema)
        } else {
            profile = try SearchProfile(of: manifest, path: path)
        }
        profile.synonyms = synonyms ?? []
        return profile
    }

    /// The payload of a commit that has the profile.
    var payload: [String: String] {
        let list = synonyms ?? []
        let text = list.isEmpty ? nil : String(decoding: Self.encode(list), as: UTF8.self)
        guard let json else { return text.map { [SearchProfile.synonymsKey: $0] } ?? [:] }
        var profile = String(decoding: json, as: UTF8.self)
        if let text {
            let separator = members?.isEmpty == false ? "," : ""
            profile = "\(profile.dropLast())\(separator)\"synonyms\":\(text)}"
        }
        return [SearchProfile.payloadKey: profile]
    }

    private static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Numbers and texts always encode.
        return (try? encoder.encode(value)).map { Array($0) } ?? []
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }

    /// Decodes the JSON of a profile.
    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Name.self)
        var members: [String: JSONValue] = [:]
        for name in values.allKeys {
            if name.stringValue == "synonyms" {
                synonyms = try values.decodeIfPresent([Synonyms].self, forKey: name)
            } else {
                members[name.stringValue] = try values.decode(JSONValue.self, forKey: name)
            }
        }
        self.members = members
    }
}

extension Synonyms: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("from", ifPresent: from)
            json.member("to", ifPresent: to)
            json.member("words", ifPresent: words)
        }
    }
}
