import FoundationEssentials
import HTTPTypes
import Testing

@testable import Shop

@Suite struct RateLimitTests {
    @Test func inAnyWindowAClientGetsItsBurstAndWhatItEarnsAndNoMore() {
        var generator = SeededGenerator(seed: 3)
        let limit = RateLimit(10, perSeconds: 1, burst: 5)
        var arrival = 0
        var now = 1_000_000
        var admitted: [Int] = []
        for _ in 0..<5000 {
            now += Int.random(in: 0...150_000, using: &generator)
            let decision = limit.decide(&arrival, now: now)
            if decision.isAdmitted { admitted.append(now) }
            if !decision.isAdmitted {
                var later = arrival
                let retry = limit.decide(&later, now: now + decision.retryMilliseconds * 1000)
                #expect(retry.isAdmitted)
            }
        }
        for start in stride(from: 0, to: admitted.count, by: 7) {
            for end in stride(from: start, to: min(start + 60, admitted.count), by: 5) {
                let time = admitted[end] - admitted[start]
                #expect(end - start + 1 <= limit.burst + time / limit.interval + 1)
            }
        }
        #expect(admitted.count > 3000)
    }

    @Test(arguments: [
        ("/api/v1/login", RateClass.account), ("//api/v1/login", .account), ("/api//v1//login/", .account),
        ("/api/v1/password/forgot", .account), ("//api/v1/oauth/qq/bind", .account), ("//api/v1/orders", .write),
        ("/v1", .search),
        ("//v1/books/search", .search),
    ])
    func slashesDoNotChangeTheClassOfARequest(_ path: String, _ expected: RateClass) {
        #expect(RateLimitMiddleware.rateClass(.post, path) == expected)
    }

    @Test func theScriptInRedisDecidesAsTheModelDoes() async throws {
        try await TestShop.run { shop in
            var generator = SeededGenerator(seed: 5)
            let limiter = RateLimiter(shop.redis, logger: .quiet)
            // Long intervals, so that no key expires by Redis's own clock meanwhile.
            for limit in [RateLimit(50, perSeconds: 50_000, burst: 100), RateLimit(5, perSeconds: 10_000, burst: 5)] {
                var arrival = 0
                var now = 1_800_000_000_000_000
                for _ in 0..<400 {
                    now += Int.random(in: 0...limit.interval * 2 / 3, using: &generator)
                    let expected = limit.decide(&arrival, now: now)
                    let decision = try await limiter.decide("k\(limit.burst)", limit, now: now)
                    #expect(decision == expected)
                }
            }
        }
    }

