import Catalog
import Hummingbird

/// Converts every error of a route to a problem document, and logs the errors of the server (status 500 and above).
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response
        } catch let problem as RequestProblem {
            return Problem(problem).response
        } catch let error as CatalogError {
            let problem = Problem(error)
            if problem.status >= 500 {
                context.logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            }
            return problem.response
        } catch let error as any HTTPResponseError {
            return Self.problem(for: error, request).response
        } catch {
            context.logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return Problem(
                .internalServerError, "internal", "the request failed", hint: "the server's log has the reason"
            ).response
        }
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
