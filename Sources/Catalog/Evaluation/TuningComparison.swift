import FoundationEssentials
import Indexer
package import Searching
import Segments

/// Two drafts of a catalog's tuning, side by side: the replies to one search, or the quality of judged queries.
///
/// ```json
/// {"before": {"revision": 7}, "after": {"rules": []}, "queries": [{"query": "tolstoy", "grades": {"b1": 2}}]}
/// ```
package struct TuningComparison: Sendable {
    private var before = TuningDraft()
    private var after = TuningDraft()
    private var queries: [JudgedQuery] = []

    /// The maximum number of judged queries of a request; a page sends more of them in several requests.
    package static let maxQueries = 100

    /// A query with the grades of documents.
    private struct JudgedQuery: Decodable {
        var query: String
        var grades: [String: Int]
    }

    /// Reads drafts from JSON. A draft that is missing is what is in force.
    ///
    /// Errors: `request` with the place and the remedy: `bad_profile`, `bad_synonyms`, `bad_rules`, `bad_draft`.
    package init(json: [UInt8]) throws(CatalogError) {
        do { self = try JSONDecoder().decode(Self.self, from: Data(json)) } catch {
            throw .request(Self.problem(syntaxProblem(json: json) ?? describe(error)))
        }
        guard queries.count <= Self.maxQueries else {
            throw .request(
                RequestProblem(
                    "too_many_queries", "queries", "there are \(queries.count) judged queries",
                    hint: "send at most \(Self.maxQueries) at once"))
        }
        for judged in queries {
            do throws(RequestProblem) {
                _ = try SearchRequest(parameters: [("q", judged.query)])
            } catch {
                throw .request(error)
            }
        }
    }

    /// The problem of a text that is not valid. A problem of a part is that which saving the part would have: its place
    /// is one in the part.
    private static func problem(_ text: String) -> RequestProblem {
        for part in CatalogTuning.Part.allCases {
            for draft in CodingKeys.drafts {
                let place = "at .\(draft.rawValue).\(part.rawValue)"
                guard text.hasPrefix(place) else { continue }
                let rest = text.dropFirst(place.count)
                return .wrongTuning(part.rawValue, "at \(rest.hasPrefix(":") ? "the top level" : "")\(rest)")
            }
        }
        return RequestProblem(
            "bad_draft", "body", text,
            hint: #"send {"before": {…}, "after": {…}}, each with revision, profile, synonyms or rules"#)
    }

    /// Returns the searchers of a snapshot by both drafts.
    ///
    /// Errors: `request` for a part that is not valid or does not fit the schema, `unknownRevision`, `tuning`,
    /// `storage`.
    private func searchers(
        _ searcher: CatalogSearcher, _ tuning: CatalogTuning
    ) throws(CatalogError) -> [CatalogSearcher] {
        var searchers: [CatalogSearcher] = []
        for draft in [before, after] {
            var base: TuningRevision?
            if let number = draft.revision { base = try tuning.revision(number) }
            searchers.append(try searcher.with(draft, base))
        }
        return searchers
    }

    /// Returns the replies to a search by both drafts.
    ///
    /// Errors: those of the drafts and of a search.
    package func preview(
        _ request: SearchRequest, _ searcher: CatalogSearcher, _ tuning: CatalogTuning, limits: SearchLimits
    ) throws(CatalogError) -> some JSONWritable & Sendable {
        let searchers = try searchers(searcher, tuning)
        return Preview(
            after: try searchers[1].search(request, limits: limits),
            before: try searchers[0].search(request, limits: limits))
    }

    /// Returns the nDCG@10 of the judged queries by both drafts, of as many as there is time for, in their order.
    ///
    /// Errors: as for `preview`.
    package func evaluate(
        _ searcher: CatalogSearcher, _ tuning: CatalogTuning, limits: SearchLimits
    ) throws(CatalogError) -> some JSONWritable & Sendable {
        let searchers = try searchers(searcher, tuning)
        var outcomes: [Outcome] = []
        for judged in queries {
            var request = SearchRequest(judged.query)
            request.members = .only([])
            var measures: [Double] = []
            for searcher in searchers {
                let ranking = try searcher.search(request, limits: limits).hits.map(\.id)
                measures.append(Measures(ranking, judged.grades).ndcg10.rounded(toPlaces: 4))
            }
            // A search that was cut short says nothing about its ranking.
            if limits.isOver { break }
            outcomes.append(Outcome(query: judged.query, ndcg10: measures))
        }
        return Outcomes(queries: outcomes, partial: outcomes.count < queries.count)
    }

    private struct Preview: JSONWritable, Sendable {
        var after: SearchReply
        var before: SearchReply

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("after", after)
                json.member("before", before)
            }
        }
    }

    private struct Outcome: JSONWritable, Sendable {
        var query: String
        var ndcg10: [Double]

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("ndcg10", ndcg10)
                json.member("query", query)
            }
        }
    }

    private struct Outcomes: JSONWritable, Sendable {
        var queries: [Outcome]
        var partial: Bool

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("partial", partial)
                json.member("queries", queries)
            }
        }
    }
}

extension TuningComparison: Decodable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case before, after, queries

        static let drafts = [before, after]
    }

    /// Decodes drafts and judged queries.
    package init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        before = try values.decodeIfPresent(TuningDraft.self, forKey: .before) ?? TuningDraft()
        after = try values.decodeIfPresent(TuningDraft.self, forKey: .after) ?? TuningDraft()
        queries = try values.decodeIfPresent([JudgedQuery].self, forKey: .queries) ?? []
    }
}
