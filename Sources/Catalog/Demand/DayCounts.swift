import Kernels

/// The counts of one day of a catalog's log, bounded in memory: those of the queries that were searched most, and the
/// rest as one. Records are added in the order of the log.
///
/// A search that somebody goes on typing within three seconds does not count: `har`, `harry`, `harry potter` is one
/// search. Only first pages count as searches, and only searches without a filter tell whether a query has results.
struct DayCounts: Sendable {
    /// The counts of one query.
    struct Query: Sendable, Equatable {
        /// The text; nil if only events are known of it.
        var text: String?
        /// The number of searches.
        var searches = 0
        /// The number of searches without a filter that found nothing.
        var empty = 0
        /// The number of hits of the last search without a filter, and its time; nil if it is not known.
        var found: Int?
        var foundTime = 0
        /// The number of events of each kind, in the order of `DemandEvent.EventKind`.
        var events = EventCounts()
        /// The sum of the positions of the clicks that have one, and their number.
        var positions = 0
        var positioned = 0
        /// The distinct clients.
        var clients = DistinctCount()
        /// The distinct clients that could see all documents, and found some that have all of the words.
        var finders = DistinctCount()
        /// The times of the searches that were made.
        var times = TimeCounts()
    }

    /// The number of events of each kind.
    struct EventCounts: Sendable, Equatable {
        var clicks = 0
        var carts = 0
        var orders = 0

        var all: Int { clicks + carts + orders }

        mutating func add(_ kind: DemandEvent.EventKind) {
            switch kind {
            case .click: clicks += 1
            case .cart: carts += 1
            case .order: orders += 1
            }
        }

        static func += (left: inout EventCounts, right: EventCounts) {
            left.clicks += right.clicks
            left.carts += right.carts
            left.orders += right.orders
        }
    }

    /// A document at a position among the hits of a query.
    struct Place: Sendable, Hashable {
        var query: UInt64
        var document: String
        /// The position from 1; 0 if it is not known.
        var position: Int
    }

    /// The sums over all queries.
    struct Totals: Sendable, Equatable {
        /// The number of searches with a text, and of those without, which browse.
        var searches = 0
        var browsed = 0
        /// The number of searches without a filter that found nothing.
        var empty = 0
        /// The number of searches that were still being typed.
        var typed = 0
        var events = EventCounts()
        /// The number of searches that could not be recorded.
        var dropped = 0
        /// The searches of queries that are not listed, because too many others were searched more.
        var unlisted = 0
        /// The number of lines that are damaged.
        var damaged = 0

        static func += (left: inout Totals, right: Totals) {
            left.searches += right.searches
            left.browsed += right.browsed
            left.empty += right.empty
            left.typed += right.typed
            left.events += right.events
            left.dropped += right.dropped
            left.unlisted += right.unlisted
            left.damaged += right.damaged
        }
    }

    private(set) var queries: [UInt64: Query] = [:]
    private(set) var places: [Place: EventCounts] = [:]
    private(set) var totals = Totals()
    /// The hashes of the ids of the events.
    private(set) var eventIDs: Set<UInt64> = []
    /// The last search of each client, which may still be typed.
    private var typing: [UInt64: SearchRecord] = [:]
    /// The number of queries, and of places, that are kept; twice as many are counted.
    private let limit: Int

    /// The time within which a longer text replaces a shorter one, in milliseconds.
    static let typingTime = 3000

    /// Creates empty counts, of at most `limit` queries in the end.
    init(limit: Int = 100_000) { self.limit = limit }

    /// Adds a search.
    mutating func add(_ record: SearchRecord) {
        totals.dropped += record.dropped
        guard record.dropped == 0, record.isFirstPage else { return }
        guard !record.query.isEmpty else {
            totals.browsed += 1
            return
        }
        guard record.client != 0 else { return count(record) }
        if let before = typing.updateValue(record, forKey: record.client) {
            let isTyped =
                record.time - before.time <= Self.typingTime && record.query.utf8.count > before.query.utf8.count
                && record.query.utf8.starts(with: before.query.utf8)
            if isTyped { totals.typed += 1 } else { count(before) }
        }
        if typing.count > limit { countTyped() }
    }

    /// Ends the counts: what may still be typed counts, and at most as many queries and places stay as are kept.
    mutating func finish() {
        countTyped()
        prune()
        prunePlaces()
    }

    /// Counts the searches that may still be typed.
    private mutating func countTyped() {
        for record in typing.values.sorted(by: { ($0.time, $0.client) < ($1.time, $1.client) }) { count(record) }
        typing = [:]
    }

    private mutating func count(_ record: SearchRecord) {
        totals.searches += 1
        let isEmpty = record.found == 0 && !record.isFiltered
        if isEmpty { totals.empty += 1 }
        let hash = QueryID.hash(record.query)
        queries[hash, default: Query()].add(record, isEmpty: isEmpty)
        if queries.count > 2 * limit { prune() }
    }

    /// Adds an event, unless its id is one of the day's, or is known from days before.
    mutating func add(_ event: DemandEvent, isKnown: (UInt64) -> Bool) {
        if let id = event.id {
            let hash = QueryID.hash(id)
            guard !isKnown(hash), eventIDs.insert(hash).inserted else { return }
        }
        totals.events.add(event.kind)
        queries[event.query.query, default: Query()].add(event)
        let place = Place(query: event.query.query, document: event.document, position: event.position ?? 0)
        places[place, default: EventCounts()].add(event.kind)
        if places.count > 2 * limit { prunePlaces() }
        if queries.count > 2 * limit { prune() }
    }

    /// Counts a line that cannot be read.
    mutating func addDamage() { totals.damaged += 1 }

    /// Drops the queries that were searched least, beyond the limit.
    private mutating func prune() {
        guard queries.count > limit else { return }
        let ranked = queries.map { (hash: $0.key, weight: $0.value.searches + $0.value.events.all) }
            .sorted { ($1.weight, $0.hash) < ($0.weight, $1.hash) }
        for (hash, _) in ranked[limit...] {
            totals.unlisted += queries.removeValue(forKey: hash)?.searches ?? 0
        }
    }

    /// Drops the places with the fewest events, beyond the limit.
    private mutating func prunePlaces() {
        guard places.count > limit else { return }
        let ranked = places.sorted { left, right in
            (right.value.all, left.key.query, left.key.document, left.key.position)
                < (left.value.all, right.key.query, right.key.document, right.key.position)
        }
        for (place, _) in ranked[limit...] { places[place] = nil }
    }
}

extension DayCounts.Query {
    fileprivate mutating func add(_ record: SearchRecord, isEmpty: Bool) {
        text = text ?? record.query
        searches += 1
        if isEmpty { empty += 1 }
        if !record.isFiltered, let count = record.found, record.time >= foundTime {
            (found, foundTime) = (count, record.time)
        }
        if record.client != 0 {
            clients.add(record.client)
            if record.isWhole, !record.isScoped, record.found ?? 0 > 0 { finders.add(record.client) }
        }
        if let microseconds = record.microseconds { times.add(microseconds) }
    }

    fileprivate mutating func add(_ event: DemandEvent) {
        events.add(event.kind)
        guard event.kind == .click, let position = event.position else { return }
        positions += position
        positioned += 1
    }
}
