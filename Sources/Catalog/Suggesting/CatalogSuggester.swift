import Analyzer
package import Searching
import Segments

extension CatalogSearcher {
    /// The number of candidates that are compared with a filter.
    private static let maxFiltered = 64

    /// Returns the best suggestions for typed text, with up to three `popular` queries after the best one. With a
    /// filter only the best 64 candidates are considered, so that there may be fewer than requested, and no query is
    /// among them. A catalog without suggestion fields has none but queries. When `limits` are over, the reply is
    /// partial: it has the suggestions that were found, and compared with the filter, by then.
    ///
    /// Errors: `request` for a filter that does not fit the catalog, `index` if the index is corrupt.
    package func suggest(
        _ request: SuggestRequest, popular: PopularQueries? = nil, limits: SearchLimits? = nil
    ) throws(CatalogError) -> SuggestReply {
        let clock = ContinuousClock()
        let start = clock.now
        let limits = limits ?? SearchLimits(deadline: request.timeout.map { start + $0 })
        var items: [SuggestReply.SuggestedText] = []
        if request.q.count <= SuggestRequest.maxCharacters {
            var presenter = SuggestionPresenter(reader)
            let filters: FilterQueries
            do { filters = try FilterQueries(request.filter, reader.schema) } catch { throw .request(error) }
            items = try indexing { () throws(IndexError) in
                let candidates = try reader.suggestions(
                    for: request.q, kinds: Set(SuggestionKind.allCases.filter { request.kinds.contains(.init($0)) }),
                    limit: request.filter == nil ? request.limit : Self.maxFiltered, limits: limits)
                var items: [SuggestReply.SuggestedText] = []
                let shown = try filters.queries.isEmpty ? nil : documents(of: candidates, filters.queries, limits)
                for var candidate in candidates where items.count < request.limit {
                    if let shown, !shown.contains(candidate.document) {
                        guard let other = candidate.documents.first(where: { shown.contains($0.document) }) else {
                            continue
                        }
                        candidate.document = other.document
                    }
                    if let item = try presenter.present(candidate) { items.append(item) }
                }
                return items
            }
            if request.filter == nil, request.kinds.contains(.query) {
                items = withQueries(popular?.matching(request.q, limit: Self.maxQueries) ?? [], items, request.limit)
            }
        }
        let elapsed = (clock.now - start).components
        let milliseconds = Double(elapsed.seconds) * 1e3 + Double(elapsed.attoseconds) / 1e15
        return SuggestReply(
            query: request.q, suggestions: items, partial: limits.isOver,
            tookMilliseconds: milliseconds.rounded(toPlaces: 3))
    }

    /// The maximum number of suggested queries.
    private static let maxQueries = 3

    /// Suggestions with queries after the best one; those of a text that is suggested already are left out.
    private func withQueries(
        _ queries: [PopularQueries.Match], _ items: [SuggestReply.SuggestedText], _ limit: Int
    ) -> [SuggestReply.SuggestedText] {
        if queries.isEmpty { return items }
        let analyzer = titleAnalyzer
        var forms = SuggestionForms()
        func form(_ text: String) -> [UInt8] {
            forms.make(text, by: analyzer)
            return Array(forms.text)
        }
        let known = Set(items.map { form($0.text) })
        let queries = queries.filter { !known.contains(form($0.text)) }.map { query in
            SuggestReply.SuggestedText(
                text: query.text, kind: .query, marks: query.typed.map { [query.text.utf16Offsets(of: $0)] } ?? [])
        }
        return Array((items.prefix(1) + queries + items.dropFirst()).prefix(limit))
    }

    /// The documents of suggestions that match filters, as far as they were found when the limits were over.
    private func documents(
        of suggestions: [Suggestion], _ filters: [Query], _ limits: SearchLimits
    ) throws(IndexError) -> Set<Int> {
        let documents = Set(suggestions.flatMap { $0.documents.map(\.document) + [$0.document] })
        if documents.isEmpty { return [] }
        let listed = Query.documents(documents.sorted().map { .init($0, score: 0) })
        var search = Search(listed, filters: filters, limit: documents.count, countsMatches: false)
        search.limits = limits
        return Set(try reader.search(search).hits.map(\.document))
    }
}

/// Presents suggestions as a reply has them: the text of a document, and the parts of it that were typed.
struct SuggestionPresenter: ~Copyable {
    private let reader: IndexReader
    private var forms = SuggestionForms()

    init(_ reader: IndexReader) { self.reader = reader }

    /// Returns a suggestion as a reply has it; nil if its document does not have the text.
    ///
    /// Errors: `corrupt`. Complexity: decompresses one block of rows.
    mutating func present(_ suggestion: Suggestion) throws(IndexError) -> SuggestReply.SuggestedText? {
        guard let field = reader.schema.field(suggestion.field)?.field else { return nil }
        let document = try reader.document(suggestion.document)
        let analyzer = reader.schema.analyzer(field.analyzer) ?? .standard
        for text in document[field.from]?.texts ?? [] {
            forms.make(text, by: analyzer)
            guard forms.text.elementsEqual(suggestion.text.utf8) else { continue }
            var item = SuggestReply.SuggestedText(text: text, kind: .init(suggestion.kind), marks: [])
            if let range = forms.sourceRange(of: suggestion.typed) { item.marks = [text.utf16Offsets(of: range)] }
            let key = reader.members.all[reader.members.key].name
            if suggestion.kind == .title, case .text(let id)? = document[key] { item.id = id }
            return item
        }
        return nil
    }
}

extension StoredValue {
    /// The texts of a member, one or several; none for numbers.
    fileprivate var texts: [String] {
        switch self {
        case .text(let text): [text]
        case .list(let values): values.flatMap(\.texts)
        case .integer, .float, .boolean: []
        }
    }
}

extension String {
    /// Returns the start and the end of a range of bytes in UTF-16 code units. Complexity: O(end).
    fileprivate func utf16Offsets(of bytes: Range<Int>) -> [Int] {
        [bytes.lowerBound, bytes.upperBound].map { offset in
            utf16.distance(from: utf16.startIndex, to: utf8.index(utf8.startIndex, offsetBy: offset))
        }
    }
}
