import FoundationEssentials

/// A day of the shop's calendar, in China: the number of days since 1970-01-01.
package struct Day: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var number: Int

    package init(number: Int) { self.number = number }

    /// The day of a moment. China has had the offset of eight hours all year since 1991.
    package init(of time: Milliseconds) { number = Int((time + 8 * 3_600_000) / 86_400_000) }

    /// Reads a day such as `2026-11-29`; nil for other texts.
    package init?(_ text: String) {
        guard let date = try? Date(text, strategy: Self.style) else { return nil }
        number = Int(date.timeIntervalSince1970 / 86_400)
        guard description == text else { return nil }
    }

    package var description: String { Date(timeIntervalSince1970: Double(number) * 86_400).formatted(Self.style) }

    package static func < (left: Day, right: Day) -> Bool { left.number < right.number }

    private static var style: Date.ISO8601FormatStyle { .iso8601.year().month().day() }
}

/// A row of `event_log`: something that a visitor of the shop has done.
struct Event: StoredRow, Sendable, Equatable {
    enum Kind: String, Codable, Sendable, CaseIterable {
        case view, search, click, cart, order, pay, login

        /// True if pages tell of it, and the shop has not seen it.
        var isTold: Bool { [.view, .search, .click].contains(self) }
    }

    var at: Milliseconds
    var kind: Kind
    /// The account; nil for a visitor who is not logged in.
    var passportId: Int?
    /// The name that a cookie gives a browser, which says nothing about its person; nil for one without.
    var visitor: String?
    var goodsId: Int?
    /// The text of a search, or the search that has led to a click.
    var query: String?
    /// The place of a clicked hit, from 1 on.
    var position: Int?
    /// The search server's id of the reply whose hit was clicked.
    var queryId: String?
    /// The request that has told of it.
    var requestId: String?

    var day: Day { Day(of: at) }
}

/// An event, and the search that it followed from.
struct FollowedEvent: StoredRow, Sendable {
    var id: Int
    var at: Milliseconds
    var kind: Event.Kind
    var goodsId: Int?
    /// The id of the reply whose hit was clicked; nil for an event that followed from no search.
    var queryId: String?
    /// The place of that hit, from 1 on.
    var position: Int?
}

/// An account and a day on which it did something.
struct ActiveDay: StoredRow, Sendable, Hashable {
    var day: Int
    var passportId: Int
}

/// The numbers of visitors who searched, then clicked a hit, then put goods into a cart, then ordered.
package struct Funnel: Codable, Sendable, Equatable {
    package var searched = 0
    package var clicked = 0
    package var added = 0
    package var ordered = 0
}

extension Transaction {
    /// Adds events, and notes the days on which accounts were active.
    func add(_ events: [Event]) throws {
        let last = try rows("SELECT COALESCE(MAX(id), 0) AS n FROM event_log").first?.int("n") ?? 0
        for start in stride(from: 0, to: events.count, by: Self.eventsOfStatement) {
            let some = events[start..<min(start + Self.eventsOfStatement, events.count)]
            let row = "(\(placeholders(10)))"
            try execute(
                """
                INSERT INTO event_log
                    (day, at, kind, passport_id, visitor, goods_id, query, position, query_id, request_id)
                VALUES \(Array(repeating: row, count: some.count).joined(separator: ", "))
                """,
                all: some.flatMap { event -> [(any SQLValue)?] in
                    [
                        event.day.number, event.at, event.kind.rawValue, event.passportId, event.visitor,
                        event.goodsId, event.query, event.position, event.queryId, event.requestId,
                    ]
                })
        }
        try execute(
            """
            INSERT INTO active_day (day, passport_id)
            SELECT DISTINCT e.day, e.passport_id FROM event_log AS e
            WHERE e.id > ? AND e.passport_id IS NOT NULL AND e.kind <> 'pay' AND NOT EXISTS
                (SELECT 1 FROM active_day AS a WHERE a.day = e.day AND a.passport_id = e.passport_id)
            """, last)
    }

    private static let eventsOfStatement = 100

    /// Adds an event for each line of a new order. `visitor` is the name of the browser; nil for one without.
    func addEvents(of order: Order, _ lines: [OrderLine], visitor: String?) throws {
        try add(
            lines.map { line in
                Event(
                    at: order.created, kind: .order, passportId: order.passport, visitor: visitor,
                    goodsId: line.goodsId, requestId: requestID)
            })
    }

    /// Returns the days of active accounts after some row, in the order of days and accounts.
    func activeDays(after last: ActiveDay, limit: Int) throws -> [ActiveDay] {
        try rows(
            """
            SELECT day, passport_id FROM active_day WHERE day > ? OR (day = ? AND passport_id > ?)
            ORDER BY day, passport_id LIMIT ?
            """, last.day, last.day, last.passportId, limit)
    }

