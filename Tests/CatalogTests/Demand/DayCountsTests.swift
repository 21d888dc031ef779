import Segments
import Storage
import TestSupport
import Testing

@testable import Catalog

/// The counts of a day and their parts.
@Suite struct DayCountsTests {
    private func search(_ query: String, client: UInt64 = 0, time: Int = 0) -> SearchRecord {
        var record = SearchRecord()
        (record.query, record.client, record.time, record.found) = (query, client, time, 3)
        return record
    }

    /// However many queries there are, those that are searched most are counted, and the sums are those of all.
    @Test func rareQueriesMakeRoomForPopularOnes() throws {
        var random = SplitMix64(seed: SplitMix64.varied(4))
        var counts = DayCounts(limit: 50)
        for round in 0..<2000 {
            counts.add(search("rare \(round)"))
            counts.add(search("popular \(random.below(20))"))
            #expect(counts.queries.count <= 100)
        }
        counts.finish()
        #expect(counts.queries.count <= 50)
        #expect(counts.totals.searches == 4000)
        let listed = counts.queries.values.reduce(0) { $0 + $1.searches }
        #expect(listed + counts.totals.unlisted == 4000)
        for number in 0..<20 { #expect(counts.queries[QueryID.hash("popular \(number)")] != nil) }
        #expect(listed >= 1990)
    }

    @Test func placesWithFewEventsMakeRoom() throws {
        let key = QueryIDKey([UInt8](repeating: 1, count: 32))
        var counts = DayCounts(limit: 10)
        func event(_ query: String, _ document: String) throws -> DemandEvent {
            let id = key.id(of: "books", query: QueryID.hash(query), reply: 1).text
            return try DemandLog.event(#"{"type":"click","query_id":"\#(id)","id":"\#(document)","position":1}"#)
        }
        for number in 0..<200 {
            counts.add(try event("a", "often \(number % 3)")) { _ in false }
            counts.add(try event("a", "once \(number)")) { _ in false }
        }
        counts.finish()
        #expect(counts.places.count <= 10)
        #expect(counts.totals.events.clicks == 400)
        #expect(counts.queries[QueryID.hash("a")]?.events.clicks == 400)
        let often = counts.places.filter { $0.key.document.hasPrefix("often") }.values.reduce(0) { $0 + $1.clicks }
        #expect(often == 200)
    }

    @Test func whatIsStillTypedIsNoSearchOfItsOwn() {
        var counts = DayCounts()
        for (time, query, client) in [
            (0, "h", 1), (500, "ha", 1), (900, "ha", 2), (1000, "har", 1), (3000, "dune", 1), (3100, "dune", 0),
            (3200, "dune messiah", 0), (9000, "dune messiah", 1), (10_000, "dune", 1),
        ] as [(Int, String, UInt64)] {
            counts.add(search(query, client: client, time: time))
        }
        counts.finish()
        #expect(counts.totals.typed == 2)
        #expect(counts.totals.searches == 7)
        #expect(counts.queries[QueryID.hash("har")]?.searches == 1)
        #expect(counts.queries[QueryID.hash("ha")]?.searches == 1)
        #expect(counts.queries[QueryID.hash("dune")]?.searches == 3)
        #expect(counts.queries[QueryID.hash("dune messiah")]?.searches == 2)
        #expect(counts.queries[QueryID.hash("h")] == nil)
    }

    @Test func distinctClientsAreExactBelow64AndEstimatedAbove() {
        var random = SplitMix64(seed: SplitMix64.varied(9))
        for count in [0, 1, 5, 63, 1000, 50_000] {
            var distinct = DistinctCount()
            var hashes: [UInt64] = []
            for _ in 0..<count { hashes.append(random.next()) }
            for hash in hashes + hashes.shuffled(using: &random) { distinct.add(hash) }
            if count < 64 { #expect(distinct.count == count) }
            // Five times the standard error.
            #expect(abs(distinct.count - count) <= count * 65 / 100)
        }
    }

    @Test func timesAreCountedInIntervals() {
        var times = TimeCounts()
        #expect(times.percentile(0.5) == 0)
        for microseconds in [0, 1, 1, 7, 1000, 1024, 1025, 3_000_000, .max / 4] { times.add(microseconds) }
        #expect(times.all == 9)
        #expect(times.percentile(0.01) == 1)
        #expect(times.percentile(0.5) == TimeCounts.bound(TimeCounts.interval(of: 1000)))
        for microseconds in [1, 2, 3, 100, 999, 1000, 65_536, 10_000_000] {
            let bound = TimeCounts.bound(TimeCounts.interval(of: microseconds))
            #expect(bound >= microseconds)
            #expect(Double(bound) < Double(microseconds) * 1.1)
        }
    }

    @Test func daysHaveTheirNames() {
        #expect(LogDay(number: 0).description == "1970-01-01")
        #expect(LogDay(of: TestClock.noon(20_000)).description == "2024-10-04")
        #expect(LogDay("2024-10-04") == LogDay(number: 20_000))
        for text in ["2024-10", "2024-10-04T00:00", "2024-13-01", "", "x"] { #expect(LogDay(Substring(text)) == nil) }
        #expect(DemandFolder.LogFile("searches-2024-10-04-0012.ndjson.gz")?.number == 12)
        #expect(DemandFolder.LogFile("events-2024-10-04-0012.ndjson")?.name == "events-2024-10-04-0012.ndjson")
        for name in [
            "searches-2024-10-04-0.ndjson", "others-2024-10-04-1.ndjson", "counts-2024-10-04", "-.ndjson", "a-b.ndjson",
        ] {
            #expect(DemandFolder.LogFile(name) == nil)
        }
    }

    @Test func textsAreComparedWithoutCaseWidthAndBlanks() {
        #expect(DemandedQuery(typed: " Ｈarry\u{3000} POTTER ").text == "harry potter")
        #expect(DemandedQuery(typed: "紅樓夢") == DemandedQuery(typed: "红楼梦"))
        #expect(DemandedQuery(typed: "  ").text.isEmpty)
        // What somebody searches for by mistake is no secret in the log.
        #expect(DemandedQuery(typed: "red quire_ADMIN_0123abcd book").text == "red quire_admin_ book")
        #expect(DemandedQuery(typed: "key=quire_scoped_eyJ9.Zm9v").text == "key=quire_scoped_")
        #expect(DemandedQuery(typed: "quire_search").text == "quire_search")
        let long = DemandedQuery(typed: String(repeating: "三体", count: 400)).text
        #expect((500...512).contains(long.utf8.count))
    }
}
