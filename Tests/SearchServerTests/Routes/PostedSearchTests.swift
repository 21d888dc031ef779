import Catalog
import Foundation
import Hummingbird
import HummingbirdTesting
import Segments
import TestSupport
import Testing

@testable import SearchServer

/// Searches whose parameters are JSON reply as those by `GET` do.
@Suite struct PostedSearchTests {
    private struct Reply: Sendable {
        var status: Int
        var body: Data

        /// The JSON of the body, without the id of the search.
        var json: String {
            get throws {
                var object = try #require(try JSONSerialization.jsonObject(with: body) as? [String: Any])
                object["query_id"] = nil
                return String(
                    decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys), as: UTF8.self)
            }
        }
    }

    private struct Served: Sendable {
        let client: any TestClientProtocol
        let keys: AccessKeys

        func get(_ path: String) async throws -> Reply {
            try await client.execute(uri: path, method: .get) {
                Reply(status: $0.status.code, body: Data(buffer: $0.body))
            }
        }

        func post(_ path: String, _ json: String, key: String? = nil, type: String = "application/json") async throws
            -> Reply
        {
            var headers: HTTPFields = [.contentType: type, .ifNoneMatch: "*"]
            headers[.authorization] = key.map { "Bearer \($0)" }
            return try await client.execute(uri: path, method: .post, headers: headers, body: ByteBuffer(string: json))
            {
                Reply(status: $0.status.code, body: Data(buffer: $0.body))
            }
        }
    }

    private func serve(_ test: @escaping @Sendable (Served) async throws -> Void) async throws {
        let home = try TemporaryFolder()
        let folder = DataFolder(home.path + "/data")
        let lines = (1...30).map { number -> String in
            let color = number % 3 == 0 ? "red" : "blue"
            return #"{"id": "\#(number)", "title": "book \#(color) \#(number)", "year": \#(1990 + number), "#
                + #""kind": "k\#(number % 2)"}"#
        }
        let file = try home.write("b.jsonl", Array(lines.joined(separator: "\n").utf8))
        let schema = try Schema(
            key: "id",
            fields: [Field("id", .keyword), Field("title", .text), Field("year", .integer), Field("kind", .keyword)])
        _ = try IndexJob(files: [file], schema: schema).run("books", in: folder)
        let store = CatalogStore(folder)
        try await makeServer(.init(), store, logger: .quiet).test(.router) { client in
            try await test(Served(client: client, keys: AccessKeys(folder)))
        }
        try store.close()
    }

    /// Parameters in a URL, and the same as JSON.
    private static let searches: [(query: String, json: String)] = [
        ("q=book", #"{"q": "book"}"#),
        ("q=book%20red&page=2&per_page=4", #"{"q": "book red", "page": 2, "per_page": 4, "sort": null}"#),
        (
            "q=&filter=year:2000..%20%26%26%20kind:=k1&sort=year:desc",
            #"{"q": "", "filter": "year:2000.. && kind:=k1", "sort": "year:desc"}"#
        ),
        (
            "q=blue&facets=kind,%20year(by%205)&sort=kind,%20year:desc",
            #"{"q": "blue", "facets": ["kind", "year(by 5)"], "sort": ["kind", "year:desc"]}"#
        ),
        (
            "q=red&explain=true&fields=title&collapse=kind",
            #"{"q": "red", "explain": true, "fields": ["title"], "collapse": "kind"}"#
        ),
        ("q=red&page=x", #"{"q": "red", "page": "x"}"#),
        ("q=red&pages=1", #"{"q": "red", "pages": 1}"#),
        ("q=red&sort=none", #"{"q": "red", "sort": "none"}"#),
    ]

    @Test func repliesAreThoseOfGet() async throws {
        try await serve { server in
            for (query, json) in Self.searches {
                let (got, posted) = (
                    try await server.get("/v1/books/search?" + query), try await server.post("/v1/books/search", json)
                )
                #expect(got.status == posted.status, "\(query)")
                #expect(try got.json == posted.json, "\(query)")
            }
        }
    }

    /// Each result is that of its search alone; what is wrong with one does not concern the others.
    @Test func severalSearchesAtOnce() async throws {
        try await serve { server in
            let bodies =
                Self.searches.map { #"{"catalog": "books", "# + $0.json.dropFirst() }
                + [#"{"catalog": "none", "q": "x"}"#]
            let list = bodies.joined(separator: ",")
            let reply = try await server.post("/v1/multi_search", #"{"searches": [\#(list)]}"#)
            #expect(reply.status == 200)
            let object = try #require(try JSONSerialization.jsonObject(with: reply.body) as? [String: Any])
            let results = try #require(object["results"] as? [[String: Any]])
            #expect(results.count == bodies.count)
            for (result, search) in zip(results, Self.searches) {
                let alone = try await server.get("/v1/books/search?" + search.query)
                let value = alone.status == 200 ? result : try #require(result["problem"] as? [String: Any])
                let bytes = try JSONSerialization.data(withJSONObject: value)
                #expect(try Reply(status: alone.status, body: bytes).json == alone.json, "\(search.query)")
            }
            let unknown = try #require(results.last?["problem"] as? [String: Any])
            #expect(unknown["code"] as? String == "unknown_catalog")
        }
    }

    @Test func bodiesThatAreNoSearchesAreRefused() async throws {
        try await serve { server in
            for body in ["", "{", "[]", #"{"q": {}}"#, #"{"q": ["a"]}"#, #"{"sort": [1]}"#, #"{"page": 1.5}"#] {
                let reply = try await server.post("/v1/books/search", body)
                #expect(reply.status == 400, "\(body)")
                #expect(try reply.json.contains(#""code":"bad_search""#), "\(body)")
            }
            #expect(try await server.post("/v1/books/search", "{}", type: "text/plain").status == 415)
            let many = Array(repeating: #"{"catalog": "books"}"#, count: 11).joined(separator: ",")
            let large = Array(repeating: #"{"catalog": "books", "per_page": 100}"#, count: 3).joined(separator: ",")
            for list in ["", many, large, #"{"q": "x"}"#] {
                let reply = try await server.post("/v1/multi_search", #"{"searches": [\#(list)]}"#)
                #expect(reply.status == 400, "\(list)")
            }
        }
    }

    /// A key with a scope finds in each way only what it shows.
    @Test func scopesLimitPostedSearches() async throws {
        try await serve { server in
            let parent = try server.keys.add("storefront", .search)
            let key = ScopedKey(AccessScope(catalogs: ["books"], filter: "kind:=k1"), of: "storefront")
                .text(signedBy: parent)
            for (path, body) in [
                ("/v1/books/search", #"{"q": "", "per_page": 100}"#),
                ("/v1/multi_search", #"{"searches": [{"catalog": "books", "per_page": 100}, {"catalog": "films"}]}"#),
            ] {
                let reply = try await server.post(path, body, key: key)
                #expect(reply.status == 200)
                let text = String(decoding: reply.body, as: UTF8.self)
                #expect(text.contains(#""found":15"#))
                #expect(!text.contains(#""kind":"k0""#))
                if path.hasSuffix("multi_search") { #expect(text.contains("outside_scope")) }
            }
        }
    }
}
