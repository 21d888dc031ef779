import FoundationEssentials
import Synchronization
import Testing

@testable import Shop

@Suite struct PhoneCodeTests {
    private static let phone = "13800138000"

    /// The messages that wait to be sent, the oldest first.
    private static func messages(_ shop: TestShop) async throws -> [PhoneCodes.Message] {
        try await shop.store.read { try $0.unsentJobs(limit: 100) }.filter { $0.queue == "sms" }.map {
            try JSONDecoder().decode(PhoneCodes.Message.self, from: Data($0.payload.utf8))
        }
    }

    private static func confirmation(_ code: String, _ phone: String = phone) -> String {
        #"{"phone": "\#(phone)", "code": "\#(code)"}"#
    }

    /// A code that is not another one.
    private static func wrong(_ code: String) -> String { code == "111111" ? "222222" : "111111" }

    @Test func aCodeShowsThatANumberIsThePersons() async throws {
        try await SMSSink.run { sink in
            try await TestShop.run {
                $0.sms = sink.settings
            } _: { shop in
                try await shop.serve { browser in
                    try await shop.logIn("zhang", browser)
                    let before = try await browser.send(.put, "/api/v1/me", json: #"{"phone": "138 0013 8000"}"#)
                    #expect(before["phone_verified"] == .bool(false))
                    try await browser.post("/api/v1/me/phone/code", #"{"phone": "138-0013-8000"}"#).expect(202)
                    let job = try #require(
                        try await shop.store.read { try $0.unsentJobs(limit: 10) }.first { $0.queue == "sms" })
                    let handler = try #require(sink.jobs(of: shop.store).handlers[job.kind])
                    try await handler(Job(kind: job.kind, payload: job.payload, key: job.idempotencyKey))
                    let message = try #require(try sink.messages.first)
                    #expect(message.phone == Self.phone)
                    #expect(message.template == "SMS_CODE")
                    let code = try #require(message.variables["code"])
                    #expect(code.wholeMatch(of: /[0-9]{6}/) != nil)
                    try await browser.post("/api/v1/me/phone", Self.confirmation(code)).expect(200)
                    #expect(try await browser.get("/api/v1/me")["phone_verified"] == .bool(true))
                    // It has been used.
                    let again = try await browser.post("/api/v1/me/phone", Self.confirmation(code))
                    #expect(again.code == "bad_code")
                    let same = try await browser.send(.put, "/api/v1/me", json: #"{"phone": "13800138000"}"#)
                    #expect(same["phone_verified"] == .bool(true))
                    let other = try await browser.send(.put, "/api/v1/me", json: #"{"phone": "13900139000"}"#)
                    #expect(other["phone_verified"] == .bool(false))
                }
            }
        }
    }

    @Test func aCodeTakesFiveAttempts() async throws {
        try await TestShop.run { shop in
            let codes = shop.services.phoneCodes
            let zhang = try await shop.addPassport("zhang")
            for tries in 4...5 {
                try await codes.send(to: Self.phone, of: zhang, client: "c")
                let code = try #require(try await Self.messages(shop).last).code
                for _ in 1...tries {
                    await #expect(throws: Problem.self) {
                        try await codes.confirm(Self.phone, code: Self.wrong(code), of: zhang)
                    }
                }
                let isRefused = tries == 5
                do {
                    try await codes.confirm(Self.phone, code: code, of: zhang)
                    #expect(!isRefused)
                } catch let problem as Problem {
                    #expect(isRefused)
                    #expect(problem.code == "bad_code")
                }
            }
        }
    }

    @Test func aCodeIsForOneAccountOneNumberAndFiveMinutes() async throws {
        try await TestShop.run { shop in
            let codes = shop.services.phoneCodes
            let (zhang, wang) = (try await shop.addPassport("zhang"), try await shop.addPassport("wang"))
            try await codes.send(to: Self.phone, of: zhang, client: "c")
            let code = try #require(try await Self.messages(shop).last).code
            await #expect(throws: Problem.self) { try await codes.confirm(Self.phone, code: code, of: wang) }
            await #expect(throws: Problem.self) { try await codes.confirm("13900139000", code: code, of: zhang) }
            shop.advance(seconds: 300)
            await #expect(throws: Problem.self) { try await codes.confirm(Self.phone, code: code, of: zhang) }
            // A new code takes the place of the old one, and both cannot be valid.
            try await codes.send(to: Self.phone, of: zhang, client: "c")
            try await codes.send(to: Self.phone, of: zhang, client: "c")
            let (old, new) = (try await Self.messages(shop)[1].code, try await Self.messages(shop)[2].code)
            if old != new {
                await #expect(throws: Problem.self) { try await codes.confirm(Self.phone, code: old, of: zhang) }
            }
            try await codes.confirm(Self.phone, code: new, of: zhang)
            #expect(try await shop.passport(wang).phoneVerifiedAt == nil)
            #expect(try await shop.passport(zhang).phoneVerifiedAt == shop.services.now())
        }
    }

    @Test func aCodeIsStoredAsAHashThatNobodyCanTryWithoutTheKey() async throws {
        try await TestShop.run { shop in
            let zhang = try await shop.addPassport("zhang")
            try await shop.services.phoneCodes.send(to: Self.phone, of: zhang, client: "c")
            let code = try #require(try await Self.messages(shop).last).code
            let row = try #require(try await shop.store.read { try $0.row("SELECT * FROM phone_code")?.text("hash") })
            #expect(!row.contains(code))
            #expect(Data(base64Encoded: row)?.count == 32)
            #expect(row != Data(sha256("\(zhang):\(Self.phone):\(code)").utf8).base64EncodedString())
        }
    }

    @Test func oneNumberGetsAMessageAMinuteAndOnePersonSendsTenAnHour() async throws {
        try await TestShop.run {
            $0.limitsRequests = true
        } _: { shop in
            let codes = shop.services.phoneCodes
            let (zhang, wang) = (try await shop.addPassport("zhang"), try await shop.addPassport("wang"))
            try await codes.send(to: Self.phone, of: zhang, client: "a")
            await #expect(throws: Problem.self) { try await codes.send(to: Self.phone, of: wang, client: "b") }
            for last in 1...9 { try await codes.send(to: "1380013900\(last)", of: zhang, client: "c\(last)") }
            await #expect(throws: Problem.self) { try await codes.send(to: "13800139010", of: zhang, client: "d") }
            // A refused person uses nothing up for the owner of the number.
            try await codes.send(to: "13800139010", of: wang, client: "e")
            #expect(try await Self.messages(shop).count == 11)
        }
    }

    @Test func aShopWithoutTheServiceSendsNone() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                try await shop.logIn("zhang", browser)
                let reply = try await browser.post("/api/v1/me/phone/code", #"{"phone": "13800138000"}"#)
                #expect(reply.code == "sms_not_offered")
                #expect(try await Self.messages(shop).isEmpty)
            }
        }
    }

