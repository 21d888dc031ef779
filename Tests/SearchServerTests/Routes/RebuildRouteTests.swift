import Catalog
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@testable import SearchServer

/// Rebuilding, exporting, creating and removing catalogs over HTTP.
@Suite struct RebuildRouteTests {
    typealias TestServer = DocumentRouteTests.TestServer

    private static let schema = """
        {"key": "id", "fields": [{"name": "id", "type": "keyword"}, {"name": "title", "type": "text"},
         {"name": "title_whole", "type": "text", "from": "title", "analyzer": "whole"},
         {"name": "price", "type": "float"}]}
        """

    private static func object(_ body: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
    }

    /// Returns the generations when the other one is ready.
    private static func whenReady(_ server: TestServer) async throws -> [String: Any] {
        while true {
            let state = try object(try await server.send(.get, "/rebuild").body)
            let other = try #require(state["other"] as? [String: Any])
            if other["stage"] as? String != "filling" { return state }
            await Task.yield()
        }
    }

    @Test func rebuildsWithAnotherSchemaAndRollsBack() async throws {
        try await DocumentRouteTests().withServer { server in
            _ = try await server.send(.post, "/documents", #"{"id": "b", "title": "the second", "price": 7}"#)
            let begun = try await server.send(
                .post, "/rebuild", "{\"schema\": \(Self.schema)}", type: "application/json")
            #expect(begun.status == 202)
            let ready = try await Self.whenReady(server)
            #expect(ready["generation"] as? Int == 1)
            let other = try #require(ready["other"] as? [String: Any])
            #expect(other["stage"] as? String == "ready")
            #expect(other["documents"] as? Int == 2)
            _ = try await server.send(.post, "/documents", #"{"id": "c", "title": "the third", "price": 9}"#)
            let verified = try Self.object(try await server.send(.post, "/rebuild/verify").body)
            #expect(verified["compared"] as? Int == 3)
            #expect(verified["missing"] as? Int == 0)
            #expect(verified["extra"] as? Int == 0)
            #expect(verified["stale"] as? Int == 0)
            let swapped = try await server.send(.post, "/rebuild/swap")
            #expect(swapped.status == 200)
            #expect(try Self.object(swapped.body)["generation"] as? Int == 2)
            #expect(try await server.found("the") == 3)
            let halves = try await server.send(
                .post, "/documents?refresh=true", #"{"id": "d", "title": "the fourth", "price": 1.5}"#)
            #expect(halves.status == 200)
            #expect(try await server.found("the") == 4)
            let back = try await server.send(.post, "/rebuild/rollback")
            #expect(back.status == 200)
            #expect(try Self.object(back.body)["generation"] as? Int == 1)
            // The price of the fourth does not fit the older schema.
            #expect(try await server.found("the") == 3)
            #expect(try await server.send(.delete, "/rebuild").status == 200)
            #expect(try await server.send(.delete, "/rebuild").status == 400)
        }
    }

    @Test func aPlanThatDoesNotFitIsRefusedWithItsPlace() async throws {
        try await DocumentRouteTests().withServer { server in
            func begin(_ plan: String) async throws -> [String: Any] {
                let reply = try await server.send(.post, "/rebuild", plan, type: "application/json")
                #expect(reply.status == 400)
                return try Self.object(reply.body)
            }
            let profile = try await begin(#"{"profile": {"weights": {"name": 2}}}"#)
            #expect(profile["code"] as? String == "bad_profile")
            #expect((profile["detail"] as? String)?.contains("\"name\"") == true)
            let schema = try await begin(#"{"schema": {"key": "id", "fields": [{"name": "id", "type": "word"}]}}"#)
            #expect(schema["code"] as? String == "bad_rebuild")
            #expect((schema["detail"] as? String)?.contains("word") == true)
            let key = try await begin(
                #"{"schema": {"key": "title", "fields": [{"name": "title", "type": "keyword"}]}}"#)
            #expect((key["detail"] as? String)?.contains("the key") == true)
            #expect(try await server.send(.post, "/rebuild?from=nowhere").status == 400)
            #expect(try await server.send(.get, "/rebuild").body == #"{"generation":1}"#)
        }
    }

    @Test func rebuildsFromDocuments() async throws {
        try await DocumentRouteTests().withServer { server in
            #expect(try await server.send(.post, "/rebuild/documents", "").status == 409)
            #expect(try await server.send(.post, "/rebuild?from=documents").status == 202)
            let lines = #"{"id": "x", "title": "from the source"}"# + "\n" + #"{"id": "y", "title": 5}"#
            let results = try await server.send(.post, "/rebuild/documents", lines).body.split(separator: "\n")
            #expect(results.count == 2)
            #expect(results.first?.contains(#""result":"created""#) == true)
            #expect(results.last?.contains(#""result":"failed""#) == true)
            #expect(try await server.send(.post, "/rebuild/swap").status == 400)
            #expect(try await server.send(.post, "/rebuild/finish").status == 200)
            #expect(try await server.send(.post, "/rebuild/swap").status == 200)
            #expect(try await server.found("source") == 1)
            #expect(try await server.found("first") == 0)
        }
    }

    @Test func whatIsExportedCanBeSentAgain() async throws {
        try await DocumentRouteTests().withServer { server in
            let lines = (1...300).map { #"{"_version":\#($0),"id":"n\#($0)","title":"number \#($0)"}"# }
            _ = try await server.send(.post, "/documents?refresh=true", lines.joined(separator: "\n"))
            _ = try await server.send(.post, "/documents?refresh=true", #"{"_delete": "n7"}"#)
            let export = try await server.send(.get, "/export")
            #expect(export.status == 200)
            let exported = export.body.split(separator: "\n")
            #expect(exported.count == 300)
            let again = try await server.send(.post, "/documents", export.body).body.split(separator: "\n")
            #expect(again.count { $0.contains(#""result":"stale""#) } == 299)
            #expect(again.count { $0.contains(#""result":"updated""#) } == 1)
            #expect(try await server.send(.get, "/export", key: "wrong").status == 401)
        }
    }

    @Test func createsAndRemovesCatalogs() async throws {
        try await DocumentRouteTests().withServer { server in
            func send(
                _ method: HTTPRequest.Method, _ path: String, _ body: String = "", _ type: String = "application/json"
            ) async throws -> (status: Int, body: String) {
                let headers: HTTPFields = [.contentType: type, .authorization: "Bearer \(server.key)"]
                return try await server.client.execute(
                    uri: "/v1/\(path)", method: method, headers: headers, body: ByteBuffer(string: body)
                ) { (Int($0.status.code), String(buffer: $0.body)) }
            }
            #expect(try await send(.put, "shoes", "{\"schema\": \(Self.schema)}").status == 201)
            #expect(try await send(.put, "shoes", "{\"schema\": \(Self.schema)}").status == 409)
            #expect(try await send(.put, "Shoes!", "{\"schema\": \(Self.schema)}").status == 400)
            #expect(try await send(.put, "hats").status == 400)
            let documents = #"{"id": "h1", "title": "a red hat"}"# + "\n" + #"{"id": "h2", "title": "a blue hat"}"#
            #expect(try await send(.put, "hats", documents, "application/x-ndjson").status == 201)
            #expect(try await send(.get, "hats/search?q=hat").body.contains(#""found":2"#))
            #expect(try await send(.delete, "hats").status == 400)
            #expect(try await send(.delete, "hats?confirm=shoes").status == 400)
            #expect(try await send(.delete, "hats?confirm=hats").status == 204)
            #expect(try await send(.get, "hats/search?q=hat").status == 404)
            #expect(try FileManager.default.contentsOfDirectory(atPath: server.folder.path).contains("shoes"))
            let left = try FileManager.default.contentsOfDirectory(atPath: server.folder.path)
            #expect(!left.contains { $0.contains("hats") })
        }
    }
}
