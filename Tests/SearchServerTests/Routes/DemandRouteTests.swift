import Catalog
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Segments
import Storage
import TestSupport
import Testing

@testable import SearchServer

/// Recorded searches, events and reports over HTTP.
@Suite struct DemandRouteTests {
    /// A server with a catalog of thirty books that records into its data folder.
    private final class Shop: Sendable {
        let home: TemporaryFolder
        let folder: DataFolder
        let key: String

        init() throws {
            home = try TemporaryFolder()
            folder = DataFolder(home.path + "/data")
            let lines = (1...30).map { #"{"id": "\#($0)", "title": "book \#($0) 三体", "year": \#(2000 + $0)}"# }
            let file = try home.write("b.jsonl", Array(lines.joined(separator: "\n").utf8))
            let schema = try Schema(
                key: "id", fields: [Field("id", .keyword), Field("title", .text), Field("year", .integer)])
            _ = try IndexJob(files: [file], schema: schema).run("books", in: folder)
            key = try AccessKeys(folder).add("test")
        }

        /// Runs a test against a server, which records unless `isOff`.
        func serve(isOff: Bool = false, _ test: @escaping @Sendable (Client) async throws -> Void) async throws {
            var options = DemandLog.Options()
            options.flushAfter = .seconds(3600)
            let log = isOff ? nil : try DemandLog(DemandFolder(folder.path), options)
            let recorder = try log.map { DemandRecorder($0, try #require(TrustedProxies())) }
            // By a clock that stands still a view stays known, so that replies come from the cache.
            let time = ContinuousClock.now
            let store = CatalogStore(folder, timeout: .seconds(60), clock: { time })
            _ = try store.writer("books")
            let server = makeServer(.init(), store, recorder: recorder, logger: .quiet)
            try await server.test(.router) { try await test(Client(client: $0, key: self.key)) }
            try store.close()
            log?.close()
        }

        /// The lines of the log of searches.
        func searches() throws -> [[String: Any]] {
            let path = folder.path + "/.demand/books"
            var found: [[String: Any]] = []
            for name in try PosixFileSystem().list(path) where name.hasPrefix("searches-") {
                let source = try ByteSource(path + "/" + name)
                var bytes: [UInt8] = []
                var piece = [UInt8](repeating: 0, count: 1 << 16)
                while true {
                    let count = try piece.withUnsafeMutableBytes {
                        try source.read(into: try #require($0.baseAddress), capacity: $0.count)
                    }
                    if count == 0 { break }
                    bytes += piece[..<count]
                }
                for line in bytes.split(separator: 10) {
                    found.append(try #require(JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]))
                }
            }
            return found
        }
    }

    /// A client of the server.
    private struct Client: Sendable {
        let client: any TestClientProtocol
        let key: String

        struct Reply {
            var status: Int
            var text: String
            var tag: String?

            var object: [String: Any] {
                (try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]) ?? [:]
            }
            var code: String? { object["code"] as? String }
        }

        func get(
            _ path: String, of catalog: String = "books", tag: String? = nil, method: HTTPRequest.Method = .get,
            key: String? = nil
        ) async throws -> Reply {
            var headers: HTTPFields = [:]
            if let tag { headers[.ifNoneMatch] = tag }
            headers[.authorization] = "Bearer \(key ?? self.key)"
            return try await client.execute(uri: "/v1/" + catalog + path, method: method, headers: headers, body: nil) {
                Reply(status: $0.status.code, text: String(buffer: $0.body), tag: $0.headers[.eTag])
            }
        }

        func post(_ body: String, type: String = "application/x-ndjson", key: String? = nil) async throws -> Reply {
            let headers: HTTPFields = [.contentType: type, .authorization: "Bearer \(key ?? self.key)"]
            return try await client.execute(
                uri: "/v1/books/events", method: .post, headers: headers, body: ByteBuffer(string: body)
            ) { Reply(status: $0.status.code, text: String(buffer: $0.body), tag: nil) }
        }

        /// The id of the reply to a search.
        func search(_ q: String, _ more: String = "") async throws -> String {
            try #require(try await get("/search?q=\(q)\(more)").object["query_id"] as? String)
        }

        func report(_ name: String) async throws -> [[String: Any]] {
            let report = try await get("/reports/\(name)").object
            return try #require((report["queries"] ?? report["places"]) as? [[String: Any]])
        }
    }

    /// Every reply that is sent is recorded: made, from the cache, and known to its client; that to HEAD is not.
    @Test func whatWasLoggedGoesWithItsCatalog() async throws {
        let shop = try Shop()
        try await shop.serve { client in
            _ = try await client.search("book")
            #expect(try await client.report("top").count == 1)
            #expect(try await client.get("?confirm=books", method: .delete).status == 204)
        }
        #expect(try !PosixFileSystem().exists(shop.folder.path + "/.demand/books"))
    }

    @Test func everyAnsweredSearchIsRecorded() async throws {
        let shop = try Shop()
        try await shop.serve { client async throws in
            let path = "/search?q=Book&per_page=2&page=2&filter=year:2001..2010"
            let first = try await client.get(path)
            #expect(first.status == 200)
            let again = try await client.get(path)
            #expect(again.text == first.text)
            #expect(try await client.get(path, tag: first.tag).status == 304)
            let head = try await client.get(path, method: .head)
            #expect(head.status == 200)
            // Without a reply there is no demand.
            #expect(try await client.get("/search?q=x&page=x").status == 400)
            let other = try await client.search("Book")
            #expect(other != first.object["query_id"] as? String)
            #expect(try await client.search("book&after=*") != other)
        }
        let records = try shop.searches()
        #expect(records.count == 5)
        let ids = records.map { $0["query_id"] as? String }
        #expect(Set(ids[..<3]).count == 1)
        #expect(Set(ids).count == 3)
        for record in records[..<3] {
            #expect(record["query"] as? String == "book")
            #expect(record["filter"] as? String == "year:2001..2010")
            #expect(record["page"] as? Int == 2)
            #expect(record["found"] as? Int == 10)
            #expect(record["first"] as? Int == 3)
            #expect((record["hits"] as? [String])?.count == 2)
            #expect(record["client"] == nil)
        }
        #expect(records[0]["took"] is Double)
        #expect(records[1]["took"] == nil)
    }

    /// A client's reply may be known when the cache has forgotten it.
    @Test func unchangedRepliesAreRecordedWithoutACache() async throws {
        let shop = try Shop()
        let log = try DemandLog(DemandFolder(shop.folder.path))
        let time = ContinuousClock.now
        let store = CatalogStore(shop.folder, timeout: .seconds(60), clock: { time })
        _ = try store.writer("books")
        let recorder = DemandRecorder(log, try #require(TrustedProxies()))
        let server = makeServer(.init(replyCacheBytes: 0), store, recorder: recorder, logger: .quiet)
        try await server.test(.router) { test in
            let client = Client(client: test, key: shop.key)
            let first = try await client.get("/search?q=book")
            #expect(try await client.get("/search?q=book", tag: first.tag).status == 304)
        }
        try store.close()
        log.close()
        let records = try shop.searches()
        #expect(records.count == 2)
        #expect(records.last?["found"] == nil)
        #expect(records.last?["query_id"] as? String == records.first?["query_id"] as? String)
    }

    /// Queries for which five clients found documents are suggested to everyone but the users of scoped keys, whose own
    /// searches are never suggested.
    @Test(.timeLimit(.minutes(5))) func popularQueriesAreSuggested() async throws {
        let shop = try Shop()
        let log = try DemandLog(DemandFolder(shop.folder.path))
        let store = CatalogStore(shop.folder)
        let recorder = DemandRecorder(log, .thisMachine, renewingEvery: .zero)
        let scoped = ScopedKey(AccessScope(filter: "year:2001.."), of: "test").text(signedBy: shop.key)
        // Only a server at an address knows its clients.
        let server = makeServer(.init(port: 0), store, recorder: recorder, logger: .quiet)
        try await server.test(.live) { test in
            let forwarded = try #require(HTTPField.Name("X-Forwarded-For"))
            func get(_ path: String, _ headers: HTTPFields = [:]) async throws -> String {
                try await test.execute(uri: "/v1/books" + path, method: .get, headers: headers, body: nil) {
                    String(buffer: $0.body)
                }
            }
            for client in 0..<5 {
                var headers: HTTPFields = [forwarded: "192.0.\(client).1"]
                _ = try await get("/search?q=Book%207", headers)
                headers[forwarded] = "198.51.\(client).1"
                if client < 4 { _ = try await get("/search?q=book%208", headers) }
                headers[forwarded] = "203.0.\(client).1"
                headers[.authorization] = "Bearer \(scoped)"
                _ = try await get("/search?q=book%209", headers)
            }
            // The last query to become popular, so that the others would be known.
            for client in 0..<5 { _ = try await get("/search?q=book%2010", [forwarded: "192.2.\(client).1"]) }
            func query(_ text: String) -> String { #"{"kind":"query","marks":[[0,3]],"text":"\#(text)"}"# }
            while try await !get("/suggest?q=boo").contains(query("book 10")) { await Task.yield() }
            #expect(try await get("/suggest?q=boo").contains(query("book 7")))
            #expect(try await !get("/suggest?q=boo").contains(query("book 8")))
            #expect(try await !get("/suggest?q=boo").contains(query("book 9")))
            #expect(try await !get("/suggest?q=boo", [.authorization: "Bearer \(scoped)"]).contains(query("book 7")))
        }
        try store.close()
        log.close()
    }

    @Test func eventsAreRecordedOnceAndReported() async throws {
        let shop = try Shop()
        try await shop.serve { client async throws in
            let id = try await client.search("book")
            _ = try await client.search("Nothing")
            let lines = """
                {"type":"click","query_id":"\(id)","id":"3","position":3,"event_id":"e1"}

                {"type":"order","query_id":"\(id)","id":"3","position":3,"event_id":"e2"}
                {"type":"click","query_id":"\(id)","id":"3","position":0}
                {"type":"click","query_id":"\(String(repeating: "A", count: 32))","id":"3"}
                """
            for _ in 0..<2 {
                let reply = try await client.post(lines)
                #expect(reply.status == 200)
                let results = reply.text.split(separator: "\n").map(String.init)
                #expect(results.count == 4)
                #expect(results.prefix(2) == [#"{"result":"recorded"}"#, #"{"result":"recorded"}"#])
                #expect(results[2].contains(#""param":"position"},"line":4"#))
                #expect(results[3].contains("unknown_query"))
            }
            let top = try await client.report("top")
            #expect(top.map { $0["query"] as? String } == ["book", "nothing"])
            #expect(top[0]["clicks"] as? Int == 1)
            #expect(top[0]["position"] as? Double == 3)
            #expect(top[0]["orders"] as? Int == 1)
            #expect(try await client.report("no-results").map { $0["query"] as? String } == ["nothing"])
            #expect(try await client.report("few-results").isEmpty)
            #expect(try await client.report("slow").count == 2)
            let clicks = try await client.report("clicks")
            #expect(clicks.count == 1)
            #expect(clicks.first?["document"] as? String == "3")
        }
        // Another process counts the same.
        try await shop.serve { client async throws in
            _ = try await client.post(#"{"type":"click","query_id":"\#(try await client.search("book"))","id":"3"}"#)
            let top = try await client.report("top")
            #expect(top[0]["searches"] as? Int == 2)
            #expect(top[0]["clicks"] as? Int == 2)
        }
    }

    @Test func eventsInJSONHaveTheirStatus() async throws {
        let shop = try Shop()
        try await shop.serve { client async throws in
            let id = try await client.search("book")
            let event = #"{"type":"cart","query_id":"\#(id)","id":"3"}"#
            let one = try await client.post(event, type: "application/json")
            #expect(one.status == 201)
            #expect(one.text == #"{"result":"recorded"}"#)
            let two = try await client.post("[\(event), {}]", type: "application/json")
            #expect(two.status == 200)
            #expect(two.text.hasPrefix(#"[{"result":"recorded"},{"error":{"code":"bad_event""#))
            let bad = try await client.post(#"{"type":"view"}"#, type: "application/json")
            #expect(bad.status == 400)
            #expect(bad.object["param"] as? String == "type")
            #expect(try await client.post("[", type: "application/json").code == "bad_event")
            #expect(try await client.post("[]", type: "application/json").text == "[]")
            #expect(try await client.post("", type: "application/json").code == "bad_event")
            #expect(try await client.post(event, type: "text/plain").status == 415)
            let many = String(repeating: "{}\n", count: 10_001)
            #expect(try await client.post(many).code == "too_many_events")
        }
    }

    @Test func demandIsForAdmins() async throws {
        let shop = try Shop()
        try await shop.serve { client async throws in
            #expect(try await client.post("{}", key: "quire_admin_0").status == 401)
            #expect(try await client.get("/reports/top", key: "quire_admin_0").status == 401)
            #expect(try await client.get("/reports/all").code == "unknown_report")
            #expect(try await client.get("/reports/top?days=31").code == "bad_value")
            #expect(try await client.get("/reports/top?limit=0").code == "bad_value")
            #expect(try await client.get("/reports/top?day=3").code == "unknown_parameter")
            #expect(try await client.get("/reports/top", of: "films").code == "unknown_catalog")
            #expect(try await client.get("/reports/top?days=30&limit=1000").status == 200)
        }
    }

    @Test func withoutALogRepliesHaveNoId() async throws {
        let shop = try Shop()
        try await shop.serve(isOff: true) { client async throws in
            #expect(try await client.get("/search?q=book").object["query_id"] == nil)
            #expect(try await client.post("{}").code == "query_log_off")
            #expect(try await client.get("/reports/top").code == "query_log_off")
        }
        #expect(!FileManager.default.fileExists(atPath: shop.folder.path + "/.demand"))
    }

    /// A catalog that is gone leaves no demand behind.
    @Test func demandIsForgottenWithItsCatalog() async throws {
        let shop = try Shop()
        let log = try DemandLog(DemandFolder(shop.folder.path))
        let recorder = DemandRecorder(log, try #require(TrustedProxies()))
        let store = makeStore(shop.folder, logger: .quiet)
        let server = makeServer(.init(), store, recorder: recorder, logger: .quiet)
        try await server.test(.router) { test in
            let client = Client(client: test, key: shop.key)
            _ = try await client.search("book")
            #expect(try await client.report("top").count == 1)
            try await recorder.remove("books")
            #expect(try await client.report("top").isEmpty)
            _ = try await client.search("other")
            #expect(try await client.report("top").count == 1)
        }
        log.close()
    }
}
