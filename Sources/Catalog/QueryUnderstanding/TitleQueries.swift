import Searching
import Segments

/// Queries for the shingles of a query that are whole titles.
///
/// A title that is the whole query scores the maximum, and so does one beside which the document has the rest of the
/// query, such as its author or its publisher. Any other shingle scores by its share of the query.
struct TitleQueries {
    /// The queries for all shingles.
    private(set) var all: [Query] = []
    /// The queries for the whole query.
    private(set) var exact: [Query] = []

    /// The boost, as a share of the maximum score, for a title that joins its words as the query does: `socket-io` but
    /// not `@socket/io`.
    private static let written: Float = 0.5

    /// Finds the titles in a query for a group of fields, the index of which is given. `analyzed` is the query in
    /// the terms of the group. `maxScore` is the maximum score
    /// of the query's terms in the group.
    ///
    /// Errors: `corrupt` of the index.
    init(
        _ text: String, _ analyzed: AnalyzedQuery, _ maxScore: Float, _ groupIndex: Int, _ group: SearchFields,
        _ meaning: PositionMeaning, _ context: QueryContext
    ) throws(IndexError) {
        let ranking = context.profile.ranking
        guard ranking.whole > 0 || ranking.named > 0 else { return }
        let compounds = analyzed.terms.flatMap(\.alternatives)
        let compound = compounds.max { ($0.utf8.count, $1) < ($1.utf8.count, $0) }
        for siblings in group.wholes {
            let minShare = ranking.named > 0 && !meaning.isSentence ? 0 : ranking.shortestWhole
            let shingles = QueryShingles(text, siblings.analyzer, minShare: minShare)
            // A run that the query has twice counts once.
            var known: [String] = []
            for shingle in shingles.all where !context.limits.isOver && !known.contains(shingle.text) {
                for field in siblings.fields
                where try context.reader.documentFrequency(field.name, shingle.text) > 0 {
                    let title = Query.term(field: field.name, shingle.text)
                    known.append(shingle.text)
                    let parts = shingles.rest(of: shingle)
                    let rest = parts.flatMap { meaning.queries($0, groupIndex, group) }
                    if rest.isEmpty {
                        all.append(.constant(title, maxScore))
                        exact.append(title)
                        if let compound {
                            let written = Query.combined(fields: group.words, compound)
                            all.append(.constant(.boolean(.init(filter: [title, written])), Self.written * maxScore))
                        }
                        continue
                    }
                    // Who names a volume wants neither the first one, if it has the title of the series, nor a box.
                    let isSeries = parts.allSatisfy(meaning.isVolume)
                    if ranking.whole > 0, shingle.share >= ranking.shortestWhole, shingle.characters > 1, !isSeries {
                        all.append(.constant(title, ranking.whole * shingle.share * maxScore))
                    }
                    if ranking.named > 0 {
                        let named = Query.boolean(.init(filter: [title] + rest))
                        all.append(.constant(named, ranking.named * maxScore))
                    }
                }
            }
        }
    }
}
