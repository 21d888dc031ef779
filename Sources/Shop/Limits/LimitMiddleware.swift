import HTTPTypes
import Hummingbird

/// Refuses banned clients (403), before any other work.
struct BanMiddleware: RouterMiddleware {
    typealias Context = ShopContext

    let bans: BanList

    func handle(
        _ request: Request, context: ShopContext, next: (Request, ShopContext) async throws -> Response
    ) async throws -> Response {
        if let client = context.client, bans.bans(client) {
            throw Problem(.forbidden, "banned", "this network may not use the shop at the moment")
        }
        return try await next(request, context)
    }
}

/// Limits the requests of each client, by their class, and tells it in each reply how many are left.
struct RateLimitMiddleware: RouterMiddleware {
    typealias Context = ShopContext

    let limiter: RateLimiter
    let bans: BanList

    func handle(
        _ request: Request, context: ShopContext, next: (Request, ShopContext) async throws -> Response
    ) async throws -> Response {
        guard let rateClass = Self.rateClass(of: request) else { return try await next(request, context) }
        let decision = try await limiter.decide(rateClass, context.clientKey)
        guard decision.isAdmitted else {
            if let client = context.client { try? await bans.strike(client) }
            var response = Problem(tooMany: decision).response
            Self.add(decision, to: &response)
            return response
        }
        var response: Response
        do {
            response = try await next(request, context)
        } catch let problem as Problem {
            response = problem.response
        }
        Self.add(decision, to: &response)
        return response
    }

    /// The class of a request; nil for those that are not limited.
    static func rateClass(of request: Request) -> RateClass? {
        if request.uri.path.hasPrefix("/v1/") { return .search }
        guard request.uri.path.hasPrefix("/api/") else { return nil }
        if [.get, .head, .options].contains(request.method) { return .read }
        let path = request.uri.path.dropFirst("/api/v1/".count)
        let isAccount = ["register", "activate", "login", "password/", "token/"].contains { path.hasPrefix($0) }
        return isAccount ? .account : .write
    }

    private static func add(_ decision: RateDecision, to response: inout Response) {
        let seconds = (decision.resetMilliseconds + 999) / 1000
        for (name, value) in [("Limit", decision.limit), ("Remaining", decision.remaining), ("Reset", seconds)] {
            if let field = HTTPField.Name("RateLimit-" + name) { response.headers[field] = "\(value)" }
        }
    }
}

extension Problem {
    /// Creates the problem of a client with too many requests.
    init(tooMany decision: RateDecision) {
        self.init(
            .tooManyRequests, "too_many_requests", "there were too many requests", hint: "wait, and try again",
            retryAfter: max(1, (decision.retryMilliseconds + 999) / 1000))
    }
}
