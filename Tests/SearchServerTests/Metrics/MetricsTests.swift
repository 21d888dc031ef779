import Catalog
import Foundation
import Hummingbird
import HummingbirdTesting
import Segments
import TestSupport
import Testing

@testable import SearchServer

/// Metrics of a server over HTTP.
@Suite struct MetricsTests {
    /// A server of a catalog with three books, one thread for each kind of work, and a log of searches.
    private struct Served: Sendable {
        let client: any TestClientProtocol
        let key: String
        let folder: DataFolder
        let threads: SearchThreads
        let connections: ConnectionRegistry

        func status(_ uri: String, _ method: HTTPRequest.Method = .get, _ body: String = "") async throws -> Int {
            let headers: HTTPFields = [.authorization: "Bearer \(key)", .contentType: "application/x-ndjson"]
            return try await client.execute(
                uri: uri, method: method, headers: headers, body: ByteBuffer(string: body)
            ) { Int($0.status.code) }
        }

        /// The lines of the metrics.
        func metrics() async throws -> [String] {
            try await client.execute(uri: "/metrics", method: .get, headers: [.authorization: "Bearer \(key)"]) {
                #expect($0.status == .ok)
                #expect($0.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
                return String(buffer: $0.body).split(separator: "\n").map { String($0) }
            }
        }

        /// The value of a sample; nil if there is none.
        func value(_ sample: String) async throws -> String? {
            try await metrics().first { $0.hasPrefix(sample + " ") }.map { String($0.dropFirst(sample.count + 1)) }
        }
    }

    private func withServer(_ test: @escaping @Sendable (Served) async throws -> Void) async throws {
        let home = try TemporaryFolder()
        let folder = DataFolder(home.path + "/data")
        let lines = (1...3).map { #"{"id": "\#($0)", "title": "book \#($0)"}"# }
        let file = try home.write("b.jsonl", Array(lines.joined(separator: "\n").utf8))
        let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("title", .text)])
        _ = try IndexJob(files: [file], schema: schema).run("books", in: folder)
        let key = try AccessKeys(folder).add("test")
        let log = try DemandLog(DemandFolder(folder.path), DemandLog.Options())
        let recorder = DemandRecorder(log, try #require(TrustedProxies()))
        let threads = SearchThreads(threads: 1)
        let connections = ConnectionRegistry(maxConnections: 10, logger: .quiet)
        // By a clock that stands still a view stays known, so that replies come from the cache.
        let time = ContinuousClock.now
        let store = CatalogStore(folder, timeout: .seconds(3600), clock: { time })
        let cache = ReplyCache(maxBytes: 1 << 20)
        let requestLog = try RequestLog(path: home.path + "/requests.log")
        let metrics = ServerMetrics(
            store, threads: threads, cache: cache, connections: connections, demand: log, log: requestLog)
        let server = makeServer(
            .init(), store, threads: threads, cache: cache, connections: connections, recorder: recorder,
            metrics: metrics, logger: .quiet)
        try await server.test(.router) { client in
            try await test(
                Served(client: client, key: key, folder: folder, threads: threads, connections: connections))
        }
        // A test may have broken the catalog.
        try? store.close()
        log.close()
    }

    @Test func requestsAreCountedByRouteAndStatus() async throws {
        try await withServer { server async throws in
            for (uri, status) in [
                ("/v1/books/search?q=book", 200), ("/v1/books/search?q=book", 200), ("/v1/none/search?q=x", 404),
                ("/v1/books/search?page=x", 400), ("/nowhere", 404), ("/v1/books/documents/2", 200),
            ] {
                #expect(try await server.status(uri) == status)
            }
            #expect(try await server.status("/v1/books/search?q=book", .head) == 200)
            #expect(try await server.status("/v1/books/search", .put) == 405)
            for (route, status, count) in [
                ("GET /v1/{catalog}/search", 200, 3), ("GET /v1/{catalog}/search", 404, 1),
                ("GET /v1/{catalog}/search", 400, 1), ("GET /v1/{catalog}/documents/{id}", 200, 1), ("none", 404, 1),
                ("none", 405, 1),
            ] {
                let labels = "route=\"\(route)\",status=\"\(status)\""
                #expect(try await server.value("quire_request_seconds_count{\(labels)}") == "\(count)", "\(labels)")
                let all = try await server.value("quire_request_seconds_bucket{\(labels),le=\"+Inf\"}")
                #expect(all == "\(count)", "\(labels)")
            }
        }
    }

