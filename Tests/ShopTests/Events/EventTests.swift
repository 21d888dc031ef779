import HTTPTypes
import Testing

@testable import Shop

@Suite(.timeLimit(.minutes(10))) struct EventTests {
    private static let search = #"{"events": [{"kind": "search", "query": "三体"}]}"#

    @Test func aBrowserGetsANameWithItsFirstEventAndKeepsIt() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                let first = try await browser.post("/api/v1/events", Self.search)
                first.expect(202)
                #expect(first.headers[.setCookie]?.contains("HttpOnly") == true)
                let name = try #require(browser.cookie("visitor"))
                try await browser.post("/api/v1/events", Self.search).expect(202)
                #expect(browser.cookie("visitor") == name)
                try await shop.services.events.flush()
                #expect(try await shop.store.read { try $0.events().map(\.visitor) } == [name, name])
            }
        }
    }

    @Test(arguments: [
        #"{"events": []}"#, #"{"events": [{"kind": "pay", "goods_id": 1}]}"#, #"{"events": [{"kind": "search"}]}"#,
        #"{"events": [{"kind": "search", "query": ""}]}"#, #"{"events": [{"kind": "click", "query": "a"}]}"#,
        #"{"events": [{"kind": "view", "goods_id": 0}]}"#, #"{"events": [{"kind": "view"}]}"#,
        #"{"events": [{"kind": "click", "query": "a", "goods_id": 1, "position": 0}]}"#, #"{"events": 1}"#,
        #"{"events": [{"kind": "click", "query": "a", "goods_id": 1, "query_id": ""}]}"#,
    ]) func badEventsAreRefusedTogether(_ body: String) async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                let reply = try await browser.post("/api/v1/events", body)
                reply.expect(400)
                #expect(["bad_value", "missing_value", "bad_body"].contains(reply.code))
            }
            try await shop.services.events.flush()
            #expect(try await shop.store.read { try $0.events() }.isEmpty)
        }
    }

    @Test func whatPagesTellLeavesPlacesForWhatTheShopHasSeen() async throws {
        try await TestShop.run { shop in
            let now = shop.services.now()
            for _ in 1...6000 { shop.services.events.record(Event(at: now, kind: .search, query: "a")) }
            for _ in 1...5000 { shop.services.events.record(Event(at: now, kind: .order, passportId: 1)) }
            try await shop.services.events.flush()
            let kinds = try await shop.store.read { try $0.events() }.map(\.kind)
            #expect(kinds.count { $0 == .order } == 5000)
            #expect(kinds.count { $0 == .search } == 5000)
        }
    }

    @Test func anOrderThatIsSentAgainIsOneEvent() async throws {
        try await TestShop.run { shop in
            let goods = try await shop.addGoods("a")
            try await shop.serve { browser in
                let buyer = try await Buyer(try await shop.logIn("zhang", browser), shop)
                try await shop.services.events.flush()
                let key = try #require(HTTPField.Name("Idempotency-Key"))
                let order = """
                    {"address_id": \(buyer.address), "pay_method": 1, "items": [{"goods_id": \(goods), "count": 1}]}
                    """
                for _ in 1...2 {
                    try await browser.send(.post, "/api/v1/orders", json: order, headers: [key: "k"]).expect(201)
                }
            }
            let events = try await shop.store.read { try $0.events() }
            #expect(events.map(\.kind) == [.login, .order])
            #expect(events.last?.goodsId == goods)
        }
    }

    @Test func anOrderMakesItsAccountActiveInRedisAsWell() async throws {
        try await TestShop.run { shop in
            let buyer = try await Buyer("zhang", shop)
            try await buyer.order(try await shop.addGoods("a"), key: "k")
            try await shop.services.events.flush()
            let day = Day(of: shop.services.now())
            #expect(try await shop.redis.send("BITCOUNT", "stats:active:\(day.number)") == .integer(1))
        }
    }

    @Test func whatIsTooMuchIsDroppedAndToldAndNobodyWaits() async throws {
        let lines = LogLines()
        try await TestShop.run(logger: lines.logger) { shop in
            let now = shop.services.now()
            for _ in 1...10_500 { shop.services.events.record(Event(at: now, kind: .order)) }
            try await shop.services.events.flush()
            #expect(try await shop.store.read { try $0.events() }.count == 10_000)
        }
        let told = lines.all.filter { $0.contains("events were dropped") }
        #expect(told.count == 1)
        #expect(told.first?.contains("500") == true)
    }

    @Test func eventsWaitForRedisInTheDatabase() async throws {
        try await TestShop.run { shop in
            let now = shop.services.now()
            shop.services.events.record(Event(at: now, kind: .view, passportId: 7))
            try await shop.redis.send("SET", "stats:first", "no hash")
            await #expect(throws: RedisError.self) { try await shop.services.events.flush() }
            #expect(try await shop.store.read { try $0.events() }.count == 1)
            try await shop.redis.send("DEL", "stats:first")
            try await shop.services.events.flush()
            let day = Day(of: now)
            #expect(try await shop.services.statistics.activity(day...day, today: day, by: .bitmaps).first?.dau == 1)
            #expect(try await shop.store.read { try $0.events() }.count == 1)
        }
    }

    /// A request keeps the id that a proxy gave it, in its reply, the log, the events, and the jobs that it makes.
    @Test func aRequestIsFollowedByItsID() async throws {
        let lines = LogLines()
        try await TestShop.run({ $0.logsRequests = true }, logger: lines.logger) { shop in
            try await shop.serve { browser in
                let reply = try await browser.post(
                    "/api/v1/register", #"{"username": "wang", "email": "w@example.com", "password": "12345678"}"#,
                    headers: [.requestID: "from-nginx-1"])
                reply.expect(202)
                #expect(reply.headers[.requestID] == "from-nginx-1")
                try await browser.post("/api/v1/events", Self.search, headers: [.requestID: "bad id"]).expect(202)
            }
            let jobs = try await shop.store.read { try $0.unsentJobs(limit: 10) }
            #expect(jobs.map { Job(kind: $0.kind, payload: $0.payload, key: "k").requestID } == ["from-nginx-1"])
            try await shop.services.events.flush()
            let id = try #require(try await shop.store.read { try $0.events() }.first?.requestId)
            #expect(id != "bad id")
            let requests = lines.all.filter { $0.hasPrefix("request ") }
            #expect(requests.count == 2)
            #expect(requests.first?.contains("from-nginx-1") == true)
            #expect(requests.first?.contains("/api/v1/register") == true)
            #expect(requests.last?.contains(id) == true)
            // What a person typed is not in the log.
            for secret in ["12345678", "w@example.com", "三体"] {
                #expect(!lines.all.contains { $0.contains(secret) }, "\(secret)")
            }
        }
    }

    @Test func theWorkersLogNamesTheRequestOfAJob() async throws {
        let lines = LogLines()
        try await TestShop.run { shop in
            let queue = JobQueue("mail", shop.redis)
            try await queue.add(Job(kind: "note", payload: #"{"request_id": "r1"}"#, key: "k"))
            let fail: JobHandler = { _ in throw PermanentJobFailure("no") }
            let worker = JobWorker(queue, shop.redis, handlers: ["note": fail], logger: lines.logger)
            let work = Task { try await worker.run() }
            for await line in lines.stream where line.contains("failed for good") {
                #expect(line.contains("r1"))
                break
            }
            work.cancel()
            try await work.value
        }
    }
}
