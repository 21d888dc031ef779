import Catalog
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Segments
import Testing

@testable import SearchServer

/// The tuning of a catalog over HTTP.
@Suite struct TuningRouteTests {
    /// A server with one small catalog, and an admin key of the name `editor`.
    struct TestServer: Sendable {
        let client: any TestClientProtocol
        let key: String

        struct Reply: Sendable {
            var status: Int
            var tag: String?
            var body: String

            /// The JSON of the body.
            var json: [String: Any] {
                get throws {
                    try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
                }
            }
        }

        func send(
            _ method: HTTPRequest.Method, _ path: String, _ body: String = "", ifMatch: String? = nil,
            type: String = "application/json", key: String? = nil
        ) async throws -> Reply {
            var headers: HTTPFields = [.contentType: type, .authorization: "Bearer \(key ?? self.key)"]
            headers[.ifMatch] = ifMatch
            return try await client.execute(
                uri: "/v1/goods\(path)", method: method, headers: headers, body: ByteBuffer(string: body)
            ) { Reply(status: $0.status.code, tag: $0.headers[.eTag], body: String(buffer: $0.body)) }
        }

        func found(_ q: String) async throws -> Int? {
            try await send(.get, "/search?q=\(q)").json["found"] as? Int
        }
    }

    func withServer(_ test: @escaping @Sendable (TestServer) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("quire-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let lines = (1...4).map { #"{"id": "\#($0)", "title": "python book \#($0)", "price": \#($0)}"# }
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path + "/in.jsonl"))
        let schema = try Schema(
            key: "id", fields: [Field("id", .keyword), Field("title", .text), Field("price", .integer)])
        let folder = DataFolder(path + "/data")
        _ = try IndexJob(files: [path + "/in.jsonl"], schema: schema).run("goods", in: folder)
        let key = try AccessKeys(folder).add("editor")
        let logger = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        let store = makeStore(folder, logger: logger)
        try await makeServer(.init(), store, logger: logger).test(.router) { client in
            try await test(TestServer(client: client, key: key))
        }
        try store.close()
    }

    private static let pythons = #"[{"words":["snake","python"]}]"#

    @Test func aSynonymIsInForceWithTheReply() async throws {
        try await withServer { server in
            #expect(try await server.found("snake") == 0)
            let before = try await server.send(.get, "/synonyms")
            #expect(before.status == 200)
            #expect(before.tag == "\"0\"")
            #expect(before.body == "[]")
            let put = try await server.send(.put, "/synonyms", Self.pythons, ifMatch: before.tag)
            #expect(put.status == 200)
            #expect(put.tag == "\"1\"")
            #expect(try put.json["revision"] as? Int == 1)
            #expect(try put.json["who"] as? String == "editor")
            #expect(try await server.found("snake") == 4)
            #expect(try await server.send(.get, "/synonyms").body == Self.pythons)
        }
    }

    /// The page of a search that was kept, and its entity tag, are not used after a change.
    @Test func keptRepliesEndWithAChange() async throws {
        try await withServer { server in
            let first = try await server.send(.get, "/search?q=snake")
            #expect(try await server.send(.get, "/search?q=snake").tag == first.tag)
            _ = try await server.send(.put, "/synonyms", Self.pythons, ifMatch: "*")
            let second = try await server.send(.get, "/search?q=snake")
            #expect(second.tag != first.tag)
            #expect(try second.json["found"] as? Int == 4)
        }
    }

    @Test func changesNeedTheRevisionThatTheyWereMadeFrom() async throws {
        try await withServer { server in
            let missing = try await server.send(.put, "/synonyms", "[]")
            #expect(missing.status == 428)
            #expect(try missing.json["code"] as? String == "if_match_required")
            for (tag, status) in [("\"0\"", 200), ("\"0\"", 412), ("W/\"1\"", 200), ("*", 200), ("2", 412)] {
                #expect(try await server.send(.put, "/synonyms", "[]", ifMatch: tag).status == status, "\(tag)")
            }
            let outdated = try await server.send(.put, "/profile", "{}", ifMatch: "\"1\"")
            #expect(try outdated.json["code"] as? String == "outdated_revision")
            #expect((try outdated.json["detail"] as? String)?.contains("the newest tuning revision is 3;") == true)
            #expect(try await server.send(.post, "/tuning/revisions/1/restore").status == 428)
        }
    }

