import FoundationEssentials
import HTTPTypes
import Testing

@testable import Shop

@Suite struct SessionTests {
    private static let login = #"{"username": "zhang", "password": "password1"}"#
    private static let csrf = HTTPField.Name("X-CSRF-Token").unsafelyUnwrapped

    @Test func aSessionThatWasThereBeforeTheLoginDoesNotGetIntoTheAccount() async throws {
        try await TestShop.run { shop in
            let victim = try await shop.addPassport("zhang")
            _ = try await shop.addPassport("thief")
            try await shop.serve { browser in
                // Session fixation: the thief's session is planted in the victim's browser.
                try await browser.post("/api/v1/login", #"{"username": "thief", "password": "password1"}"#)
                let planted = try #require(browser.cookie("session"))
                try await browser.post("/api/v1/login", Self.login)
                #expect(browser.cookie("session") != planted)
                #expect(try await browser.get("/api/v1/me")["id"]?.int == victim)
                let thief = browser.another()
                thief.setCookie("session", planted)
                #expect(try await thief.get("/api/v1/me").status == 401)
            }
        }
    }

    @Test func theCookieCannotBeReadByScriptsAndRedisDoesNotKnowItsValue() async throws {
        try await TestShop.run { shop in
            _ = try await shop.addPassport("zhang")
            try await shop.serve { browser in
                let reply = try await browser.post("/api/v1/login", Self.login)
                let cookies = reply.headers[values: .setCookie]
                let session = try #require(cookies.first { $0.hasPrefix("session=") })
                #expect(session.contains("HttpOnly"))
                #expect(session.contains("SameSite=Lax"))
                let csrf = try #require(cookies.first { $0.hasPrefix("csrf=") })
                #expect(!csrf.contains("HttpOnly"))
                let keys = try await shop.redis.send("KEYS", "*").elements.compactMap(\.text)
                let id = try #require(browser.cookie("session"))
                #expect(keys.contains("sess:" + sha256(id)))
                #expect(!keys.contains { $0.contains(id) })
            }
        }
    }

    @Test func aChangeNeedsTheTokenOfTheSessionAndTheOwnOrigin() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                try await shop.logIn("zhang", browser)
                let path = "/api/v1/addresses"
                let json = Self.address
                #expect(try await browser.post(path, json, headers: [Self.csrf: "x"]).code == "bad_csrf_token")
                #expect(try await browser.post(path, json, headers: [Self.csrf: ""]).code == "bad_csrf_token")
                let foreign = try await browser.post(path, json, headers: [.origin: "https://evil.example"])
                #expect(foreign.code == "foreign_origin")
                let form = try await browser.post(path, "a=b", headers: [.contentType: "text/plain"])
                #expect(form.status == 415)
                #expect(try await browser.post(path, json).status == 201)
            }
        }
    }

    @Test func aBrowserThatHasLostTheTokenOfItsSessionLogsInAgain() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                try await shop.logIn("zhang", browser)
                let session = browser.cookie("session")
                browser.setCookie("csrf", nil)
                #expect(try await browser.post("/api/v1/logout").code == "bad_csrf_token")
                #expect(try await browser.get("/api/v1/me").status == 200)
                try await browser.post("/api/v1/login", Self.login).expect(200)
                #expect(browser.cookie("session") != session)
                try await browser.post("/api/v1/addresses", Self.address).expect(201)
                browser.setCookie("session", session)
                #expect(try await browser.get("/api/v1/me").status == 401)
            }
        }
    }

    private static let address = """
        {"recipient_name": "李明", "recipient_addr": "上海", "zip_code": "200000", "recipient_phone": "13800138000"}
        """

    @Test func aLogoutEndsTheSession() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                try await shop.logIn("zhang", browser)
                let session = browser.cookie("session")
                #expect(try await browser.post("/api/v1/logout").status == 200)
                #expect(browser.cookie("session") == nil)
                browser.setCookie("session", session)
                #expect(try await browser.get("/api/v1/me").status == 401)
            }
        }
    }

    @Test func eachUseLengthensTheLifeOfASession() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                try await shop.logIn("zhang", browser)
                let key = "sess:" + sha256(try #require(browser.cookie("session")))
                try await shop.redis.send("EXPIRE", key, 100)
                _ = try await browser.get("/api/v1/me")
                let left = try #require(try await shop.redis.send("TTL", key).int)
                #expect(left > 600_000)
            }
        }
    }

    @Test func theBrowserGetsTheCookieAgainOnceADay() async throws {
        try await TestShop.run { shop in
            _ = try await shop.addGoods("a")
            try await shop.serve { browser in
                try await shop.logIn("zhang", browser)
                #expect(try await browser.get("/api/v1/me").headers[.setCookie] == nil)
                let session = try #require(browser.cookie("session"))
                try await shop.redis.send("HSET", "sess:" + sha256(session), "cookie", 0)
                // Replies that somebody may keep and give to others do not carry it.
                #expect(try await browser.get("/api/v1/goods").headers[.setCookie] == nil)
                let cookies = try await browser.get("/api/v1/me").headers[values: .setCookie]
                #expect(cookies.map { $0.prefix { $0 != ";" } }.first == "session=\(session)")
                #expect(cookies.filter { $0.contains("Max-Age=604800") }.count == 2)
                #expect(try await browser.get("/api/v1/me").headers[.setCookie] == nil)
                try await shop.redis.send("HSET", "sess:" + sha256(session), "cookie", 0)
                try await browser.post("/api/v1/logout").expect(200)
                #expect(browser.cookie("session") == nil)
                #expect(try await shop.redis.send("EXISTS", "sess:" + sha256(session)).int == 0)
            }
        }
    }

    @Test func aLogoutWithoutRedisDoesNotSayThatItIsDone() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                try await shop.logIn("zhang", browser)
                _ = try? await shop.redis.send("SHUTDOWN", "NOSAVE")
                try await browser.post("/api/v1/logout").expect(503)
                #expect(browser.cookie("session") != nil)
            }
        }
    }
}

