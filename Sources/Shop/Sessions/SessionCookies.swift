import HTTPTypes
import Hummingbird

/// The cookies that show a person: the session with its CSRF token, or the refresh token.
struct SessionCookies: Sendable {
    let sessions: Sessions
    /// True if the cookies are sent over TLS only.
    let usesTLS: Bool

    /// Sets the cookies of a session.
    func set(session: String, in response: inout Response) {
        let age = Sessions.lifetime
        response.setCookie(
            Cookie(name: "session", value: session, maxAge: age, path: "/", secure: usesTLS, sameSite: .lax))
        response.setCookie(
            Cookie(
                name: "csrf", value: sessions.csrfToken(of: session), maxAge: age, path: "/", secure: usesTLS,
                httpOnly: false, sameSite: .lax))
    }

    /// Sets the cookie of a refresh token.
    func set(refresh token: String, in response: inout Response) {
        response.setCookie(
            Cookie(
                name: "refresh", value: token, maxAge: Int(RefreshTokens.lifetime / 1000), path: "/api/v1",
                secure: usesTLS, sameSite: .strict))
    }

    /// Removes all cookies.
    func remove(in response: inout Response) {
        for (name, path) in [("session", "/"), ("csrf", "/"), ("refresh", "/api/v1")] {
            response.setCookie(Cookie(name: name, value: "", maxAge: 0, path: path, secure: usesTLS, sameSite: .lax))
        }
    }

    /// Sets the cookies of a session again once a day, so that the browser keeps them as long as Redis keeps the
    /// session. Only replies that nobody may store carry them, and none that sets cookies itself.
    func renew(_ principal: Principal?, in response: inout Response) async throws {
        guard let principal, principal.isCookieDue, response.headers[.cacheControl] == "no-store",
            response.headers[.setCookie] == nil
        else { return }
        try await sessions.noteCookie(of: principal.session)
        set(session: principal.session, in: &response)
    }
}
