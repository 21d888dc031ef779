import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1

/// Converts every error of a route to a problem document, and logs the errors of the server (status 500 and above).
///
/// It responds to OPTIONS, and to methods that a path does not have, with the methods that it has; to a browser that is
/// led to a path that is not there, with a page.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = ShopContext

    /// The paths of the server as their segments, of which nil is any, with the method.
    private let routes: [(path: [String?], method: String)]
    /// The page for people who are led to a path that is not there; nil for a server without pages.
    private let missingPage: Response?

    init(_ router: Router<ShopContext>, missingPage: Response? = nil) {
        self.missingPage = missingPage
        routes = router.routes.map { route in
            let segments = route.path.description.split(separator: "/")
            return (segments.map { $0.hasPrefix("{") ? nil : String($0) }, route.method.rawValue)
        }
    }

    func handle(
        _ request: Request, context: ShopContext, next: (Request, ShopContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as Problem {
            return error.response
        } catch is HTTPParserError {
            return Problem(.badRequest, "bad_body", "the body of the request is malformed").response
        } catch let error as RedisError {
            context.logger.debug("redis failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return Problem.unavailable.response
        } catch StoreError.busy {
            context.logger.error("the database was busy", metadata: ["path": "\(request.uri.path)"])
            return Problem.unavailable.response
        } catch let error as any HTTPResponseError {
            return response(to: error, request)
        } catch {
            context.logger.error(
                "request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return Problem(.internalServerError, "internal", "the request failed", hint: "the log has the reason")
                .response
        }
    }

    /// The response to an error of the HTTP layer, such as a path without a route.
    private func response(to error: any HTTPResponseError, _ request: Request) -> Response {
        guard error.status == .notFound else {
            return Problem(error.status, "http_\(error.status.code)", error.status.reasonPhrase).response
        }
        guard let methods = methods(of: request.uri.path) else {
            if let missingPage, [.get, .head].contains(request.method),
                request.headers[.accept]?.contains("text/html") == true
            {
                return missingPage
            }
            return Problem(.notFound, "not_found", "there is nothing at this path").response
        }
        if request.method == .options { return Response(status: .noContent, headers: [.allow: methods]) }
        var response = Problem(
            .methodNotAllowed, "method_not_allowed", "this path does not have the method \(request.method)",
            hint: "use one of \(methods)"
        ).response
        response.headers[.allow] = methods
        return response
    }

    /// Returns the methods of the path that the router chooses, in which a name stands above a parameter.
    private func methods(of path: String) -> String? {
        let segments = path.split(separator: "/")
        let matches = routes.filter { route in
            route.path.count == segments.count
                && zip(route.path, segments).allSatisfy { part, segment in part.map { $0 == segment } ?? true }
        }
        let isParameter = { (route: (path: [String?], method: String)) in route.path.map { $0 == nil ? 1 : 0 } }
        let chosen = matches.map(isParameter).min { $0.lexicographicallyPrecedes($1) }
        var methods = Set(matches.filter { isParameter($0) == chosen }.map(\.method))
        if methods.contains("GET") { methods.insert("HEAD") }
        return methods.isEmpty ? nil : methods.union(["OPTIONS"]).sorted().joined(separator: ", ")
    }
}

/// Adds security headers to every response: a browser may load scripts and styles from this server only, must not guess
/// content types, must not show a page in a frame, and sends no referrer.
struct SecurityHeaders: RouterMiddleware {
    typealias Context = ShopContext

    func handle(
        _ request: Request, context: ShopContext, next: (Request, ShopContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.contentSecurityPolicy] =
            "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        response.headers[.xContentTypeOptions] = "nosniff"
        if let referrer = HTTPField.Name("Referrer-Policy") { response.headers[referrer] = "no-referrer" }
        return response
    }
}

/// Finds the address of the client of each request.
struct ClientAddressMiddleware: RouterMiddleware {
    typealias Context = ShopContext

    let rule: ClientAddressRule

    func handle(
        _ request: Request, context: ShopContext, next: (Request, ShopContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let peer = context.peer {
            let hops = request.headers[values: .xForwardedFor].joined(separator: ",")
            context.client = rule.client(peer: peer, forwardedFor: hops.isEmpty ? nil : hops)
        }
        return try await next(request, context)
    }
}

extension HTTPField.Name {
    static var xForwardedFor: HTTPField.Name { Self("X-Forwarded-For").unsafelyUnwrapped }
}
