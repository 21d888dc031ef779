import Analyzer
import Searching
import Segments

/// Queries for text that is still being typed.
enum UnfinishedQuery {
    /// The maximum number of suggestions whose documents are found.
    private static let maxSuggestions = 32
    /// The maximum number of these documents.
    private static let maxDocuments = 100

    /// Returns the query for documents with a word that begins so, in any of some vocabulary fields; nil if there is
    /// none. Its scores are below those of the word itself. Errors: `corrupt`.
    static func words(beginning word: String, _ groups: [SearchFields], _ reader: IndexReader) throws(IndexError)
        -> Query?
    {
        var choices: [Query] = []
        var fields: [Query.WeightedField] = []
        for field in groups.flatMap(\.vocabularies) where !fields.contains(field) {
            fields.append(field)
            guard try reader.hasTerm(field.name, beginning: word) else { continue }
            choices.append(.constant(.pattern(field: field.name, .prefix(word)), field.weight))
        }
        return choices.isEmpty ? nil : .disjunctionMax(of: choices)
    }

    /// Returns those of some documents that the request may see. Errors: `corrupt`.
    private static func inside(_ documents: [Int], _ context: QueryContext) throws(IndexError) -> [Int] {
        if context.scope.isEmpty || documents.isEmpty { return documents }
        let all = Query.documents(documents.map { .init($0, score: 0) })
        let found = try context.search(Search(all, filters: context.scope, limit: documents.count))
        let inside = Set(found.hits.map(\.document))
        return documents.filter(inside.contains)
    }

    /// Returns the documents of the titles, series and authors that begin with a query or its pinyin, the most
    /// popular first, with `nearMisses` also of those that only sound like it or are one edit away; at most
    /// `maxDocuments`.
    ///
    /// Errors: `corrupt`.
    static func suggested(
        _ query: ParsedQuery, nearMisses: Bool, _ context: QueryContext
    ) throws(IndexError) -> [Int] {
        let matching = context.matching
        guard matching.isUnfinished, matching.words != .all, query.isFree else { return [] }
        let suggestions = try context.suggestions(
            for: query.free, limit: maxSuggestions, nearMisses: nearMisses)
        let listed = suggestions.filter { suggestion in
            // The pinyin of a text and its initials follow the text itself.
            let isText = suggestion.typed.upperBound <= suggestion.text.utf8.count
            return (nearMisses || !suggestion.isCorrected) && (context.corrects || isText)
        }.flatMap(\.documents)
        var documents: [Int] = []
        for one in listed.sorted(by: { ($1.score, $0.document) < ($0.score, $1.document) })
        where documents.count < maxDocuments && !documents.contains(one.document) {
            documents.append(one.document)
        }
        return try inside(documents, context)
    }
}
