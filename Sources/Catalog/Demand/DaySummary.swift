import Kernels
import Storage

/// The counts of a day as bytes, which are mapped and read in place: a day of 100,000 queries needs no memory.
///
/// Header: magic u64 | format u32 | queries u32 | places u32 | event ids u32 | times u32 | 10 totals, u64 each. Then
/// the queries, ascending by hash; the places, ascending by hash, document and position; the hashes of the ids of
/// events, ascending; the times; the texts; the CRC-32C of everything before, u32. All integers are little-endian.
struct DaySummary: Sendable {
    /// "QUIREDAY" in the order of the file's bytes.
    private static let magic: UInt64 = 0x5941_4445_5249_5551
    private static let format: UInt32 = 2
    private static let headerBytes = 8 + 5 * 4 + 10 * 8
    private static let queryBytes = 8 + 15 * 4
    private static let placeBytes = 8 + 6 * 4
    private static let timeBytes = 8
    private static let unknown = UInt32.max

    private let file: MappedFile
    private let queryCount: Int
    private let placeCount: Int
    private let eventIDCount: Int
    private let timeCount: Int
    /// The sums over all queries.
    let totals: DayCounts.Totals

    private var bytes: UnsafeRawBufferPointer { file.bytes }
    private var placeStart: Int { Self.headerBytes + queryCount * Self.queryBytes }
    private var eventIDStart: Int { placeStart + placeCount * Self.placeBytes }
    private var timeStart: Int { eventIDStart + eventIDCount * 8 }
    private var textStart: Int { timeStart + timeCount * Self.timeBytes }

