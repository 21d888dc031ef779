import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// The reading half of Quire's API under the shop's own origin, so that its pages need no other: catalogs, searches,
/// suggestions and facets. A web server in front of the shop can take its place.
struct SearchProxy: Sendable {
    private static let paths: [RouterPath] = [
        "v1", "v1/:catalog", "v1/:catalog/search", "v1/:catalog/suggest", "v1/:catalog/facets/:field",
    ]
    /// The headers of a response that are passed on; what concerns the connection or the shop's own policy is not.
    private static let passedOn: Set<String> = [
        "content-type", "etag", "cache-control", "vary", "retry-after", "server-timing",
    ]
    private static let timeout = TimeAmount.seconds(10)
    private static let largestReply = 8 << 20

    /// The address of the search server, without a path: `http://127.0.0.1:8080`.
    let origin: String
    let logger: Logger

    /// Creates a proxy for the search server of a feed's target, whose address is `ORIGIN/v1/CATALOG`; nil for an
    /// address of another form.
    init?(target: String, logger: Logger) {
        guard let end = target.firstRange(of: "/v1/") else { return nil }
        origin = String(target[..<end.lowerBound])
        self.logger = logger
    }

    func add(to router: Router<ShopContext>) {
        for path in Self.paths { router.get(path) { request, context in try await pass(request, context) } }
    }

    private func pass(_ request: Request, _ context: ShopContext) async throws -> Response {
        var forwarded = HTTPClientRequest(url: origin + request.uri.description)
        if let tag = request.headers[.ifNoneMatch] { forwarded.headers.add(name: "If-None-Match", value: tag) }
        if let client = context.client { forwarded.headers.add(name: "X-Forwarded-For", value: client.text) }
        do {
            let reply = try await HTTPClient.shared.execute(forwarded, timeout: Self.timeout)
            let body = try await reply.body.collect(upTo: Self.largestReply)
            var headers = HTTPFields()
            for (name, value) in reply.headers where Self.passedOn.contains(name.lowercased()) {
                if let field = HTTPField.Name(name) { headers[field] = value }
            }
            return Response(
                status: .init(code: Int(reply.status.code)), headers: headers, body: .init(byteBuffer: body))
        } catch {
            logger.warning("search cannot be reached", metadata: ["error": "\(error)"])
            throw Problem.unavailable
        }
    }
}
