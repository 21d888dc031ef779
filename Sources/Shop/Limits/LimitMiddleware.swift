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
    ///
    /// Paths are compared by their parts, as the router does, for which `//api/v1/login` is `/api/v1/login`.
    static func rateClass(of request: Request) -> RateClass? {
        rateClass(request.method, request.uri.path)
    }

    /// The class of a request with a method for a path.
    static func rateClass(_ method: HTTPRequest.Method, _ path: String) -> RateClass? {
        let parts = path.split(separator: "/")
        if parts.first == "v1" { return .search }
        // Notices of all payments come from a few addresses of Alipay, which must not be banned.
        guard parts.first == "api", parts != ["api", "v1", "pay", "alipay", "notify"] else { return nil }
        let part = parts.count > 2 ? parts[2] : ""
        if [.get, .head, .options].contains(method) { return part == "oauth" ? .oauth : .read }
        if part == "flash" { return .flash }
        if part == "events" { return .events }
        let accounts: Set<Substring> = ["register", "activate", "login", "oauth", "password", "token"]
        return accounts.contains(part) ? .account : .write
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
