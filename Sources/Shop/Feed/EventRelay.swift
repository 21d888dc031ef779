import FoundationEssentials
import Logging

/// An event as the search server takes it.
struct SearchEvent: Encodable, Sendable {
    var type: String
    var queryId: String
    /// The document.
    var id: String
    var position: Int?
    /// The same however often the event is sent, so that it counts once.
    var eventId: String
    var time: String

    /// Creates the event of a row; nil for one that followed from no search.
    init?(_ event: FollowedEvent) {
        guard let query = event.queryId, let goods = event.goodsId else { return nil }
        (type, queryId, id, position) = (event.kind.rawValue, query, "\(goods)", event.position)
        // Rows of another database, or of a backup that was restored, may have the same number, but not the same time.
        eventId = "\(event.id)-\(event.at)"
        time = Date(timeIntervalSince1970: Double(event.at / 1000)).formatted(.iso8601)
    }
}

/// Tells the search server of the pages what followed from its replies: clicks on hits, additions to carts, orders.
///
/// It reads the event log after its cursor, and moves the cursor when the server has decided on the events. After a
/// crash a batch is sent again, of which each event counts once. Events that the server refuses for good, such as those
/// of a `query_id` that it has not given out, are left out and counted in the log. Of several processes that run the
/// relay, all do the same.
struct EventRelay: Sendable {
    private static let batch = 1000
    /// The time for which an event waits for the click that it followed from, which others may have in memory.
    static let delay: Milliseconds = 5000
    /// The time after a click in which it leads to what is put into a cart or ordered.
    static let memory: Milliseconds = 7 * 86_400_000

    let store: Store
    let client: SearchClient
    let logger: Logger
    let now: @Sendable () -> Milliseconds

    /// Sends the next events. False if there are none left.
    func step() async throws -> Bool {
        let (reader, now) = ("events:" + client.target.name, now())
        let rows = try await store.read { transaction in
            try transaction.events(after: transaction.cursor(of: reader) ?? 0, memory: Self.memory, limit: Self.batch)
        }
        // What a clock that was wrong has written in the future holds up nobody.
        let events = rows.prefix { abs(now - $0.at) >= Self.delay }
        guard let last = events.last else { return false }
        let followed = events.compactMap(SearchEvent.init)
        if !followed.isEmpty {
            let refusals = try await refusals(of: followed)
            if let first = refusals.first {
                logger.warning(
                    "search has refused events", metadata: ["count": "\(refusals.count)", "first": "\(first)"])
            }
        }
        try await store.write { try $0.setCursor(of: reader, to: last.id, now: now) }
        return events.count == Self.batch
    }

    /// Sends events, and returns why the server refuses some for good; nothing from one that records no searches.
    private func refusals(of events: [SearchEvent]) async throws -> [String] {
        do {
            return try await client.post(events).compactMap(\.refusal)
        } catch FeedError.refused(409, let problem) where problem.contains("query_log_off") {
            return []
        }
    }
}
