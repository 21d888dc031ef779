import Indexer

/// What a query is understood by: a catalog's choices and its texts.
struct RankingContext {
    var profile: SearchProfile
    var reader: IndexReader
    /// By the analyzer's name.
    var synonyms: [String: SynonymTable]
}
