@testable import Catalog

extension TuningDraft {
    /// A draft of rules in the place of those in force, from a JSON array.
    init(rules: String) throws(CatalogError) {
        self.init()
        self.rules = try Rule.list(json: Array(rules.utf8))
    }
}