    /// Returns the events after a row, in their order. What was put into a cart or ordered followed from the buyer's
    /// last click on it, by account or browser, in the time `memory` before it.
    ///
    /// A click that came up to two seconds later counts as well: a page sends it together with what it leads to.
    func events(after id: Int, memory: Milliseconds, limit: Int) throws -> [FollowedEvent] {
        try rows(
            """
            SELECT e.id, e.at, e.kind, e.goods_id, c.query_id, c.position FROM event_log AS e
            LEFT JOIN event_log AS c ON c.id = CASE
                WHEN e.kind = 'click' THEN e.id
                WHEN e.kind IN ('cart', 'order') THEN
                    (SELECT id FROM (
                        SELECT * FROM (\(Self.lastClick(by: "visitor")))
                        UNION ALL SELECT * FROM (\(Self.lastClick(by: "passport_id"))))
                    ORDER BY at DESC, id DESC LIMIT 1)
                END
            WHERE e.id > ? ORDER BY e.id LIMIT ?
            """, memory, memory, id, limit)
    }

    /// The last click on the goods of an event `e` by the same browser or account, as a row of an index.
    private static func lastClick(by column: String) -> String {
        """
        SELECT k.id, k.at FROM event_log AS k
        WHERE k.\(column) = e.\(column) AND k.goods_id = e.goods_id AND k.query_id IS NOT NULL
            AND k.at BETWEEN e.at - ? AND e.at + 2000
        ORDER BY k.at DESC, k.id DESC LIMIT 1
        """
    }

    // MARK: Counting

    /// The number of accounts that were active from one day to another, both included.
    func activeAccounts(_ days: ClosedRange<Day>) throws -> Int {
        try count(
            "SELECT COUNT(DISTINCT passport_id) AS n FROM active_day WHERE day BETWEEN ? AND ?",
            days.lowerBound.number, days.upperBound.number)
    }

    /// The number of accounts that were active on a day for the first time.
    func newcomers(_ day: Day) throws -> Int {
        try count(
            """
            SELECT COUNT(*) AS n FROM active_day AS a WHERE a.day = ? AND NOT EXISTS
                (SELECT 1 FROM active_day AS b WHERE b.passport_id = a.passport_id AND b.day < a.day)
            """, day.number)
    }

    /// The number of the newcomers of a day who were active `distance` days later, too.
    func returned(_ day: Day, after distance: Int) throws -> Int {
        try count(
            """
            SELECT COUNT(*) AS n FROM active_day AS a
            JOIN active_day AS c ON c.passport_id = a.passport_id AND c.day = a.day + ?
            WHERE a.day = ? AND NOT EXISTS
                (SELECT 1 FROM active_day AS b WHERE b.passport_id = a.passport_id AND b.day < a.day)
            """, distance, day.number)
    }

    /// Counts the visitors of some days who went from a search to an order; each step follows the one before.
    func funnel(_ days: ClosedRange<Day>) throws -> Funnel {
        let (first, last) = (days.lowerBound.number, days.upperBound.number)
        func step(_ kind: Event.Kind, after step: String?) -> String {
            let join = step.map { "JOIN \($0) AS s ON s.visitor = e.visitor AND e.at >= s.at" } ?? ""
            return """
                (SELECT e.visitor, MIN(e.at) AS at FROM event_log AS e \(join)
                WHERE e.kind = '\(kind.rawValue)' AND e.day BETWEEN ? AND ? AND e.visitor IS NOT NULL
                GROUP BY e.visitor)
                """
        }
        var query: String?
        var counts: [Int] = []
        for kind in [Event.Kind.search, .click, .cart, .order] {
            let visits = step(kind, after: query)
            let days = Array(repeating: [first, last], count: counts.count + 1).flatMap { $0 }
            counts.append(try rows("SELECT COUNT(*) AS n FROM \(visits) AS v", all: days).first?.int("n") ?? 0)
            query = visits
        }
        return Funnel(searched: counts[0], clicked: counts[1], added: counts[2], ordered: counts[3])
    }

    private func count(_ sql: String, _ first: Int, _ second: Int? = nil) throws -> Int {
        try rows(sql, all: second.map { [first, $0] } ?? [first]).first?.int("n") ?? 0
    }
}

extension Event {
    /// The account and the day of the event; nil for a visitor without an account, and for a payment, of which the shop
    /// may learn long after.
    var activeDay: ActiveDay? {
        kind == .pay ? nil : passportId.map { ActiveDay(day: day.number, passportId: $0) }
    }
}