    @Test func wrongProfilesAreRefusedWithPlaceAndRemedy() async throws {
        try await withServer { server in
            let reply = try await server.send(.put, "/profile", #"{"weights": {"subtitle": 3}}"#, ifMatch: "*")
            #expect(reply.status == 400)
            let problem = try reply.json
            #expect(problem["code"] as? String == "bad_profile")
            #expect((problem["detail"] as? String)?.contains("\"subtitle\"") == true)
            #expect((problem["hint"] as? String)?.contains("add the field to the schema and rebuild") == true)
            #expect(try await server.send(.get, "/profile").tag == "\"0\"")
            let type = try await server.send(.put, "/profile", "{}", ifMatch: "*", type: "text/plain")
            #expect(type.status == 415)
        }
    }

    @Test func everythingNeedsAKey() async throws {
        try await withServer { server in
            for path in ["/profile", "/synonyms", "/rules", "/tuning/revisions", "/tuning/revisions/1"] {
                #expect(try await server.send(.get, path, key: "none").status == 401, "\(path)")
            }
            for path in ["/profile", "/synonyms", "/rules"] {
                #expect(try await server.send(.put, path, "[]", ifMatch: "*", key: "none").status == 401, "\(path)")
            }
            let restored = try await server.send(.post, "/tuning/revisions/1/restore", ifMatch: "*", key: "none")
            #expect(restored.status == 401)
        }
    }

    @Test func revisionsAreListedAndRestored() async throws {
        try await withServer { server in
            _ = try await server.send(.put, "/synonyms", Self.pythons, ifMatch: "*")
            _ = try await server.send(.put, "/profile", #"{"weights": {"title": 2}, "synonyms": []}"#, ifMatch: "*")
            #expect(try await server.found("snake") == 0)
            let list = try await server.send(.get, "/tuning/revisions").json["revisions"] as? [[String: Any]]
            #expect(list?.compactMap { $0["revision"] as? Int } == [2, 1])
            #expect(list?.compactMap { $0["change"] as? String } == ["profile", "synonyms"])
            let one = try await server.send(.get, "/tuning/revisions/2").json
            #expect((one["profile"] as? [String: Any])?["weights"] as? [String: Int] == ["title": 2])
            let restored = try await server.send(.post, "/tuning/revisions/1/restore", ifMatch: "\"2\"")
            #expect(restored.tag == "\"3\"")
            #expect(try restored.json["change"] as? String == "restore 1")
            #expect(try await server.found("snake") == 4)
            for path in ["/tuning/revisions/9", "/tuning/revisions/x"] {
                let missing = try await server.send(.get, path)
                #expect(missing.status == 404)
                #expect(try missing.json["code"] as? String == "unknown_revision")
            }
        }
    }

    private static let rules = #"[{"id": "r", "query": {"is": "PYTHON"}, "pin": [{"id": "3", "position": 1}]}]"#

    @Test func rulesArePut() async throws {
        try await withServer { server in
            func ids(_ reply: [String: Any]?) -> [String]? {
                (reply?["hits"] as? [[String: Any]])?.compactMap { $0["id"] as? String }
            }
            let put = try await server.send(.put, "/rules", Self.rules, ifMatch: "\"0\"")
            #expect(put.status == 200)
            let reply = try await server.send(.get, "/search?q=python&per_page=2").json
            #expect(ids(reply) == ["3", "1"])
            #expect((reply["applied"] as? [String: Any])?["rules"] as? [String] == ["r"])
            #expect((reply["hits"] as? [[String: Any]])?.compactMap { $0["pinned"] as? Bool } == [true])
            let off = try await server.send(.get, "/search?q=python&per_page=2&rules=off").json
            #expect(ids(off) == ["1", "2"])
            let list = try await server.send(.get, "/tuning/revisions").json
            #expect(list["unfit_rules"] as? [String] == [])
        }
    }

    @Test func wrongRulesAreRefusedWithPlaceAndRemedy() async throws {
        try await withServer { server in
            let wrong = #"[{"id": "r", "query": {"is": "a"}, "filter": "stock:>0"}]"#
            let reply = try await server.send(.put, "/rules", wrong, ifMatch: "*")
            #expect(reply.status == 400)
            let problem = try reply.json
            #expect(problem["code"] as? String == "bad_rules")
            #expect((problem["detail"] as? String)?.contains("at [0].filter, rule \"r\"") == true)
            #expect((problem["hint"] as? String)?.contains("fields to filter by: ") == true)
            #expect(try await server.send(.get, "/rules").body == "[]")
        }
    }
}
