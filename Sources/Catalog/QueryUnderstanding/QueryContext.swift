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

    /// True if unknown words are corrected.
    var corrects: Bool { profile.ranking.corrects && matching.corrects }

    /// The context with other liberties.
    func with(_ matching: Matching) -> QueryContext {
        var context = self
        context.matching = matching
        return context
    }
}
