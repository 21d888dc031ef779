import Catalog
import Hummingbird
import Logging

/// Converts every error of a route to a problem document, and logs the errors of the server (status 500 and above).
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
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
        } catch let error as any HTTPResponseError {
            problem = Self.problem(for: error, request)
        } catch {
            context.logger.requestFailed(request, error)
            problem = Problem(
                .internalServerError, "internal", "the request failed", hint: "the server's log has the reason")
        }
        if let cause = problem.cause { context.logger.requestFailed(request, cause) }
        return problem.response
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
    /// Logs an error of the server with the path of its request, without the query and the headers, which may have
    /// secrets.
    func requestFailed(_ request: Request, _ error: any Error) {
        self.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
    }
}