    @Test func aFloodIsRefusedWithTheTimeToWaitAndOthersAreNot() async throws {
        try await TestShop.run({
            $0.limitsRequests = true; $0.trustedProxies = ["127.0.0.1"]
        }) { shop in
            try await shop.serve { browser in
                let forwarded = HTTPField.Name.xForwardedFor
                var statuses: [Int] = []
                for _ in 1...22 {
                    let reply = try await browser.post(
                        "/api/v1/activate", #"{"token": "x"}"#, headers: [forwarded: "1.2.3.4"])
                    statuses.append(reply.status)
                    if reply.status == 429 {
                        #expect((reply.headers[.retryAfter].flatMap { Int($0) } ?? 0) >= 1)
                        #expect(reply.code == "too_many_requests")
                    }
                }
                #expect(statuses.prefix(20).allSatisfy { $0 == 400 })
                #expect(statuses.contains(429))
                let other = try await browser.post(
                    "/api/v1/activate", #"{"token": "x"}"#, headers: [forwarded: "1.2.3.5"])
                #expect(other.status == 400)
                #expect(HTTPField.Name("RateLimit-Remaining").flatMap { other.headers[$0] } == "19")
            }
        }
    }

    @Test func oneNameIsTriedFiveTimesInAMinuteByAClientAndItsOwnerStillGetsIn() async throws {
        try await TestShop.run({
            $0.limitsRequests = true; $0.trustedProxies = ["127.0.0.1"]
        }) { shop in
            _ = try await shop.addPassport("zhang")
            try await shop.serve { browser in
                let forwarded = HTTPField.Name.xForwardedFor
                let guess = #"{"username": "ZHANG", "password": "guess guess"}"#
                var statuses: [Int] = []
                for _ in 1...7 {
                    statuses.append(
                        try await browser.post("/api/v1/login", guess, headers: [forwarded: "6.6.6.6"]).status)
                }
                #expect(statuses.prefix(5).allSatisfy { $0 == 401 })
                #expect(statuses.last == 429)
                let owner = #"{"username": "zhang", "password": "password1"}"#
                let reply = try await browser.post("/api/v1/login", owner, headers: [forwarded: "1.2.3.4"])
                #expect(reply.status == 200)
            }
        }
    }

    @Test func whoHasOnlyTheSessionDoesNotGuessThePassword() async throws {
        try await TestShop.run({ $0.limitsRequests = true }) { shop in
            try await shop.serve { browser in
                try await shop.logIn("zhang", browser)
                var statuses: [Int] = []
                for number in 1...7 {
                    let json = #"{"old_password": "guess \#(number)", "new_password": "another one"}"#
                    statuses.append(try await browser.post("/api/v1/password/change", json).status)
                }
                #expect(statuses == [401, 401, 401, 401, 401, 429, 429])
            }
        }
    }

    @Test func withoutRedisPeopleCanLookAtGoodsButNotGuessPasswords() async throws {
        try await TestShop.run({ $0.limitsRequests = true }) { shop in
            let id = try await shop.addGoods("a")
            try await shop.serve { browser in
                _ = try? await shop.redis.send("SHUTDOWN", "NOSAVE")
                #expect(try await browser.get("/api/v1/goods/\(id)").status == 200)
                let login = try await browser.post("/api/v1/login", #"{"username": "a", "password": "b"}"#)
                #expect(login.status == 503)
                #expect(login.headers[.retryAfter] != nil)
                #expect(try await browser.get("/readyz").status == 503)
                #expect(try await browser.get("/healthz").status == 200)
            }
        }
    }
}

@Suite struct BanTests {
    @Test func theAddressOfTheProxyIsNotBannedInThePlaceOfTheClients() async throws {
        try await TestShop.run({ $0.trustedProxies = ["127.0.0.1"] }) { shop in
            // The original compares its list with the address of nginx.
            try await shop.services.ban(Ban(network: "203.0.113.0/24", reason: "test"))
            try await shop.services.ban(Ban(network: "127.0.0.1", reason: "a mistake"))
            try await shop.services.bans.reload()
            try await shop.serve { browser in
                func status(_ address: String) async throws -> Int {
                    try await browser.get("/api/v1/types", headers: [.xForwardedFor: address]).status
                }
                #expect(try await status("203.0.113.7") == 403)
                #expect(try await status("203.0.114.7") == 200)
                #expect(try await status("203.0.113.7, 198.51.100.1") == 200)
                #expect(try await browser.get("/api/v1/types").status == 200)
                #expect(try await shop.services.unban("203.0.113.0/24"))
                try await shop.services.bans.reload()
                #expect(try await status("203.0.113.7") == 200)
            }
        }
    }

    @Test func aClientThatGoesOnAfterAHundredRefusalsIsBannedTwiceAsLongTheSecondTime() async throws {
        try await TestShop.run { shop in
            let bans = shop.services.bans
            let client = try #require(IPAddress("203.0.113.9"))
            for seconds in [Int64(BanList.firstBan), Int64(BanList.firstBan * 2)] {
                for _ in 1..<BanList.strikes { try await bans.strike(client) }
                #expect(!bans.bans(client))
                try await bans.strike(client)
                #expect(bans.bans(client))
                shop.advance(seconds: seconds - 1)
                #expect(bans.bans(client))
                shop.advance(seconds: 1)
                #expect(!bans.bans(client))
            }
            let own = try #require(IPAddress("127.0.0.1"))
            for _ in 1...200 { try await bans.strike(own) }
            #expect(!bans.bans(own))
        }
    }

    @Test func anotherProcessLearnsOfABanAtOnce() async throws {
        try await TestShop.run { shop in
            let other = BanList(shop.store, shop.redis, trusted: [], logger: .quiet, now: shop.services.now)
            let fresh = Task { await other.keepFresh() }
            let client = try #require(IPAddress("203.0.113.9"))
            while !other.bans(client) {
                try await shop.services.ban(Ban(network: "203.0.113.9", reason: ""))
            }
            fresh.cancel()
            await fresh.value
        }
    }
}
