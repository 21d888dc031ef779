import Crypto
import FoundationEssentials

/// Sessions of browsers in Redis, and what ends them.
///
/// A session is a random number of 256 bits in a cookie; Redis knows it by its hash, as `sess:{sha256}`. It lives for
/// seven days after its last use. A session and an access token have the epoch of the password that began them; a later
/// password ends those of older epochs, in whatever order logging in and changing it happen.
struct Sessions: Sendable {
    static let lifetime = 7 * 86_400
    /// The time after which the browser gets the cookie again, which lives as long as the session did then.
    private static let cookieRenewal = 86_400
    private static let accessLifetime = 15 * 60 + 60

    let redis: RedisClient
    let keys: CurrentKeys

    /// Begins a session of an account, as it was when its password was checked, and returns its number.
    func begin(_ passport: Passport) async throws -> String {
        let id = randomToken()
        try await redis.run(
            Self.beginScript, keys: ["sess:" + sha256(id)], [passport.id, passport.epoch, Self.lifetime])
        return id
    }

    /// Returns the account of a session, whose life begins anew; nil if the session has ended. `isCookieDue` is true if
    /// the browser needs the cookie again.
    func find(_ id: String) async throws -> (passport: Int, isCookieDue: Bool)? {
        let reply = try await redis.run(
            Self.findScript, keys: ["sess:" + sha256(id)], [Self.lifetime, Self.cookieRenewal]
        ).elements.compactMap(\.int)
        return reply.count == 2 ? (reply[0], reply[1] == 1) : nil
    }

    /// Records that the browser gets the cookie of a session now.
    func noteCookie(of id: String) async throws {
        try await redis.run(Self.noteScript, keys: ["sess:" + sha256(id)])
    }

    func end(_ id: String) async throws { try await redis.send("DEL", "sess:" + sha256(id)) }

    /// Ends all sessions and access tokens of an account that are older than an epoch. Repeating it changes nothing.
    func endAll(of passport: Int, before epoch: Milliseconds) async throws {
        try await redis.run(Self.endScript, keys: ["epoch:\(passport)"], [epoch])
    }

    /// Ends the access tokens of a login.
    func deny(_ family: String) async throws {
        try await redis.send("SET", "deny:sid:" + family, "1", "EX", Self.accessLifetime)
    }

    /// True while neither the login nor the account has ended.
    func isValid(family: String, passport: Int, epoch: Milliseconds) async throws -> Bool {
        let reply = try await redis.send("MGET", "deny:sid:" + family, "epoch:\(passport)").elements
        guard reply.count == 2 else { throw RedisError.unexpectedReply("MGET") }
        return reply[0] == .null && Milliseconds(reply[1].int ?? 0) <= epoch
    }

    // MARK: Forged requests

    /// The token that a page sends with each request that changes something: a signature of the session, which another
    /// site cannot know.
    func csrfToken(of session: String) -> String { Self.signature(session, keys.ring.current) }

    /// True if a token belongs to a session, with any key of the ring.
    func isCSRFToken(_ token: String, of session: String) -> Bool {
        let given = Array(token.utf8)
        return keys.first { ring in
            ring.keys.first { key in
                let expected = Array(Self.signature(session, key).utf8)
                return given.count == expected.count && zip(given, expected).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
            }
        } != nil
    }

    private static func signature(_ session: String, _ key: KeyRing.Key) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(session.utf8), using: KeyRing.derived(key, for: "csrf"))
        return base64URL(code)
    }

    private static let beginScript = RedisScript(
        """
        redis.call('HSET', KEYS[1], 'passport', ARGV[1], 'epoch', ARGV[2], 'cookie', redis.call('TIME')[1])
        redis.call('EXPIRE', KEYS[1], ARGV[3])
        """)

    private static let endScript = RedisScript(
        """
        local last = tonumber(redis.call('GET', KEYS[1]) or '0')
        if tonumber(ARGV[1]) > last then redis.call('SET', KEYS[1], ARGV[1]) end
        """)

    private static let findScript = RedisScript(
        """
        local session = redis.call('HMGET', KEYS[1], 'passport', 'epoch', 'cookie')
        if not session[1] then return false end
        if tonumber(redis.call('GET', 'epoch:' .. session[1]) or '0') > tonumber(session[2]) then
            redis.call('DEL', KEYS[1])
            return false
        end
        redis.call('EXPIRE', KEYS[1], ARGV[1])
        local age = tonumber(redis.call('TIME')[1]) - tonumber(session[3] or '0')
        return {session[1], age >= tonumber(ARGV[2]) and 1 or 0}
        """)

    private static let noteScript = RedisScript(
        """
        if redis.call('EXISTS', KEYS[1]) == 1 then
            redis.call('HSET', KEYS[1], 'cookie', redis.call('TIME')[1])
        end
        """)
}
