import Testing

@testable import Shop

@Suite struct AccountTests {
    private static let registration = #"{"username": "李小明", "email": "Li@example.com", "password": "correct horse"}"#

    @Test func aPersonRegistersActivatesWithTheMailAndLogsIn() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                try await browser.post("/api/v1/register", Self.registration).expect(202)
                let login = #"{"username": "李小明", "password": "correct horse"}"#
                // The original lets accounts in that nobody has activated.
                #expect(try await browser.post("/api/v1/login", login).code == "not_active")
                let mail = try #require(try await shop.mails().first)
                #expect(mail.kind == .activate)
                #expect(mail.email == "Li@example.com")
                let token = try #require(mail.token)
                #expect(try await browser.post("/api/v1/activate", #"{"token": "x"}"#).code == "bad_token")
                #expect(try await browser.post("/api/v1/activate", #"{"token": "\#(token)"}"#).status == 200)
                #expect(try await browser.post("/api/v1/activate", #"{"token": "\#(token)"}"#).code == "bad_token")
                #expect(try await browser.post("/api/v1/login", login).status == 200)
                #expect(try await browser.get("/api/v1/me")["username"]?.text == "李小明")
                let byMail = #"{"username": "li@EXAMPLE.com", "password": "correct horse"}"#
                #expect(try await browser.another().post("/api/v1/login", byMail).status == 200)
            }
        }
    }

    @Test func aTokenOfAMailExpiresAfterAnHourAndIsOfOnePurpose() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                try await browser.post("/api/v1/register", Self.registration)
                let token = try #require(try await shop.mails().first?.token)
                let reset = #"{"token": "\#(token)", "password": "another one"}"#
                #expect(try await browser.post("/api/v1/password/reset", reset).code == "bad_token")
                shop.advance(seconds: 3601)
                #expect(try await browser.post("/api/v1/activate", #"{"token": "\#(token)"}"#).code == "bad_token")
            }
        }
    }

    @Test func neitherTheAnswerNorTheWorkTellsWhetherAnAccountExists() async throws {
        try await TestShop.run { shop in
            _ = try await shop.addPassport("zhang")
            let hasher = shop.services.accounts.hasher
            try await shop.serve { browser in
                /// The status, body and rounds of scrypt of a request.
                func observe(_ path: String, _ json: String) async throws -> String {
                    let before = hasher.work
                    let reply = try await browser.post(path, json)
                    return "\(reply.status) \(reply.body) \(hasher.work - before)"
                }
                let pairs = [
                    (
                        "/api/v1/login", #"{"username": "zhang", "password": "wrong one"}"#,
                        #"{"username": "nobody", "password": "wrong one"}"#
                    ),
                    (
                        "/api/v1/register", #"{"username": "zhang", "email": "a@b.cn", "password": "12345678"}"#,
                        #"{"username": "fresh", "email": "c@d.cn", "password": "12345678"}"#
                    ),
                    (
                        "/api/v1/register",
                        #"{"username": "other", "email": "zhang@example.com", "password": "12345678"}"#,
                        #"{"username": "wang1", "email": "wang1@example.com", "password": "12345678"}"#
                    ),
                    (
                        "/api/v1/password/forgot", #"{"email": "zhang@example.com"}"#,
                        #"{"email": "nobody@example.com"}"#
                    ),
                ]
                for (path, known, unknown) in pairs {
                    let (first, second) = (try await observe(path, known), try await observe(path, unknown))
                    #expect(first == second, "\(path)")
                }
            }
            let kinds = try await shop.mails().map(\.kind)
            #expect(kinds == [.nameTaken, .activate, .accountExists, .activate])
        }
    }

    @Test func aResetChangesThePasswordAndEndsAllSessionsAndTokens() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                try await shop.logIn("zhang", browser)
                let phone = browser.another()
                let login = #"{"username": "zhang", "password": "password1", "mode": "token"}"#
                let access = try await phone.post("/api/v1/login", login)["access_token"]?.text ?? ""
                #expect(try await phone.get("/api/v1/me", headers: [.authorization: "Bearer \(access)"]).status == 200)
                #expect(try await browser.get("/api/v1/me").status == 200)
                let accounts = shop.services.accounts
                try await accounts.sendReset(email: "Zhang@example.com", language: "en", key: "k")
                try await accounts.sendReset(email: "zhang@example.com", language: "en", key: "k")
                try await accounts.sendReset(email: "nobody@example.com", language: "en", key: "l")
                let mails = try await shop.mails()
                #expect(mails.map(\.kind) == [.reset])
                let reset = #"{"token": "\#(mails[0].token ?? "")", "password": "another one"}"#
                #expect(try await browser.another().post("/api/v1/password/reset", reset).status == 200)
                #expect(try await browser.get("/api/v1/me").status == 401)
                #expect(try await phone.get("/api/v1/me", headers: [.authorization: "Bearer \(access)"]).status == 401)
                #expect(try await phone.post("/api/v1/token/refresh").status == 401)
                #expect(try await browser.another().post("/api/v1/login", login).status == 401)
                let fresh = #"{"username": "zhang", "password": "another one"}"#
                #expect(try await browser.another().post("/api/v1/login", fresh).status == 200)
            }
        }
    }

    @Test(arguments: [
        (#"{"username": "ab", "email": "a@b.cn", "password": "12345678"}"#, "username"),
        (#"{"username": "аdmin", "email": "a@b.cn", "password": "12345678"}"#, "username"),
        (#"{"username": "abc", "email": "a@b", "password": "12345678"}"#, "email"),
        (#"{"username": "abc", "email": "a@b.cn\r\nBcc: x@y.cn", "password": "12345678"}"#, "email"),
        (#"{"username": "abc", "email": "a@b.cn", "password": "1234567"}"#, "password"),
        (#"{"username": "abc", "email": "a@b.cn"}"#, "password"),
        (#"{"username": 1, "email": "a@b.cn", "password": "12345678"}"#, "username"),
    ])
    func aValueThatBreaksARuleIsNamed(json: String, param: String) async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                let reply = try await browser.post("/api/v1/register", json)
                #expect(reply.status == 400)
                #expect(reply["param"]?.text == param)
            }
        }
    }
}

@Suite struct PasswordHasherTests {
    @Test func aHashHasTheBytesOfPythonsScrypt() async throws {
        let hasher = PasswordHasher(cost: 12, queue: 4)
        let stored = try await hasher.hash("correct horse 电池")
        let program = """
            import sys, base64, hashlib
            _, kind, parameters, salt, digest = sys.argv[1].split("$")
            values = dict(part.split("=") for part in parameters.split(","))
            pad = lambda text: base64.b64decode(text + "=" * (-len(text) % 4))
            n, r, p = 1 << int(values["ln"]), int(values["r"]), int(values["p"])
            expected = hashlib.scrypt(sys.argv[2].encode(), salt=pad(salt), n=n, r=r, p=p, dklen=32, maxmem=1 << 28)
            print(kind, values["r"], values["p"], expected == pad(digest))
            """
        #expect(try await python(program, [stored, "correct horse 电池"]) == "scrypt 8 3 True\n")
        #expect(try await hasher.verify("correct horse 电池", stored))
        #expect(try await hasher.verify("correct horse", stored) == false)
        #expect(try await hasher.hash("correct horse 电池") != stored)
    }

    @Test func aHashOfAnotherCostIsVerifiedAndRenewedAtTheNextLogin() async throws {
        try await TestShop.run({ $0.passwordCost = 11 }) { shop in
            let id = try await shop.addPassport("zhang")
            let old = try await PasswordHasher(cost: 10, queue: 4).hash("password1")
            let passport = try await shop.passport(id)
            _ = try await shop.store.write { try $0.setPassword(of: passport, to: old, now: 0) }
            _ = try await shop.services.accounts.authenticate(name: "zhang", password: "password1")
            let stored = try #require(try await shop.store.read { try $0.passport(id)?.password })
            #expect(stored.hasPrefix("$scrypt$ln=11,"))
            _ = try await shop.services.accounts.authenticate(name: "zhang", password: "password1")
        }
    }

    @Test func aHashOfALowerCostTakesAsLongAsAnUnknownName() async throws {
        let old = try await PasswordHasher(cost: 10, queue: 4).hash("password1")
        for password in ["password1", "password2"] {
            let hasher = PasswordHasher(cost: 13, queue: 4)
            #expect(try await hasher.verify(password, old) == (password == "password1"))
            #expect(hasher.work == 1 << 13)
        }
    }

    @Test func aFloodOfLoginsIsRefusedBeyondTheQueue() async throws {
        let hasher = PasswordHasher(cost: 14, queue: 3, threads: 1)
        let outcomes = await withTaskGroup(of: String?.self) { group in
            for _ in 1...50 {
                group.addTask {
                    do {
                        _ = try await hasher.hash("x")
                        return nil
                    } catch {
                        return (error as? Problem)?.code
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.contains("busy"))
        #expect(outcomes.filter { $0 == nil }.count >= 4)
        #expect(hasher.work == outcomes.filter { $0 == nil }.count << 14)
    }

    @Test(arguments: ["", "x", "$scrypt$ln=99,r=8,p=3$AAAA$AAAA", "$scrypt$ln=10,r=8$AAAA$AAAA", "$md5$1$a$b"])
    func aDamagedHashAdmitsNobody(stored: String) async throws {
        let hasher = PasswordHasher(cost: 10, queue: 4)
        #expect(try await hasher.verify("", stored) == false)
        #expect(hasher.work == 1 << 10)
    }
}
