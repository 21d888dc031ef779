import Catalog
import Foundation
import Hummingbird
import HummingbirdTesting
import Segments
import TestSupport
import Testing

@testable import SearchServer

/// Keys with a scope: what a server replies to them is what one replies that has no other documents.
@Suite struct ScopeTests {
    /// A random document.
    private struct Book: Sendable {
        var id: String
        var title: String
        var tenant: String
        var language: String
        var year: Int

        var line: String {
            #"{"id": "\#(id)", "title": "\#(title)", "tenant": "\#(tenant)", "language": "\#(language)", "#
                + #""year": \#(year)}"#
        }

        static let words = ["red", "green", "blue", "city", "river", "night", "winter", "song"]

        static func all(_ count: Int, _ random: inout some RandomNumberGenerator) -> [Book] {
            (0..<count).map { number in
                let title = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                    words.randomElement(using: &random) ?? ""
                }
                return Book(
                    id: "b\(number)", title: title.joined(separator: " "),
                    tenant: "t\(Int.random(in: 0...3, using: &random))",
                    language: Bool.random(using: &random) ? "en" : "zh",
                    year: Int.random(in: 1990...2020, using: &random))
            }
        }
    }

    /// A scope as a filter and as a condition.
    private struct Scope: Sendable, CustomTestStringConvertible {
        var filter: String
        var shows: @Sendable (Book) -> Bool
        var testDescription: String { filter }

        static let all = [
            Scope(filter: "tenant:=t1") { $0.tenant == "t1" },
            Scope(filter: "tenant:=t1 || tenant:=t3") { ["t1", "t3"].contains($0.tenant) },
            Scope(filter: "language:=zh && year:2000..2010") { $0.language == "zh" && (2000...2010).contains($0.year) },
            Scope(filter: "!tenant:=t0 && year:..1999") { $0.tenant != "t0" && $0.year <= 1999 },
        ]
    }

    /// The client of a server of `books`.
    private struct Served: Sendable {
        let client: any TestClientProtocol
        var key: String?

        func get(
            _ path: String, _ parameters: [String: String] = [:], _ method: HTTPRequest.Method = .get
        ) async throws -> (status: Int, body: [String: Any]) {
            var components = URLComponents()
            components.path = path
            components.queryItems = parameters.isEmpty ? nil : parameters.map { URLQueryItem(name: $0, value: $1) }
            let uri = try #require(components.string)
            let headers: HTTPFields = key.map { [.authorization: "Bearer \($0)"] } ?? [:]
            let (status, bytes) = try await client.execute(uri: uri, method: method, headers: headers) {
                (Int($0.status.code), Data(buffer: $0.body))
            }
            if bytes.isEmpty { return (status, [:]) }
            return (status, try JSONSerialization.jsonObject(with: bytes) as? [String: Any] ?? [:])
        }

        /// The keys of all hits of a search, page by page.
        func hits(_ parameters: [String: String]) async throws -> [String] {
            var (all, after): ([String], String?) = ([], "*")
            while let cursor = after {
                var parameters = parameters
                parameters["after"] = cursor
                let reply = try await get("/v1/books/search", parameters)
                #expect(reply.status == 200)
                all += Self.ids(reply.body)
                after = reply.body["next"] as? String
            }
            return all
        }

        static func ids(_ body: [String: Any]) -> [String] {
            (body["hits"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
        }
    }

    /// Runs a test with a server of some books, and keys of it.
    private func serve(
        _ books: [Book], opensReading: Bool, _ test: @escaping @Sendable (Served, AccessKeys) async throws -> Void
    ) async throws {
        let home = try TemporaryFolder()
        let folder = DataFolder(home.path + "/data")
        let file = try home.write("b.jsonl", Array(books.map(\.line).joined(separator: "\n").utf8))
        let schema = try Schema(
            key: "id",
            fields: [
                Field("id", .keyword), Field("title", .text), Field("tenant", .keyword), Field("language", .keyword),
                Field("year", .integer), Field("title_suggestions", .suggestion, from: "title", kind: .title),
            ])
        _ = try IndexJob(files: [file], schema: schema).run("books", in: folder)
        let store = CatalogStore(folder)
        let server = makeServer(.init(opensReading: opensReading), store, logger: .quiet)
        try await server.test(.router) { try await test(Served(client: $0), AccessKeys(folder)) }
        try store.close()
    }

    /// A value of JSON as text.
    private static func text(_ value: Any?) throws -> String {
        let bytes = try JSONSerialization.data(withJSONObject: [try #require(value)], options: .sortedKeys)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The parameters of a random search that is understood in the same way whatever documents there are.
    private static func search(_ random: inout some RandomNumberGenerator) -> [String: String] {
        let words = (0..<Int.random(in: 0...2, using: &random)).map { _ in
            Book.words.randomElement(using: &random) ?? ""
        }
        var parameters = [
            "q": words.joined(separator: " "), "prefix": "none", "typo": "off", "tiers": "ignore",
            "match": Bool.random(using: &random) ? "all" : "any",
            "per_page": "\(Int.random(in: 1...40, using: &random))",
            "facets": "tenant, language(distinct), year(by 5), year(..1999; 2000..), year", "sort": "year:desc",
        ]
        switch Int.random(in: 0...3, using: &random) {
        case 0: parameters["filter"] = "tenant:=t2"
        case 1: parameters["filter"] = "language:=en && tenant:=t1"
        case 2: parameters["filter"] = "year:1995..2015"
        default: break
        }
        return parameters
    }

    @Test(arguments: Scope.all, [false, true])
    private func nothingOutsideTheScopeIsFoundOrCounted(_ scope: Scope, _ opensReading: Bool) async throws {
        var random = SplitMix64(seed: 29)
        let books = Book.all(300, &random)
        let searches = (0..<40).map { _ in Self.search(&random) }
        let shown = books.filter(scope.shows)
        try await serve(books, opensReading: opensReading) { [self] all, keys in
            let parent = try keys.add("storefront", .search)
            let key = ScopedKey(AccessScope(filter: scope.filter), of: "storefront").text(signedBy: parent)
            let scoped = Served(client: all.client, key: key)
            try await serve(shown, opensReading: true) { alone, _ in
                for search in searches {
                    let (reply, expected) = (
                        try await scoped.get("/v1/books/search", search),
                        try await alone.get("/v1/books/search", search)
                    )
                    #expect(reply.status == 200, "\(reply.body)")
                    for member in ["found", "pages", "facets"] {
                        let values = try [reply, expected].map { try Self.text($0.body[member]) }
                        #expect(values[0] == values[1], "\(member) of \(search)")
                    }
                    #expect(try await scoped.hits(search) == alone.hits(search), "\(search)")
                }
                #expect(try await scoped.get("/v1/books").body["documents"] as? Int == shown.count)
                try await compareInterpretations(scoped, alone, books.filter { !scope.shows($0) }.prefix(60))
            }
            let ids = Set(shown.map(\.id))
            for book in books {
                let isShown = ids.contains(book.id)
                let (document, similar) = (
                    try await scoped.get("/v1/books/documents/\(book.id)"),
                    try await scoped.get("/v1/books/similar/\(book.id)")
                )
                #expect(document.status == (isShown ? 200 : 404))
                #expect(similar.status == (isShown ? 200 : 404))
                #expect(ids.isSuperset(of: Served.ids(similar.body)))
            }
            let titles = Set(shown.map(\.title))
            var count = 0
            for typed in Book.words.map({ String($0.prefix(2)) }) + ["red", "blue ri", "nihgt"] {
                for filter in ["", "year:..2000"] {
                    let reply = try await scoped.get(
                        "/v1/books/suggest", ["q": typed, "limit": "10", "filter": filter])
                    let suggested = (reply.body["suggestions"] as? [[String: Any]] ?? []).map {
                        $0["text"] as? String ?? ""
                    }
                    #expect(reply.status == 200)
                    #expect(titles.isSuperset(of: suggested), "\(typed)")
                    count += suggested.count
                }
            }
            #expect(count > 0)
            // Searches with all liberties, whose interpretation other documents may influence.
            for query in Book.words + ["re", "rivr", "\"blue city\"", "red -night", "grenn ctiy", ""] {
                let reply = try await scoped.get("/v1/books/search", ["q": query, "per_page": "100"])
                #expect(ids.isSuperset(of: Served.ids(reply.body)))
                #expect(reply.body["found"] as? Int ?? .max <= shown.count)
                for member in ["corrected_query", "did_you_mean"] { #expect(reply.body[member] == nil) }
            }
        }
    }

    /// Compares how queries about hidden documents are understood by a server with a scope and one without these
    /// documents: nothing tells of their phrases, of their fields, or that they are there.
    ///
    /// The tiers of a hit may differ, because they depend on how frequent its words are in all documents.
    private func compareInterpretations(
        _ scoped: Served, _ alone: Served, _ hidden: some Sequence<Book> & Sendable
    ) async throws {
        for book in hidden {
            let (id, title) = (book.id, book.title)
            for query in [
                "\"\(title)\" red", "\"\(title)\" \"red city\"", "id:\(id) \(title)", "id:\(id) year:..2000 \(title)",
                "id:\(id) green river", "tenant:\(book.tenant) red blue",
            ] {
                let search = ["q": query, "typo": "off", "prefix": "none", "per_page": "100"]
                let reply = try await scoped.get("/v1/books/search", search).body
                let expected = try await alone.get("/v1/books/search", search).body
                #expect(try Self.text(reply["applied"]) == Self.text(expected["applied"]), "\(query)")
                #expect(Self.tiers(reply).count == Self.tiers(expected).count, "\(query)")
                #expect(Self.tiers(reply).reduce(0, +) == Self.tiers(expected).reduce(0, +), "\(query)")
                // A page has the best hits, by scores that differ.
                if Self.tiers(reply).reduce(0, +) <= 100 {
                    #expect(Set(Served.ids(reply)) == Set(Served.ids(expected)), "\(query)")
                }
            }
            #expect(try await scoped.get("/v1/books/documents/\(id)", [:], .head).status == 404)
        }
    }

    /// The numbers of hits of the tiers.
    private static func tiers(_ reply: [String: Any]) -> [Int] {
        (reply["tiers"] as? [[String: Any]] ?? []).compactMap { $0["found"] as? Int }
    }

    /// A reply to one key is not given to another, nor a cursor.
    @Test func repliesAndCursorsBelongToTheirScope() async throws {
        var random = SplitMix64(seed: 7)
        let books = Book.all(60, &random)
        try await serve(books, opensReading: false) { all, keys in
            let parent = try keys.add("storefront", .search)
            func client(_ tenant: String) -> Served {
                let scope = AccessScope(filter: "tenant:=\(tenant)")
                return Served(client: all.client, key: ScopedKey(scope, of: "storefront").text(signedBy: parent))
            }
            for _ in 0...2 {
                for tenant in ["t0", "t1", "t2"] {
                    let reply = try await client(tenant).get("/v1/books/search", ["q": "", "per_page": "100"])
                    #expect(Served.ids(reply.body).sorted() == books.filter { $0.tenant == tenant }.map(\.id).sorted())
                    let description = try await client(tenant).get("/v1/books")
                    #expect(description.body["documents"] as? Int == books.count { $0.tenant == tenant })
                }
            }
            let first = try await client("t0").get("/v1/books/search", ["q": "", "per_page": "2", "after": "*"])
            let cursor = try #require(first.body["next"] as? String)
            let other = try await client("t1").get("/v1/books/search", ["q": "", "per_page": "2", "after": cursor])
            #expect(other.status == 400)
        }
    }

    @Test(arguments: [false, true]) func whatCannotBeLimitedIsRefused(_ opensReading: Bool) async throws {
        var random = SplitMix64(seed: 8)
        let books = Book.all(20, &random)
        try await serve(books, opensReading: opensReading) { all, keys in
            let parent = try keys.add("storefront", .admin)
            func status(_ scope: AccessScope, _ path: String, _ parameters: [String: String] = [:]) async throws -> Int
            {
                let key = ScopedKey(scope, of: "storefront").text(signedBy: parent)
                return try await Served(client: all.client, key: key).get(path, parameters).status
            }
            let nobody = AccessScope(filter: "tenant:=nobody")
            #expect(try await status(nobody, "/v1/books/search", ["q": "red", "facets": "tenant"]) == 200)
            #expect(try await status(nobody, "/v1/books/documents/b1") == 404)
            let scope = AccessScope(catalogs: ["books"], filter: "tenant:=t0")
            #expect(try await status(scope, "/v1/books/search", ["q": "red"]) == 200)
            #expect(try await status(scope, "/v1/books/search", ["q": "red", "explain": "true"]) == 403)
            #expect(try await status(scope, "/v1/books/suggest", ["q": "re"]) == 200)
            for path in ["/v1", "/metrics", "/v1/books/export", "/v1/books/profile", "/v1/books/reports/top"] {
                #expect(try await status(scope, path) == 403, "\(path)")
            }
            for path in ["", "/search", "/documents/b1", "/similar/b1"] {
                #expect(try await status(AccessScope(catalogs: ["films"]), "/v1/books" + path) == 403, "\(path)")
            }
            for filter in ["tenant:=t0 &&", "", " "] {
                #expect(try await status(AccessScope(filter: filter), "/v1/books/search") == 403, "\(filter)")
            }
            // A key for some catalogs shows everything of them.
            let (films, shop) = (AccessScope(catalogs: ["films"]), AccessScope(catalogs: ["books"]))
            #expect(try await status(shop, "/v1/books/suggest", ["q": "re"]) == 200)
            #expect(try await status(films, "/v1/books/suggest", ["q": "re"]) == 403)
            #expect(try await status(AccessScope(filter: "none:=1"), "/v1/books/search") == 400)
            let expired = ScopedKey(AccessScope(), of: "storefront", expires: 1).text(signedBy: parent)
            #expect(try await Served(client: all.client, key: expired).get("/v1/books/search").status == 401)
        }
    }
}
