package import Hummingbird
import Logging
import NIOCore

/// The person behind a request, as its session or token shows.
struct Principal: Sendable, Equatable {
    /// The account.
    var passport: Int
    /// The session, or the family of tokens.
    var session: String
    /// True if a cookie shows it, which browsers send unasked.
    var isCookie: Bool
    /// True if the browser got the cookie so long ago that it needs it again.
    var isCookieDue = false
}

/// A request on its way through the middleware.
package struct ShopContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The address of the connection's other end.
    let peer: IPAddress?
    /// The address of the client, behind proxies.
    var client: IPAddress?
    /// The person, if the request shows one.
    var principal: Principal?
    /// The facts for logs and events; nil before the middleware that knows them.
    var trace: RequestTrace?
    /// The reason for which the person cannot be recognized though the request shows one.
    var refusal: Problem?

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
    }

    /// The account of the person. Errors: a problem with the status 401 if nobody is logged in.
    var passport: Int {
        get throws {
            if let refusal { throw refusal }
            guard let principal else {
                throw Problem(.unauthorized, "login_required", "log in first", hint: "POST /api/v1/login")
            }
            return principal.passport
        }
    }

    /// The key of the client for limits; requests without an address share one.
    var clientKey: String { (client ?? peer)?.clientKey ?? "local" }
}
