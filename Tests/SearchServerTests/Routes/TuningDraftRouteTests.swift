import Foundation
import Testing

@testable import SearchServer

/// Drafts of a tuning that are weighed over HTTP without being saved.
@Suite struct TuningDraftRouteTests {
    private static let rules = #"[{"id": "r", "query": {"is": "PYTHON"}, "pin": [{"id": "3", "position": 1}]}]"#

    private static func withServer(
        _ test: @escaping @Sendable (TuningRouteTests.TestServer) async throws -> Void
    ) async throws { try await TuningRouteTests().withServer(test) }

    private static func ids(_ reply: [String: Any], _ draft: String) -> [String]? {
        ((reply[draft] as? [String: Any])?["hits"] as? [[String: Any]])?.compactMap { $0["id"] as? String }
    }

    @Test func draftsNeedAKey() async throws {
        try await Self.withServer { server in
            for path in ["/tuning/preview?q=a", "/tuning/evaluate"] {
                let reply = try await server.send(.post, path, "{}", key: "none")
                #expect(reply.status == 401, "\(path)")
            }
        }
    }

    @Test func repliesByDraftsAreSideBySide() async throws {
        try await Self.withServer { server in
            let draft = #"{"after": {"rules": \#(Self.rules)}}"#
            let reply = try await server.send(.post, "/tuning/preview?q=python&per_page=2", draft).json
            #expect(Self.ids(reply, "before") == ["1", "2"])
            #expect(Self.ids(reply, "after") == ["3", "1"])
            #expect(try await server.send(.get, "/rules").tag == "\"0\"")
        }
    }

    /// The parts that a draft lacks are those of its revision, or of what is in force.
    @Test func draftsStandOnRevisions() async throws {
        try await Self.withServer { server in
            let synonyms = #"[{"words": ["snake", "python"]}]"#
            _ = try await server.send(.put, "/synonyms", synonyms, ifMatch: "*")
            _ = try await server.send(.put, "/profile", #"{"weights": {"title": 2}, "synonyms": []}"#, ifMatch: "*")
            for (draft, expected) in [
                ("{}", []), (#"{"revision": 1}"#, ["1", "2", "3", "4"]), (#"{"revision": 2}"#, []),
                (#"{"revision": 1, "profile": {"weights": {"title": 3}}}"#, ["1", "2", "3", "4"]),
                (#"{"revision": 1, "profile": {"weights": {"title": 3}, "synonyms": []}}"#, []),
                (#"{"synonyms": \#(synonyms)}"#, ["1", "2", "3", "4"]),
            ] {
                let reply = try await server.send(.post, "/tuning/preview?q=snake", #"{"before": \#(draft)}"#).json
                #expect(Self.ids(reply, "before") == expected, "\(draft)")
            }
        }
    }

    @Test func wrongDraftsAreRefusedWithThePlaceInTheirPart() async throws {
        let unfit = #"{"after": {"rules": [{"id": "r", "query": {"is": "a"}, "filter": "stock:>0"}]}}"#
        let many = (0...100).map { #"{"query": "q\#($0)", "grades": {}}"# }.joined(separator: ",")
        let long = String(repeating: "a ", count: 401)
        let cases = [
            (unfit, 400, "bad_rules", "at [0].filter, rule \"r\""),
            (#"{"after": {"rules": [{"id": "r", "qurey": {}}]}}"#, 400, "bad_rules", "at [0]"),
            (#"{"before": {"synonyms": {}}}"#, 400, "bad_synonyms", "at the top level"),
            (#"{"before": {"profile": {"weights": {"subtitle": 3}}}}"#, 400, "bad_profile", "\"subtitle\""),
            ("{\"after\": {\"rules\": [\n{]}}", 400, "bad_draft", "line 2, column 2:"),
            (#"{"after": {"rulse": []}}"#, 400, "bad_draft", "rulse"),
            (#"{"before": {"revision": 9}}"#, 404, "unknown_revision", "9"),
            (#"{"queries": [\#(many)]}"#, 400, "too_many_queries", "101 judged queries"),
            (#"{"queries": [{"query": "\#(long)", "grades": {}}]}"#, 400, "query_too_long", "401 words"),
        ]
        try await Self.withServer { server in
            for path in ["/tuning/preview?q=a", "/tuning/evaluate"] {
                for (body, status, code, detail) in cases {
                    let reply = try await server.send(.post, path, body)
                    #expect(reply.status == status, "\(path) \(body.prefix(80))")
                    let problem = try reply.json
                    #expect(problem["code"] as? String == code, "\(path) \(body.prefix(80))")
                    #expect((problem["detail"] as? String)?.contains(detail) == true, "\(problem)")
                }
            }
        }
    }

    @Test func judgedQueriesAreMeasuredByBothDrafts() async throws {
        try await Self.withServer { server in
            let queries = #"[{"query": "python", "grades": {"3": 3}}, {"query": "cobra", "grades": {"1": 1}}]"#
            let body = #"{"after": {"rules": \#(Self.rules)}, "queries": \#(queries)}"#
            let reply = try await server.send(.post, "/tuning/evaluate", body).json
            #expect(reply["partial"] as? Bool == false)
            let rows = try #require(reply["queries"] as? [[String: Any]])
            #expect(rows.compactMap { $0["query"] as? String } == ["python", "cobra"])
            #expect(rows.compactMap { $0["ndcg10"] as? [Double] } == [[0.5, 1], [0, 0]])
        }
    }
}
