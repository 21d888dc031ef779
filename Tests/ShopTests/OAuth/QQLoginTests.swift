import HTTPTypes
import Testing

@testable import Shop

@Suite struct QQLoginTests {
    private static let callback = "/api/v1/oauth/qq/callback"

    /// Binds 小明 to the account `zhang`, and returns its id. The browser is logged in.
    private func bind(_ qq: QQFake, _ shop: TestShop, _ browser: Browser) async throws -> Int {
        let id = try await shop.addPassport("zhang")
        try await browser.logInByQQ(qq)
        try await browser.bind("zhang").expect(200)
        return id
    }

    @Test func aPersonWithAnAccountIsAtOnceInside() async throws {
        try await QQFake.runShop { qq, shop, browser in
            let id = try await bind(qq, shop, browser)
            try await browser.post("/api/v1/logout").expect(200)
            let planted = browser.another()
            // The session that the browser had ends, as with a password.
            try await shop.logIn("wang", planted)
            let before = planted.cookie("session")
            let reply = try await planted.logInByQQ(qq, next: "/orders/1?new=1")
            reply.expect(302)
            #expect(reply.location == "/orders/1?new=1")
            #expect(reply.headers[.cacheControl] == "no-store")
            #expect(planted.begunLogins.isEmpty)
            let me = try await planted.get("/api/v1/me")
            #expect(me["id"]?.int == id)
            #expect(me["qq"]?.text == "小明")
            let old = browser.another()
            old.setCookie("session", before)
            try await old.get("/api/v1/me").expect(401)
        }
    }

