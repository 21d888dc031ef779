import HTTPTypes
import Testing

@testable import Shop

@Suite struct QQBindingTests {
    private static let bindPath = "/api/v1/oauth/qq/bind"

    private static func creation(_ name: String, _ email: String, _ password: String = "password1") -> String {
        #"{"create": {"username": "\#(name)", "email": "\#(email)", "password": "\#(password)"}}"#
    }

    private func links(_ shop: TestShop) async throws -> Int? {
        try await shop.store.read { try $0.row("SELECT COUNT(*) AS n FROM oauth_link")?.int("n") }
    }

    @Test func bindingNeedsThePasswordAndLogsIn() async throws {
        try await QQFake.runShop { qq, shop, browser in
            let id = try await shop.addPassport("zhang")
            try await browser.logInByQQ(qq)
            let (wrong, unknown) = (
                try await browser.bind("zhang", password: "password2"), try await browser.bind("nobody")
            )
            wrong.expect(401)
            #expect(wrong.code == "bad_credentials")
            // Nobody learns which accounts exist.
            #expect(wrong.body == unknown.body)
            let reply = try await browser.bind("zhang")
            reply.expect(200)
            #expect(reply["id"]?.int == id)
            #expect(browser.cookie("oauth_bind") == nil)
            #expect(try await browser.get("/api/v1/me")["qq"]?.text == "小明")
        }
    }

    @Test func aSessionAloneDoesNotBind() async throws {
        try await QQFake.runShop { qq, shop, browser in
            try await shop.logIn("zhang", browser)
            try await browser.logInByQQ(qq)
            #expect(try await browser.post(Self.bindPath).code == "missing_value")
            #expect(try await browser.bind("zhang", password: "").code == "bad_credentials")
            #expect(try await links(shop) == 0)
        }
    }

