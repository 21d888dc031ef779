import Catalog
import Foundation
import Hummingbird
import HummingbirdTesting
import Segments
import TestSupport
import Testing

@testable import SearchServer

/// The description of the API at `/openapi.json`, against the server.
@Suite struct APIDescriptionTests {
    private let description: APIDescription

    init() throws { description = try APIDescription() }

    /// A server with the bundled catalog, and a key that permits everything.
    private struct Served: Sendable {
        let client: any TestClientProtocol
        let key: String

        struct Reply: Sendable {
            var status: Int
            var headers: HTTPFields
            var body: Data
        }

        func send(
            _ method: HTTPRequest.Method, _ uri: String, _ headers: HTTPFields = [:], _ body: String? = nil
        ) async throws -> Reply {
            var headers = headers
            if headers[.authorization] == nil { headers[.authorization] = "Bearer \(key)" }
            return try await client.execute(
                uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
            ) {
                Reply(status: $0.status.code, headers: $0.headers, body: Data(buffer: $0.body))
            }
        }
    }

    private static func serve(_ test: @escaping @Sendable (Served) async throws -> Void) async throws {
        let home = try TemporaryFolder()
        let folder = DataFolder(home.path + "/data")
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/catalog")
        let files = ["zh-books", "en-goodbooks"].map { root.appending(path: "\($0).jsonl").path }
        func json(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: root.appending(path: name))) }
        var job = IndexJob(files: files, schema: try Schema(json: try json("schema.json")))
        job.profile = (try json("profile.json"), "profile.json")
        _ = try job.run("books", in: folder)
        let store = CatalogStore(folder)
        let log = try DemandLog(DemandFolder(folder.path), DemandLog.Options()) { _ in }
        let recorder = DemandRecorder(log, try #require(TrustedProxies()))
        let key = try AccessKeys(folder).add("test")
        try await makeServer(.init(), store, recorder: recorder, logger: .quiet).test(.router) { client in
            try await test(Served(client: client, key: key))
        }
        log.close()
        try store.close()
    }

    @Test func describesEveryRouteButPages() async throws {
        let described = Set(description.operations.map(\.name))
        let text = description.text
        try await Self.serve { served in
            let reply = try await served.send(.get, "/openapi.json")
            #expect(reply.body == Data(text.utf8))
        }
        let routes = try AccessTests.routeNames.filter { !Self.isPage($0) }
        #expect(Set(routes) == described)
    }

    private static func isPage(_ route: String) -> Bool {
        let path = route.split(separator: " ")[1]
        return ["/", "/tune", "/reference", "/favicon.ico"].contains(path) || path.hasPrefix("/assets")
    }

    @Test func hasTheRoleOfEachRoute() {
        for operation in description.operations {
            #expect(operation.role == AccessTests.roles[operation.name]?.rawValue, "\(operation.name)")
        }
    }

    @Test func namesOnlyPartsThatItHas() throws {
        let references = description.text.matches(of: /"\$ref": "#\/components\/(\w+)\/(\w+)"/)
        let components = try #require(description.members["components"] as? [String: [String: Any]])
        for kind in ["parameters", "responses", "schemas"] {
            let used = Set(references.filter { $0.1 == kind }.map { String($0.2) })
            #expect(Set(try #require(components[kind]).keys) == used, "\(kind)")
        }
    }

    /// The operations whose examples need those before them, in their order; all others come before these.
    private static let lastOperations = [
        "putProfile", "putSynonyms", "putRules", "listRevisions", "getRevision", "restoreRevision", "beginRebuild",
        "rebuildState", "verifyRebuild", "swapRebuild", "rollbackRebuild", "dropRebuild", "fillRebuild",
        "finishRebuild", "deleteDocument", "removeCatalog", "createCatalog",
    ]

    /// Every example is a request that the server accepts, and its reply is as the document says.
    @Test func everyExampleIsARequest() async throws {
        try await Self.serve { served in
            let description = try APIDescription()
            let (last, first) = (
                Self.lastOperations, description.operations.filter { !Self.lastOperations.contains($0.id) }
            )
            let ordered = first + last.compactMap { id in description.operations.first { $0.id == id } }
            #expect(ordered.count == description.operations.count)
            for operation in ordered {
                for example in try description.examples(of: operation) {
                    try await Self.prepare(operation.id, served)
                    let reply = try await served.send(operation.method, example.uri, example.headers, example.body)
                    #expect(
                        (200...299).contains(reply.status),
                        "\(operation.name): \(String(decoding: reply.body, as: UTF8.self))")
                    let problems = description.problems(
                        operation, status: reply.status, media: reply.headers[.contentType], body: reply.body)
                    #expect(problems.isEmpty, "\(problems)")
                }
            }
        }
    }

    /// Brings about what the examples of an operation need.
    private static func prepare(_ id: String, _ served: Served) async throws {
        switch id {
        case "verifyRebuild":
            // The rows are read in the background.
            for _ in 0..<2000 {
                let state = try await served.send(.get, "/v1/books/rebuild")
                if String(decoding: state.body, as: UTF8.self).contains(#""stage":"ready""#) { return }
                try await Task.sleep(for: .milliseconds(5))
            }
            Issue.record("the rebuild was never ready")
        case "fillRebuild":
            #expect(try await served.send(.post, "/v1/books/rebuild?from=documents").status == 202)
        case "createCatalog": _ = try await served.send(.delete, "/v1/books?confirm=books")
        default: break
        }
    }

    /// Requests that are wrong, with the codes of their problems.
    private static let wrongRequests: [(String, HTTPRequest.Method, String, String?, String)] = [
        ("search", .get, "/v1/books/search?page=0", nil, "bad_value"),
        ("search", .get, "/v1/books/search?q=a&q=b", nil, "repeated_parameter"),
        ("search", .get, "/v1/books/search?filter=price", nil, "bad_filter"),
        ("search", .get, "/v1/books/search?filter=weight:1..", nil, "unknown_filter"),
        ("search", .get, "/v1/books/search?facets=weight", nil, "unknown_facet"),
        ("search", .get, "/v1/books/search?sort=weight", nil, "unknown_sort"),
        ("search", .get, "/v1/books/search?fields=weight", nil, "unknown_field"),
        ("search", .get, "/v1/books/search?collapse=title", nil, "unknown_collapse"),
        ("search", .get, "/v1/books/search?page=5000", nil, "page_too_deep"),
        ("search", .get, "/v1/books/search?q=%ff", nil, "bad_encoding"),
        ("search", .get, "/v1/none/search", nil, "unknown_catalog"),
        ("suggest", .get, "/v1/books/suggest?kinds=mood", nil, "bad_value"),
        ("getDocument", .get, "/v1/books/documents/none", nil, "unknown_document"),
        ("similar", .get, "/v1/books/similar/none", nil, "unknown_document"),
        ("postSearch", .post, "/v1/books/search", #"{"q": 1.5}"#, "bad_search"),
        ("multiSearch", .post, "/v1/multi_search", "[]", "bad_search"),
        ("changeDocuments", .post, "/v1/books/documents", "{", "bad_document"),
        ("changeDocuments", .post, "/v1/books/documents?create=true", #"{"id": "zh-0111"}"#, "document_exists"),
        ("patchDocument", .patch, "/v1/books/documents/zh-0111", #"{"title": 7}"#, "bad_document"),
        ("patchDocument", .patch, "/v1/books/documents/none", #"{"stock": 1}"#, "unknown_document"),
        ("recordEvents", .post, "/v1/books/events", "{}", "bad_event"),
        ("report", .get, "/v1/books/reports/mood", nil, "unknown_report"),
        ("putRules", .put, "/v1/books/rules", "[{}]", "if_match_required"),
        ("previewDrafts", .post, "/v1/books/tuning/preview", #"{"now": 1}"#, "bad_draft"),
        ("evaluateDrafts", .post, "/v1/books/tuning/evaluate", #"{"before": {"revision": 99}}"#, "unknown_revision"),
        ("getRevision", .get, "/v1/books/tuning/revisions/99", nil, "unknown_revision"),
        ("createCatalog", .put, "/v1/books", #"{"schema": {"key": "id", "fields": []}}"#, "bad_rebuild"),
        ("removeCatalog", .delete, "/v1/books", nil, "not_confirmed"),
        ("export", .get, "/v1/books/export?q=1", nil, "unknown_parameter"),
        ("fillRebuild", .post, "/v1/books/rebuild/documents", "{}", "no_rebuild"),
        ("merge", .post, "/v1/books/merge?to=0", nil, "bad_value"),
        ("beginRebuild", .post, "/v1/books/rebuild?from=air", nil, "bad_value"),
    ]

    @Test func problemsAreDescribed() async throws {
        try await Self.serve { served in
            let description = try APIDescription()
            for (id, method, uri, body, code) in Self.wrongRequests {
                let operation = try #require(description.operations.first { $0.id == id })
                #expect(operation.method == method)
                let headers: HTTPFields = body == nil ? [:] : [.contentType: "application/json"]
                let reply = try await served.send(method, uri, headers, body)
                let problem = try JSONSerialization.jsonObject(with: reply.body) as? [String: Any]
                #expect(problem?["code"] as? String == code, "\(method) \(uri): \(problem ?? [:])")
                let problems = description.problems(
                    operation, status: reply.status, media: reply.headers[.contentType], body: reply.body)
                #expect(problems.isEmpty, "\(problems)")
            }
        }
    }

    /// Lines that are no documents are refused with their number, and without the file in which they were kept.
    @Test(arguments: [
        ("[null]", "line 1: column 1: expected a JSON object on one line"),
        (#"{"id": "1", "n": 1}"# + "\n" + #"{"id": "2", "n": {"#, "line 2"),
        (#"{"id": "1", "n": 1}"# + "\n" + #"{"n": 2}"#, "missing in 1 of 2 records"),
    ])
    func wrongLinesMakeNoCatalog(_ lines: String, _ place: String) async throws {
        try await Self.serve { served in
            let reply = try await served.send(.put, "/v1/fresh", [.contentType: "application/x-ndjson"], lines)
            let text = String(decoding: reply.body, as: UTF8.self)
            #expect(reply.status == 400)
            #expect(text.contains(#""code":"bad_document""#), "\(text)")
            #expect(text.contains(place), "\(text)")
            #expect(!text.contains(".upload-"), "\(text)")
            #expect(try await served.send(.get, "/v1/fresh").status == 404)
        }
    }

    @Test func noticesWhatIsNotDescribed() throws {
        let search = try #require(description.operations.first { $0.id == "search" })
        func problems(_ status: Int, _ body: String, _ media: String = "application/problem+json") -> Int {
            description.problems(search, status: status, media: media, body: Data(body.utf8)).count
        }
        let problem = #""detail": "d", "status": 400, "title": "t""#
        #expect(problems(400, #"{"code": "bad_filter", \#(problem)}"#) == 0)
        #expect(problems(400, #"{"code": "no_such_code", \#(problem)}"#) == 1)
        #expect(problems(400, #"{"code": "bad_filter", \#(problem), "more": 1}"#) == 1)
        #expect(problems(418, "{}") == 1)
        #expect(problems(200, "{}", "text/html") == 1)
    }
}
