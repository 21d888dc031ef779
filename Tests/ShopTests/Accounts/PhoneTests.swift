import Testing

@testable import Shop

@Suite struct PhoneTests {
    private static func registration(_ phone: String) -> String {
        #"{"username": "zhang", "email": "z@example.com", "phone": "\#(phone)", "password": "password1"}"#
    }

    @Test func aRegistrationMayHaveANumberThatThePersonChangesAndRemoves() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                try await browser.post("/api/v1/register", Self.registration("138 0013-8000")).expect(202)
                let token = try #require(try await shop.mails().first?.token)
                try await browser.post("/api/v1/activate", #"{"token": "\#(token)"}"#).expect(200)
                try await browser.post("/api/v1/login", #"{"username": "zhang", "password": "password1"}"#).expect(200)
                #expect(try await browser.get("/api/v1/me")["phone"]?.text == "13800138000")
                let changed = try await browser.send(.put, "/api/v1/me", json: #"{"phone": "13900139000"}"#)
                #expect(changed["phone"]?.text == "13900139000")
                #expect(try await browser.get("/api/v1/me").body == changed.body)
                #expect(try await browser.send(.put, "/api/v1/me", json: #"{"phone": null}"#)["phone"] == nil)
            }
        }
    }

    @Test func aNumberThatSomebodyElseHasGivenIsTakenAsAnyOther() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                var replies: [String] = []
                for name in ["zhang", "wang"] {
                    let person = browser.another()
                    try await shop.logIn(name, person)
                    let reply = try await person.send(.put, "/api/v1/me", json: #"{"phone": "13800138000"}"#)
                    reply.expect(200)
                    replies.append(reply.body.replacing(name, with: "").replacing(/"id":\d+/, with: ""))
                }
                #expect(replies[0] == replies[1])
            }
        }
    }

    @Test(arguments: ["", "12345678901", "1380013800", "+8613800138000", "١٣٨٠٠١٣٨٠٠٠", "13800138000x"])
    func whatIsNoMobileNumberIsRefused(phone: String) async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                let registration = try await browser.post("/api/v1/register", Self.registration(phone))
                try await shop.logIn("wang", browser)
                let change = try await browser.send(.put, "/api/v1/me", json: #"{"phone": "\#(phone)"}"#)
                for reply in [registration, change] {
                    #expect(reply.code == "bad_value")
                    #expect(reply["param"]?.text == "phone")
                }
                #expect(try await shop.mails().isEmpty)
            }
        }
    }
}