    @Test func aTokenBindsOnceInItsTenMinutes() async throws {
        try await QQFake.runShop { qq, shop, browser in
            _ = try await shop.addPassport("zhang")
            try await browser.logInByQQ(qq)
            let ticket = browser.cookie("oauth_bind")
            try await browser.bind("zhang").expect(200)
            try await browser.send(.delete, "/api/v1/oauth/qq", json: #"{"password": "password1"}"#).expect(200)
            browser.setCookie("oauth_bind", ticket)
            #expect(try await browser.bind("zhang").code == "bad_state")
            #expect(try await browser.post(Self.bindPath, Self.creation("chen", "c@example.com")).code == "bad_state")
            try await browser.logInByQQ(qq)
            shop.advance(seconds: 600)
            #expect(try await browser.bind("zhang").code == "bad_state")
            let stranger = browser.another()
            #expect(try await stranger.bind("zhang").code == "bad_state")
            #expect(try await links(shop) == 0)
        }
    }

    @Test func aPersonHasOneAccountAndAnAccountOnePerson() async throws {
        try await QQFake.runShop { qq, shop, browser in
            for name in ["zhang", "wang"] { _ = try await shop.addPassport(name) }
            let late = browser.another()
            try await late.logInByQQ(qq)
            try await browser.logInByQQ(qq)
            try await browser.bind("zhang").expect(200)
            #expect(try await late.bind("wang").code == "already_bound")
            let second = browser.another()
            try await second.logInByQQ(qq, as: "小红")
            let refused = try await second.bind("zhang")
            refused.expect(409)
            #expect(refused.code == "already_bound")
            #expect(second.cookie("session") == nil)
            // Only who knows the password learns that an account is bound.
            #expect(try await second.bind("zhang", password: "password2").code == "bad_credentials")
            try await second.bind("wang").expect(200)
        }
    }

    @Test func ofTwoBindingsAtOnceOneHolds() async throws {
        try await QQFake.runShop { qq, shop, browser in
            for round in 1...5 {
                let names = ["a\(round)x", "b\(round)x"]
                for name in names { _ = try await shop.addPassport(name) }
                let (one, two) = (browser.another(), browser.another())
                for person in [one, two] { try await person.logInByQQ(qq, as: "小明\(round)") }
                // The same token, or another one of the same person.
                if round % 2 == 0 { two.setCookie("oauth_bind", one.cookie("oauth_bind")) }
                async let first = one.bind(names[0])
                async let second = two.bind(names[1])
                let statuses = try await [first.status, second.status].sorted()
                #expect(statuses == (round % 2 == 0 ? [200, 400] : [200, 409]))
            }
            #expect(try await links(shop) == 5)
        }
    }

    @Test func aNewAccountIsThePersonsWhenTheMailActivatesIt() async throws {
        try await QQFake.runShop { qq, shop, browser in
            try await browser.logInByQQ(qq)
            try await browser.post(Self.bindPath, Self.creation("zhang", "z@example.com")).expect(202)
            #expect(browser.cookie("session") == nil)
            #expect(try await browser.logInByQQ(qq).location.hasPrefix("/bind"))
            let token = try #require(try await shop.mails().first?.token)
            try await browser.post("/api/v1/activate", #"{"token": "\#(token)"}"#).expect(200)
            #expect(try await browser.logInByQQ(qq).location == "/cart")
            #expect(try await browser.get("/api/v1/me")["username"]?.text == "zhang")
        }
    }

    @Test func aNewAccountOfSomebodyWithAnotherIsMadeWithoutThePerson() async throws {
        try await QQFake.runShop { qq, shop, browser in
            _ = try await shop.addPassport("wang")
            try await browser.logInByQQ(qq)
            try await browser.post(Self.bindPath, Self.creation("zhang", "z@example.com")).expect(202)
            try await browser.logInByQQ(qq)
            try await browser.bind("wang").expect(200)
            let token = try #require(try await shop.mails().first?.token)
            try await browser.post("/api/v1/activate", #"{"token": "\#(token)"}"#).expect(200)
            try await browser.logInByQQ(qq)
            #expect(try await browser.get("/api/v1/me")["username"]?.text == "wang")
        }
    }

    @Test func creatingDoesNotTellWhichAccountsExist() async throws {
        try await QQFake.runShop { qq, shop, browser in
            _ = try await shop.addPassport("wang")
            var (replies, work): ([String], [Int]) = ([], [])
            for (name, email) in [("li", "l@example.com"), ("wang", "x@example.com"), ("chen", "wang@example.com")] {
                try await browser.logInByQQ(qq)
                let before = shop.services.accounts.hasher.work
                let reply = try await browser.post(Self.bindPath, Self.creation(name + "9", email))
                replies.append("\(reply.status) \(reply.body)")
                work.append(shop.services.accounts.hasher.work - before)
            }
            #expect(Set(replies).count == 1)
            #expect(Set(work).count == 1)
            #expect(try await shop.mails().map(\.email) == ["l@example.com", "x@example.com", "wang@example.com"])
            try await browser.logInByQQ(qq)
            let bad = try await browser.post(Self.bindPath, Self.creation("a b", "l@example.com"))
            #expect(bad["param"]?.text == "username")
            // What was refused has not used the token up.
            try await browser.post(Self.bindPath, Self.creation("sun", "s@example.com")).expect(202)
        }
    }

    @Test func unbindingNeedsThePassword() async throws {
        try await QQFake.runShop { qq, shop, browser in
            _ = try await shop.addPassport("zhang")
            try await browser.logInByQQ(qq)
            try await browser.bind("zhang").expect(200)
            func unbind(_ password: String, _ headers: HTTPFields = [:]) async throws -> Reply {
                try await browser.send(
                    .delete, "/api/v1/oauth/qq", json: #"{"password": "\#(password)"}"#, headers: headers)
            }
            #expect(try await unbind("password2").code == "bad_credentials")
            let csrf = try #require(HTTPField.Name("X-CSRF-Token"))
            #expect(try await unbind("password1", [csrf: "x"]).code == "bad_csrf_token")
            try await unbind("password1").expect(200)
            #expect(try await unbind("password1").code == "not_found")
            #expect(try await browser.get("/api/v1/me")["qq"] == nil)
            #expect(try await browser.another().logInByQQ(qq).location.hasPrefix("/bind"))
        }
    }

    @Test func aPasswordThatTheMailboxResetsEndsTheBinding() async throws {
        try await QQFake.runShop { qq, shop, browser in
            _ = try await shop.addPassport("zhang")
            try await browser.logInByQQ(qq)
            try await browser.bind("zhang").expect(200)
            try await shop.services.accounts.sendReset(email: "zhang@example.com", language: "zh", key: "k")
            let token = try #require(try await shop.mails().last?.token)
            try await browser.post("/api/v1/password/reset", #"{"token": "\#(token)", "password": "password2"}"#)
                .expect(200)
            #expect(try await links(shop) == 0)
        }
    }

    @Test func aPasswordThatIsChangedEndsTheBinding() async throws {
        try await QQFake.runShop { qq, shop, browser in
            _ = try await shop.addPassport("zhang")
            try await browser.logInByQQ(qq)
            try await browser.bind("zhang").expect(200)
            try await browser.post(
                "/api/v1/password/change", #"{"old_password": "password1", "new_password": "password2"}"#
            ).expect(200)
            #expect(try await links(shop) == 0)
        }
    }

    @Test func passwordsAreLimitedTogetherWithThoseOfLogins() async throws {
        try await QQFake.runShop({ $0.limitsRequests = true }) { qq, shop, browser in
            _ = try await shop.addPassport("zhang")
            try await browser.logInByQQ(qq)
            var statuses: [Int] = []
            for _ in 1...3 {
                statuses.append(try await browser.bind("zhang", password: "password2").status)
                statuses.append(
                    try await browser.post("/api/v1/login", #"{"username": "zhang", "password": "password2"}"#).status)
            }
            #expect(statuses == [401, 401, 401, 401, 401, 429])
            #expect(try await browser.bind("zhang").code == "too_many_requests")
        }
    }

    @Test func aBindingOfAnotherSiteIsRefused() async throws {
        try await QQFake.runShop { qq, shop, browser in
            _ = try await shop.addPassport("zhang")
            try await browser.logInByQQ(qq)
            let json = #"{"username": "zhang", "password": "password1"}"#
            let reply = try await browser.post(Self.bindPath, json, headers: [.origin: "http://evil.example"])
            #expect(reply.code == "foreign_origin")
            let form = try await browser.post(Self.bindPath, json, headers: [.contentType: "text/plain"])
            #expect(form.code == "unsupported_media_type")
        }
    }
}
