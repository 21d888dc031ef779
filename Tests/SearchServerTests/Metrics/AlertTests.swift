import Catalog
import Foundation
import Hummingbird
import HummingbirdTesting
import Segments
import TestSupport
import Testing

@testable import SearchServer

/// The alert rules of `docs/monitoring/quire.rules.yml`: each is quiet on a healthy server, and fires after the failure
/// that it names.
@Suite struct AlertTests {
    /// A rule.
    private struct Rule {
        let name: String
        let expression: String

        /// The rules of the file.
        static func all() throws -> [Rule] {
            let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
            let text = try String(contentsOf: root.appending(path: "docs/monitoring/quire.rules.yml"), encoding: .utf8)
            return text.matches(of: /- alert: (\w+)\n +expr: (.*)\n/).map { found in
                Rule(name: String(found.1), expression: String(found.2))
            }
        }

        /// True if the rule fires after a scrape, of whose past another one is known.
        func fires(_ before: MetricsScrape, _ now: MetricsScrape) throws -> Bool {
            let parts = try #require(expression.wholeMatch(of: /(.*) ([<>]) ([0-9.]+)/), "\(expression)")
            let terms = String(parts.1).split(separator: " / ").map { String($0) }
            let values = try terms.map { try value(of: $0, before, now) }
            let quotient = values.count == 2 ? values[0] / values[1] : values[0]
            let limit = try #require(Double(parts.3))
            return parts.2 == ">" ? quotient > limit : quotient < limit
        }

        private func value(of term: String, _ before: MetricsScrape, _ now: MetricsScrape) throws -> Double {
            let pattern = /(?:sum\()?(increase\()?([a-z_]+)(?:\{(.*)\})?(?:\[\w+\])?\)*/
            let parts = try #require(term.wholeMatch(of: pattern), "\(term)")
            let metric = String(parts.2).replacing(/_(bucket|count|sum)$/, with: "")
            #expect(MetricName(rawValue: metric) != nil, "\(metric)")
            let wanted = labels(parts.3 ?? "")
            // As in Prometheus, a series that was not there before has not increased.
            let isIncrease = parts.1 != nil
            return now.all(String(parts.2), wanted).reduce(0) { sum, sample in
                let earlier = before.all(sample.name, sample.labels).first { $0.labels == sample.labels }
                return sum + (isIncrease ? sample.value - (earlier?.value ?? sample.value) : sample.value)
            }
        }
    }

    /// A server of the catalog `books`.
    private struct Served: Sendable {
        let client: any TestClientProtocol
        let key: String
        let catalog: String
        let threads: SearchThreads
        let connections: ConnectionRegistry
        let metrics: ServerMetrics

        func send(_ uri: String, _ method: HTTPRequest.Method = .get, _ body: String = "") async throws {
            let headers: HTTPFields = [.authorization: "Bearer \(key)", .contentType: "application/x-ndjson"]
            let body = ByteBuffer(string: body)
            try await client.execute(uri: uri, method: method, headers: headers, body: body) { _ in }
        }
    }

    /// Causes a failure. Returns the names of the rules that fire.
    private func firing(
        searchLogBytes: Int = 1 << 20, _ cause: @escaping @Sendable (Served) async throws -> Void
    ) async throws -> [String] {
        let home = try TemporaryFolder()
        let folder = DataFolder(home.path + "/data")
        let file = try home.write("b.jsonl", Array(#"{"id": "1", "title": "book"}"#.utf8))
        let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("title", .text)])
        _ = try IndexJob(files: [file], schema: schema).run("books", in: folder)
        var options = DemandLog.Options()
        options.maxSearchBytes = searchLogBytes
        let log = try DemandLog(DemandFolder(folder.path), options)
        let recorder = DemandRecorder(log, try #require(TrustedProxies()))
        let store = CatalogStore(folder, lookEvery: .zero, timeout: .seconds(3600))
        try store.openAll()
        let connections = ConnectionRegistry(maxConnections: 1, logger: .quiet)
        let (threads, cache) = (SearchThreads(threads: 1), ReplyCache(maxBytes: 0))
        let metrics = ServerMetrics(store, threads: threads, cache: cache, connections: connections, demand: log)
        let server = makeServer(
            .init(), store, threads: threads, cache: cache, connections: connections, recorder: recorder,
            metrics: metrics, logger: .quiet)
        let served = try (key: AccessKeys(folder).add("test"), catalog: folder.index("books").path)
        metrics.requests.times(of: Self.searches).record(200, .zero)
        let before = MetricsScrape(try metrics.text())
        // However slow the machine is: the searches of a test are few among quick ones.
        for _ in 1...1000 { metrics.requests.times(of: Self.searches).record(200, .zero) }
        try await server.test(.router) { client in
            try await cause(
                Served(
                    client: client, key: served.key, catalog: served.catalog, threads: threads,
                    connections: connections, metrics: metrics))
        }
        let now = MetricsScrape(try metrics.text())
        let names = try Rule.all().filter { try $0.fires(before, now) }.map(\.name)
        try? store.close()
        log.close()
        return names
    }

    private static let searches = "GET /v1/{catalog}/search"

    /// The rules whose failures the other tests cause.
    @Test func everyRuleHasATest() throws {
        let tested = [
            "QuireOverloaded", "QuireSlow", "QuireFaults", "QuireWritingStopped", "QuireUnreadable", "QuireOutdated",
            "QuireConnectionsUsedUp", "QuireSearchesNotLogged",
        ]
        #expect(try Rule.all().map(\.name) == tested)
    }

    /// The dashboard asks for metrics that there are.
    @Test func theDashboardHasMetricsOfTheServer() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let file = root.appending(path: "docs/monitoring/quire.dashboard.json")
        _ = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
        let names = try String(contentsOf: file, encoding: .utf8).matches(of: /quire_[a-z_]+/).map { String($0.0) }
        #expect(names.count > 10)
        for name in names {
            #expect(MetricName(rawValue: name.replacing(/_(bucket|count|sum)$/, with: "")) != nil, "\(name)")
        }
    }

