import Searching

@testable import Catalog

extension QueryContext {
    /// The context of another request, with other liberties and limits.
    func with(_ matching: Matching, _ limits: SearchLimits) -> QueryContext {
        QueryContext(
            profile: profile, reader: reader, synonyms: synonyms, groups: groups, facts: facts, matching: matching,
            limits: limits)
    }
}
