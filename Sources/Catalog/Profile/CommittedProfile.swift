import Indexer

extension SearchProfile {
    /// The search profile's name in a commit's payload.
    static let payloadKey = "profile"

    /// The profile a commit carries; what the schema suggests when it carries none.
    init(of manifest: Manifest, path: String) throws(CatalogError) {
        if let json = manifest.payload[Self.payloadKey] {
            self = try SearchProfile(json: Array(json.utf8), path: path, schema: manifest.schema)
        } else {
            self = SearchProfile(for: manifest.schema)
        }
    }
}
