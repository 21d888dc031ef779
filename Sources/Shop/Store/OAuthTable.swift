/// A row of `oauth_link`: a person at another provider, who may log in as the account that the row names.
struct OAuthLink: StoredRow, Codable, Sendable, Equatable {
    /// The provider, such as `qq`.
    var provider: String
    /// The identifier that the provider gives the person for this shop.
    var openid: String
    /// The name that the person has there.
    var nickname: String
}

extension Transaction {
    /// Returns the account of a person at a provider; nil if none is bound.
    func oauthPassport(_ provider: String, _ openid: String) throws -> Int? {
        try row("SELECT passport_id FROM oauth_link WHERE provider = ? AND openid = ?", provider, openid)?
            .int("passport_id")
    }

    /// Returns what binds an account to a provider; nil if nothing does.
    func oauthLink(of passport: Int, _ provider: String) throws -> OAuthLink? {
        try row("SELECT * FROM oauth_link WHERE passport_id = ? AND provider = ?", passport, provider)
    }

    /// Binds a person at a provider to an account.
    ///
    /// Errors: `StoreError.duplicate` if the person has another account, or the account another person.
    func add(_ link: OAuthLink, of passport: Int, now: Milliseconds) throws {
        try execute(
            "INSERT INTO oauth_link (provider, openid, passport_id, nickname, created_at) VALUES (?, ?, ?, ?, ?)",
            link.provider, link.openid, passport, link.nickname, now)
    }

    /// Ends what binds an account to a provider, or to all for nil. False if nothing did.
    @discardableResult
    func removeOAuthLinks(of passport: Int, _ provider: String? = nil) throws -> Bool {
        try execute(
            "DELETE FROM oauth_link WHERE passport_id = ? AND provider = COALESCE(?, provider)", passport, provider) > 0
    }
}
