import Catalog
import Foundation
import Hummingbird
import HummingbirdTesting
import Indexer
import Logging
import Segments
import Synchronization
import Testing

@testable import SearchServer

/// Changes over HTTP, and their visibility to searches.
@Suite struct DocumentRouteTests {
    /// A server with one small catalog, and an admin key.
    struct TestServer: Sendable {
        let client: any TestClientProtocol
        let key: String
        let folder: DataFolder
        let store: CatalogStore

        func send(
            _ method: HTTPRequest.Method, _ path: String, _ body: String = "", type: String = "application/x-ndjson",
            key: String? = nil
        ) async throws -> (status: Int, body: String) {
            var headers: HTTPFields = [.contentType: type]
            headers[.authorization] = "Bearer \(key ?? self.key)"
            return try await client.execute(
                uri: "/v1/goods\(path)", method: method, headers: headers, body: ByteBuffer(string: body)
            ) { (Int($0.status.code), String(buffer: $0.body)) }
        }

        func found(_ q: String) async throws -> Int? {
            let reply = try await send(.get, "/search?q=\(q)&per_page=1").body
            return (try JSONSerialization.jsonObject(with: Data(reply.utf8)) as? [String: Any])?["found"] as? Int
        }
    }

    func withServer(
        _ logger: Logger = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() },
        _ test: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("quire-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data(#"{"id": "first", "title": "the first one", "price": 5}"#.utf8)
            .write(to: URL(fileURLWithPath: path + "/in.jsonl"))
        let schema = try Schema(
            key: "id", fields: [Field("id", .keyword), Field("title", .text), Field("price", .integer)])
        let folder = DataFolder(path + "/data")
        _ = try IndexJob(files: [path + "/in.jsonl"], schema: schema).run("goods", in: folder)
        let key = try AccessKeys(folder).add("test")
        let store = makeStore(folder, logger: logger)
        try await makeServer(.init(), store, logger: logger).test(.router) { client in
            try await test(TestServer(client: client, key: key, folder: folder, store: store))
        }
        try store.close()
    }

