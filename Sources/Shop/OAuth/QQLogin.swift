import Logging

/// Logs people in by their QQ accounts, and binds these to accounts of the shop.
///
/// A login begins and ends in one browser: the state that QQ sends back is that of one of the browser's tickets, and
/// serves once. A person whom no account is bound to gets another ticket, with which either an account is bound by its
/// password, or one is registered, to which the person belongs when the mail has activated it.
struct QQLogin: Sendable {
    /// A login that has begun. Its ticket has a cookie of its own, because people begin others in other tabs.
    struct Begun: BrowserTicket {
        static let purpose = "oauth_state"
        var state: String
        /// The page to go to.
        var next: String
        var time: Milliseconds

        /// Returns the name of the cookie of the login with a state.
        static func cookie(_ state: String) -> String { "\(purpose)_\(state)" }
    }

    /// The logins that a browser may have begun at a time: their cookies, of up to 2 KB each, are sent together.
    private static let beginLimit = 4

    /// The end of a login at QQ.
    enum Outcome: Sendable {
        case account(Passport, next: String)
        /// The ticket of a person to whom no account is bound.
        case stranger(ticket: String, next: String)
    }

    let client: QQClient
    let accounts: AccountService
    let keys: CurrentKeys
    let logger: Logger

    private var store: Store { accounts.store }
    private var now: Milliseconds { accounts.now() }

    /// Creates the logins of a shop; nil if QQ does not know it.
    init?(_ configuration: ShopConfiguration, _ accounts: AccountService, _ keys: CurrentKeys, logger: Logger) {
        guard let settings = configuration.qq else { return nil }
        client = QQClient(settings: settings, callback: configuration.pageOrigin + "/api/v1/oauth/qq/callback")
        (self.accounts, self.keys, self.logger) = (accounts, keys, logger)
    }

    /// Begins a login, and returns the address of QQ's page, and the ticket for the browser with the name of its
    /// cookie.
    func begin(next: String?) throws -> (address: String, cookie: String, ticket: String) {
        // 22 characters have 132 random bits.
        let state = String(randomToken().prefix(22))
        let begun = Begun(state: state, next: Self.path(next), time: now)
        return (client.pageAddress(state: state), Begun.cookie(state), try keys.seal(begun, now: now))
    }

    /// Returns which cookies of a browser must go before it begins another login: the oldest beyond the limit, those
    /// without a valid ticket first. `tickets` are the values of the cookies by their names.
    func surplus(of tickets: [String: String]) -> [String] {
        let times = tickets.mapValues { keys.open($0, as: Begun.self, now: now)?.time ?? 0 }
        return times.sorted { $0.value > $1.value }.dropFirst(Self.beginLimit - 1).map(\.key)
    }

    /// Ends a login with what QQ has sent back, in the browser that has the ticket.
    ///
    /// Errors: `bad_state`, `oauth_refused` (400), `not_active` (403), `provider_failed` (502), `provider_timeout`
    /// (504).
    func finish(code: String?, state: String?, ticket: String?) async throws -> Outcome {
        let now = now
        guard let ticket, let begun = keys.open(ticket, as: Begun.self, now: now), state == begun.state,
            try await store.write({ try $0.isFirst(sha256(ticket), now: now) })
        else { throw Self.badState }
        // Who has said no at QQ comes back without a code.
        guard let code, (1...512).contains(code.utf8.count) else { throw Self.refused }
        let link = try await person(of: code)
        let (id, passport) = try await store.read { transaction in
            let id = try transaction.oauthPassport(link.provider, link.openid)
            return (id, try id.flatMap { try transaction.passport($0) })
        }
        guard id != nil else { return .stranger(ticket: try keys.seal(link, now: self.now), next: begun.next) }
        guard let passport, passport.isActive else { throw AccountService.notActive }
        return .account(passport, next: begun.next)
    }

    private func person(of code: String) async throws -> OAuthLink {
        do {
            return try await client.person(of: code)
        } catch let error as QQError {
            if error.isOldCode { throw Self.refused }
            logger.warning("a login by QQ failed", metadata: ["error": "\(error)"])
            if error == .timedOut {
                throw Problem(.gatewayTimeout, "provider_timeout", "QQ did not answer in time", hint: "try again")
            }
            throw Problem(.badGateway, "provider_failed", "QQ cannot log people in at the moment", hint: "try again")
        }
    }

    /// Binds the person of a ticket to the account with a name and a password, and returns the account.
    ///
    /// Errors: `bad_state` (400); `bad_credentials` (401) and `not_active` (403) as at the login; `already_bound`
    /// (409).
    func bind(_ ticket: String?, name: String, password: String) async throws -> Passport {
        let (ticket, link) = try stranger(ticket)
        let passport = try await accounts.authenticate(name: name, password: password)
        let now = now
        do {
            try await store.write { transaction in
                guard try transaction.isFirst(sha256(ticket), now: now) else { throw Self.badState }
                guard try transaction.passport(passport.id)?.epoch == passport.epoch else {
                    throw AccountService.badCredentials
                }
                try transaction.add(link, of: passport.id, now: now)
            }
        } catch StoreError.duplicate {
            throw Problem(
                .conflict, "already_bound", "this QQ account or this account of the shop is bound to another one",
                hint: "unbind it on the page of the account first")
        }
        return passport
    }

    /// Registers an account for the person of a ticket, as `AccountService.register` does. Errors: `bad_state` (400)
    /// beside those.
    func register(
        _ ticket: String?, username: String, email: String, password: String, language: String
    ) async throws {
        let (ticket, link) = try stranger(ticket)
        try await accounts.register(
            username: username, email: email, password: password, language: language, link: link
        ) { transaction, now in
            guard try transaction.isFirst(sha256(ticket), now: now) else { throw Self.badState }
        }
    }

    /// Ends what binds an account to QQ. Errors: `bad_credentials` (401), `not_found` (404).
    func unbind(_ id: Int, password: String) async throws {
        _ = try await accounts.verified(id, password, param: "password")
        guard try await store.write({ try $0.removeOAuthLinks(of: id, "qq") }) else { throw Problem.missing("binding") }
    }

    private func stranger(_ ticket: String?) throws -> (String, OAuthLink) {
        guard let ticket, let link = keys.open(ticket, as: OAuthLink.self, now: now) else { throw Self.badState }
        return (ticket, link)
    }

    /// Returns the path of a page to go to after a login: `/` for what could lead to another origin.
    static func path(_ next: String?) -> String {
        // A browser takes `\` for `/`, and leaves out tabs and line ends.
        guard let next, next.hasPrefix("/"), !next.hasPrefix("//"), next.utf8.count <= 1024,
            next.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") })
        else { return "/" }
        return next
    }

    private static let badState = Problem(
        .badRequest, "bad_state", "this login by QQ did not begin in this browser, has expired, or was used",
        hint: "begin it again")

    private static let refused = Problem(
        .badRequest, "oauth_refused", "QQ has not confirmed the login", hint: "begin it again")
}

/// A person to whom no account is bound has the link as a ticket.
extension OAuthLink: BrowserTicket {
    static let purpose = "oauth_bind"
}
