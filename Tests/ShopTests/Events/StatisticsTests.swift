import FoundationEssentials
import HTTPTypes
import Testing

@testable import Shop

/// Three computations of the same numbers: by the database, by bitmaps in Redis, and by going through all events.
@Suite struct StatisticsTests {
    private static let start: Milliseconds = 1_800_000_000_000
    private static let days = 40

    /// Events of some accounts and of visitors without one, at random times of forty days.
    private static func randomEvents(_ count: Int, seed: UInt64) -> [Event] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            // Some come often, some once.
            let account = Int.random(in: 0...Int.random(in: 1...2000, using: &random), using: &random)
            return Event(
                at: start + Milliseconds.random(in: 0..<Milliseconds(days) * 86_400_000, using: &random),
                kind: Event.Kind.allCases.randomElement(using: &random) ?? .view,
                passportId: account > 0 ? account : nil,
                visitor: Int.random(in: 0..<4, using: &random) > 0 ? "v\(account % 700)" : nil)
        }
    }

    /// The days on which each account was active.
    private static func activeDays(_ events: [Event]) -> [Int: Set<Int>] {
        var days: [Int: Set<Int>] = [:]
        for event in events {
            guard let account = event.passportId, event.kind != .pay else { continue }
            days[account, default: []].insert(event.day.number)
        }
        return days
    }

    /// Counts by going through the days of all accounts.
    private static func activity(_ days: [Int: Set<Int>], _ day: Day, today: Day) -> Statistics.Activity {
        let newcomers = days.filter { $0.value.min() == day.number }
        let month = day.number - 29...day.number
        return Statistics.Activity(
            day: "\(day)", dau: days.values.count { $0.contains(day.number) },
            mau: days.values.count { $0.contains { month.contains($0) } }, newcomers: newcomers.count,
            returned: Dictionary(
                uniqueKeysWithValues: Statistics.distances.filter { day.number + $0 < today.number }.map { distance in
                    ("\(distance)", newcomers.values.count { $0.contains(day.number + distance) })
                }))
    }

    private static func funnel(_ events: [Event], _ days: ClosedRange<Day>) -> Funnel {
        var steps = [0, 0, 0, 0]
        let visits = Dictionary(grouping: events.filter { days.contains($0.day) }) { $0.visitor }
        for case (.some, let events) in visits {
            var time = Milliseconds.min
            for (index, kind) in [Event.Kind.search, .click, .cart, .order].enumerated() {
                guard let next = events.filter({ $0.kind == kind && $0.at >= time }).map(\.at).min() else { break }
                (time, steps[index]) = (next, steps[index] + 1)
            }
        }
        return Funnel(searched: steps[0], clicked: steps[1], added: steps[2], ordered: steps[3])
    }

    private func compare(_ shop: TestShop, _ events: [Event], _ days: ClosedRange<Day>) async throws {
        let statistics = shop.services.statistics
        let today = days.upperBound
        let byDatabase = try await statistics.activity(days, today: today, by: .database)
        let active = Self.activeDays(events)
        let expected = (days.lowerBound.number...days.upperBound.number).map {
            Self.activity(active, Day(number: $0), today: today)
        }
        #expect(byDatabase == expected)
        #expect(try await statistics.activity(days, today: today, by: .bitmaps) == expected)
        for range in [days, days.lowerBound...days.lowerBound] {
            #expect(try await statistics.funnel(range) == Self.funnel(events, range))
        }
    }

    @Test func databaseBitmapsAndEventsAgree() async throws {
        try await TestShop.run { shop in
            let events = Self.randomEvents(100_000, seed: 11)
            // The log takes as many at a time as wait for a second.
            for start in stride(from: 0, to: events.count, by: 5000) {
                for event in events[start..<start + 5000] { shop.services.events.record(event) }
                try await shop.services.events.flush()
            }
            let first = Day(of: Self.start)
            try await compare(shop, events, first...Day(number: first.number + Self.days))
        }
    }

    @Test(arguments: [
        ("1970-01-01", 0, 0), ("2026-11-29", 1_795_967_999_999, 20786), ("2026-11-30", 1_795_968_000_000, 20787),
    ]) func aDayBeginsAtMidnightInChina(_ text: String, _ time: Milliseconds, _ number: Int) {
        #expect(Day(of: time).number == number)
        #expect(Day(of: time).description == text)
        #expect(Day(text)?.number == number)
    }

    @Test(arguments: ["", "2026-13-01", "today", "2026-11-30T00:00:00Z"]) func otherTextsAreNoDays(_ text: String) {
        #expect(Day(text) == nil)
    }

    @Test func bitmapsThatWereLostCanBeMadeAnew() async throws {
        try await TestShop.run { shop in
            let events = Self.randomEvents(3000, seed: 12)
            try await shop.store.write { try $0.add(events) }
            _ = try await shop.services.statistics.rebuildBitmaps()
            let first = Day(of: Self.start)
            try await compare(shop, events, first...Day(number: first.number + Self.days))
        }
    }

    @Test func whatADayOfTheShopLeavesAgrees() async throws {
        try await TestShop.run { shop in
            let key = try #require(HTTPField.Name("Idempotency-Key"))
            let a = try await shop.addGoods("a"), b = try await shop.addGoods("b")
            for name in ["zhang", "wang", "li"] {
                try await shop.serve { browser in
                    let told = """
                        {"events": [{"kind": "search", "query": "三体"},
                            {"kind": "click", "query": "三体", "goods_id": \(a), "position": 1}]}
                        """
                    try await browser.post("/api/v1/events", told).expect(202)
                    shop.advance(seconds: 60)
                    let buyer = try await Buyer(try await shop.logIn(name, browser), shop)
                    if name == "li" { return }
                    try await browser.post("/api/v1/cart/items", #"{"goods_id": \#(a), "count": 1}"#).expect(200)
                    try await browser.post("/api/v1/cart/items", #"{"goods_id": \#(b), "count": 1}"#).expect(200)
                    guard name == "zhang" else { return }
                    try await browser.send(
                        .post, "/api/v1/orders",
                        json: """
                            {"address_id": \(buyer.address), "pay_method": 1, "items": [{"goods_id": \(a), "count": 1}]}
                            """,
                        headers: [key: "k"]
                    ).expect(201)
                }
            }
            try await shop.services.events.flush()
            let events = try await shop.store.read { try $0.events() }
            #expect(events.count == 14)
            let day = Day(of: shop.services.now())
            try await compare(shop, events, day...day)
            let funnel = try await shop.services.statistics.funnel(day...day)
            #expect(funnel == Funnel(searched: 3, clicked: 3, added: 2, ordered: 1))
        }
    }

    @Test func aChartShowsEachDay() {
        let events = Self.activeDays(Self.randomEvents(2000, seed: 13))
        let first = Day(of: Self.start)
        let today = Day(number: first.number + Self.days)
        let days = (0..<Self.days).map { Self.activity(events, Day(number: first.number + $0), today: today) }
        let svg = ActivityChart(days).svg
        let lines = svg.matches(of: /points='([^']*)'/).map { $0.1.split(separator: " ").count }
        // The last day has no next day that has ended.
        #expect(lines == [Self.days, Self.days, Self.days - 1])
        #expect(ActivityChart([days[0]]).svg.contains(String(days[0].day.dropFirst(5))))
    }
}

extension Transaction {
    /// All events, in the order in which they were written.
    func events() throws -> [Event] {
        try rows(
            """
            SELECT at, kind, passport_id, visitor, goods_id, query, position, query_id, request_id
            FROM event_log ORDER BY id
            """)
    }
}