@Suite struct RefreshTokenTests {
    private static let login = #"{"username": "zhang", "password": "password1", "mode": "token"}"#

    /// Runs a body with a browser that has logged in, the header with its access token, and its refresh token.
    private func run(
        _ body: @escaping @Sendable (TestShop, Browser, HTTPFields, String) async throws -> Void
    ) async throws {
        try await TestShop.run { shop in
            _ = try await shop.addPassport("zhang")
            try await shop.serve { browser in
                let reply = try await browser.post("/api/v1/login", Self.login)
                let bearer: HTTPFields = [.authorization: "Bearer \(reply["access_token"]?.text ?? "")"]
                try await body(shop, browser, bearer, try #require(browser.cookie("refresh")))
            }
        }
    }

    @Test func eachUseRotatesTheTokenAndTheAccessTokenWorks() async throws {
        try await TestShop.run { shop in
            let id = try await shop.addPassport("zhang")
            try await shop.serve { browser in
                let reply = try await browser.post("/api/v1/login", Self.login)
                let cookie = try #require(reply.headers[values: .setCookie].first { $0.hasPrefix("refresh=") })
                #expect(cookie.contains("HttpOnly"))
                #expect(cookie.contains("SameSite=Strict"))
                let first = browser.cookie("refresh")
                let access = try #require(try await browser.post("/api/v1/token/refresh")["access_token"]?.text)
                #expect(browser.cookie("refresh") != first)
                let me = try await browser.get("/api/v1/me", headers: [.authorization: "Bearer \(access)"])
                #expect(me["id"]?.int == id)
            }
        }
    }

    @Test func twoTabsThatRefreshAtOnceStayLoggedIn() async throws {
        try await TestShop.run { shop in
            let id = try await shop.addPassport("zhang")
            let refresh = shop.services.refresh
            let (token, _) = try await refresh.begin(shop.passport(id))
            let outcomes = try await withThrowingTaskGroup(of: RefreshTokens.Outcome.self) { group in
                for _ in 1...8 { group.addTask { try await refresh.use(token) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let first = try #require(outcomes.first)
            #expect(outcomes.allSatisfy { $0 == first })
            guard case .renewed = first else { return #expect(Bool(false), "\(first)") }
        }
    }

    @Test func aTokenThatIsUsedAgainEndsTheWholeLogin() async throws {
        try await run { shop, browser, bearer, token in
            #expect(try await browser.post("/api/v1/token/refresh").status == 200)
            shop.advance(seconds: 11)
            let thief = browser.another()
            thief.setCookie("refresh", token)
            #expect(try await thief.post("/api/v1/token/refresh").status == 401)
            #expect(try await browser.post("/api/v1/token/refresh").status == 401)
            let me = try await browser.get("/api/v1/me", headers: bearer)
            #expect(me.status == 401)
        }
    }

    @Test func theAccessTokenOfAnEndedLoginEndsAlsoWhenRedisDidNotHearOfIt() async throws {
        try await run { shop, browser, bearer, token in
            // The family ends in the database, and then Redis is away.
            _ = try await shop.services.refresh.end(token)
            #expect(try await browser.get("/api/v1/me", headers: bearer).status == 200)
            try await browser.post("/api/v1/token/refresh").expect(401)
            #expect(try await browser.get("/api/v1/me", headers: bearer).status == 401)
        }
    }

    @Test func aLogoutEndsTheFamilyAndItsAccessToken() async throws {
        try await run { shop, browser, bearer, token in
            try await browser.post("/api/v1/logout", headers: bearer).expect(200)
            #expect(try await browser.get("/api/v1/me", headers: bearer).status == 401)
            browser.setCookie("refresh", token)
            #expect(try await browser.post("/api/v1/token/refresh").status == 401)
        }
    }

    @Test func anotherLoginEndsTheTokenThatTheBrowserHad() async throws {
        try await run { shop, browser, bearer, token in
            _ = try await shop.addPassport("wang")
            try await browser.post(
                "/api/v1/login", #"{"username": "wang", "password": "password1"}"#
            ).expect(200)
            browser.setCookie("refresh", token)
            // Else the page of one person would get tokens of the other.
            #expect(try await browser.post("/api/v1/token/refresh").status == 401)
            #expect(try await browser.get("/api/v1/me", headers: bearer).status == 401)
        }
    }

    @Test func aLogoutWithAnExpiredAccessTokenEndsTheFamily() async throws {
        try await run { shop, browser, bearer, token in
            shop.advance(seconds: 3600)
            #expect(try await browser.get("/api/v1/me", headers: bearer).code == "bad_token")
            try await browser.post("/api/v1/logout", headers: bearer).expect(200)
            #expect(browser.cookie("refresh") == nil)
            browser.setCookie("refresh", token)
            #expect(try await browser.post("/api/v1/token/refresh", headers: bearer).code == "bad_refresh_token")
            // An old token keeps nobody from what needs no person, and from logging in again.
            try await browser.get("/api/v1/home", headers: bearer).expect(200)
            try await browser.post("/api/v1/login", Self.login, headers: bearer).expect(200)
        }
    }

    @Test func aTokenExpiresAfterThirtyDaysAndIsStoredAsAHashAlone() async throws {
        try await TestShop.run { shop in
            let id = try await shop.addPassport("zhang")
            let (token, _) = try await shop.services.refresh.begin(shop.passport(id))
            #expect(try await shop.store.read { try $0.refreshToken(hash: token) } == nil)
            shop.advance(seconds: 30 * 86_400 + 1)
            #expect(try await shop.services.refresh.use(token) == .refused)
            #expect(try await shop.services.refresh.use("x") == .refused)
        }
    }
}
