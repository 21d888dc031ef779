import Hummingbird
import HummingbirdCore
import HummingbirdTesting
import Kernels
import Searching
import Testing

@testable import SearchServer

/// Clients that leave before they have their reply, on real sockets.
@Suite struct DepartureTests {
    /// The search that runs for a client ends when the client closes its connection, and its thread takes the next one.
    @Test func theSearchOfAClientThatLeavesIsCancelled() async throws {
        let threads = SearchThreads(threads: 1)
        let began = Monitor(0)
        let cancelled = Monitor<[Bool]>([])
        let router = Router()
        router.get("slow") { _, _ in
            let cancellation = SearchCancellation()
            // The deadline is only there to fail, not to hang, without a cancellation.
            let limits = SearchLimits(deadline: .now + .seconds(60), cancellation: cancellation)
            return try await threads.search(limits) {
                began.withLock { $0 += 1 }
                while !limits.isOver {}
                cancelled.withLock { $0.append(cancellation.isCancelled) }
                return Response(status: .ok)
            }
        }
        router.get("quick") { _, _ in try await threads.search(SearchLimits()) { Response(status: .noContent) } }
        let registry = ConnectionRegistry(maxConnections: 10, logger: .quiet)
        let server = Application(
            router: router,
            server: HTTPServerBuilder {
                QuireChannel($0, registry, CurrentPolicy(ServerPolicy(hosts: ["*"])), ServerLimits())
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: .quiet)
        try await server.test(.live) { client in
            let port = try #require(client.port)
            for round in 1...3 {
                let status = try await onOwnThread {
                    let leaving = try ClientSocket(port: port)
                    try leaving.send("GET", "/slow")
                    began.wait { $0 >= round ? true : nil }
                    leaving.leave()
                    let staying = try ClientSocket(port: port)
                    try staying.send("GET", "/quick")
                    return try staying.reply().status
                }
                #expect(status == 204)
                #expect(cancelled.withLock { $0 } == Array(repeating: true, count: round))
            }
        }
    }
}
