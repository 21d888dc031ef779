/// A row of `passport`: an account.
struct Passport: StoredRow, Sendable, Equatable {
    var id: Int
    var username: String
    var email: String
    /// The mobile number that the person has given.
    var phone: String?
    /// The time at which a code has shown that the number is the person's; nil for one that nobody has verified.
    var phoneVerifiedAt: Milliseconds?
    /// The hash of the password, as `PasswordHasher` writes it.
    var password: String
    /// The time at which the password was chosen, which is the epoch of sessions and tokens that it began.
    var epoch: Milliseconds
    var isActive: Bool

    private enum CodingKeys: String, CodingKey {
        case id, username, email, phone, phoneVerifiedAt, password, isActive
        case epoch = "passwordChangedAt"
    }
}

extension Transaction {
    /// Returns an account that was not deleted; nil if there is none.
    func passport(_ id: Int) throws -> Passport? {
        try row("SELECT * FROM passport WHERE id = ? AND is_delete = 0", id)
    }

    /// Returns the account with a folded name or mail address; nil if there is none.
    func passport(named key: String) throws -> Passport? {
        try row("SELECT * FROM passport WHERE (username_key = ? OR email_key = ?) AND is_delete = 0", key, key)
    }

    /// Adds an active account, and returns its id.
    ///
    /// Errors: `StoreError.duplicate` if the name or the mail address is taken.
    func addPassport(_ account: Registration, now: Milliseconds) throws -> Int {
        try execute(
            """
            INSERT INTO passport (username, username_key, email, email_key, phone, password, is_active,
                password_changed_at, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?)
            """, account.username, account.username.lowercased(), account.email, account.email.lowercased(),
            account.phone, account.password, now, now, now)
        return lastInsertedID
    }

    /// Gives an account another mobile number, or none. A number that it has already stays as verified as it was.
    func setPhone(of id: Int, to phone: String?, isVerified: Bool = false, now: Milliseconds) throws {
        let verified = isVerified ? now : nil
        try execute(
            """
            UPDATE passport SET phone_verified_at = COALESCE(?, CASE WHEN phone = ? THEN phone_verified_at END),
                phone = ?, updated_at = ? WHERE id = ?
            """, verified, phone, phone, now, id)
    }

    /// Gives an account another password than the one that it was read with, and returns its new epoch. Refresh tokens
    /// of the old one are worth nothing any more.
    ///
    /// Errors: `StoreError.unchanged` if the password is another one by now.
    @discardableResult
    func setPassword(of passport: Passport, to password: String, now: Milliseconds) throws -> Milliseconds {
        let id = passport.id
        guard try self.passport(id)?.epoch == passport.epoch else { throw StoreError.unchanged }
        // Two changes in one millisecond have different epochs.
        let epoch = max(now, passport.epoch + 1)
        try execute(
            "UPDATE passport SET password = ?, password_changed_at = ?, updated_at = ? WHERE id = ?",
            password, epoch, now, id)
        try execute("UPDATE refresh_token SET revoked_at = ? WHERE passport_id = ? AND revoked_at IS NULL", now, id)
        return epoch
    }

    /// Stores the same password with another cost, unless it was changed meanwhile.
    func rehash(_ id: Int, from old: String, to new: String) throws {
        try execute("UPDATE passport SET password = ? WHERE id = ? AND password = ?", new, id, old)
    }

    // MARK: Tokens of one use

    /// Adds a token of one use; older ones of the same purpose are worth nothing any more.
    func addOneTime(hash: String, purpose: String, passport: Int, expires: Milliseconds, now: Milliseconds) throws {
        try execute(
            "UPDATE one_time SET used_at = ? WHERE passport_id = ? AND purpose = ? AND used_at IS NULL",
            now, passport, purpose)
        try execute(
            "INSERT INTO one_time (hash, purpose, passport_id, expires_at) VALUES (?, ?, ?, ?)",
            hash, purpose, passport, expires)
    }

    /// Returns the account of a token that is valid now; nil if the token is unknown, expired or used.
    func oneTimePassport(hash: String, purpose: String, now: Milliseconds) throws -> Int? {
        try row(
            "SELECT passport_id FROM one_time WHERE hash = ? AND purpose = ? AND used_at IS NULL AND expires_at > ?",
            hash, purpose, now)?.int("passport_id")
    }

    /// Uses a token up. Errors: `StoreError.unchanged` if it is unknown, expired or used.
    func useOneTime(hash: String, purpose: String, now: Milliseconds) throws -> Int {
        guard let passport = try oneTimePassport(hash: hash, purpose: purpose, now: now) else {
            throw StoreError.unchanged
        }
        try execute("UPDATE one_time SET used_at = ? WHERE hash = ?", now, hash)
        return passport
    }
}

/// A row of `refresh_token`. Only the hash of a token is kept.
struct RefreshRow: StoredRow, Sendable, Equatable {
    /// The tokens that came from one login.
    var family: String
    var passportId: Int
    var expiresAt: Milliseconds
    var usedAt: Milliseconds?
    var revokedAt: Milliseconds?
}

extension Transaction {
    func refreshToken(hash: String) throws -> RefreshRow? {
        try row("SELECT * FROM refresh_token WHERE hash = ?", hash)
    }

    func addRefreshToken(
        hash: String, family: String, passport: Int, expires: Milliseconds, now: Milliseconds
    ) throws {
        try execute(
            "INSERT INTO refresh_token (hash, family, passport_id, issued_at, expires_at) VALUES (?, ?, ?, ?, ?)",
            hash, family, passport, now, expires)
    }

    func markRefreshTokenUsed(hash: String, now: Milliseconds) throws {
        try execute("UPDATE refresh_token SET used_at = ? WHERE hash = ?", now, hash)
    }

    /// Makes all tokens of a login worth nothing.
    func revokeFamily(_ family: String, now: Milliseconds) throws {
        try execute("UPDATE refresh_token SET revoked_at = ? WHERE family = ? AND revoked_at IS NULL", now, family)
    }
}
