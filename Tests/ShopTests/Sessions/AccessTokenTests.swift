import FoundationEssentials
import JWTKit
import Testing

@testable import Shop

@Suite struct AccessTokenTests {
    private static let now: Milliseconds = 1_800_000_000_000

    private func key(_ ring: KeyRing) -> String {
        KeyRing.derived(ring.current, for: "access").withUnsafeBytes { Data($0).base64EncodedString() }
    }

    @Test func pyJWTAcceptsOurTokenAndWeAcceptOneOfPyJWT() async throws {
        let ring = KeyRing()
        let tokens = AccessTokens(CurrentKeys(ring), now: { Self.now })
        let ours = try await tokens.issue(passport: 7, family: "f", epoch: 3)
        let program = """
            import sys, base64, json, jwt
            key = base64.b64decode(sys.argv[1])
            claims = jwt.decode(sys.argv[2], key, algorithms=["HS256"], audience="shop", issuer="quire-shop",
                                options={"verify_exp": False, "verify_iat": False})
            assert jwt.get_unverified_header(sys.argv[2])["kid"] == sys.argv[3]
            claims["sub"] = "8"
            print(jwt.encode(claims, key, algorithm="HS256", headers={"kid": sys.argv[3]}))
            """
        let theirs = try await python(program, [key(ring), ours, ring.current.id])
        let claims = try #require(await tokens.claims(of: theirs.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(claims.sub == "8")
        #expect(claims.ep == 3)
        #expect(claims.exp - claims.iat == 900)
    }

    @Test func forgedTokensOfAllKindsAreRefused() async throws {
        let ring = KeyRing()
        let tokens = AccessTokens(CurrentKeys(ring), now: { Self.now })
        let good = try await tokens.issue(passport: 7, family: "f", epoch: 0)
        let program = """
            import sys, base64, json, jwt
            key, token, kid = base64.b64decode(sys.argv[1]), sys.argv[2], sys.argv[3]
            claims = jwt.decode(token, options={"verify_signature": False})
            def make(key=key, algorithm="HS256", kid=kid, **changes):
                headers = {"kid": kid} if kid else {}
                print(jwt.encode({**claims, **changes}, key, algorithm=algorithm, headers=headers))
            make(None, "none")
            make(algorithm="HS512")
            make(key=b"another key of thirty-two bytes..")
            make(kid="other")
            make(kid=None)
            make(exp=claims["iat"] - 31)
            make(iat=claims["iat"] + 60)
            make(aud="admin")
            make(iss="somebody")
            """
        let forged = try await python(program, [key(ring), good, ring.current.id]).split(separator: "\n")
        #expect(forged.count == 9)
        for token in forged { #expect(await tokens.claims(of: String(token)) == nil, "\(token)") }
        #expect(await tokens.claims(of: good) != nil)
        // Any other character: of the signature's last one only four of six bits count.
        let characters = Array(good)
        for index in characters.indices.dropLast() where characters[index] != "." {
            var changed = characters
            changed[index] = changed[index] == "A" ? "B" : "A"
            #expect(await tokens.claims(of: String(changed)) == nil)
        }
    }

    @Test func aTokenLivesForAQuarterOfAnHourAndHalfAMinute() async throws {
        let ring = KeyRing()
        let tokens = AccessTokens(CurrentKeys(ring), now: { Self.now })
        let token = try await tokens.issue(passport: 7, family: "f", epoch: 0)
        #expect(await AccessTokens(CurrentKeys(ring), now: { Self.now + 929_000 }).claims(of: token) != nil)
        #expect(await AccessTokens(CurrentKeys(ring), now: { Self.now + 930_000 }).claims(of: token) == nil)
        #expect(await AccessTokens(CurrentKeys(ring), now: { Self.now - 31_000 }).claims(of: token) == nil)
    }

    @Test func aKeyThatWasRotatedAwayDoesNotVerifyAnyMore() async throws {
        var ring = KeyRing()
        let tokens = AccessTokens(CurrentKeys(ring), now: { Self.now })
        let token = try await tokens.issue(passport: 7, family: "f", epoch: 0)
        for expected in [true, true, false] {
            ring.rotate()
            let isValid = await AccessTokens(CurrentKeys(ring), now: { Self.now }).claims(of: token) != nil
            #expect(isValid == expected)
        }
    }

    @Test func aProcessFollowsTheRotationThatAnotherOneBeganWith() async throws {
        try await TestShop.run { shop in
            let id = try await shop.addPassport("zhang")
            var ring = try KeyRing.open(in: shop.folder)
            ring.rotate()
            try ring.save(in: shop.folder)
            let newer = CurrentKeys(ring), now = shop.services.now
            // The older process uses a refresh token after the newer one did, as of a tab that waited.
            let (token, _) = try await shop.services.refresh.begin(shop.passport(id))
            let renewed = try await RefreshTokens(store: shop.store, keys: newer, now: now).use(token)
            #expect(try await shop.services.refresh.use(token) == renewed)
            let access = try await AccessTokens(newer, now: now).issue(passport: id, family: "f", epoch: 0)
            #expect(await shop.services.access.claims(of: access)?.sub == "\(id)")
            let csrf = Sessions(redis: shop.redis, keys: newer).csrfToken(of: "session")
            #expect(shop.services.sessions.isCSRFToken(csrf, of: "session"))
            #expect(shop.services.sessions.isCSRFToken(csrf, of: "another") == false)
        }
    }

    /// The claims of the example in RFC 7515, A.1.
    private struct Example: JWTPayload {
        var iss: String
        var exp: Int

        func verify(using algorithm: some JWTAlgorithm) throws {}
    }

    @Test func theExampleOfRFC7515A1Verifies() async throws {
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
            + "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
        let base64 = secret.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 } + "=="
        let key = try #require(Data(base64Encoded: String(base64)))
        let keys = await JWTKeyCollection().add(hmac: HMACKey(from: key), digestAlgorithm: .sha256)
        #expect(try await keys.verify(token, as: Example.self).iss == "joe")
    }
}
