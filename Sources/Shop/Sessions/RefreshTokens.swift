import Crypto
import FoundationEssentials

/// Refresh tokens: each is used once, for an access token and the next refresh token.
///
/// The database has only their hashes. A token that is used again shows that somebody else has it: then the whole
/// family ends (RFC 9700, 4.14.2). For ten seconds after its use a token still yields the same successor, because two
/// tabs of a browser, or a reply that was lost, are no theft.
struct RefreshTokens: Sendable {
    static let lifetime: Milliseconds = 30 * 86_400_000
    private static let grace: Milliseconds = 10_000

    /// The result of using a token.
    enum Outcome: Sendable, Equatable {
        /// The token that follows, its family, and the account as it is now.
        case renewed(token: String, family: String, passport: Passport)
        /// The token is unknown or expired.
        case refused
        /// The family of the token has ended, now if the token was used before. Its access tokens must end too.
        case ended(family: String)
    }

    let store: Store
    let keys: CurrentKeys
    let now: @Sendable () -> Milliseconds

    /// Begins a family of tokens of an account, as it was when its password was checked.
    ///
    /// Errors: `StoreError.unchanged` if the password was changed since.
    func begin(_ passport: Passport) async throws -> (token: String, family: String) {
        let (token, family, now) = (randomToken(), randomToken(), now())
        try await store.write { transaction in
            guard try transaction.passport(passport.id)?.epoch == passport.epoch else { throw StoreError.unchanged }
            try transaction.addRefreshToken(
                hash: sha256(token), family: family, passport: passport.id, expires: now + Self.lifetime, now: now)
        }
        return (token, family)
    }

    /// Uses a token.
    func use(_ token: String) async throws -> Outcome {
        let (hash, now, keys) = (sha256(token), now(), keys)
        return try await store.write { transaction in
            guard let row = try transaction.refreshToken(hash: hash), row.expiresAt > now else { return .refused }
            if row.revokedAt != nil { return .ended(family: row.family) }
            guard let passport = try transaction.passport(row.passportId), passport.isActive else { return .refused }
            func renewed(_ next: String) -> Outcome {
                .renewed(token: next, family: row.family, passport: passport)
            }
            guard let used = row.usedAt else {
                let next = Self.successor(of: token, keys.ring.current)
                try transaction.markRefreshTokenUsed(hash: hash, now: now)
                try transaction.addRefreshToken(
                    hash: sha256(next), family: row.family, passport: row.passportId, expires: now + Self.lifetime,
                    now: now)
                return renewed(next)
            }
            if now < used + Self.grace {
                // Another process may have used it with another key.
                let next = try keys.first { ring in
                    try ring.keys.lazy.map { Self.successor(of: token, $0) }
                        .first { try transaction.refreshToken(hash: sha256($0)) != nil }
                }
                if let next { return renewed(next) }
            }
            try transaction.revokeFamily(row.family, now: now)
            return .ended(family: row.family)
        }
    }

    /// Ends the family of a token, and returns its name; nil if the token is unknown.
    func end(_ token: String) async throws -> String? {
        let now = now()
        return try await store.write { transaction in
            guard let family = try transaction.refreshToken(hash: sha256(token))?.family else { return nil }
            try transaction.revokeFamily(family, now: now)
            return family
        }
    }

    /// Ends a family.
    func end(family: String) async throws {
        let now = now()
        try await store.write { try $0.revokeFamily(family, now: now) }
    }

    /// The token that follows a token: derived from it, so that it can be told again without being stored.
    private static func successor(of token: String, _ key: KeyRing.Key) -> String {
        let key = KeyRing.derived(key, for: "refresh")
        return base64URL(HMAC<SHA256>.authenticationCode(for: Data(token.utf8), using: key))
    }
}
