import Searching
import Segments

/// Queries for the shingles of a query that are whole titles.
///
/// A title that is the whole query scores the maximum, and so does one beside which the document has the rest of the
/// query, such as its author or its publisher. Any other shingle scores by its share of the query.
struct TitleQueries {
    /// The queries for all shingles.
    private(set) var all: [Query] = []
    /// Those for the whole query.
    private(set) var exact: [Query] = []

    /// Finds the titles in a query for a group of fields, the index of which is given. `maxScore` is the maximum score
    /// of the query's terms in the group.
    ///
    /// Errors: `corrupt` of the index.
    init(
        _ text: String, _ maxScore: Float, _ groupIndex: Int, _ group: SearchFields, _ meaning: PositionMeaning,
        _ context: QueryContext
    ) throws(IndexError) {
        let ranking = context.profile.ranking
        guard ranking.whole > 0 || ranking.named > 0 else { return }
        for siblings in group.wholes {
            let minShare = ranking.named > 0 && !meaning.isSentence ? 0 : ranking.shortestWhole
            for shingle in QueryShingles(text, siblings.analyzer, minShare: minShare).all
            where !context.limits.isOver {
                for field in siblings.fields
                where try context.reader.documentFrequency(field.name, shingle.text) > 0 {
                    let title = Query.term(field: field.name, shingle.text)
                    let rest = shingle.rest.flatMap { meaning.queries($0, groupIndex, group) }
                    if rest.isEmpty {
                        all.append(.constant(title, maxScore))
                        exact.append(title)
                        continue
                    }
                    if ranking.whole > 0, shingle.share >= ranking.shortestWhole, shingle.text.count > 1 {
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
