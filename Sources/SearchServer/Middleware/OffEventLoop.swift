import Hummingbird

/// Runs routes on the threads of Swift's concurrent executor instead of the event loop of their connection.
struct OffEventLoop<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        try await withTaskExecutorPreference(globalConcurrentExecutor) { try await next(request, context) }
    }
}
