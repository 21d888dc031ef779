import Catalog
import Hummingbird
import Logging
import NIOHTTP1

/// Converts every error of a route to a problem document, and logs the errors of the server (status 500 and above).
///
/// It responds to OPTIONS, and to methods that a path does not have, with the methods that it has.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    /// The paths of the server.
    let table: RouteTable

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let problem: Problem
        do {
            return try await next(request, context)
        } catch let error as Problem {
            problem = error
        } catch let error as RequestProblem {
            problem = Problem(error)
        } catch let error as CatalogError {
            problem = Problem(error)
        } catch let error as RequestBodyError {
            problem = Problem(error)
        } catch is HTTPParserError {
            problem = Problem(.cutOff)
        } catch let error as any HTTPResponseError {
            if error.status == .notFound, let methods = table.methods(of: request.uri.path) {
                return Self.response(to: request, methods)
            }
            problem = Self.problem(for: error, request)
        } catch {
            context.logger.requestFailed(request, error)
            problem = Problem(
                .internalServerError, "internal", "the request failed", hint: "the server's log has the reason")
        }
        if let cause = problem.cause { context.logger.requestFailed(request, cause) }
        return problem.response
    }

    /// The response to a method that a path does not have, of the `methods` that it has.
    private static func response(to request: Request, _ methods: String) -> Response {
        if request.method == .options { return Response(status: .noContent, headers: [.allow: methods]) }
        let problem = Problem(
            .methodNotAllowed, "method_not_allowed", "\(request.uri.path) does not have the method \(request.method)",
            hint: "use one of \(methods)")
        var response = problem.response
        response.headers[.allow] = methods
        return response
    }

    /// The problem of an error of the HTTP layer, such as a path without a route.
    private static func problem(for error: any HTTPResponseError, _ request: Request) -> Problem {
        if error.status == .notFound {
            return Problem(
                .notFound, "not_found", "there is no resource at \(request.method) \(request.uri.path)",
                hint: "GET /v1 lists the catalogs, GET /v1/{catalog}/search searches one")
        }
        return Problem(
            error.status, "http_\(error.status.code)", (error as? HTTPError)?.body ?? error.status.reasonPhrase)
    }
}

extension Logger {
    /// Logs an error of the server with the path and the id of its request, without the query and the headers, which
    /// may have secrets.
    func requestFailed(_ request: Request, _ error: any Error) {
        var metadata: Metadata = ["path": "\(request.uri.path)", "error": "\(error)"]
        if let id = RequestTrace.current?.id { metadata["id"] = "\(id)" }
        self.error("request failed", metadata: metadata)
    }
}
