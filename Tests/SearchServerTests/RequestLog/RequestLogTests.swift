import Catalog
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Segments
import Synchronization
import TestSupport
import Testing

@testable import SearchServer

/// Ids of requests, the log of requests, and `/readyz`.
@Suite struct RequestLogTests {
    private struct Served: Sendable {
        let client: any TestClientProtocol
        let connections: ConnectionRegistry

        /// Sends a request. Returns the status and the id of the reply.
        @discardableResult
        func send(_ uri: String, _ headers: HTTPFields = [:]) async throws -> (status: Int, id: String) {
            try await client.execute(uri: uri, method: .get, headers: headers) { response in
                let header = try #require(RequestID.header)
                return (Int(response.status.code), try #require(response.headers[header]))
            }
        }
    }

    /// Runs a test against a server of one book that logs its requests. Returns the lines of the log.
    @discardableResult
    private func lines(
        slowest: Duration = .zero, maxBytes: Int = 1 << 20, logger: Logger = .quiet,
        _ test: @escaping @Sendable (Served) async throws -> Void
    ) async throws -> [String] {
        let home = try TemporaryFolder()
        let folder = DataFolder(home.path + "/data")
        let file = try home.write("b.jsonl", Array(#"{"id": "1", "title": "book"}"#.utf8))
        let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("title", .text)])
        _ = try IndexJob(files: [file], schema: schema).run("books", in: folder)
        let path = home.path + "/requests.log"
        let log = try RequestLog(path: path, slowest: slowest, maxBytes: maxBytes)
        let store = CatalogStore(folder)
        let connections = ConnectionRegistry(maxConnections: 10, logger: .quiet)
        let (threads, cache) = (SearchThreads(threads: 1), ReplyCache(maxBytes: 0))
        let metrics = ServerMetrics(
            store, threads: threads, cache: cache, connections: connections, demand: nil, log: log)
        let server = makeServer(
            .init(), store, threads: threads, cache: cache, connections: connections, metrics: metrics, logger: logger)
        try await server.test(.router) { try await test(Served(client: $0, connections: connections)) }
        log.close()
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let lines = text.split(separator: "\n").map { String($0) }
        if maxBytes < 1 << 20 { #expect(log.dropped > 0) } else { #expect(log.dropped == 0) }
        return lines
    }

    private func object(_ line: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test func idsOfClientsComeBack() async throws {
        let header = try #require(RequestID.header)
        try await lines { server async throws in
            for id in ["a", "A-b_c.9", String(repeating: "x", count: 64)] {
                #expect(try await server.send("/healthz", [header: id]).id == id)
            }
            // Errors have the id, too.
            #expect(try await server.send("/nowhere", [header: "lost"]).id == "lost")
        }
    }

    /// Ids that are too long, or have characters that a log might misunderstand, are replaced.
    @Test func otherIdsAreReplaced() async throws {
        let header = try #require(RequestID.header)
        try await lines { server async throws in
            for id in ["", String(repeating: "x", count: 65), "a b", "a\"b", "é", "a/b", "{}"] {
                let reply = try await server.send("/healthz", [header: id]).id
                #expect(reply != id)
                #expect((1...16).contains(reply.count))
            }
            let ids = (try await server.send("/healthz").id, try await server.send("/healthz").id)
            #expect(ids.0 != ids.1)
        }
    }

    @Test func requestsAreLogged() async throws {
        let header = try #require(RequestID.header)
        let lines = try await lines { server async throws in
            try await server.send("/v1/books/search?q=book", [header: "found"])
            try await server.send("/v1/none/search?q=book", [header: "missing"])
        }
        #expect(lines.count == 2)
        let found = try object(try #require(lines.first))
        #expect(found.keys.sorted() == ["id", "method", "ms", "path", "route", "search", "status", "time", "wait_ms"])
        #expect(found["id"] as? String == "found")
        #expect(found["method"] as? String == "GET")
        #expect(found["route"] as? String == "GET /v1/{catalog}/search")
        #expect(found["path"] as? String == "/v1/books/search")
        #expect(found["status"] as? Int == 200)
        let search = try #require(found["search"] as? [String: Any])
        let members = ["find_ms", "found", "interpret_ms", "partial", "present_ms", "segments", "tiers"]
        #expect(search.keys.sorted() == members)
        #expect(search["found"] as? Int == 1)
        #expect(search["segments"] as? Int == 1)
        let missing = try object(try #require(lines.last))
        #expect(missing.keys.sorted() == ["id", "method", "ms", "route", "status", "time", "wait_ms"])
        #expect(missing["status"] as? Int == 404)
    }

    /// Neither queries nor headers are logged, and no path that a person may have mistyped a secret into.
    @Test func secretsAreNotLogged() async throws {
        let lines = try await lines { server async throws in
            let headers: HTTPFields = [.authorization: "Bearer quire_admin_secret", .cookie: "a=secret"]
            try await server.send("/v1/books/search?q=secret&key=secret", headers)
            try await server.send("/v1/books/rebuild", headers)
            try await server.send("/v1/quire_admin_secret", headers)
            try await server.send("/secret", headers)
        }
        #expect(lines.count == 4)
        for line in lines { #expect(!line.contains("secret"), "\(line)") }
    }

    /// With a limit, only slow requests and faults of the server are logged.
    @Test func slowRequestsAreLogged() async throws {
        let header = try #require(RequestID.header)
        let lines = try await lines(slowest: .seconds(3600)) { server async throws in
            try await server.send("/v1/books/search?q=book")
            try await server.send("/v1/none")
            server.connections.beginDraining()
            try await server.send("/readyz", [header: "draining"])
        }
        #expect(lines.count == 1)
        #expect(try object(try #require(lines.first))["id"] as? String == "draining")
    }

    /// A file that was moved away, as by `logrotate`, gets no more lines.
    @Test func aLogIsOpenedAgain() throws {
        let home = try TemporaryFolder()
        let path = home.path + "/requests.log"
        let log = try RequestLog(path: path)
        let entry = RequestLog.Entry(
            id: "moved", time: 0, method: "GET", route: "none", path: "/", status: 200, milliseconds: 1)
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        log.reopen()
        log.record(200, .zero, entry)
        log.close()
        #expect(try String(contentsOfFile: path, encoding: .utf8).contains("moved"))
        #expect(try Data(contentsOf: URL(filePath: path + ".1")).isEmpty)
    }

    /// A log that nobody writes fast enough drops lines instead of growing.
    @Test func waitingLinesAreBounded() async throws {
        let lines = try await lines(maxBytes: 1) { server async throws in
            for _ in 1...3 { try await server.send("/healthz") }
        }
        #expect(lines.isEmpty)
    }

    @Test func serversThatStopAreNotReady() async throws {
        try await lines { server async throws in
            #expect(try await server.send("/readyz").status == 200)
            server.connections.beginDraining()
            #expect(try await server.send("/readyz").status == 503)
            #expect(try await server.send("/healthz").status == 200)
        }
    }
}
