import HTTPTypes
import Hummingbird

/// Tells browsers which pages may read a reply, and replies to the questions that they ask before a request.
struct CrossOrigin<Context: RequestContext>: RouterMiddleware {
    /// The policy with the sites; nil for none.
    let policy: CurrentPolicy?
    /// The paths of the server.
    let table: RouteTable

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let allowed = policy?.origins, !allowed.isEmpty else { return try await next(request, context) }
        let origin = request.headers[.origin].flatMap { allowed.allows($0) ? $0 : nil }
        var response: Response
        if let origin, request.method == .options, request.headers[.accessControlRequestMethod] != nil,
            let methods = table.methods(of: request.uri.path)
        {
            response = Self.preflight(methods)
            response.headers[.accessControlAllowOrigin] = origin
        } else {
            response = try await next(request, context)
            if let origin {
                response.headers[.accessControlAllowOrigin] = origin
                response.headers[.accessControlExposeHeaders] = "ETag, Retry-After, Server-Timing, X-Request-Id"
            }
        }
        // What a cache keeps for one page is not what it may show to another.
        response.headers.append(HTTPField(name: .vary, value: "Origin"))
        return response
    }

    /// The reply to the question whether a page may send a request with one of `methods`.
    private static func preflight(_ methods: String) -> Response {
        Response(
            status: .noContent,
            headers: [
                .accessControlAllowMethods: methods,
                .accessControlAllowHeaders: "Authorization, Content-Type, If-Match, If-None-Match, X-Request-Id",
                .accessControlMaxAge: "600",
            ])
    }
}