    @Test func theCookiesOfALoginAreForScriptsAndOtherSitesOutOfReach() async throws {
        try await QQFake.runShop { qq, _, browser in
            let begun = try await browser.get("/api/v1/oauth/qq/authorize")
            let state = try #require(begun.headers[.setCookie])
            for part in ["HttpOnly", "SameSite=Lax", "Max-Age=600", "Path=/api/v1/oauth"] {
                #expect(state.contains(part), "\(state)")
            }
            let found = try await browser.get(qq.confirm(begun.location))
            #expect(found.location == "/bind?next=%2F")
            let bind = try #require(found.headers[values: .setCookie].first { $0.hasPrefix("oauth_bind=") })
            for part in ["HttpOnly", "SameSite=Strict", "Max-Age=600"] { #expect(bind.contains(part), "\(bind)") }
            #expect(!found.location.contains(browser.cookie("oauth_bind") ?? "?"))
        }
    }

    @Test func aLoginThatBeganInAnotherBrowserIsRefused() async throws {
        try await QQFake.runShop { qq, shop, attacker in
            _ = try await bind(qq, shop, attacker)
            let path = try await qq.confirm(attacker.beginQQ())
            let victim = attacker.another()
            #expect(try await victim.get(path).code == "bad_state")
            // Also one that has begun a login of its own.
            _ = try await victim.beginQQ()
            #expect(try await victim.get(path).code == "bad_state")
            #expect(victim.cookie("session") == nil)
            try await attacker.get(path).expect(302)
        }
    }

    @Test func aStateServesOnceAndForTenMinutes() async throws {
        try await QQFake.runShop { qq, shop, browser in
            let page = try await browser.beginQQ()
            let (first, second) = (try await qq.confirm(page), try await qq.confirm(page))
            let name = try #require(browser.begunLogins.first)
            let ticket = browser.cookie(name)
            try await browser.get(first).expect(302)
            browser.setCookie(name, ticket)
            for path in [first, second] { #expect(try await browser.get(path).code == "bad_state") }
            let late = try await qq.confirm(browser.beginQQ())
            shop.advance(seconds: 600)
            #expect(try await browser.get(late).code == "bad_state")
            let inTime = try await qq.confirm(browser.beginQQ())
            shop.advance(seconds: 599)
            try await browser.get(inTime).expect(302)
        }
    }

    @Test func ticketsOfAnotherPurposeOrWithOtherBytesAreWorthNothing() async throws {
        try await QQFake.runShop { qq, shop, browser in
            _ = try await shop.addPassport("zhang")
            let path = try await qq.confirm(browser.beginQQ())
            let name = try #require(browser.begunLogins.first)
            let ticket = try #require(browser.cookie(name))
            browser.setCookie("oauth_bind", ticket)
            #expect(try await browser.bind("zhang").code == "bad_state")
            for wrong in [
                "", ".", "a.b", String(ticket.dropLast()) + "!", ticket + "A", "A" + ticket, ticket + "." + ticket,
            ] {
                browser.setCookie(name, wrong)
                #expect(try await browser.get(path).code == "bad_state", "\(wrong)")
            }
            browser.setCookie(name, ticket)
            for query in ["", "?code=x", "?state=x&code=x", "?state="] {
                #expect(try await browser.get(Self.callback + query).code == "bad_state", "\(query)")
            }
            try await browser.get(path).expect(302)
        }
    }

    @Test(arguments: [
        ("/cart", "/cart"), ("/orders/1?new=1#x", "/orders/1?new=1#x"), ("/search?q=%E4%B8%89", "/search?q=%E4%B8%89"),
        ("/.//evil.example", "/.//evil.example"), ("//evil.example", "/"), ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("https://evil.example/", "/"), ("https:evil.example", "/"), ("javascript:alert(1)", "/"), ("", "/"),
        ("cart", "/"),
        ("/\t/evil.example", "/"), ("\t//evil.example", "/"), (" //evil.example", "/"), ("/\n/evil.example", "/"),
        ("/\r\nSet-Cookie: a=b", "/"), ("/\u{0}/evil", "/"), ("/三体", "/"), ("/a b", "/"), ("/a\\b", "/"),
        ("/" + String(repeating: "a", count: 1024), "/"),
    ])
    func theNextPageIsAlwaysOneOfTheShop(next: String, expected: String) async throws {
        #expect(QQLogin.path(next) == expected)
        #expect(QQLogin.path(nil) == "/")
    }

    @Test func theNextPageComesThroughTheLoginAndTheBinding() async throws {
        try await QQFake.runShop { qq, shop, browser in
            #expect(try await browser.logInByQQ(qq, next: "//evil.example").location == "/bind?next=%2F")
            let next = "/search?q=a&b=%2F"
            #expect(try await browser.logInByQQ(qq, next: next).location == "/bind?next=" + percentEncoded(next))
            _ = try await bind(qq, shop, browser)
            #expect(try await browser.logInByQQ(qq, next: "/\\evil.example").location == "/")
        }
    }

    @Test func whoOnlyLooksWhetherALinkWorksUsesNothingUp() async throws {
        try await QQFake.runShop { _, _, browser in
            for path in ["/api/v1/oauth/qq/authorize", Self.callback + "?code=a&state=b"] {
                try await browser.send(.head, path).expect(405)
            }
            #expect(browser.begunLogins.isEmpty)
        }
    }

    @Test func loginsThatAPersonBeginsInSeveralTabsAllEnd() async throws {
        try await QQFake.runShop { qq, shop, browser in
            _ = try await bind(qq, shop, browser)
            // Both begin at once: neither request has the cookie of the other.
            let first = try await browser.beginQQ(next: "/cart")
            let name = try #require(browser.begunLogins.first)
            let ticket = browser.cookie(name)
            browser.setCookie(name, nil)
            let second = try await browser.beginQQ(next: "/orders")
            browser.setCookie(name, ticket)
            #expect(try await browser.get(qq.confirm(first)).location == "/cart")
            #expect(try await browser.get(qq.confirm(second)).location == "/orders")
            #expect(browser.begunLogins.isEmpty)
        }
    }

    @Test func aBrowserKeepsTheFourNewestOfItsLogins() async throws {
        try await QQFake.runShop { qq, shop, browser in
            _ = try await bind(qq, shop, browser)
            var pages: [String] = []
            for _ in 1...6 {
                browser.setCookie("oauth_state_x", "nonsense")
                shop.advance(seconds: 1)
                pages.append(try await browser.beginQQ())
            }
            #expect(browser.begunLogins.count == 4)
            for page in pages.prefix(2) { #expect(try await browser.get(qq.confirm(page)).code == "bad_state") }
            for page in pages.suffix(4) { try await browser.get(qq.confirm(page)).expect(302) }
        }
    }

    @Test func whoSaysNoAtQQComesBackToTheLogin() async throws {
        try await QQFake.runShop { _, _, browser in
            let state = try await browser.state()
            #expect(try await browser.get("\(Self.callback)?state=\(state)&usercancel=1").code == "oauth_refused")
            let page: HTTPFields = [.accept: "text/html,application/xhtml+xml"]
            let again = try await browser.state()
            let shown = try await browser.get("\(Self.callback)?state=\(again)", headers: page)
            shown.expect(302)
            #expect(shown.location == "/login?problem=oauth_refused")
        }
    }

    @Test func anErrorOfQQIsAProblemOfItsKindAndStartsNoSession() async throws {
        try await QQFake.runShop {
            $0.qq?.timeLimit = .seconds(2)
        } _: { qq, shop, browser in
            let (token, me) = ("/oauth2.0/token", "/oauth2.0/me")
            for (path, reply, options, status, code) in [
                (token, #"callback( {"error":100019} );"#, "", 400, "oauth_refused"),
                (token, #"callback( {"error":100020} );"#, "", 400, "oauth_refused"),
                (token, #"callback( {"error":100009} );"#, "", 502, "provider_failed"),
                (me, #"callback( {"error":100016} );"#, "", 502, "provider_failed"),
                (me, #"{"client_id":"1","openid":"A"}"#, "", 502, "provider_failed"),
                (me, "nonsense", "", 502, "provider_failed"), (token, "", "hang=1", 504, "provider_timeout"),
            ] {
                try await qq.fault(path, reply, options)
                let answer = try await browser.logInByQQ(qq)
                #expect(answer.status == status, "\(answer.body)")
                #expect(answer.code == code)
                #expect(browser.cookie("session") == nil)
                #expect(browser.cookie("oauth_bind") == nil)
                try await qq.fault(path, "", "off=1")
            }
        }
    }

    @Test func anAccountThatIsNotActiveAnyMoreStaysClosed() async throws {
        try await QQFake.runShop { qq, shop, browser in
            let id = try await bind(qq, shop, browser)
            let other = browser.another()
            _ = try await shop.store.write { try $0.execute("UPDATE passport SET is_active = 0 WHERE id = ?", id) }
            #expect(try await other.logInByQQ(qq).code == "not_active")
            _ = try await shop.store.write { try $0.execute("UPDATE passport SET is_delete = 1 WHERE id = ?", id) }
            #expect(try await other.logInByQQ(qq).code == "not_active")
            #expect(other.cookie("session") == nil)
        }
    }

    @Test func theWayToQQHasALimit() async throws {
        try await QQFake.runShop({ $0.limitsRequests = true }) { _, _, browser in
            var statuses: [Int] = []
            for _ in 1...22 { statuses.append(try await browser.get("/api/v1/oauth/qq/authorize").status) }
            #expect(statuses.first == 302)
            #expect(statuses.last == 429)
        }
    }

    @Test func aShopThatQQDoesNotKnowSaysSo() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                #expect(try await browser.get("/login").body.contains(#"data-oauth="""#))
                let reply = try await browser.get("/api/v1/oauth/qq/authorize")
                reply.expect(409)
                #expect(reply.code == "oauth_not_offered")
            }
        }
    }

    @Test func thePagesOfAShopThatQQKnowsSaySo() async throws {
        try await QQFake.runShop { _, _, browser in
            let page = try await browser.get("/login").body
            #expect(page.contains(#"data-oauth="qq""#))
        }
    }
}

extension Browser {
    /// The cookies of the logins that have begun.
    fileprivate var begunLogins: [String] { cookieNames.filter { $0.hasPrefix("oauth_state") } }

    /// Begins a login, and returns its state.
    fileprivate func state() async throws -> String {
        formMembers(try await beginQQ().split(separator: "?").last.map(String.init) ?? "")?["state"] ?? ""
    }
}
