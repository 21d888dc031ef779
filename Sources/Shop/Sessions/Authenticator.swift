import HTTPTypes
import Hummingbird

/// Finds the person behind each request: by an access token (`Authorization: Bearer`), or by the session's cookie.
///
/// A request that changes something must come from the shop's own origin, as far as it says where it comes from; with a
/// cookie it must also carry the session's token in `X-CSRF-Token`.
///
/// A token that is not valid, and a session without its own, count only where somebody must be logged in: what the
/// browser still has keeps nobody from logging in.
struct Authenticator: RouterMiddleware {
    typealias Context = ShopContext

    let sessions: Sessions
    let cookies: SessionCookies
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
            context.refusal = .unavailable
        } catch let problem as Problem {
            context.refusal = problem
        }
        if !isSafe, let principal = context.principal, principal.isCookie, !hasCSRFToken(request, principal) {
            context.principal = nil
            context.refusal = Problem(
                .forbidden, "bad_csrf_token", "the request does not carry the session's token",
                hint: "send the value of the cookie csrf in the header X-CSRF-Token")
        }
        context.trace?.passport = context.principal?.passport
        var response = try await next(request, context)
        // A reply is not lost because of a cookie.
        try? await cookies.renew(context.principal, in: &response)
        return response
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
            let found = try await sessions.find(session)
        else { return nil }
        return Principal(
            passport: found.passport, session: session, isCookie: true, isCookieDue: found.isCookieDue)
    }

    private func checkOrigin(_ request: Request) throws {
        guard let given = request.headers[.origin] else { return }
        let host = request.head.authority ?? ""
        let own = origin.map { [$0] } ?? ["http://\(host)", "https://\(host)"]
        guard own.contains(given) else {
            throw Problem(.forbidden, "foreign_origin", "another site has sent this request")
        }
    }

    private func hasCSRFToken(_ request: Request, _ principal: Principal) -> Bool {
        sessions.isCSRFToken(request.headers[.csrfToken] ?? "", of: principal.session)
    }
}

extension HTTPField.Name {
    static var csrfToken: HTTPField.Name { Self("X-CSRF-Token").unsafelyUnwrapped }
}