    /// Opens a summary. Returns nil if its bytes are not as they were written: the day must be counted again.
    init?(_ file: MappedFile) {
        let bytes = file.bytes
        guard bytes.count >= Self.headerBytes + 4, bytes.loadUnaligned(as: UInt64.self).littleEndian == Self.magic
        else { return nil }
        func number(_ offset: Int) -> Int {
            Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian)
        }
        func total(_ index: Int) -> Int {
            Int(truncatingIfNeeded: bytes.loadUnaligned(fromByteOffset: 28 + 8 * index, as: UInt64.self).littleEndian)
        }
        self.file = file
        (queryCount, placeCount, eventIDCount, timeCount) = (number(12), number(16), number(20), number(24))
        totals = DayCounts.Totals(
            searches: total(0), browsed: total(1), empty: total(2), typed: total(3),
            events: DayCounts.EventCounts(clicks: total(4), carts: total(5), orders: total(6)), dropped: total(7),
            unlisted: total(8), damaged: total(9))
        let checksum = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - 4)]))
        guard number(8) == Int(Self.format), number(bytes.count - 4) == Int(checksum), textStart <= bytes.count - 4
        else { return nil }
    }

    /// The number of queries.
    var queries: Int { queryCount }
    /// The number of places.
    var places: Int { placeCount }

    private func number(_ offset: Int) -> Int {
        Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian)
    }

    private func word(_ offset: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
    }

    private func text(_ offset: Int, _ count: Int) -> String {
        let start = textStart + offset
        guard start + count <= bytes.count else { return "" }
        return String(decoding: bytes[start..<(start + count)], as: UTF8.self)
    }

    /// The hash of a query by its index.
    func queryHash(_ index: Int) -> UInt64 { word(Self.headerBytes + index * Self.queryBytes) }

    /// The text of a query by its index; nil if only events are known of it.
    func queryText(_ index: Int) -> String? {
        let start = Self.headerBytes + index * Self.queryBytes + 8
        let offset = number(start)
        return offset == Int(Self.unknown) ? nil : text(offset, number(start + 4))
    }

    /// The text of a query by its hash; nil if it is not known. Complexity: O(log queries).
    func text(of hash: UInt64) -> String? {
        let index = lowerBound(queryCount, hash) { queryHash($0) }
        return index < queryCount && queryHash(index) == hash ? queryText(index) : nil
    }

    /// Adds the counts of a query to those of the days before.
    func add(_ index: Int, to demand: inout QueryDemand) {
        let start = Self.headerBytes + index * Self.queryBytes + 16
        func field(_ i: Int) -> Int { number(start + 4 * i) }
        demand.searches += field(0)
        demand.empty += field(1)
        if field(2) != Int(Self.unknown) { demand.found = field(2) }
        demand.events += DayCounts.EventCounts(clicks: field(3), carts: field(4), orders: field(5))
        demand.positions += field(6) + field(7) << 32
        demand.positioned += field(8)
        demand.clients = max(demand.clients, field(9))
        demand.finders = max(demand.finders, field(12))
        for i in field(10)..<min(field(10) + field(11), timeCount) {
            let time = timeStart + i * Self.timeBytes
            demand.times.add(UInt8(truncatingIfNeeded: number(time)), UInt32(number(time + 4)))
        }
    }

    /// The hash of the query of a place by its index.
    func placeQuery(_ index: Int) -> UInt64 { word(placeStart + index * Self.placeBytes) }

    /// A place with its counts by its index.
    func place(_ index: Int) -> (place: DayCounts.Place, events: DayCounts.EventCounts) {
        let start = placeStart + index * Self.placeBytes + 8
        func field(_ i: Int) -> Int { number(start + 4 * i) }
        let place = DayCounts.Place(
            query: placeQuery(index), document: text(field(0), field(1)), position: field(2))
        return (place, DayCounts.EventCounts(clicks: field(3), carts: field(4), orders: field(5)))
    }

    /// True if the hash of an id is that of one of the events. Complexity: O(log events).
    func hasEvent(_ hash: UInt64) -> Bool {
        let index = lowerBound(eventIDCount, hash) { word(eventIDStart + 8 * $0) }
        return index < eventIDCount && word(eventIDStart + 8 * index) == hash
    }

    /// The first of `count` ascending rows whose key is not below a hash.
    private func lowerBound(_ count: Int, _ hash: UInt64, _ key: (Int) -> UInt64) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if key(middle) < hash { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

// MARK: Writing

extension DaySummary {
    /// Returns the bytes of finished counts.
    static func encode(_ counts: DayCounts) -> [UInt8] {
        let queries = counts.queries.sorted { $0.key < $1.key }
        let places = counts.places.sorted { left, right in
            (left.key.query, left.key.document, left.key.position)
                < (right.key.query, right.key.document, right.key.position)
        }
        var body = Writer()
        for (hash, query) in queries { body.add(hash, query) }
        for (place, events) in places { body.add(place, events) }
        for id in counts.eventIDs.sorted() { body.rows.append(littleEndian: id) }
        var out = GrowableBuffer<UInt8>(capacity: headerBytes + body.rows.count + body.times.count + body.texts.count)
        out.append(littleEndian: magic)
        out.append(littleEndian: format)
        for count in [queries.count, places.count, counts.eventIDs.count, body.times.count / timeBytes] {
            out.append(littleEndian: UInt32(count))
        }
        let totals = counts.totals
        let events = totals.events
        for total in [
            totals.searches, totals.browsed, totals.empty, totals.typed, events.clicks, events.carts, events.orders,
            totals.dropped, totals.unlisted, totals.damaged,
        ] {
            out.append(littleEndian: UInt64(total))
        }
        for part in [body.rows.elements, body.times.elements, body.texts.elements] {
            out.append(contentsOf: UnsafeRawBufferPointer(part))
        }
        out.append(littleEndian: CRC32C.checksum(UnsafeRawBufferPointer(out.elements)))
        return Array(out.elements)
    }

    /// Creates the summary of finished counts in memory.
    init?(_ counts: DayCounts) {
        let encoded = Self.encode(counts)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: encoded.count, alignment: 8)
        memory.copyBytes(from: encoded)
        self.init(MappedFile("counts", bytes: UnsafeRawBufferPointer(memory)) { $0.deallocate() })
    }

    /// The parts of a summary while it is written.
    private struct Writer: ~Copyable {
        var rows = GrowableBuffer<UInt8>(capacity: 1 << 16)
        var times = GrowableBuffer<UInt8>(capacity: 1 << 12)
        var texts = GrowableBuffer<UInt8>(capacity: 1 << 16)

        private mutating func put(_ number: Int) { rows.append(littleEndian: UInt32(truncatingIfNeeded: number)) }

        /// Appends a text, and its offset and length to the row.
        private mutating func put(_ text: String?) {
            guard let text else {
                put(Int(DaySummary.unknown))
                return put(0)
            }
            put(texts.count)
            texts.append(utf8: text)
            put(text.utf8.count)
        }

        mutating func add(_ hash: UInt64, _ query: DayCounts.Query) {
            rows.append(littleEndian: hash)
            put(query.text)
            put(query.searches)
            put(query.empty)
            put(query.found ?? Int(DaySummary.unknown))
            put(query.events.clicks)
            put(query.events.carts)
            put(query.events.orders)
            put(query.positions & 0xFFFF_FFFF)
            put(query.positions >> 32)
            put(query.positioned)
            put(query.clients.count)
            put(times.count / DaySummary.timeBytes)
            put(query.times.counts.count)
            put(query.finders.count)
            for (interval, count) in query.times.counts {
                times.append(littleEndian: UInt32(interval))
                times.append(littleEndian: count)
            }
        }

        mutating func add(_ place: DayCounts.Place, _ events: DayCounts.EventCounts) {
            rows.append(littleEndian: place.query)
            put(place.document)
            put(place.position)
            put(events.clicks)
            put(events.carts)
            put(events.orders)
        }
    }
}
