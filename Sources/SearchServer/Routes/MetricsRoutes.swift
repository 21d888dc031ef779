import Hummingbird
import Kernels
import Searching

/// Adds `GET /metrics`: the metrics of the server as text. They have a thread of their own, so that a server that is
/// overloaded can tell.
func addMetricsRoutes(
    to router: Router<BasicRequestContext>, _ metrics: ServerMetrics, _ authorization: Authorization
) {
    let thread = WorkerPool(threads: 1)
    router.get("metrics") { request, _ in
        try authorization.check(request, .admin)
        let text = try await SearchThreads.run(on: thread, SearchLimits(cancellation: SearchCancellation())) {
            try metrics.text()
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