    @Test func aMessageWhoseCodeHasExpiredIsNotSent() async throws {
        try await SMSSink.run { sink async throws in
            try await TestShop.run { shop async throws in
                let message = PhoneCodes.Message(phone: Self.phone, code: "123456", expires: SMSSink.now)
                let payload = String(decoding: try JSONEncoder().encode(message), as: UTF8.self)
                let handler = try #require(sink.jobs(of: shop.store).handlers["code"])
                await #expect(throws: PermanentJobFailure.self) {
                    try await handler(Job(kind: "code", payload: payload, key: "k"))
                }
                #expect(try sink.messages.isEmpty)
            }
        }
    }

    /// A worker that fails with a message logs it, and neither the secret, the code nor the number.
    @Test(arguments: ["isp.SYSTEM_ERROR", "isv.PARAM_NOT_SUPPORT_URL"])
    func aLogShowsNeitherSecretsNorCodesNorNumbers(_ refusal: String) async throws {
        try await SMSSink.run(["--code", refusal]) { sink in
            try await TestShop.run {
                $0.sms = sink.settings
            } _: { shop in
                let lines = LogLines()
                let message = PhoneCodes.Message(phone: Self.phone, code: "424242", expires: SMSSink.now + 1)
                let job = try OutboxJob(queue: "sms", kind: "code", message, key: "k")
                let queue = JobQueue("sms", shop.redis)
                try await queue.add(Job(kind: job.kind, payload: job.payload, key: job.idempotencyKey))
                let worker = JobWorker(
                    queue, shop.redis, handlers: sink.jobs(of: shop.store).handlers, logger: lines.logger)
                let work = Task { try await worker.run() }
                for await text in lines.stream {
                    #expect(text.contains(refusal))
                    for secret in ["s3cret/key", "424242", Self.phone] { #expect(!text.contains(secret)) }
                    break
                }
                work.cancel()
                try await work.value
            }
        }
    }
}
