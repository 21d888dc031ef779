import FoundationEssentials

/// Registers people, and keeps their passwords.
///
/// Nobody can learn from an answer whether a name or a mail address has an account: the answer is the same, and so is
/// the work (one hash, one transaction); the owner of the address learns more from a mail.
struct AccountService: Sendable {
    /// The time for which the links in mails are valid.
    static let linkLifetime: Milliseconds = 3_600_000

    let store: Store
    let hasher: PasswordHasher
    let sessions: Sessions
    /// Limits the mails to one address; nil for no limit.
    let limiter: RateLimiter?
    let now: @Sendable () -> Milliseconds

    /// Registers a person, who gets an account with the token of a mail. `link` is bound to it then; `before` is called
    /// at the beginning of the transaction, and may refuse.
    ///
    /// Errors: `bad_value` (400); `too_many_requests` (429) when the address gets too many mails.
    func register(
        username: String, email: String, phone: String? = nil, password: String, language: String,
        link: OAuthLink? = nil, before: @escaping @Sendable (Transaction, Milliseconds) throws -> Void = { _, _ in }
    ) async throws {
        let username = try AccountRules.username(username)
        let phone = try phone.map { try phoneNumber($0, "phone") }
        let address = try AccountRules.email(email)
        let password = try AccountRules.password(password)
        try await admitMail(to: address)
        let email = address.text
        let hash = try await hasher.hash(password)
        let now = now()
        try await store.write { transaction in
            try before(transaction, now)
            var mail = AccountMail(kind: .activate, email: email, username: username, language: language)
            if let owner = try transaction.passport(named: email.lowercased()) {
                mail.kind = .accountExists
                mail.username = owner.username
            } else if try transaction.passport(named: username.lowercased()) != nil {
                mail.kind = .nameTaken
            } else {
                let token = randomToken()
                let registration = Registration(
                    username: username, email: email, phone: phone, password: hash,
                    expiresAt: now + Self.linkLifetime, link: link)
                try transaction.add(registration, tokenHash: sha256(token), now: now)
                mail.token = token
                mail.expires = registration.expiresAt
            }
            try transaction.enqueue(mail.job(), now: now)
        }
    }

    /// Makes the account that was registered with the mail of a token; other mails to the address activate nothing any
    /// more.
    ///
    /// Errors: `bad_token` (400); `name_taken` (409) if somebody else has got the name since.
    func activate(token: String) async throws {
        let now = now()
        let taken = Problem(
            .conflict, "name_taken", "somebody else has got this name", hint: "register with another name")
        do {
            try await store.write { transaction in
                let registration = try transaction.registration(tokenHash: sha256(token), now: now)
                guard let registration, try transaction.passport(named: registration.email.lowercased()) == nil else {
                    throw StoreError.unchanged
                }
                let id = try transaction.addPassport(registration, now: now)
                // Who has got another account meanwhile keeps it.
                if let link = registration.link,
                    try transaction.oauthPassport(link.provider, link.openid) == nil
                {
                    try transaction.add(link, of: id, now: now)
                }
                try transaction.removeRegistrations(of: registration.email)
            }
        } catch StoreError.unchanged {
            throw Self.badToken
        } catch StoreError.duplicate {
            throw taken
        }
    }

    /// Returns the account of a name or mail address and its password.
    ///
    /// Errors: `bad_credentials` (401) for a wrong name as for a wrong password; `not_active` (403), which only those
    /// see who know the password.
    func authenticate(name: String, password: String) async throws -> Passport {
        let (key, now) = (name.lowercased().prefix(255), now())
        let (passport, pending) = try await store.read { transaction in
            (
                try transaction.passport(named: String(key)),
                try transaction.registration(named: String(key), now: now)
            )
        }
        guard try await hasher.verify(String(password.prefix(512)), passport?.password ?? pending?.password) else {
            throw Self.badCredentials
        }
        guard let passport, passport.isActive else { throw Self.notActive }
        // Nobody is refused because the hash cannot be renewed now.
        if hasher.isOutdated(passport.password), let hash = try? await hasher.hash(password) {
            _ = try? await store.write { try $0.rehash(passport.id, from: passport.password, to: hash) }
        }
        return passport
    }

    /// Records that somebody has forgotten the password of an address. `sendReset` looks later whether it has an
    /// account.
    func forgot(email: String, language: String) async throws {
        let address = try AccountRules.email(email)
        try await admitMail(to: address)
        let job = try OutboxJob(
            queue: "accounts", kind: "forgot", ForgottenPassword(email: address.text, language: language),
            key: randomToken())
        let now = now()
        try await store.write { try $0.enqueue(job, now: now) }
    }

    /// Counts a mail that somebody asks to send to an address, whether it has an account or not. Errors:
    /// `too_many_requests`, status 429.
    private func admitMail(to address: MailAddress) async throws {
        let decision = try await limiter?.decide(.mail, sha256(address.mailbox))
        if let decision, !decision.isAdmitted { throw Problem(tooMany: decision) }
    }