    @Test func aHealthyServerIsQuiet() async throws {
        let names = try await firing { server async throws in
            try await server.send("/v1/books/search?q=book")
            try await server.send("/v1/books/search?page=x")
            try await server.send("/v1/books/documents", .post, #"{"id": "2", "title": "two"}"#)
        }
        #expect(names.isEmpty)
    }

    @Test func overload() async throws {
        let gate = Gate()
        let names = try await firing { server async throws in
            let held = gate.fill(server.threads.searches)
            try await server.send("/v1/books/search?q=book&timeout_ms=1")
            gate.open()
            gate.awaitEnded(held)
        }
        #expect(names == ["QuireOverloaded"])
    }

    @Test func slowSearches() async throws {
        let names = try await firing { server async throws in
            for _ in 1...20 { server.metrics.requests.times(of: Self.searches).record(200, .milliseconds(1001)) }
        }
        #expect(names == ["QuireSlow"])
    }

    /// A manifest that cannot be read while an older snapshot is open.
    @Test func damagedCommits() async throws {
        let names = try await firing { server async throws in
            try Data("damaged\n".utf8).write(to: URL(filePath: server.catalog + "/CURRENT"))
            try await server.send("/v1/books/search?q=book")
        }
        #expect(names == ["QuireOutdated"])
    }

    /// A catalog that was never open, and cannot be opened.
    @Test func damagedCatalogs() async throws {
        let names = try await firing { server async throws in
            let path = server.catalog.replacing("/books", with: "/films")
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try Data("damaged\n".utf8).write(to: URL(filePath: path + "/CURRENT"))
            try await server.send("/v1/films/search?q=book")
        }
        #expect(names == ["QuireFaults", "QuireUnreadable"])
    }

    @Test func writingThatStopped() async throws {
        let names = try await firing { server async throws in
            try await server.send("/v1/books/documents", .post, #"{"id": "2", "title": "two"}"#)
            try FileManager.default.moveItem(
                atPath: server.catalog + "/generations", toPath: server.catalog + "/away")
            // A new document needs a segment before it is visible.
            try await server.send("/v1/books/documents?refresh=true", .post, #"{"id": "3", "title": "three"}"#)
        }
        #expect(names.contains("QuireWritingStopped"))
    }

    @Test func connectionsThatAreUsedUp() async throws {
        let names = try await firing { server async throws in
            let connection = try TestConnection(registry: server.connections)
            #expect(connection.channel.isActive)
        }
        #expect(names == ["QuireConnectionsUsedUp"])
    }

    @Test func searchesThatAreNotLogged() async throws {
        let names = try await firing(searchLogBytes: 1) { try await $0.send("/v1/books/search?q=book") }
        #expect(names == ["QuireSearchesNotLogged"])
    }
}

/// The labels of a sample or a selector.
private func labels(_ text: some StringProtocol) -> [String: String] {
    let pairs = String(text).matches(of: /([a-z]+)="([^"]*)"/).map { (String($0.1), String($0.2)) }
    return Dictionary(pairs) { $1 }
}
