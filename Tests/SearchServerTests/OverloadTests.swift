import Catalog
import Foundation
import Hummingbird
import HummingbirdTesting
import Kernels
import Logging
import Searching
import Segments
import Testing

@testable import SearchServer

/// A server whose threads are busy.
@Suite struct OverloadTests {
    /// Runs a test against a server with a catalog of three books and one thread for each kind of work.
    private func withServer(
        _ test: @escaping @Sendable (any TestClientProtocol, SearchThreads) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("quire-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path + "/in", withIntermediateDirectories: true)
        let lines = (1...3).map { #"{"id": "\#($0)", "title": "book \#($0)"}"# }.joined(separator: "\n")
        try Data(lines.utf8).write(to: URL(fileURLWithPath: path + "/in/b.jsonl"))
        let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("title", .text)])
        let folder = DataFolder(path + "/data")
        _ = try IndexJob(files: [path + "/in/b.jsonl"], schema: schema).run("books", in: folder)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let threads = SearchThreads(threads: 1)
        let store = makeStore(folder, timeout: .seconds(3600), logger: logger)
        try await makeServer(.init(), store, threads: threads, logger: logger).test(.router) { client in
            try await test(client, threads)
        }
    }

    private func code(_ response: TestResponse) throws -> String? {
        let object = try JSONSerialization.jsonObject(with: Data(buffer: response.body)) as? [String: Any]
        return object?["code"] as? String
    }

    private static let search = "/v1/books/search?q=book"
    private static let lookUps = ["/v1/books/suggest?q=boo", "/v1/books/documents/1", "/v1/books", "/v1"]

    /// While all search threads are busy, other requests are answered and searches beyond the queue are refused.
    @Test func searchesThatCannotBeginInTimeAreRefused() async throws {
        try await withServer { client, threads in
            let gate = Gate()
            let held = gate.fill(threads.searches)
            for time in [1, 1000] {
                try await client.execute(uri: Self.search + "&timeout_ms=\(time)", method: .get) { response in
                    #expect(response.status == .serviceUnavailable)
                    #expect(response.headers[.retryAfter] == "1")
                    #expect(response.headers[.contentType] == "application/problem+json")
                    let code = try self.code(response)
                    #expect(code == "overloaded")
                }
            }
            for uri in ["/healthz", "/"] + Self.lookUps {
                try await client.execute(uri: uri, method: .get) { #expect($0.status == .ok, "\(uri)") }
            }
            gate.open()
            gate.awaitEnded(held)
            try await client.execute(uri: Self.search, method: .get) { #expect($0.status == .ok) }
        }
    }

    /// Searches and look-ups do not wait for each other.
    @Test func lookUpsThatCannotBeginInTimeAreRefused() async throws {
        try await withServer { client, threads in
            let gate = Gate()
            let held = gate.fill(threads.lookUps)
            let short = "/v1/books/suggest?q=boo&timeout_ms=1"
            try await client.execute(uri: short, method: .get) { #expect($0.status == .serviceUnavailable) }
            for uri in ["/healthz", Self.search, "/v1/books/similar/1"] {
                try await client.execute(uri: uri, method: .get) { #expect($0.status == .ok, "\(uri)") }
            }
            gate.open()
            gate.awaitEnded(held)
            try await client.execute(uri: Self.lookUps[0], method: .get) { #expect($0.status == .ok) }
        }
    }

    /// The time in the queue counts: a search whose time is over when its turn comes is not begun.
    @Test func searchesOutOfTimeAreNotBegun() async throws {
        let threads = SearchThreads(threads: 1)
        let gate = Gate()
        #expect(threads.searches.submit(gate.job))
        gate.awaitHeld()
        let began = Monitor(false)
        let late = Task {
            try await threads.search(SearchLimits(deadline: .now)) { began.withLock { $0 = true } }
        }
        while threads.searches.waiting == 0 { await Task.yield() }
        gate.open()
        await #expect(throws: Problem.self) { try await late.value }
        let hasBegun = began.withLock { $0 }
        #expect(!hasBegun)
    }

    /// A task that is cancelled cancels its search: one that waits is not begun, one that runs sees it.
    @Test func cancelledTasksCancelTheirSearches() async throws {
        let threads = SearchThreads(threads: 1)
        let running = SearchCancellation()
        let waiting = SearchCancellation()
        let began = Monitor(0)
        let first = Task {
            try await threads.search(SearchLimits(cancellation: running)) {
                began.withLock { $0 += 1 }
                while !running.isCancelled {}
            }
        }
        while began.withLock({ $0 }) == 0 { await Task.yield() }
        let second = Task {
            try await threads.search(SearchLimits(cancellation: waiting)) { began.withLock { $0 += 1 } }
        }
        while threads.searches.waiting == 0 { await Task.yield() }
        second.cancel()
        first.cancel()
        try await first.value
        await #expect(throws: Problem.self) { try await second.value }
        let count = began.withLock { $0 }
        #expect(count == 1)
        #expect(waiting.isCancelled)
    }
}
