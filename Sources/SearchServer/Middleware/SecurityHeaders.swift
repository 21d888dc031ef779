import HTTPTypes
import Hummingbird

/// Adds security headers to every response: a browser may load scripts and styles from this server only, must not guess
/// content types, must not show a page in a frame, and sends no referrer.
struct SecurityHeaders<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for field in securityFields { response.headers.append(field) }
        return response
    }
}

private let securityFields: [HTTPField] =
    [
        HTTPField(
            name: .contentSecurityPolicy,
            value: "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"),
        HTTPField(name: .xContentTypeOptions, value: "nosniff"),
    ] + (HTTPField.Name("Referrer-Policy").map { [HTTPField(name: $0, value: "no-referrer")] } ?? [])
