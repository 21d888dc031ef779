import Hummingbird
import NIOPosix

/// Adds `GET /metrics`: the metrics of the server as text. They are read apart from the threads for searches, so that a
/// server that is overloaded can tell.
func addMetricsRoutes(
    to router: Router<BasicRequestContext>, _ metrics: ServerMetrics, _ authorization: AdminAuthorization
) {
    router.get("metrics") { request, _ in
        try authorization.check(request)
        let text = try await NIOThreadPool.singleton.runIfActive { try metrics.text() }
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
