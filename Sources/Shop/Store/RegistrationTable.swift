/// A row of `registration`: what somebody typed to get an account, until the owner of the mail address confirms it.
///
/// An address may have several: each mail activates what was typed with it, so that nobody can put a name and a
/// password of their own under somebody else's registration.
struct Registration: StoredRow, Sendable, Equatable {
    var username: String
    var email: String
    var phone: String?
    /// The hash of the password, as `PasswordHasher` writes it.
    var password: String
    var expiresAt: Milliseconds
    /// The person at another provider to whom the account is to belong.
    private var provider, openid, nickname: String?

    var link: OAuthLink? {
        guard let provider, let openid, let nickname else { return nil }
        return OAuthLink(provider: provider, openid: openid, nickname: nickname)
    }

    init(
        username: String, email: String, phone: String? = nil, password: String, expiresAt: Milliseconds,
        link: OAuthLink? = nil
    ) {
        (self.username, self.email, self.phone, self.password) = (username, email, phone, password)
        self.expiresAt = expiresAt
        (provider, openid, nickname) = (link?.provider, link?.openid, link?.nickname)
    }
}

extension Transaction {
    /// Adds a registration that a token confirms, of which only the hash is kept.
    func add(_ registration: Registration, tokenHash: String, now: Milliseconds) throws {
        try execute(
            """
            INSERT INTO registration (token_hash, username, username_key, email, email_key, phone, password, expires_at,
                created_at, provider, openid, nickname)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, tokenHash, registration.username, registration.username.lowercased(), registration.email,
            registration.email.lowercased(), registration.phone, registration.password, registration.expiresAt, now,
            registration.link?.provider, registration.link?.openid, registration.link?.nickname)
    }

    /// Returns the registration of a token; nil if the token is unknown or expired.
    func registration(tokenHash: String, now: Milliseconds) throws -> Registration? {
        try row("SELECT * FROM registration WHERE token_hash = ? AND expires_at > ?", tokenHash, now)
    }

    /// Returns the newest registration with a folded name or mail address; nil if there is none.
    func registration(named key: String, now: Milliseconds) throws -> Registration? {
        try row(
            """
            SELECT * FROM registration WHERE (username_key = ? OR email_key = ?) AND expires_at > ?
            ORDER BY created_at DESC
            """, key, key, now)
    }

    /// Removes all registrations of a mail address.
    func removeRegistrations(of email: String) throws {
        try execute("DELETE FROM registration WHERE email_key = ?", email.lowercased())
    }
}
