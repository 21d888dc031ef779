import Analyzer
package import Searching
import Segments

extension CatalogSearcher {
    /// The number of candidates that are compared with a filter.
    private static let maxFiltered = 64

    /// Returns the best suggestions for typed text. With a filter only the best 64 candidates are considered, so that
    /// there may be fewer than requested. A catalog without suggestion fields has none. When `limits` are over, the
    /// reply is partial: it has the suggestions that were found, and compared with the filter, by then.
    ///
    /// Errors: `request` for a filter that does not fit the catalog, `index` if the index is corrupt.
    package func suggest(
        _ request: SuggestRequest, limits: SearchLimits? = nil
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
                    for: request.q, kinds: request.kinds,
                    limit: request.filter == nil ? request.limit : Self.maxFiltered, limits: limits)
                var items: [SuggestReply.SuggestedText] = []
                for var candidate in candidates where items.count < request.limit {
                    if !filters.queries.isEmpty {
                        guard let document = try document(of: candidate, matching: filters.queries, limits) else {
                            continue
                        }
                        candidate.document = document
                    }
                    if let item = try presenter.present(candidate) { items.append(item) }
                }
                return items
            }
        }
        let elapsed = (clock.now - start).components
        let milliseconds = Double(elapsed.seconds) * 1e3 + Double(elapsed.attoseconds) / 1e15
        return SuggestReply(
            query: request.q, suggestions: items, partial: limits.isOver,
            tookMilliseconds: milliseconds.rounded(toPlaces: 3))
    }

    /// The most popular document of a suggestion, or another one, that matches filters; nil if none does, or if the
    /// limits are over.
    private func document(
        of suggestion: Suggestion, matching filters: [Query], _ limits: SearchLimits
    ) throws(IndexError) -> Int? {
        let documents = suggestion.documents.map {
            Query.ScoredDocument($0.document, score: $0.document == suggestion.document ? 1 : 0)
        }
        var search = Search(.documents(documents), filters: filters, limit: 1, countsMatches: false)
        search.limits = limits
        return try reader.search(search).hits.first?.document
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
            var item = SuggestReply.SuggestedText(text: text, kind: suggestion.kind, marks: [])
            if let range = forms.sourceRange(of: suggestion.typed) {
                item.marks = [[text.utf16Offset(range.lowerBound), text.utf16Offset(range.upperBound)]]
            }
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
    /// Returns an offset in bytes as one in UTF-16 code units. Complexity: O(offset).
    fileprivate func utf16Offset(_ bytes: Int) -> Int {
        utf16.distance(from: utf16.startIndex, to: utf8.index(utf8.startIndex, offsetBy: bytes))
    }
}
