import Segments
import Testing

@testable import Catalog

/// The actions of rules, one by one.
@Suite struct RuleSearchTests {
    private static func reply(
        _ rules: String, _ parameters: (name: String, value: String)...
    ) throws -> SearchReply {
        let (shelf, searcher) = try BookShelf.searcher()
        defer { withExtendedLifetime(shelf) {} }
        return try searcher.with(TuningDraft(rules: rules)).search(SearchRequest(parameters: parameters))
    }

    private static func ids(_ reply: SearchReply) -> [String] { reply.hits.map(\.id) }

    @Test func repliesNameTheRules() throws {
        let rules = #"""
            [{"id": "one", "query": {"is": "python"}, "hide": ["x"]},
             {"id": "two", "query": {"is": "other"}, "hide": ["x"]},
             {"id": "three", "query": {"contains": "python"}, "hide": ["x"]}]
            """#
        #expect(try Self.reply(rules, ("q", "Python")).applied.rules == ["one", "three"])
        #expect(try Self.reply(rules, ("q", "java")).applied.rules == [])
        #expect(try Self.reply(rules, ("q", "python"), ("rules", "off")).applied.rules == [])
    }

    @Test func hiddenDocumentsAreNeitherFoundNorCounted() throws {
        let rules = #"""
            [{"id": "r", "query": {"is": "python"}, "hide": ["4", "none"], "pin": [{"id": "4", "position": 1}]}]
            """#
        let reply = try Self.reply(rules, ("q", "python"), ("facets", "language"))
        #expect(Set(Self.ids(reply)) == ["3", "6"])
        #expect(reply.found == 2)
        #expect(reply.facets[0].values?.map(\.count) == [1, 1])
    }

    @Test func filtersOfRulesAreNotSelectedValues() throws {
        let rules = #"[{"id": "r", "query": {"is": "python"}, "filter": "language:=en"}]"#
        let reply = try Self.reply(rules, ("q", "python"), ("facets", "language"))
        #expect(Set(Self.ids(reply)) == ["4", "6"])
        #expect(reply.facets[0].values?.map(\.value) == ["en"])
        #expect(reply.facets[0].values?.map(\.selected) == [false])
        // Beside a filter of the request both count.
        let both = try Self.reply(rules, ("q", "python"), ("filter", "language:=zh"))
        #expect(both.found == 0)
    }

    @Test func anotherQueryIsSearched() throws {
        let rules = #"""
            [{"id": "r", "query": {"is": "snake"}, "replace": "python"},
             {"id": "s", "query": {"is": "snake"}, "replace": "银行"},
             {"id": "t", "query": {"is": "python"}, "hide": ["4"]}]
            """#
        let reply = try Self.reply(rules, ("q", "snake"))
        #expect(reply.found == 3)
        #expect(reply.query == "snake")
        #expect(reply.applied.replaced == "python")
        #expect(reply.applied.rules == ["r", "s"])
        #expect(reply.correctedQuery == nil)
    }

    @Test func repliesHaveThePageToGoTo() throws {
        let rules = #"[{"id": "r", "query": {"is": "python"}, "redirect": "/python?from=search"}]"#
        let reply = try Self.reply(rules, ("q", "python"))
        #expect(reply.redirect == "/python?from=search")
        #expect(reply.found == 3)
        #expect(try Self.reply(rules, ("q", "java")).redirect == nil)
    }

    @Test(arguments: [("boost", 10.0), ("bury", 0.01)])
    func factorsMultiplyScores(_ action: String, _ factor: Double) throws {
        let rules = #"""
            [{"id": "r", "query": {"is": "python"}, "\#(action)": [{"filter": "language:=zh", "factor": \#(factor)}]}]
            """#
        let parameters = [("q", "python"), ("explain", "true")]
        let plain = try Self.reply(rules, parameters[0], parameters[1], ("rules", "off"))
        let reply = try Self.reply(rules, parameters[0], parameters[1])
        #expect(Self.ids(reply)[action == "boost" ? 0 : 2] == "3")
        for hit in reply.hits {
            let before = try #require(plain.hits.first { $0.id == hit.id }).score
            let expected = hit.id == "3" ? Double(before) * factor : Double(before)
            #expect(abs(Double(hit.score) - expected) <= expected * 1e-6)
            #expect(hit.explain?.value == hit.score)
        }
    }

    @Test func pinnedHitsAreMarked() throws {
        let rules = #"[{"id": "r", "query": {"is": "python"}, "pin": [{"id": "1", "position": 2}]}]"#
        let reply = try Self.reply(rules, ("q", "python"), ("explain", "true"))
        #expect(Self.ids(reply)[1] == "1")
        #expect(reply.hits.map(\.pinned) == [nil, true, nil, nil])
        #expect(reply.hits[1].explain == nil)
        #expect(reply.found == 4)
    }

    @Test func wrongRulesAreNotPreviewed() throws {
        for (rules, expected) in [
            ("[{", "line 1, column 3"),
            (#"[{"id": "r", "query": {"is": "a"}, "filter": "pages:>1"}]"#, "at [0].filter, rule"),
        ] {
            let error = #expect(throws: CatalogError.self) { try Self.reply(rules, ("q", "python")) }
            #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
        }
    }
}
