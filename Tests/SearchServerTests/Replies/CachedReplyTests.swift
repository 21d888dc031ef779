import Catalog
import Foundation
import Hummingbird
import HummingbirdTesting
import Kernels
import Logging
import Segments
import Storage
import TestSupport
import Testing

@testable import SearchServer

/// Servers with a cache of replies, compared with one without.
@Suite struct CachedReplyTests {
    /// A data folder with thirty books, an admin key, and a store that writes.
    private final class Shop: Sendable {
        let path: String
        let key: String
        let store: CatalogStore

        /// Without time a view that is known stays so, however slow the machine is.
        init(withoutTime: Bool = false) throws {
            path = FileManager.default.temporaryDirectory.appendingPathComponent("quire-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let lines = (1...30).map {
                #"{"id": "\#($0)", "title": "book \#($0) 三体 \#($0 % 7)", "year": \#(2000 + $0), "kind": "k\#($0 % 3)"}"#
            }
            try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path + "/b.jsonl"))
            let schema = try Schema(
                key: "id",
                fields: [
                    Field("id", .keyword), Field("title", .text), Field("year", .integer), Field("kind", .keyword),
                ])
            let folder = DataFolder(path + "/data")
            _ = try IndexJob(files: [path + "/b.jsonl"], schema: schema).run("books", in: folder)
            key = try AccessKeys(folder).add("test")
            let start = ContinuousClock.now
            store = CatalogStore(folder, timeout: .seconds(60), clock: { withoutTime ? start : .now })
        }

        deinit {
            try? store.close()
            try? FileManager.default.removeItem(atPath: path)
        }

        /// Runs a test against a server of the store, whose replies are kept in `cache`.
        func serve(
            _ cache: ReplyCache, _ test: @escaping @Sendable (any TestClientProtocol) async throws -> Void
        ) async throws {
            try await makeServer(.init(), store, cache: cache, logger: .quiet).test(.router, test)
        }
    }

    /// A reply, decompressed, without the members that are different each time.
    private struct Reply: Equatable {
        var status: Int
        var type: String?
        var body: NSObject?
        var tag: String?
        var isCompressed = false

        init(_ response: TestResponse) throws {
            status = response.status.code
            type = response.headers[.contentType]
            tag = response.headers[.eTag]
            var bytes = Array(response.body.readableBytesView)
            isCompressed = response.headers[.contentEncoding] == "gzip"
            if isCompressed { bytes = try Self.decompressed(bytes) }
            var object = try? JSONSerialization.jsonObject(with: Data(bytes))
            // The snapshot of a cursor has a number of its own.
            if var members = object as? [String: Any], members["next"] != nil {
                members["next"] = true
                object = members
            }
            body = object as? NSObject
        }

        private static func decompressed(_ bytes: [UInt8]) throws -> [UInt8] {
            let decoder = try GzipDecoder()
            var output = [UInt8](repeating: 0, count: 1 << 20)
            let count = try output.withUnsafeMutableBytes { output in
                try bytes.withUnsafeBytes { try decoder.decode($0, into: output).produced }
            }
            return Array(output[..<count])
        }
    }

    private static func uri(_ random: inout SplitMix64) -> String {
        if random.chance(15) { return "/v1/books/documents/\(random.below(34))" }
        if random.chance(10) { return "/v1/books/similar/\(random.below(10))?limit=\(1 + random.below(3))" }
        if random.chance(5) { return "/v1/books" }
        var parameters = [random.pick(["q=book", "q=", "q=%E4%B8%89+3", "q=bok", "q=none", "q=book+5"])]
        for (name, values) in [
            ("page", ["1", "2", "x"]), ("per_page", ["3", "20"]), ("facets", ["kind", "kind,year(by+10)", "none"]),
            ("filter", ["kind:=k1", "year:2000..2010", "kind:=%60"]), ("sort", ["year:desc", "kind"]),
            ("explain", ["true"]), ("after", ["*"]), ("timeout_ms", ["60000", "30000"]), ("highlight", ["title"]),
        ] where random.chance(12) { parameters.append("\(name)=\(random.pick(values))") }
        if random.chance(20) { return "/v1/books/suggest?" + parameters[0] }
        parameters.shuffle(using: &random)
        return "/v1/books/search?" + parameters.joined(separator: "&")
    }

    /// Random requests, and changes between them: every reply is the same with the cache and without, and who is told
    /// that nothing has changed has the present reply.
    @Test func repliesAreTheSameWithoutTheCache() async throws {
        let shop = try Shop()
        let cache = ReplyCache(maxBytes: 1 << 20)
        try await shop.serve(ReplyCache(maxBytes: 0)) { plain in
            try await shop.serve(cache) { cached in
                var random = SplitMix64(seed: SplitMix64.varied(11))
                var known: [String: Reply] = [:]
                var unchanged = 0
                for round in 0..<1500 {
                    if random.chance(3) { try await Self.change(shop, plain, &random, round) }
                    let uri = Self.uri(&random)
                    let method: HTTPRequest.Method = random.chance(5) ? .head : .get
                    var headers = HTTPFields()
                    if random.chance(50) { headers[.acceptEncoding] = "gzip" }
                    if let tag = known[uri]?.tag, random.chance(50) { headers[.ifNoneMatch] = "\"x\", \(tag)" }
                    let (expected, response, received) = try await Self.replies(plain, cached, uri, method, headers)
                    var reply = received
                    #expect(response.headers[.vary] == (expected.status < 300 ? "Accept-Encoding" : nil))
                    if reply.status == 304 {
                        unchanged += 1
                        #expect(response.body.readableBytes == 0)
                        if method == .get { #expect(response.headers[.contentLength] == nil) }
                        #expect(reply.tag == known[uri]?.tag)
                        if method == .get { #expect(known[uri]?.body == expected.body, "\(uri)") }
                        continue
                    }
                    #expect(reply.status == expected.status, "\(uri)")
                    #expect(reply.type == expected.type)
                    if method == .get { #expect(reply.tag == expected.tag, "\(uri)") }
                    if reply.isCompressed { #expect(headers[.acceptEncoding] != nil) }
                    if method == .head {
                        #expect(response.body.readableBytes == 0)
                        continue
                    }
                    #expect(reply.body == expected.body, "\(uri)")
                    reply.isCompressed = false
                    known[uri] = reply
                }
                #expect(unchanged > 20)
            }
        }
        #expect(cache.statistics.hits > 100)
        #expect(cache.statistics.misses > 100)
    }

    /// The replies of both servers to a request. A commit or a merge may make another view between the two, in which
    /// even scores are different; then both are asked again.
    private static func replies(
        _ plain: any TestClientProtocol, _ cached: any TestClientProtocol, _ uri: String, _ method: HTTPRequest.Method,
        _ headers: HTTPFields
    ) async throws -> (expected: Reply, response: TestResponse, reply: Reply) {
        var attempts = 0
        while true {
            attempts += 1
            let expected = try await plain.execute(uri: uri, method: .get) { try Reply($0) }
            let response = try await cached.execute(uri: uri, method: method, headers: headers) { $0 }
            let reply = try Reply(response)
            let isSameView = reply.tag == expected.tag && (reply.tag != nil || reply.body == expected.body)
            if isSameView || method == .head || attempts == 10 { return (expected, response, reply) }
        }
    }

    /// Adds, patches or deletes a book, and returns when the change is visible.
    private static func change(
        _ shop: Shop, _ client: any TestClientProtocol, _ random: inout SplitMix64, _ round: Int
    ) async throws {
        let id = random.below(34)
        let change = random.pick([
            #"{"id": "\#(id)", "title": "book \#(round) 三体", "year": \#(round), "kind": "k1"}"#,
            #"{"_patch": "\#(id)", "year": \#(round)}"#, #"{"_delete": "\#(id)"}"#,
        ])
        try await client.execute(
            uri: "/v1/books/documents?refresh=true", method: .post,
            headers: [.contentType: "application/x-ndjson", .authorization: "Bearer \(shop.key)"],
            body: ByteBuffer(string: change)
        ) { #expect($0.status == .ok) }
    }

    /// Replies that more than a view decides have no entity tag and are not kept: cursors, and what was cut short or
    /// took more than half of its time.
    @Test func repliesOfCursorsAndWithoutTimeAreNotKept() async throws {
        let shop = try Shop(withoutTime: true)
        let cache = ReplyCache(maxBytes: 1 << 20)
        try await shop.serve(cache) { client in
            for uri in ["/v1/books/search?q=book&after=*", "/v1/books/search?q=nothing&after=*"] {
                for _ in 0..<2 {
                    try await client.execute(uri: uri, method: .get) { response in
                        #expect(response.status == .ok)
                        #expect(response.headers[.eTag] == nil)
                        #expect(response.headers[.cacheControl] == "no-store")
                    }
                }
            }
        }
        let replies = CatalogReplies(store: shop.store, threads: SearchThreads(threads: 1), cache: cache)
        let head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/")
        let wanted = WantedReply("search", of: "books", Request(head: head, body: .init(buffer: ByteBuffer())))
        _ = try shop.store.writer("books")
        let view = try shop.store.searcher("books").view
        for isCutShort in [true, false] {
            let response = try await replies.read(wanted, on: .searches) { limits in
                if isCutShort { limits.cancellation?.cancel() }
                return CatalogReply(body: [1], view: view)
            }
            #expect((response.headers[.eTag] == nil) == isCutShort)
            let known = await replies.known(wanted)
            #expect((known == nil) == isCutShort)
        }
        #expect(cache.statistics.hits == 1)
        #expect(cache.statistics.misses == 1)
        let start = ContinuousClock.now
        func isEarly(_ seconds: Int) -> Bool {
            CatalogReplies.isEarly(start + .seconds(seconds), arrival: start, deadline: start + .seconds(10))
        }
        #expect(isEarly(4))
        #expect(!isEarly(5))
        #expect(!isEarly(11))
        #expect(CatalogReplies.isEarly(start, arrival: start, deadline: nil))
    }

    /// A reply that is there needs no thread: it comes although all of them are busy, and others are refused.
    @Test func knownRepliesDoNotWait() async throws {
        let shop = try Shop(withoutTime: true)
        // Looks at the folder have threads of their own, whether this process writes the catalog or not.
        _ = try shop.store.writer("books")
        let threads = SearchThreads(threads: 1)
        let server = makeServer(
            .init(), shop.store, threads: threads, cache: ReplyCache(maxBytes: 1 << 20), logger: .quiet)
        try await server.test(.router) { client in
            let uris = ["/v1/books/search?q=book", "/v1/books/suggest?q=b", "/v1/books", "/v1/books/documents/1"]
            var known: [Reply] = []
            for uri in uris { known.append(try await client.execute(uri: uri, method: .get) { try Reply($0) }) }
            let gate = Monitor(false)
            defer { gate.withLock { $0 = true } }
            let job = WorkerPool.Job { _ in gate.wait { $0 ? true : nil } }
            while threads.searches.submit(job) {}
            while threads.lookUps.submit(job) {}
            for (uri, expected) in zip(uris, known) {
                let reply = try await client.execute(uri: uri, method: .get) { try Reply($0) }
                #expect(reply == expected)
                #expect(reply.status == 200)
                let headers: HTTPFields = [.ifNoneMatch: try #require(reply.tag)]
                try await client.execute(uri: uri, method: .get, headers: headers) {
                    #expect($0.status == .notModified)
                }
            }
            let other = "/v1/books/search?q=other&timeout_ms=1"
            try await client.execute(uri: other, method: .get) { #expect($0.status == .serviceUnavailable) }
        }
    }
}
