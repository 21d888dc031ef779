import Hummingbird

/// The routes of accounts and logins.
///
/// - `POST /api/v1/register`, `/activate`, `/login`, `/logout`, `/token/refresh`
/// - `POST /api/v1/password/forgot`, `/password/reset`, `/password/change`
/// - `GET` and `PUT /api/v1/me`
struct AccountRoutes: Sendable {
    let accounts: AccountService
    let sessions: Sessions
    let access: AccessTokens
    let refresh: RefreshTokens
    let cookies: SessionCookies
    /// Limits the attempts to log in with one name; nil for no limit.
    let limiter: RateLimiter?
    /// Told of each login, with the cart that the client kept before it.
    let onLogin: @Sendable (_ passport: Int, _ cart: [CartLine]) async throws -> Void

    private struct Registration: Decodable {
        var username: String
        var email: String
        var phone: String?
        var password: String
    }

    struct Login: Decodable {
        enum Mode: String, Decodable {
            case cookie
            case token
        }

        var username: String
        var password: String
        var mode: Mode?
        var cart: [CartLine]?
    }

    private struct Token: Decodable { var token: String }
    private struct Forgot: Decodable { var email: String }

    private struct Reset: Decodable {
        var token: String
        var password: String
    }

    private struct Change: Decodable {
        var oldPassword: String
        var newPassword: String
    }

    /// The part of an account that its person may change; a member that is not there is removed.
    private struct Profile: Decodable { var phone: String? }

    private struct LoginReply: Encodable {
        var id: Int
        var username: String
        /// Only in the mode `token`.
        var accessToken: String?
        var expiresIn: Int?
    }

    private struct Me: Encodable {
        var id: Int
        var username: String
        var email: String
        var phone: String?
        /// True if a code has shown that the number is the person's.
        var phoneVerified: Bool
        /// The name at QQ of the person who is bound to the account; nil if none is.
        var qq: String?
    }

    private static let accepted = ["status": "accepted"]

    func add(to routes: RouterGroup<ShopContext>) {
        routes.post("register") { request, _ in
            let body = try await request.decoded(Registration.self)
            try await accounts.register(
                username: body.username, email: body.email, phone: body.phone, password: body.password,
                language: request.language)
            return jsonReply(Self.accepted, status: .accepted)
        }
        routes.post("activate") { request, _ in
            try await accounts.activate(token: request.decoded(Token.self).token)
            return jsonReply(["status": "active"])
        }
        routes.post("login") { request, context in try await login(request, context) }
        routes.post("logout") { request, context in try await logout(request, context) }
        routes.post("token/refresh") { request, _ in try await renew(request) }
        routes.post("password/forgot") { request, _ in
            try await accounts.forgot(email: request.decoded(Forgot.self).email, language: request.language)
            return jsonReply(Self.accepted, status: .accepted)
        }
        routes.post("password/reset") { request, _ in
            let body = try await request.decoded(Reset.self)
            try await accounts.reset(token: body.token, password: body.password)
            return jsonReply(["status": "changed"])
        }
        routes.post("password/change") { request, context in
            let id = try context.passport
            let body = try await request.decoded(Change.self)
            // Who has only the session must not guess the password.
            try await admitAttempt("passport:\(id)")
            try await accounts.changePassword(of: id, from: body.oldPassword, to: body.newPassword)
            return jsonReply(["status": "changed"])
        }
        routes.get("me") { _, context in try await profile(of: try context.passport) }
        routes.put("me") { request, context in
            let id = try context.passport
            try await accounts.setPhone(of: id, to: request.decoded(Profile.self).phone)
            return try await profile(of: id)
        }
    }

