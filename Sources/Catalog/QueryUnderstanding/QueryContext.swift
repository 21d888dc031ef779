import Searching
import Segments

/// The catalog that a query is interpreted in: its profile, its index and its synonyms.
struct QueryContext {
    /// The weights, the labels and the ranking options.
    var profile: SearchProfile
    /// The snapshot whose terms and counts decide how a query is interpreted.
    var reader: IndexReader
    /// The synonym tables by the names of their analyzers; empty for a profile without synonyms.
    var synonyms: [String: SynonymTable]
    /// The liberties that the search takes.
    var matching = Matching()
    /// The limits of every look-up and count. Once they are over, the remaining parts of a query stay as typed.
    var limits = SearchLimits()

    /// True if unknown words are corrected.
    var corrects: Bool { profile.ranking.corrects && matching.corrects }

    /// The context with other liberties and limits.
    func with(_ matching: Matching, _ limits: SearchLimits) -> QueryContext {
        var context = self
        context.matching = matching
        context.limits = limits
        return context
    }
}
