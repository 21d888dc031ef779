import Catalog
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import NIOHTTP1
import Segments
import Testing

@testable import SearchServer

@Suite struct RouteTests {
    /// Runs a test against a server with one catalog of thirty books.
    private func withServer(_ test: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("quire-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path + "/in", withIntermediateDirectories: true)
        let lines = (1...30).map {
            #"{"id": "\#($0)", "title": "book \#($0) 三体", "year": \#(2000 + $0), "kind": "k\#($0 % 3)"}"#
        }
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path + "/in/b.jsonl"))
        let schema = try Schema(
            key: "id",
            fields: [Field("id", .keyword), Field("title", .text), Field("year", .integer), Field("kind", .keyword)])
        let folder = DataFolder(path + "/data")
        _ = try IndexJob(files: [path + "/in/b.jsonl"], schema: schema).run("books", in: folder)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        try await makeServer(.init(), makeStore(folder, logger: logger), logger: logger).test(.router, test)
    }

    private func object(_ response: TestResponse) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(buffer: response.body)) as? [String: Any])
    }

    @Test func searchRepliesHaveThePublishedMembers() async throws {
        try await withServer { client in
            let uri = "/v1/books/search?q=%E4%B8%89%E4%BD%93+book&per_page=7&page=2&facets=kind&filter=kind:=%60k1%60"
            try await client.execute(uri: uri, method: .get) { response in
                #expect(response.status == .ok)
                #expect(response.headers[.contentType] == "application/json")
                let reply = try self.object(response)
                let expected = [
                    "applied", "facets", "found", "generation", "hits", "page", "pages", "partial", "per_page", "query",
                    "tiers",
                ]
                #expect(reply.keys.sorted() == expected)
                #expect(reply["found"] as? Int == 10)
                #expect(reply["pages"] as? Int == 2)
                #expect(reply["query"] as? String == "三体 book")
                let hits = try #require(reply["hits"] as? [[String: Any]])
                #expect(hits.count == 3)
                #expect(hits.allSatisfy { ($0["document"] as? [String: Any])?["kind"] as? String == "k1" })
            }
        }
    }

    @Test func scoresAreExplainedOnRequest() async throws {
        try await withServer { client in
            try await client.execute(uri: "/v1/books/search?q=book&explain=true&per_page=2", method: .get) { response in
                let hits = try #require(try self.object(response)["hits"] as? [[String: Any]])
                for hit in hits {
                    let explanation = try #require(hit["explain"] as? [String: Any])
                    #expect(explanation["value"] as? Double == hit["score"] as? Double)
                    #expect(explanation["matches"] as? Bool == true)
                    #expect(explanation["what"] is String)
                }
                #expect(hits.count == 2)
            }
            try await client.execute(uri: "/v1/books/search?q=book&per_page=2", method: .get) { response in
                let hits = try #require(try self.object(response)["hits"] as? [[String: Any]])
                #expect(hits.allSatisfy { $0["explain"] == nil })
            }
            try await client.execute(uri: "/v1/books/similar/none", method: .get) { response in
                #expect(response.status == .notFound)
            }
        }
    }

    @Test func cursorsVisitEveryHitOnce() async throws {
        try await withServer { client in
            var seen: [String] = []
            var after = "*"
            while true {
                let uri = "/v1/books/search?per_page=7&sort=kind,year:desc&after=\(after)"
                let reply = try await client.execute(uri: uri, method: .get) { try self.object($0) }
                seen += try #require(reply["hits"] as? [[String: Any]]).compactMap { $0["id"] as? String }
                #expect(reply["found"] as? Int == 30)
                guard let next = reply["next"] as? String else { break }
                after = next
            }
            #expect(seen.count == 30)
            #expect(Set(seen).count == 30)
        }
    }

    @Test func cursorsOfReleasedSnapshotsAreGone() async throws {
        try await withServer { client in
            let first = try await client.execute(uri: "/v1/books/search?per_page=7&after=*", method: .get) {
                try self.object($0)
            }
            let next = try #require(first["next"] as? String)
            let padded = next + String(repeating: "=", count: (4 - next.count % 4) % 4)
            let json = try #require(Data(base64Encoded: padded.replacing("-", with: "+").replacing("_", with: "/")))
            var fields = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
            fields["v"] = "1"
            let expired = try JSONSerialization.data(withJSONObject: fields).base64EncodedString()
                .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            try await client.execute(uri: "/v1/books/search?per_page=7&after=\(expired)", method: .get) { response in
                #expect(response.status.code == 410)
                let problem = try self.object(response)
                #expect(problem["code"] as? String == "cursor_expired")
            }
        }
    }

    @Test(
        "problems are problem documents with a stable code",
        arguments: [
            ("/v1/films/search?q=a", 404, "unknown_catalog", "catalog"),
            ("/v1/books/search?page=x", 400, "bad_value", "page"),
            ("/v1/books/search?q=%FF", 400, "bad_encoding", "q"),
            ("/v1/books/search?q=%E4%B8", 400, "bad_encoding", "q"),
            ("/v1/books/search?quux=1", 400, "unknown_parameter", "quux"),
            ("/v1/books/search?sort=title", 400, "unknown_sort", "sort"),
            ("/v1/books/search?filter=title:=x", 400, "unknown_filter", "filter"),
            ("/v1/books/search?facets=kind(by%203)", 400, "unknown_facet", "facets"),
            ("/v1/books/search?facets=kind(", 400, "bad_facet", "facets"),
            ("/v1/books/search?after=x", 400, "bad_value", "after"),
            ("/v1/books/search?after=*&page=2", 400, "bad_value", "after"),
            ("/v1/books/search?after=eyJ2IjoiMSIsImQiOjEsInMiOltdfQ", 400, "bad_value", "after"),
            ("/v1/books/search?language:=zh&&year:1", 400, "unknown_parameter", "language:"),
            ("/v1/books/similar/book-0?limit=0", 400, "bad_value", "limit"),
            ("/v1/books/similar/book-0?limt=3", 400, "unknown_parameter", "limt"),
            ("/v1/books/search?highlight=kind", 400, "unknown_highlight", "highlight"),
            ("/v2/books", 404, "not_found", nil),
            ("/v1/..%2F..", 404, "unknown_catalog", "catalog"),
        ])
    func problems(_ uri: String, _ status: Int, _ code: String, _ param: String?) async throws {
        try await withServer { client in
            try await client.execute(uri: uri, method: .get) { response in
                #expect(response.status.code == status)
                #expect(response.headers[.contentType] == "application/problem+json")
                let problem = try self.object(response)
                #expect(problem["code"] as? String == code)
                #expect(problem["param"] as? String == param)
                #expect((problem["hint"] as? String)?.isEmpty == false)
            }
        }
    }

    @Test(arguments: [
        (HTTPRequest.Method.put, "/v1/books/search", "GET, HEAD, POST, OPTIONS"), (.post, "/", "GET, HEAD, OPTIONS"),
        (.get, "/v1/books/documents", "POST, OPTIONS"), (.get, "/v1/multi_search", "POST, OPTIONS"),
        (.put, "/v1/films/documents/7", "DELETE, GET, HEAD, PATCH, OPTIONS"),
    ])
    func otherMethodsAreRefusedWithThoseThatAPathHas(
        _ method: HTTPRequest.Method, _ path: String, _ allowed: String
    ) async throws {
        try await withServer { client in
            try await client.execute(uri: path, method: method) { response in
                #expect(response.status == .methodNotAllowed)
                #expect(response.headers[.allow] == allowed)
                let problem = try self.object(response)
                #expect(problem["code"] as? String == "method_not_allowed")
            }
            try await client.execute(uri: path, method: .options) { response in
                #expect(response.status == .noContent)
                #expect(response.headers[.allow] == allowed)
            }
            try await client.execute(uri: "/v2", method: .options) { #expect($0.status == .notFound) }
        }
    }

    @Test func bodiesThatDoNotArriveAreProblemsOfTheClient() async throws {
        let log = CountingLog()
        let router = Router()
        router.add(middleware: ProblemMiddleware(table: RouteTable(Router())))
        router.get("malformed") { _, _ -> Response in throw HTTPParserError.invalidChunkSize }
        router.get("slow") { _, _ -> Response in throw RequestBodyError.tooSlow }
        router.get("ending") { _, _ -> Response in throw RequestBodyError.shuttingDown }
        let server = Application(router: router, logger: Logger(label: "test") { _ in log })
        try await server.test(.router) { client in
            for (path, status, code) in [
                ("malformed", 400, "bad_body"), ("slow", 408, "body_too_slow"), ("ending", 503, "shutting_down"),
            ] {
                let response = try await client.executeRequest(uri: path, method: .get, headers: [:], body: nil)
                #expect(response.status.code == status)
                let problem = try self.object(response)
                #expect(problem["code"] as? String == code)
                #expect((response.headers[.retryAfter] != nil) == (status == 503))
            }
        }
        #expect(log.errors.load(ordering: .relaxed) == 0)
    }

    @Test func catalogsAreListedAndDescribed() async throws {
        try await withServer { client in
            try await client.execute(uri: "/v1", method: .get) { response in
                let list = try #require(try self.object(response)["catalogs"] as? [[String: Any]])
                try #require(list.count == 1)
                #expect(list[0]["name"] as? String == "books")
                #expect(list[0]["documents"] as? Int == 30)
            }
            try await client.execute(uri: "/v1/books", method: .get) { response in
                let description = try self.object(response)
                #expect((description["facets"] as? [[String: Any]])?.first?["field"] as? String == "kind")
                #expect((description["sorts"] as? [[String: Any]])?.first?["field"] as? String == "year")
            }
        }
    }

    @Test func thePageHasAStrictContentSecurityPolicy() async throws {
        try await withServer { client in
            for (uri, type) in [
                ("/", "text/html"), ("/assets/app.css", "text/css"), ("/assets/search.js", "text/javascript"),
                ("/assets/filters.js", "text/javascript"), ("/assets/facets.js", "text/javascript"),
                ("/assets/api.js", "text/javascript"), ("/assets/dom.js", "text/javascript"),
                ("/assets/i18n.js", "text/javascript"), ("/assets/results.js", "text/javascript"),
                ("/assets/app.js", "text/javascript"), ("/assets/url.js", "text/javascript"),
            ] {
                try await client.execute(uri: uri, method: .get) { response in
                    #expect(response.status == .ok)
                    #expect(response.headers[.contentType]?.hasPrefix(type) == true)
                    #expect(response.headers[.contentSecurityPolicy]?.contains("default-src 'self'") == true)
                    #expect(response.headers[.xContentTypeOptions] == "nosniff")
                    #expect(response.body.readableBytes > 900)
                }
            }
            try await client.execute(uri: "/healthz", method: .get) { #expect($0.status == .ok) }
            try await client.execute(uri: "/", method: .head) {
                #expect($0.status == .ok)
                #expect($0.body.readableBytes == 0)
            }
        }
    }
}
