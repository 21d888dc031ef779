import Catalog
import Hummingbird
import NIOCore

/// Refuses requests that come faster than their key, or their client, may send them: those to the API, and all others
/// that are sent with a key.
///
/// A request counts before anything else is done for it, so that keys cannot be tried out faster either. Pages, and the
/// routes for those who watch the server, are not limited without a key.
struct RateLimiter<Context: RequestContext>: RouterMiddleware {
    let policy: CurrentPolicy
    let keys: AccessKeys?
    let proxies: TrustedProxies

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard policy.hasRates, isLimited(request), let charge = charge(for: request) else {
            return try await next(request, context)
        }
        try charge.takeFirst()
        return try await RequestCharge.$current.withValue(charge) { try await next(request, context) }
    }

    /// True for the paths of the API, as the router reads them, and with a key.
    private func isLimited(_ request: Request) -> Bool {
        request.uri.path.split(separator: "/").first == "v1" || request.headers[.authorization] != nil
    }

    /// Returns who is charged for a request; nil for a client whose address is not known.
    private func charge(for request: Request) -> RequestCharge? {
        if let key = Authorization.key(of: request), let access = try? keys?.access(of: key), access.scope == nil {
            return RequestCharge(policy, .key(access.name))
        }
        let address = proxies.client(ClientConnection.current?.channel.remoteAddress, request.headers)
        return address.map { RequestCharge(policy, .client($0)) }
    }
}

/// The means to charge the sender of the current request.
struct RequestCharge: Sendable {
    /// The charge of the request that the current task handles; nil without limits.
    @TaskLocal static var current: RequestCharge?

    /// Who is charged for a request.
    fileprivate enum Caller: Sendable {
        case key(String)
        case client([UInt8])
    }

    private let policy: CurrentPolicy
    private let caller: Caller

    fileprivate init(_ policy: CurrentPolicy, _ caller: Caller) {
        self.policy = policy
        self.caller = caller
    }

    /// Takes the token of the request.
    ///
    /// Errors: `too_many_requests` (status 429) if there is none.
    fileprivate func takeFirst() throws(Problem) {
        let wait =
            switch caller {
            case .key(let name): policy.takeToken(ofKey: name)
            case .client(let address): policy.takeToken(ofClient: address)
            }
        guard let wait else { return }
        throw Problem(
            .tooManyRequests, "too_many_requests", "this client, or this key, sends requests too fast",
            hint: "send the request again after the time in Retry-After",
            retryAfter: max(1, Int((wait / .seconds(1)).rounded(.up))))
    }

    /// Takes tokens for more than one piece of work, which later requests wait for.
    func takeMore(_ tokens: Int) {
        switch caller {
        case .key(let name): policy.charge(tokens, ofKey: name)
        case .client(let address): policy.charge(tokens, ofClient: address)
        }
    }
}