    @Test func everyLineHasAResultInOrder() async throws {
        try await withServer { server in
            let lines = [
                #"{"id": "a", "title": "alpha", "_version": 3}"#, "", "no json",
                #"{"id": "a", "title": "older", "_version": 3}"#,
                #"{"_patch": "a", "price": 9, "_version": 4}"#, #"{"_patch": "a", "title": 7}"#,
                #"{"_patch": "none", "price": 1}"#, #"{"_delete": "first"}"#, #"{"_delete": "first"}"#,
                #"{"id": "b", "titel": "x"}"#, #"{"_delete": "a", "_version": "x"}"#,
                #"{"_delete": "a", "title": "x"}"#, #"{"_delete": "a", "_patch": "a"}"#,
                #"{"id": "last", "title": "no line break"}"#,
            ]
            let (status, body) = try await server.send(.post, "/documents?refresh=true", lines.joined(separator: "\n"))
            #expect(status == 200)
            let results = try body.split(separator: "\n").map { line in
                try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
            let expected = [
                "created", "failed", "stale", "patched", "failed", "missing", "deleted", "missing", "failed", "failed",
                "failed", "failed", "created",
            ]
            #expect(results.map { $0["result"] as? String } == expected)
            #expect(results.map { $0["line"] as? Int }.compactMap(\.self) == [3, 6, 10, 11, 12, 13])
            #expect(results[2]["version"] as? Int == 3)
            let document = try await server.send(.get, "/documents/a").body
            #expect(document == #"{"document":{"id":"a","title":"alpha","price":9},"id":"a","version":4}"#)
            #expect(try await server.found("alpha") == 1)
            #expect(try await server.found("first") == 0)
        }
    }

    /// The changes before a line that is too long are written and have results.
    @Test func aLineThatIsTooLongEndsTheBody() async throws {
        try await withServer { server in
            let long = String(repeating: "x", count: 17 << 20)
            let refused = try await server.send(.post, "/documents", long)
            #expect(refused.status == 413)
            #expect(refused.body.contains("line_too_long"))
            let lines = (1...3).map { #"{"id": "k\#($0)", "title": "before"}"# } + [long]
            let (status, body) = try await server.send(.post, "/documents?refresh=true", lines.joined(separator: "\n"))
            let results = body.split(separator: "\n")
            #expect(status == 200)
            #expect(results.count == 4)
            #expect(results.prefix(3).allSatisfy { $0.contains(#""result":"created""#) })
            #expect(results.last?.contains("line_too_long") == true)
            #expect(results.last?.contains(#""line":4"#) == true)
            #expect(try await server.found("before") == 3)
        }
    }

    @Test func refreshMakesAllBatchesVisible() async throws {
        try await withServer { server in
            // Around the size of a batch, so that the last batch may be empty when the body ends.
            for count in [999, 1000, 1001, 2500] {
                let lines = (1...count).map { #"{"id": "k\#($0)", "title": "stream\#(count) \#($0)"}"# }
                let (status, body) = try await server.send(
                    .post, "/documents?refresh=wait_for", lines.joined(separator: "\n") + "\n")
                #expect(status == 200)
                #expect(body.split(separator: "\n").count == count)
                #expect(try await server.found("stream\(count)") == count)
            }
        }
    }

    @Test func singleChangesRespondWithTheirStatus() async throws {
        try await withServer { server in
            let json = "application/json"
            func send(_ method: HTTPRequest.Method, _ path: String, _ body: String = "") async throws -> Int {
                try await server.send(method, path, body, type: json).status
            }
            #expect(try await send(.post, "/documents", #"{"id": "n", "title": "new", "_version": 7}"#) == 201)
            #expect(try await send(.post, "/documents", #" {"id": "n", "title": "newer"} "#) == 200)
            #expect(try await send(.post, "/documents", #"{"id": "n", "title": "old", "_version": 7}"#) == 409)
            #expect(try await send(.post, "/documents", #"{"id": "n""#) == 400)
            #expect(try await send(.post, "/documents", "") == 400)
            #expect(try await send(.patch, "/documents/n?version=8&refresh=true", #"{"price": 3}"#) == 200)
            #expect(try await send(.patch, "/documents/n?version=8", #"{"price": 4}"#) == 409)
            #expect(try await send(.patch, "/documents/n?refresh=true", #"{"title": "patched"}"#) == 200)
            #expect(try await server.found("patched") == 1)
            #expect(try await server.found("newer") == 0)
            let patched = try await server.send(.get, "/documents/n").body
            #expect(patched == #"{"document":{"id":"n","title":"patched","price":3},"id":"n","version":8}"#)
            #expect(try await send(.patch, "/documents/n", #"{"id": "x"}"#) == 400)
            #expect(try await send(.patch, "/documents/n", #"{"_version": 9}"#) == 400)
            #expect(try await send(.patch, "/documents/none", #"{"price": 4}"#) == 404)
            #expect(try await send(.get, "/documents/n") == 200)
            #expect(try await send(.delete, "/documents/n?version=2") == 409)
            #expect(try await send(.delete, "/documents/n?refresh=true") == 200)
            #expect(try await send(.delete, "/documents/n") == 404)
            #expect(try await send(.get, "/documents/n") == 404)
            let array = try await server.send(
                .post, "/documents", #"[{"id": "a/b c%", "title": "x"}, {"id": 5}, {"_delete": "first"}]"#, type: json)
            #expect(array.status == 200)
            #expect(array.body.contains(#"{"id":"a/b c%","result":"created"}"#))
            #expect(array.body.contains("expects text, found the number 5"))
            #expect(try await server.send(.delete, "/documents/a%2Fb%20c%25").status == 200)
        }
    }

    @Test(
        "refusals are problem documents",
        arguments: [
            ("/documents", "application/x-ndjson", "wrong", 401, "key_required"),
            ("/documents", "text/plain", nil, 415, "unsupported_media_type"),
            ("/documents?refresh=maybe", "application/json", nil, 400, "bad_value"),
            ("/documents?version=3", "application/json", nil, 400, "unknown_parameter"),
        ] as [(String, String, String?, Int, String)])
    func refusals(_ path: String, _ type: String, _ key: String?, _ status: Int, _ code: String) async throws {
        try await withServer { server in
            let response = try await server.send(.post, path, #"{"id": "x", "title": "y"}"#, type: type, key: key)
            #expect(response.status == status)
            #expect(response.body.contains(#""code":"\#(code)""#))
            #expect(response.body.contains(#""hint":"#))
            #expect(try await server.send(.get, "/documents/x").status == 404)
        }
    }

    @Test func aRemovedKeyIsRefusedAtOnce() async throws {
        try await withServer { server in
            let keys = AccessKeys(server.folder)
            #expect(throws: CatalogError.self) { try keys.add("test") }
            let other = try keys.add("other")
            #expect(try await server.send(.delete, "/documents/none", key: other).status == 404)
            #expect(try keys.remove("other"))
            #expect(try await server.send(.delete, "/documents/none", key: other).status == 401)
            #expect(try keys.entries().map(\.name) == ["test"])
            let mode = try FileManager.default.attributesOfItem(atPath: keys.path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let text = try String(contentsOfFile: keys.path, encoding: .utf8)
            #expect(!text.contains(server.key))
            #expect(!text.contains(server.key.suffix(20)))
        }
    }

    /// "The server's log has the reason", once for each request, and no key.
    @Test func errorsOfTheServerAreLogged() async throws {
        let log = RecordedLog()
        try await withServer(Logger(label: "test") { _ in log }) { server in
            let change = #"{"id": "x", "title": "y"}"#
            #expect(try await server.send(.post, "/documents", change).status == 200)
            try server.store.close()
            for type in ["application/json", "application/x-ndjson"] {
                log.lines.withLock { $0 = [] }
                let response = try await server.send(.post, "/documents", change, type: type)
                #expect(response.status == 503)
                #expect(response.body.contains("log has the reason"))
                let lines = log.lines.withLock { $0 }
                #expect(lines.count == 1)
                #expect(lines.first?.contains("the index was closed") == true)
                #expect(lines.first?.contains("/v1/goods/documents") == true)
                #expect(lines.first?.contains(server.key) == false)
                #expect(!response.body.contains("the index was closed"))
            }
        }
    }

    @Test func brokenKeysAreReported() async throws {
        try await withServer { server in
            try Data("no keys".utf8).write(to: URL(fileURLWithPath: AccessKeys(server.folder).path))
            for key in [nil, ""] {
                let response = try await server.send(.post, "/documents", #"{"id": "x", "title": "y"}"#, key: key)
                #expect(response.status == 500)
                #expect(response.body.contains(#""code":"keys_unreadable""#))
                #expect(!response.body.contains(server.folder.path))
            }
        }
    }

    /// Uncommitted changes in the log are recovered when the disk permits it; until then searches work without them.
    @Test func recoveryIsRepeatedUntilItSucceeds() async throws {
        try await withServer { server in
            let index = try server.folder.index("goods")
            do {
                let writer = try IndexWriter(index, .current)
                var batch = WriteBatch()
                try batch.delete(key: "first")
                #expect(try writer.write(batch) == [.deleted])
            }
            let lock = index.path + "/write.lock"
            try FileManager.default.removeItem(atPath: lock)
            try FileManager.default.createDirectory(atPath: lock, withIntermediateDirectories: false)
            let failures = try server.store.recover()
            guard case .index(.storage(.failed))? = failures["goods"] else {
                Issue.record("\(failures)")
                return
            }
            #expect(try await server.found("first") == 1)
            let recovery = Task {
                await recoverLater(
                    server.store, every: .milliseconds(1),
                    logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() })
            }
            try FileManager.default.removeItem(atPath: lock)
            await recovery.value
            #expect(try await server.found("first") == 0)
            #expect(try server.store.recover().isEmpty)
        }
    }

    /// While a server writes a catalog, a bulk load is refused; after it has ended, everything is committed.
    @Test func oneProcessWritesAtATime() async throws {
        try await withServer { server in
            #expect(try await server.send(.post, "/documents", #"{"id": "x", "title": "y"}"#).status == 200)
            #expect(throws: CatalogError.self) { try IndexWriter.probe(server.folder) }
            try server.store.close()
            try IndexWriter.probe(server.folder)
            #expect(try server.folder.open("goods").document("x")?.id == "x")
            #expect(try await server.send(.post, "/documents", #"{"id": "z", "title": "y"}"#).status == 503)
        }
    }

    /// A change is a conflict while another process writes the catalog.
    @Test func aLockedCatalogIsAConflict() async throws {
        try await withServer { server in
            let writer = try IndexWriter(try server.folder.index("goods"), .current)
            let response = try await server.send(.post, "/documents", #"{"id": "x", "title": "y"}"#)
            #expect(response.status == 409)
            #expect(response.body.contains("catalog_locked"))
            withExtendedLifetime(writer) {}
        }
    }
}

/// A log that keeps its lines of errors, with their metadata.
final class RecordedLog: LogHandler {
    let lines = Mutex<[String]>([])
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .error }
        set {}
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}

extension IndexWriter {
    /// Throws unless the catalog can be locked for writing.
    fileprivate static func probe(_ folder: DataFolder) throws {
        let index = try folder.index("goods")
        do throws(IndexError) { _ = try IndexWriter(index, .current) } catch { throw CatalogError.index(error) }
    }
}
