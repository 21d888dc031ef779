import Testing

@testable import Shop

/// Tests of registrations that wait for their mails.
@Suite struct RegistrationTests {
    private static let own = #"{"username": "李小明", "email": "Li@example.com", "password": "correct horse"}"#
    private static let foreign =
        #"{"username": "thief", "email": "li@example.com", "password": "thiefs password"}"#

    @Test(arguments: [[own, foreign], [foreign, own]])
    func eachMailActivatesWhatWasTypedWithIt(registrations: [String]) async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                for json in registrations { try await browser.post("/api/v1/register", json).expect(202) }
                let tokens = try await shop.mails().filter { $0.username == "李小明" }.compactMap(\.token)
                let others = try await shop.mails().filter { $0.username == "thief" }.compactMap(\.token)
                try #require(tokens.count == 1)
                try #require(others.count == 1)
                #expect(try await browser.post("/api/v1/activate", #"{"token": "\#(tokens[0])"}"#).status == 200)
                // The account is there: no other mail changes it.
                #expect(try await browser.post("/api/v1/activate", #"{"token": "\#(others[0])"}"#).code == "bad_token")
                let right = #"{"username": "li@example.com", "password": "correct horse"}"#
                #expect(try await browser.post("/api/v1/login", right).status == 200)
                #expect(try await browser.get("/api/v1/me")["username"]?.text == "李小明")
                let wrong = #"{"username": "li@example.com", "password": "thiefs password"}"#
                #expect(try await browser.another().post("/api/v1/login", wrong).code == "bad_credentials")
            }
        }
    }

    @Test func aNameBelongsToWhoeverActivatesFirst() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                for address in ["a@example.com", "b@example.com"] {
                    let json = #"{"username": "zhang", "email": "\#(address)", "password": "12345678"}"#
                    try await browser.post("/api/v1/register", json).expect(202)
                }
                let tokens = try await shop.mails().compactMap(\.token)
                try #require(tokens.count == 2)
                #expect(try await browser.post("/api/v1/activate", #"{"token": "\#(tokens[1])"}"#).status == 200)
                let late = try await browser.post("/api/v1/activate", #"{"token": "\#(tokens[0])"}"#)
                #expect(late.status == 409)
                #expect(late.code == "name_taken")
            }
        }
    }

    @Test func oneAddressGetsFiveMailsInAnHourWhoeverAsks() async throws {
        try await TestShop.run({ $0.limitsRequests = true }) { shop in
            _ = try await shop.addPassport("zhang")
            try await shop.serve { browser in
                for address in ["zhang@example.com", "nobody@example.com"] {
                    var statuses: [Int] = []
                    for number in 1...7 {
                        // The same mailbox by another tag.
                        let tagged = address.replacing("@", with: "+\(number)@")
                        let reply =
                            number.isMultiple(of: 2)
                            ? try await browser.post("/api/v1/password/forgot", #"{"email": "\#(address)"}"#)
                            : try await browser.post(
                                "/api/v1/register",
                                #"{"username": "name\#(number)", "email": "\#(tagged)", "password": "12345678"}"#)
                        statuses.append(reply.status)
                        if reply.status == 429 { #expect(reply.headers[.retryAfter] != nil) }
                    }
                    #expect(statuses == [202, 202, 202, 202, 202, 429, 429], "\(address)")
                }
            }
        }
    }

    @Test func anotherForgottenPasswordVoidsTheLinkBefore() async throws {
        try await TestShop.run { shop in
            _ = try await shop.addPassport("zhang")
            let accounts = shop.services.accounts
            for key in ["a", "b"] {
                try await accounts.sendReset(email: "zhang@example.com", language: "en", key: key)
            }
            let tokens = try await shop.mails().compactMap(\.token)
            try #require(tokens.count == 2)
            try await shop.serve { browser async throws in
                let path = "/api/v1/password/reset"
                let resets = tokens.map { #"{"token": "\#($0)", "password": "another one"}"# }
                #expect(try await browser.post(path, resets[0]).code == "bad_token")
                #expect(try await browser.post(path, resets[1]).status == 200)
                #expect(try await browser.post(path, resets[1]).code == "bad_token")
            }
        }
    }
}
