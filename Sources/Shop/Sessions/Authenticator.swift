import HTTPTypes
import Hummingbird

/// Finds the person behind each request: by an access token (`Authorization: Bearer`), or by the session's cookie.
///
/// A request that changes something must come from the shop's own origin, as far as it says where it comes from; with a
/// cookie it must also carry the session's token in `X-CSRF-Token`.
struct Authenticator: RouterMiddleware {
    typealias Context = ShopContext

    let sessions: Sessions
    let tokens: AccessTokens
    let origin: String?

    func handle(
        _ request: Request, context: ShopContext, next: (Request, ShopContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let isSafe = [.get, .head, .options].contains(request.method)
        if !isSafe { try checkOrigin(request) }
        do {
            context.principal = try await principal(request)
        } catch let error as RedisError {
            // What needs no person goes on without Redis.
            context.logger.debug("nobody can be recognized", metadata: ["error": "\(error)"])
            context.isAuthenticationDown = true
        }
        if !isSafe, context.principal?.isCookie == true { try checkCSRF(request, context) }
        return try await next(request, context)
    }

    private func principal(_ request: Request) async throws -> Principal? {
        if let header = request.headers[.authorization] {
            let parts = header.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "bearer",
                let claims = await tokens.claims(of: String(parts[1])), let passport = Int(claims.sub),
                try await sessions.isValid(family: claims.sid, passport: passport, epoch: claims.ep)
            else {
                throw Problem(
                    .unauthorized, "bad_token", "the access token is not valid",
                    hint: "get another one with POST /api/v1/token/refresh, or log in")
            }
            return Principal(passport: passport, session: claims.sid, isCookie: false)
        }
        guard let session = request.cookies["session"]?.value, session.utf8.count < 100,
            let passport = try await sessions.passport(of: session)
        else { return nil }
        return Principal(passport: passport, session: session, isCookie: true)
    }

    private func checkOrigin(_ request: Request) throws {
        guard let given = request.headers[.origin] else { return }
        let host = request.head.authority ?? ""
        let own = origin.map { [$0] } ?? ["http://\(host)", "https://\(host)"]
        guard own.contains(given) else {
            throw Problem(.forbidden, "foreign_origin", "another site has sent this request")
        }
    }

    private func checkCSRF(_ request: Request, _ context: ShopContext) throws {
        let token = request.headers[.csrfToken] ?? ""
        guard let session = context.principal?.session, sessions.isCSRFToken(token, of: session) else {
            throw Problem(
                .forbidden, "bad_csrf_token", "the request does not carry the session's token",
                hint: "send the value of the cookie csrf in the header X-CSRF-Token")
        }
    }
}

extension HTTPField.Name {
    static var csrfToken: HTTPField.Name { Self("X-CSRF-Token").unsafelyUnwrapped }
}