    /// Sends the mail with which the owner of an address chooses another password; none without an active account. The
    /// links of earlier mails are worth nothing any more.
    /// `key` identifies the request, so that repeating the job sends no second mail.
    func sendReset(email: String, language: String, key: String) async throws {
        let now = now()
        do {
            try await store.write { transaction in
                guard let passport = try transaction.passport(named: email.lowercased()), passport.isActive else {
                    return
                }
                let token = randomToken()
                let expires = now + Self.linkLifetime
                try transaction.addOneTime(
                    hash: sha256(token), purpose: "reset", passport: passport.id, expires: expires, now: now)
                let mail = AccountMail(
                    kind: .reset, email: passport.email, username: passport.username, language: language, token: token,
                    expires: expires)
                try transaction.enqueue(mail.job(key: key), now: now)
            }
        } catch StoreError.duplicate {
            return
        }
    }

    /// Gives the account of a token another password, and ends its sessions. Errors: `bad_token`, status 400.
    func reset(token: String, password: String) async throws {
        let password = try AccountRules.password(password)
        let (digest, now) = (sha256(token), now())
        guard try await store.read({ try $0.oneTimePassport(hash: digest, purpose: "reset", now: now) }) != nil else {
            throw Self.badToken
        }
        let hash = try await hasher.hash(password)
        do {
            try await setPassword(to: hash) { transaction in
                let id = try transaction.useOneTime(hash: digest, purpose: "reset", now: now)
                // Who registered somebody else's address does not keep a way in.
                try transaction.removeOAuthLinks(of: id)
                guard let passport = try transaction.passport(id) else { throw StoreError.unchanged }
                return passport
            }
        } catch StoreError.unchanged {
            throw Self.badToken
        }
    }

    /// Gives an account another password, ends its sessions, and unbinds it from other providers.
    ///
    /// Errors: `bad_credentials`, status 401.
    func changePassword(of id: Int, from old: String, to new: String) async throws {
        let new = try AccountRules.password(new, "new_password")
        let passport = try await verified(id, old, param: "old_password")
        let hash = try await hasher.hash(new)
        do {
            try await setPassword(to: hash) { transaction in
                // Whoever else had bound the account does not keep a way in.
                try transaction.removeOAuthLinks(of: id)
                return passport
            }
        } catch StoreError.unchanged {
            // A reset was faster: whoever knew only the old password must not undo it.
            throw Self.wrongPassword("old_password")
        }
    }

    /// Returns an account whose person, who is logged in, has given its password again. Errors: `bad_credentials`,
    /// status 401, which names `param`.
    func verified(_ id: Int, _ password: String, param: String) async throws -> Passport {
        let passport = try await store.read { try $0.passport(id) }
        guard try await hasher.verify(String(password.prefix(512)), passport?.password), let passport else {
            throw Self.wrongPassword(param)
        }
        return passport
    }

    /// Gives the account that `find` returns another password, and ends its sessions. A job of the same transaction
    /// ends them also when this process dies before it can, or Redis forgets it.
    ///
    /// Errors: `StoreError.unchanged` if the password is not the one that was found any more.
    private func setPassword(
        to hash: String, of find: @escaping @Sendable (Transaction) throws -> Passport
    ) async throws {
        let now = now()
        let end = try await store.write { transaction in
            let passport = try find(transaction)
            let epoch = try transaction.setPassword(of: passport, to: hash, now: now)
            let end = SessionsEnd(passport: passport.id, epoch: epoch)
            try transaction.enqueue(end.job(), now: now)
            return end
        }
        // Without Redis there are no sessions until it is back, and then there is the job.
        _ = try? await sessions.endAll(of: end.passport, before: end.epoch)
    }

    /// Gives an account another mobile number, or none. Errors: `bad_value`, status 400.
    func setPhone(of id: Int, to phone: String?) async throws {
        let (phone, now) = (try phone.map { try phoneNumber($0, "phone") }, now())
        try await store.write { try $0.setPhone(of: id, to: phone, now: now) }
    }

    private static func wrongPassword(_ param: String) -> Problem {
        Problem(.unauthorized, "bad_credentials", "the password is wrong", param: param)
    }

    static let notActive = Problem(
        .forbidden, "not_active", "the account is not active yet", hint: "open the link in the mail you got")

    static let badCredentials = Problem(.unauthorized, "bad_credentials", "the name or the password is wrong")

    private static let badToken = Problem(
        .badRequest, "bad_token", "the link is not valid any more", param: "token", hint: "ask for another mail")
}

/// The end of all sessions before a password, as the job of the queue `accounts` carries it.
struct SessionsEnd: Codable, Sendable, Equatable {
    var passport: Int
    var epoch: Milliseconds

    func job() throws -> OutboxJob {
        try OutboxJob(queue: "accounts", kind: "end_sessions", self, key: "end-\(passport)-\(epoch)")
    }
}

/// A password that somebody has forgotten, as the job of the queue `accounts` carries it.
struct ForgottenPassword: Codable, Sendable, Equatable {
    var email: String
    /// `zh` or `en`.
    var language: String
}
