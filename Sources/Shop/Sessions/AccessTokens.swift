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

    private let ring: CurrentKeys
    private let keys = JWTKeyCollection()
    private let now: @Sendable () -> Milliseconds

    init(_ ring: CurrentKeys, now: @escaping @Sendable () -> Milliseconds) {
        self.ring = ring
        self.now = now
    }

    /// Makes the library know a key, whose name it returns.
    private func prepare(_ key: KeyRing.Key) async -> JWKIdentifier {
        let (secret, id) = (KeyRing.derived(key, for: "access"), JWKIdentifier(string: key.id))
        await keys.add(hmac: HMACKey(from: secret.withUnsafeBytes { Data($0) }), digestAlgorithm: .sha256, kid: id)
        return id
    }

    /// Returns a new token of an account.
    func issue(passport: Int, family: String, epoch: Milliseconds) async throws -> String {
        let time = Int(now() / 1000)
        let claims = Claims(
            iss: Self.issuer, aud: Self.audience, sub: "\(passport)", sid: family, jti: randomToken(), rv: 0, ep: epoch,
            iat: time, exp: time + Self.lifetime)
        return try await keys.sign(claims, kid: prepare(ring.ring.current))
    }

    /// Returns the claims of a token; nil if it is not valid now.
    func claims(of token: String) async -> Claims? {
        let bytes = Array(token.utf8)
        guard bytes.count < 2048, let parts = try? DefaultJWTParser().parse(bytes, as: Claims.self),
            parts.header.alg == "HS256", let kid = parts.header.kid,
            let key = ring.first({ ring in ring.keys.first { $0.id == kid } })
        else { return nil }
        _ = await prepare(key)
        guard let claims = try? await keys.verify(bytes, as: Claims.self) else { return nil }
        let time = Int(now() / 1000)
        guard claims.iss == Self.issuer, claims.aud == Self.audience, claims.exp > time - Self.leeway,
            claims.iat < time + Self.leeway
        else { return nil }
        return claims
    }
}