    private func profile(of id: Int) async throws -> Response {
        let (passport, qq) = try await accounts.store.read { transaction in
            (try transaction.passport(id), try transaction.oauthLink(of: id, "qq")?.nickname)
        }
        guard let passport else {
            throw Problem(.unauthorized, "login_required", "the account is not there any more")
        }
        return jsonReply(
            Me(
                id: id, username: passport.username, email: passport.email, phone: passport.phone,
                phoneVerified: passport.phoneVerifiedAt != nil, qq: qq))
    }

    // MARK: Logins

    /// Counts an attempt to give the password of an account. Errors: `too_many_requests`, status 429.
    func admitAttempt(_ name: String) async throws {
        if let decision = try await limiter?.decide(.login, name), !decision.isAdmitted {
            throw Problem(tooMany: decision)
        }
    }

    /// Counts an attempt of a client to log in with a name. Errors: as `admitAttempt`.
    func admitLogin(_ name: String, _ context: ShopContext) async throws {
        // With the client: a stranger cannot lock somebody out.
        try await admitAttempt(sha256(name.lowercased()).prefix(16) + ":" + context.clientKey)
    }

    private func login(_ request: Request, _ context: ShopContext) async throws -> Response {
        let body = try await request.decoded(Login.self)
        try await admitLogin(body.username, context)
        let passport = try await accounts.authenticate(name: body.username, password: body.password)
        return try await begin(passport, body.mode, cart: body.cart ?? [], request, context)
    }

    /// Begins a login of an account, as it was when its person was recognized.
    func begin(
        _ passport: Passport, _ mode: Login.Mode?, cart: [CartLine], _ request: Request, _ context: ShopContext
    ) async throws -> Response {
        // What the browser had before the login ends: whoever gave it to the browser must not get into the account, and
        // its person is not the one of this login.
        if let old = request.cookies["session"]?.value { try await sessions.end(old) }
        try await endRefresh(request)
        try await onLogin(passport.id, cart)
        context.trace?.passport = passport.id
        context.trace?.record(.login)
        var reply = LoginReply(id: passport.id, username: passport.username)
        guard mode == .token else {
            var response = jsonReply(reply)
            cookies.set(session: try await sessions.begin(passport), in: &response)
            return response
        }
        let token: String
        let family: String
        do {
            (token, family) = try await refresh.begin(passport)
        } catch StoreError.unchanged {
            throw AccountService.badCredentials
        }
        reply.accessToken = try await access.issue(passport: passport.id, family: family, epoch: passport.epoch)
        reply.expiresIn = AccessTokens.lifetime
        var response = jsonReply(reply)
        cookies.set(refresh: token, in: &response)
        return response
    }

    private func renew(_ request: Request) async throws -> Response {
        let refused = Problem(.unauthorized, "bad_refresh_token", "the login has ended", hint: "log in again")
        guard let token = request.cookies["refresh"]?.value else { throw refused }
        switch try await refresh.use(token) {
        case .renewed(let next, let family, let passport):
            let accessToken = try await access.issue(passport: passport.id, family: family, epoch: passport.epoch)
            var response = jsonReply(["access_token": accessToken])
            cookies.set(refresh: next, in: &response)
            return response
        case .ended(let family):
            try await sessions.deny(family)
            throw refused
        case .refused: throw refused
        }
    }

    /// Ends the login of the refresh token that a request carries.
    private func endRefresh(_ request: Request) async throws {
        if let token = request.cookies["refresh"]?.value, let family = try await refresh.end(token) {
            try await sessions.deny(family)
        }
    }

    private func logout(_ request: Request, _ context: ShopContext) async throws -> Response {
        try await endRefresh(request)
        // The session would only seem to have ended; an access token that has expired has.
        if let refusal = context.refusal, refusal.status != 401 { throw refusal }
        if let principal = context.principal {
            if principal.isCookie {
                try await sessions.end(principal.session)
            } else {
                try await refresh.end(family: principal.session)
                try await sessions.deny(principal.session)
            }
        }
        var response = jsonReply(["status": "logged_out"])
        cookies.remove(in: &response)
        return response
    }
}
