import FoundationEssentials
import JWTKit

/// Access tokens: JSON Web Tokens (HS256) that live for 15 minutes.
///
/// The header names the key of the ring; no other algorithm is accepted, and a name that the ring does not have is
/// refused. Clocks may differ by 30 seconds.
struct AccessTokens: Sendable {
    static let lifetime = 15 * 60
    private static let leeway = 30
    private static let issuer = "quire-shop"
    private static let audience = "shop"

    /// The contents of a token.
    struct Claims: JWTPayload, Equatable {
        var iss: String
        var aud: String
        /// The account.
        var sub: String
        /// The login, which is the family of the refresh tokens.
        var sid: String
        var jti: String
        /// The version of the person's roles; customers have none.
        var rv: Int
        /// The epoch of the account's password.
        var ep: Milliseconds
        var iat: Int
        var exp: Int

        /// Times are checked with the shop's clock, by `AccessTokens.claims(of:)`.
        func verify(using algorithm: some JWTAlgorithm) throws {}
    }

    private let ring: KeyRing
    private let keys: JWTKeyCollection
    private let now: @Sendable () -> Milliseconds

    init(_ ring: KeyRing, now: @escaping @Sendable () -> Milliseconds) async {
        self.ring = ring
        self.now = now
        keys = JWTKeyCollection()
        for key in ring.keys {
            let secret = KeyRing.derived(key, for: "access").withUnsafeBytes { Data($0) }
            await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256, kid: JWKIdentifier(string: key.id))
        }
    }

    /// Returns a new token of an account.
    func issue(passport: Int, family: String, epoch: Milliseconds) async throws -> String {
        let time = Int(now() / 1000)
        let claims = Claims(
            iss: Self.issuer, aud: Self.audience, sub: "\(passport)", sid: family, jti: randomToken(), rv: 0, ep: epoch,
            iat: time, exp: time + Self.lifetime)
        return try await keys.sign(claims, kid: JWKIdentifier(string: ring.current.id))
    }

    /// Returns the claims of a token; nil if it is not valid now.
    func claims(of token: String) async -> Claims? {
        let bytes = Array(token.utf8)
        guard bytes.count < 2048, let parts = try? DefaultJWTParser().parse(bytes, as: Claims.self),
            parts.header.alg == "HS256", let kid = parts.header.kid, ring.keys.contains(where: { $0.id == kid }),
            let claims = try? await keys.verify(bytes, as: Claims.self)
        else { return nil }
        let time = Int(now() / 1000)
        guard claims.iss == Self.issuer, claims.aud == Self.audience, claims.exp > time - Self.leeway,
            claims.iat < time + Self.leeway
        else { return nil }
        return claims
    }
}
