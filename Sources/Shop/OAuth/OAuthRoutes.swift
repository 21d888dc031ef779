import Hummingbird

/// The routes of logins by QQ.
///
/// - `GET /api/v1/oauth/qq/authorize` leads to QQ, `GET /api/v1/oauth/qq/callback` is where it sends people back to.
/// - `POST /api/v1/oauth/qq/bind` binds an account, or registers one; `DELETE /api/v1/oauth/qq` ends that.
struct OAuthRoutes: Sendable {
    /// Nil for a shop that QQ does not know.
    let qq: QQLogin?
    let logins: AccountRoutes

    private static let cookiePath = "/api/v1/oauth"

    /// Either a login with a password, or `create` with what a registration needs.
    private enum Binding: Decodable {
        struct Account: Decodable {
            var username: String
            var email: String
            var password: String
        }

        case existing(AccountRoutes.Login)
        case new(Account)

        private enum CodingKeys: CodingKey { case create }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            if let account = try members.decodeIfPresent(Account.self, forKey: .create) {
                self = .new(account)
            } else {
                self = .existing(try AccountRoutes.Login(from: decoder))
            }
        }
    }

    private struct Confirmation: Decodable { var password: String }

    func add(to routes: RouterGroup<ShopContext>) {
        routes.get("oauth/qq/authorize") { request, _ in
            try await page(request) {
                let qq = try offered()
                let (address, cookie, ticket) = try qq.begin(next: request.uri.queryParameters["next"].map(String.init))
                var response = redirection(to: address)
                set(cookie, ticket, sameSite: .lax, in: &response)
                for old in qq.surplus(of: Self.begun(request)) { set(old, nil, sameSite: .lax, in: &response) }
                return response
            }
        }
        routes.get("oauth/qq/callback") { request, context in
            try await page(request) { try await finish(request, context) }
        }
        routes.post("oauth/qq/bind") { request, context in try await bind(request, context) }
        routes.delete("oauth/qq") { request, context in
            let id = try context.passport
            let body = try await request.decoded(Confirmation.self)
            let qq = try offered()
            try await logins.admitAttempt("passport:\(id)")
            try await qq.unbind(id, password: body.password)
            return jsonReply(["status": "unbound"])
        }
    }

    private func finish(_ request: Request, _ context: ShopContext) async throws -> Response {
        let query = request.uri.queryParameters
        let cookie = QQLogin.Begun.cookie(query["state"].map(String.init) ?? "")
        let outcome = try await offered().finish(
            code: query["code"].map(String.init), state: query["state"].map(String.init),
            ticket: request.cookies[cookie]?.value)
        var response: Response
        switch outcome {
        case .account(let passport, let next):
            response = redirection(to: next)
            let login = try await logins.begin(passport, .cookie, cart: [], request, context)
            for cookie in login.headers[values: .setCookie] {
                response.headers.append(.init(name: .setCookie, value: cookie))
            }
        case .stranger(let ticket, let next):
            response = redirection(to: "/bind?next=" + percentEncoded(next))
            set(OAuthLink.purpose, ticket, in: &response)
        }
        set(cookie, nil, sameSite: .lax, in: &response)
        return response
    }

    private func bind(_ request: Request, _ context: ShopContext) async throws -> Response {
        let binding = try await request.decoded(Binding.self)
        let (qq, ticket) = (try offered(), request.cookies[OAuthLink.purpose]?.value)
        var response: Response
        switch binding {
        case .existing(let login):
            try await logins.admitLogin(login.username, context)
            let passport = try await qq.bind(ticket, name: login.username, password: login.password)
            response = try await logins.begin(passport, login.mode, cart: login.cart ?? [], request, context)
        case .new(let account):
            try await qq.register(
                ticket, username: account.username, email: account.email, password: account.password,
                language: request.language)
            response = jsonReply(["status": "accepted"], status: .accepted)
        }
        set(OAuthLink.purpose, nil, in: &response)
        return response
    }

    private func offered() throws -> QQLogin {
        guard let qq else { throw Problem(.conflict, "oauth_not_offered", "the shop has no login by QQ") }
        return qq
    }

    /// Returns the response of a body. A browser that shows it to a person gets problems on the page of the login.
    private func page(_ request: Request, _ body: () async throws -> Response) async throws -> Response {
        // Whoever only looks whether a link works must not use up what serves once.
        guard request.method == .get else { throw Problem(.methodNotAllowed, "method_not_allowed", "use GET") }
        let isPerson = request.headers[.accept]?.contains("text/html") == true
        do {
            return try await body()
        } catch let problem as Problem where isPerson {
            return redirection(to: "/login?problem=" + problem.code)
        } catch is RedisError where isPerson {
            return redirection(to: "/login?problem=" + Problem.unavailable.code)
        }
    }

    private func redirection(to address: String) -> Response {
        Response(status: .found, headers: [.location: address, .cacheControl: "no-store"])
    }

    /// Returns the cookies of the logins that a browser has begun: their values by their names.
    private static func begun(_ request: Request) -> [String: String] {
        let names = request.headers[values: .cookie].flatMap { $0.split(separator: ";") }
            .map { $0.drop { $0 == " " }.prefix { $0 != "=" } }
            .filter { $0.hasPrefix(QQLogin.Begun.purpose) }.map(String.init)
        return Dictionary(names.map { ($0, request.cookies[$0]?.value ?? "") }, uniquingKeysWith: { first, _ in first })
    }

    /// Sets the cookie of a ticket, or removes it for nil. Only that of a state must come along from QQ's page
    /// (`lax`).
    private func set(
        _ name: String, _ ticket: String?, sameSite: Cookie.SameSite = .strict, in response: inout Response
    ) {
        response.setCookie(
            Cookie(
                name: name, value: ticket ?? "",
                maxAge: ticket == nil ? 0 : Int(CurrentKeys.ticketLifetime / 1000), path: Self.cookiePath,
                secure: logins.cookies.usesTLS, sameSite: sameSite))
    }
}
