import Catalog
import Hummingbird
import NIOCore
import Synchronization

/// The buckets of those who send requests.
final class RequestBuckets: Sendable {
    private let policy: CurrentPolicy
    private let keys: AccessKeys?
    private let proxies: TrustedProxies
    private let byKey = Mutex<TokenBuckets<String>?>(nil)
    private let byClient = Mutex<TokenBuckets<[UInt8]>?>(nil)

    /// Who is charged for a request.
    fileprivate enum Caller: Sendable {
        case key(String)
        case client([UInt8])
    }

    /// Creates full buckets, of the rates of a policy.
    init(_ policy: CurrentPolicy, _ keys: AccessKeys?, _ proxies: TrustedProxies) {
        self.policy = policy
        self.keys = keys
        self.proxies = proxies
    }

    /// Returns who is charged for a request; nil without limits, and for a client whose address is not known.
    fileprivate func caller(of request: Request) -> Caller? {
        guard policy.rates != RequestRates() else { return nil }
        if let key = Authorization.key(of: request), let access = try? keys?.access(of: key), access.scope == nil {
            return .key(access.name)
        }
        return proxies.client(ClientConnection.current?.channel.remoteAddress, request.headers).map { .client($0) }
    }

    /// Takes tokens from the bucket of a caller.
    ///
    /// Errors: `too_many_requests` (status 429) if it has too few.
    fileprivate func take(_ tokens: Int, of caller: Caller) throws(Problem) {
        let rates = policy.rates
        let wait =
            switch caller {
            case .key(let name): Self.take(tokens, of: name, from: byKey, rates.perKey)
            case .client(let address): Self.take(tokens, of: address, from: byClient, rates.perClient)
            }
        guard let wait else { return }
        throw Problem(
            .tooManyRequests, "too_many_requests", "this client, or this key, sends requests too fast",
            hint: "send the request again after the time in Retry-After",
            retryAfter: max(1, Int((wait / .seconds(1)).rounded(.up))))
    }

    /// Takes tokens from buckets, which are full again after their rate has changed.
    private static func take<Name: Hashable & Sendable>(
        _ tokens: Int, of name: Name, from buckets: borrowing Mutex<TokenBuckets<Name>?>, _ rate: RequestRate?
    ) -> Duration? {
        buckets.withLock { buckets in
            if buckets?.rate != rate { buckets = rate.map { TokenBuckets($0) } }
            return buckets?.take(tokens, of: name)
        }
    }
}

/// The means to charge the client of the current request for more than one token.
struct RequestCharge: Sendable {
    /// The charge of the request that the current task handles; nil without limits.
    @TaskLocal static var current: RequestCharge?

    private let buckets: RequestBuckets
    private let caller: RequestBuckets.Caller

    fileprivate init(_ buckets: RequestBuckets, _ caller: RequestBuckets.Caller) {
        self.buckets = buckets
        self.caller = caller
    }

    /// Takes more tokens. Errors: `too_many_requests`.
    func take(_ tokens: Int) throws(Problem) { if tokens > 0 { try buckets.take(tokens, of: caller) } }
}

/// Refuses requests to the API that come faster than their key, or their client, may send them.
///
/// Pages, and the routes for those who watch the server, are not limited. A request counts before anything else is done
/// for it, so that keys cannot be tried out faster either.
struct RateLimiter<Context: RequestContext>: RouterMiddleware {
    /// The buckets; nil for a server without limits.
    let buckets: RequestBuckets?

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let buckets, request.uri.path.hasPrefix("/v1"), let caller = buckets.caller(of: request) else {
            return try await next(request, context)
        }
        try buckets.take(1, of: caller)
        return try await RequestCharge.$current.withValue(RequestCharge(buckets, caller)) {
            try await next(request, context)
        }
    }
}