    @Test func metricsNeedAKeyOnThePublicAddress() async throws {
        try await withServer { server async throws in
            try await server.client.execute(uri: "/metrics", method: .get) { #expect($0.status == .unauthorized) }
        }
    }

    /// The server of metrics needs no key, and has no catalogs.
    @Test func metricsHaveAnAddressOfTheirOwn() async throws {
        let home = try TemporaryFolder()
        let store = CatalogStore(DataFolder(home.path + "/data"))
        let metrics = ServerMetrics(
            store, threads: SearchThreads(threads: 1), cache: ReplyCache(maxBytes: 0),
            connections: ConnectionRegistry(maxConnections: 7, logger: .quiet), demand: nil)
        try await makeMetricsServer(.init(), metrics, logger: .quiet).test(.router) { client in
            try await client.execute(uri: "/metrics", method: .get) { response in
                #expect(response.status == .ok)
                #expect(String(buffer: response.body).contains("\nquire_connections_max 7\n"))
            }
            try await client.execute(uri: "/v1", method: .get) { #expect($0.status == .notFound) }
        }
    }

    /// The table of `docs/operate.md` has each metric with its type and meaning, and nothing else.
    @Test func everyMetricIsDocumented() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let text = try String(contentsOf: root.appending(path: "docs/operate.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `quire_") }
        let expected = MetricName.allCases.map { "| `\($0.rawValue)` | \($0.type) | \($0.help) |" }
        #expect(rows.map { String($0) } == expected)
    }

    /// A server that has seen everything has all metrics, each with one description before its samples.
    @Test func everyMetricIsReported() async throws {
        try await withServer { server async throws in
            #expect(try await server.status("/v1/books/search?q=book") == 200)
            let change = #"{"id": "1", "title": "book"}"#
            #expect(try await server.status("/v1/books/documents?refresh=true", .post, change) == 200)
            server.connections.countRefusal(408)
            let lines = try await server.metrics()
            var described: [String] = []
            for line in lines {
                if line.hasPrefix("# HELP ") { described.append(line.split(separator: " ").map { String($0) }[2]) }
                guard !line.hasPrefix("#") else { continue }
                let name = try #require(described.last)
                #expect(line.hasPrefix(name), "\(line)")
                #expect(line.contains(/^[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e-]+$/), "\(line)")
            }
            #expect(described.sorted() == MetricName.allCases.map(\.rawValue))
            #expect(lines.contains(#"quire_connections_refused_total{status="408"} 1"#))
            #expect(lines.contains(#"quire_catalog_documents{catalog="books"} 3"#))
            #expect(lines.contains(#"quire_catalog_state{catalog="books",state="ready"} 1"#))
            #expect(lines.contains("quire_demand_recorded_total 1"))
            for name in ["quire_memory_bytes", "quire_threads", "quire_descriptors", "quire_catalog_bytes"] {
                let positive = lines.contains { $0.hasPrefix(name) && !$0.hasSuffix(" 0") }
                #expect(positive, "\(name)")
            }
        }
    }

    @Test func repliesThatComeAgainAreCounted() async throws {
        try await withServer { server async throws in
            for _ in 1...3 { #expect(try await server.status("/v1/books/search?q=book") == 200) }
            #expect(try await server.value(#"quire_reply_cache_requests_total{outcome="hit"}"#) == "2")
            #expect(try await server.value(#"quire_reply_cache_requests_total{outcome="miss"}"#) == "1")
        }
    }

    /// While all threads for searches and look-ups are busy, the metrics say so.
    @Test func overloadIsSeen() async throws {
        try await withServer { server async throws in
            let (searches, lookUps) = (Gate(), Gate())
            let held = (searches.fill(server.threads.searches), lookUps.fill(server.threads.lookUps))
            #expect(try await server.status("/v1/books/search?q=book&timeout_ms=1") == 503)
            // Filling ends with a job that is refused.
            #expect(try await server.value(#"quire_jobs_total{pool="searches",outcome="refused"}"#) == "2")
            let waiting = try await server.value(#"quire_jobs_waiting{pool="look-ups"}"#)
            #expect(waiting.flatMap { Int($0) } ?? 0 >= held.1 - 1)
            searches.open()
            lookUps.open()
            searches.awaitEnded(held.0)
            lookUps.awaitEnded(held.1)
        }
    }

    /// A catalog whose files are gone takes no changes, and the metrics say so.
    @Test func writingThatStoppedIsSeen() async throws {
        try await withServer { server async throws in
            let stopped = #"quire_catalog_writing_stopped{catalog="books"}"#
            let line = #"{"id": "4", "title": "book 4"}"#
            #expect(try await server.status("/v1/books/documents", .post, line) == 200)
            #expect(try await server.value(stopped) == "0")
            let generations = try server.folder.index("books").path + "/generations"
            try FileManager.default.moveItem(atPath: generations, toPath: generations + "-away")
            // The new document needs a segment to be seen.
            _ = try await server.status("/v1/books/documents?refresh=true", .post, line)
            #expect(try await server.value(stopped) == "1")
        }
    }

    @Test func labelsAreEscaped() {
        var text = MetricsText()
        text.add(.catalogDocuments, [([("catalog", "a\"b\\c\nd")], 1)])
        #expect(text.text.hasSuffix("\nquire_catalog_documents{catalog=\"a\\\"b\\\\c\\nd\"} 1\n"))
    }
}
