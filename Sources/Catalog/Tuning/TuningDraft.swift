import FoundationEssentials
import Segments

/// A tuning that nobody has saved: parts in place of those of a revision, or of those in force.
///
/// ```json
/// {"revision": 7, "synonyms": [{"words": ["ai", "artificial intelligence"]}]}
/// ```
package struct TuningDraft: Decodable, Sendable {
    /// The revision whose parts count where the draft has none; nil for what is in force.
    package var revision: Int?
    /// The profile. Without synonyms it keeps those of the revision.
    private var profile: ProfileParts?
    private var synonyms: [Synonyms]?
    /// The rules.
    var rules: [Rule]?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case revision, profile, synonyms, rules
    }

    /// A draft that is in force already.
    package init() {}

    /// Decodes a draft. Errors: those of its parts, and unknown members.
    package init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        revision = try values.decodeIfPresent(Int.self, forKey: .revision)
        profile = try values.decodeIfPresent(ProfileParts.self, forKey: .profile)
        synonyms = try values.decodeIfPresent([Synonyms].self, forKey: .synonyms)
        rules = try values.decodeIfPresent([Rule].self, forKey: .rules)
    }

    /// Returns the draft as the tuning of a commit. `base` is the draft's revision, nil for `inForce`.
    ///
    /// Errors: `request` with the place and the remedy for a part that is not valid, or a profile that does not fit.
    func tuning(
        above inForce: Tuning, _ base: TuningRevision?, for manifest: Manifest
    ) throws(CatalogError) -> Tuning {
        var tuning = inForce
        if let base {
            try CatalogTuning.refusing("revision") { () throws(CatalogError) in
                tuning = tuning.with(try base.parts.profile(for: manifest, path: ""), rules: base.rules)
            }
        }
        if var profile {
            profile.synonyms = profile.synonyms ?? tuning.profile.synonyms
            try CatalogTuning.refusing("profile") { () throws(CatalogError) in
                tuning = tuning.with(try profile.profile(for: manifest, path: ""))
            }
        }
        if let synonyms {
            var profile = tuning.profile
            profile.synonyms = synonyms
            tuning = tuning.with(profile)
        }
        if let rules {
            try CatalogTuning.refusing("rules") { () throws(CatalogError) in
                tuning = tuning.with(rules: try Rule.checked(rules))
            }
        }
        return tuning
    }
}
