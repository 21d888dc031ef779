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
    let now: @Sendable () -> Milliseconds

    /// Registers a person, who becomes active with the token of a mail.
    func register(username: String, email: String, password: String, language: String) async throws {
        let username = try AccountRules.username(username)
        let email = try AccountRules.email(email)
        let hash = try await hasher.hash(try AccountRules.password(password))
        let now = now()
        try await store.write { transaction in
            let owner = try transaction.passport(named: email.lowercased())
            let namesake = try transaction.passport(named: username.lowercased())
            var mail = AccountMail(kind: "activate", email: email, username: username, language: language)
            if let owner, owner.isActive {
                mail.kind = "account_exists"
                mail.username = owner.username
            } else if let namesake, namesake.id != owner?.id {
                mail.kind = "name_taken"
            } else {
                let id: Int
                if let owner {
                    id = owner.id
                    try transaction.replaceInactive(id, username: username, password: hash, now: now)
                } else {
                    id = try transaction.addPassport(username: username, email: email, password: hash, now: now)
                }
                mail.token = try Self.addToken("activate", id, transaction, now)
            }
            try transaction.enqueue(mail.job(), now: now)
        }
    }

    /// Makes the account of a token active. Errors: `bad_token`, status 400.
    func activate(token: String) async throws {
        let now = now()
        do {
            try await store.write { transaction in
                let id = try transaction.useOneTime(hash: sha256(token), purpose: "activate", now: now)
                try transaction.activate(id, now: now)
            }
        } catch StoreError.unchanged {
            throw Self.badToken
        }
    }

    /// Returns the account of a name or mail address and its password.
    ///
    /// Errors: `bad_credentials` (401) for a wrong name as for a wrong password; `not_active` (403), which only those
    /// see who know the password.
    func authenticate(name: String, password: String) async throws -> Passport {
        let key = name.lowercased()
        let passport = key.utf8.count > 254 ? nil : try await store.read { try $0.passport(named: key) }
        guard try await hasher.verify(String(password.prefix(512)), passport?.password), let passport else {
            throw Problem(.unauthorized, "bad_credentials", "the name or the password is wrong")
        }
        guard passport.isActive else {
            throw Problem(
                .forbidden, "not_active", "the account is not active yet", hint: "open the link in the mail you got")
        }
        if hasher.isOutdated(passport.password) {
            let hash = try await hasher.hash(password)
            try await store.write { try $0.rehash(passport.id, from: passport.password, to: hash) }
        }
        return passport
    }

    /// Records that somebody has forgotten the password of an address. `sendReset` looks later whether it has an
    /// account.
    func forgot(email: String, language: String) async throws {
        let email = try AccountRules.email(email)
        let payload: [String: JSONValue] = ["email": .text(email), "language": .text(language)]
        let job = OutboxJob(
            queue: "accounts", kind: "forgot", payload: try JSONValue.objectText(payload),
            idempotencyKey: randomToken())
        let now = now()
        try await store.write { try $0.enqueue(job, now: now) }
    }

    /// Sends the mail with which the owner of an address chooses another password; none without an active account.
    /// `key` identifies the request, so that repeating the job sends no second mail.
    func sendReset(email: String, language: String, key: String) async throws {
        let now = now()
        do {
            try await store.write { transaction in
                guard let passport = try transaction.passport(named: email.lowercased()), passport.isActive else {
                    return
                }
                var mail = AccountMail(
                    kind: "reset", email: passport.email, username: passport.username, language: language)
                mail.token = try Self.addToken("reset", passport.id, transaction, now)
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
            let id = try await store.write { transaction in
                let id = try transaction.useOneTime(hash: digest, purpose: "reset", now: now)
                try transaction.setPassword(id, hash, now: now)
                return id
            }
            try await sessions.endAll(of: id)
        } catch StoreError.unchanged {
            throw Self.badToken
        }
    }

    /// Gives an account another password, and ends its sessions. Errors: `bad_credentials`, status 401.
    func changePassword(of id: Int, from old: String, to new: String) async throws {
        let new = try AccountRules.password(new, "new_password")
        let passport = try await store.read { try $0.passport(id) }
        guard try await hasher.verify(String(old.prefix(512)), passport?.password) else {
            throw Problem(.unauthorized, "bad_credentials", "the old password is wrong", param: "old_password")
        }
        let hash = try await hasher.hash(new)
        let now = now()
        try await store.write { try $0.setPassword(id, hash, now: now) }
        try await sessions.endAll(of: id)
    }

    private static func addToken(
        _ purpose: String, _ passport: Int, _ transaction: Transaction, _ now: Milliseconds
    ) throws -> String {
        let token = randomToken()
        try transaction.addOneTime(
            hash: sha256(token), purpose: purpose, passport: passport, expires: now + linkLifetime, now: now)
        return token
    }

    private static let badToken = Problem(
        .badRequest, "bad_token", "the link is not valid any more", param: "token", hint: "ask for another mail")
}

/// A mail about an account, as the job of the queue `mail` carries it.
struct AccountMail: Codable, Sendable, Equatable {
    /// `activate`, `account_exists`, `name_taken` or `reset`.
    var kind: String
    var email: String
    var username: String
    /// `zh` or `en`.
    var language: String
    /// The token of the link, for mails that have one.
    var token: String?

    func job(key: String = randomToken()) throws -> OutboxJob {
        let payload = String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
        return OutboxJob(queue: "mail", kind: "account", payload: payload, idempotencyKey: key)
    }
}
