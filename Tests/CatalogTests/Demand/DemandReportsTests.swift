import Foundation
import Storage
import TestSupport
import Testing

@testable import Catalog

/// Counts of the log, compared with counts that are made by their definition.
@Suite struct DemandReportsTests {
    /// A search or an event of a random log.
    private struct Entry {
        var day: Int
        var time: Int
        var client = 0
        var query = ""
        var isFiltered = false
        var page = 1
        var found: Int?
        var kind = "exact"
        var isScoped = false
        var microseconds: Int?
        var event: (kind: DemandEvent.EventKind, document: String, position: Int?, id: String?)?

        func line(_ key: QueryIDKey) -> String {
            let id = key.id(of: "books", query: QueryID.hash(query), reply: 1).text
            var members = [#""at":\#(time)"#, #""query_id":"\#(id)""#]
            if let event {
                members += [#""type":"\#(event.kind.rawValue)""#, #""id":"\#(event.document)""#]
                if let position = event.position { members.append(#""position":\#(position)"#) }
                if let id = event.id { members.append(#""event_id":"\#(id)""#) }
            } else {
                let escaped = query.replacing("\"", with: "\\\"")
                members += [#""query":"\#(escaped)""#, #""page":\#(page)"#]
                if client > 0 { members.append(#""client":"\#(String(client, radix: 16))""#) }
                if let microseconds { members.append(#""took":\#(Double(microseconds) / 1000)"#) }
                if isFiltered { members.append(#""filter":"year:1""#) }
                if isScoped { members.append(#""scoped":true"#) }
                if let found { members += [#""found":\#(found),"kind":"\#(kind)""#, #""hits":["b1","b\"2"]"#] }
            }
            return "{" + members.joined(separator: ",") + "}\n"
        }
    }

    /// The counts of a query by their definition.
    private struct Expected: Equatable {
        var searches = 0
        var empty = 0
        var found: Int?
        var clients = 0
        var finders = 0
        var events = DayCounts.EventCounts()
        var positions = 0
        var positioned = 0
        var times: [Int] = []
    }

    private static let today = 20_000
    private let files = FaultyFileSystem()
    private var folder: DemandFolder { DemandFolder("/data", files: files) }
    private var now: Int { TestClock.noon(Self.today) }

    /// A log of some days, in the order of time.
    private static func entries(_ random: inout SplitMix64, days: Int, count: Int) -> [Entry] {
        let queries = ["", "h", "ha", "har", "harry", "harry potter", "三体", "三", "量子 \"x", "none"]
        var entries: [Entry] = []
        for day in (today - days + 1)...today {
            var time = day * 86_400_000
            for _ in 0..<count {
                time += 1 + random.below(2500)
                var entry = Entry(day: day, time: time, client: random.below(9), query: random.pick(queries))
                if random.chance(30) {
                    entry.event = (
                        random.pick(DemandEvent.EventKind.allCases), "b\(random.below(4))",
                        random.chance(80) ? 1 + random.below(20) : nil,
                        random.chance(60) ? "e\(random.below(count / 2))" : nil
                    )
                } else {
                    entry.isFiltered = random.chance(20)
                    entry.page = random.chance(15) ? 2 : 1
                    entry.found = random.chance(90) ? random.below(8) : nil
                    entry.kind = random.chance(80) ? random.pick(["exact", "pinyin"]) : "relaxed"
                    entry.isScoped = random.chance(10)
                    entry.microseconds = random.chance(70) ? 1 + random.skewed(below: 2_000_000) : nil
                }
                entries.append(entry)
            }
        }
        return entries
    }

    /// The searches of a day that count: first pages that their client does not go on typing.
    private static func counted(_ day: [Entry]) -> [Entry] {
        let searches = day.filter { $0.event == nil && $0.page == 1 && !$0.query.isEmpty }
        return searches.indices.filter { i in
            let search = searches[i]
            guard search.client != 0, let next = searches[(i + 1)...].first(where: { $0.client == search.client })
            else {
                return true
            }
            return next.time - search.time > 3000 || next.query == search.query || !next.query.hasPrefix(search.query)
        }.map { searches[$0] }
    }

    private static func expected(_ entries: [Entry], days: Int) -> [String: Expected] {
        var all: [String: Expected] = [:]
        var seen: Set<String> = []
        for number in (today - days + 1)...today {
            let day = entries.filter { $0.day == number }
            var clients: [String: Set<Int>] = [:]
            var finders: [String: Set<Int>] = [:]
            for search in counted(day).sorted(by: { $0.time < $1.time }) {
                all[search.query, default: Expected()].searches += 1
                if search.found == 0, !search.isFiltered { all[search.query]?.empty += 1 }
                if !search.isFiltered, let found = search.found { all[search.query]?.found = found }
                if let time = search.microseconds { all[search.query]?.times.append(time) }
                if search.client != 0 { clients[search.query, default: []].insert(search.client) }
                let isFound = search.found ?? 0 > 0 && search.kind != "relaxed" && !search.isScoped
                if search.client != 0, isFound { finders[search.query, default: []].insert(search.client) }
            }
            for (query, names) in clients {
                let before = all[query]?.clients ?? 0
                all[query]?.clients = max(before, names.count)
            }
            for (query, names) in finders {
                let before = all[query]?.finders ?? 0
                all[query]?.finders = max(before, names.count)
            }
            for entry in day {
                guard let event = entry.event, event.id.map({ seen.insert($0).inserted }) ?? true else { continue }
                all[entry.query, default: Expected()].events.add(event.kind)
                guard event.kind == .click, let position = event.position else { continue }
                all[entry.query]?.positions += position
                all[entry.query]?.positioned += 1
            }
        }
        return all
    }

    /// The writers of files of about 2 KB.
    private func writers(_ folder: DemandFolder) -> [DemandFolder.LogKind: LogFileWriter] {
        var writers: [DemandFolder.LogKind: LogFileWriter] = [:]
        for kind in DemandFolder.LogKind.allCases {
            writers[kind] = LogFileWriter(folder, "books", kind, maxBytes: 2000)
        }
        return writers
    }

    private func check(_ window: DemandWindow, _ expected: [String: Expected]) {
        var found: [String: QueryDemand] = [:]
        window.forEachQuery { found[$0.text] = $0 }
        // Queries of which only events are known have no text.
        #expect(Set(found.keys) == Set(expected.filter { $0.value.searches > 0 }.keys))
        for (text, query) in found {
            let wanted = expected[text] ?? Expected()
            #expect(query.searches == wanted.searches, "\(text)")
            #expect(query.empty == wanted.empty, "\(text)")
            #expect(query.found == wanted.found, "\(text)")
            #expect(query.clients == wanted.clients, "\(text)")
            #expect(query.finders == wanted.finders, "\(text)")
            #expect(query.events == wanted.events, "\(text)")
            #expect(query.positions == wanted.positions, "\(text)")
            #expect(query.positioned == wanted.positioned, "\(text)")
            #expect(query.times.all == wanted.times.count, "\(text)")
            for share in [0.5, 0.99] where !wanted.times.isEmpty {
                let exact = wanted.times.sorted()[
                    max(Int((Double(wanted.times.count) * share - 1e-9).rounded(.up)), 1) - 1]
                #expect(query.times.percentile(share) == TimeCounts.bound(TimeCounts.interval(of: exact)), "\(text)")
            }
        }
        let popular = expected.filter { $0.value.finders >= 5 }.sorted { left, right in
            (right.value.finders, right.value.searches, left.key) < (left.value.finders, left.value.searches, right.key)
        }
        #expect(window.popularQueries() == popular.map(\.key))
        #expect(window.totals.searches == expected.values.reduce(0) { $0 + $1.searches })
        #expect(window.totals.empty == expected.values.reduce(0) { $0 + $1.empty })
        #expect(window.totals.events.all == expected.values.reduce(0) { $0 + $1.events.all })
    }

    /// Counts of random logs are those of their definition: at once, in parts as the log grows, from the files of days
    /// that are over, and when these are damaged.
    @Test func countsAreThoseOfTheirDefinition() throws {
        var random = SplitMix64(seed: SplitMix64.varied(28))
        for _ in 0..<8 {
            let disk = FaultyFileSystem()
            let folder = DemandFolder("/data", files: disk)
            let key = try QueryIDKey(folder)
            let days = 1 + random.below(4)
            let entries = Self.entries(&random, days: days, count: 120)
            let growing = DemandReports(folder, writes: false)
            let writers = writers(folder)
            for entry in entries {
                try writers[entry.event == nil ? .searches : .events]?.append(
                    Array(entry.line(key).utf8), LogDay(number: entry.day), sync: false)
                guard random.chance(2) else { continue }
                _ = try growing.window(of: "books", days: days, now: TestClock.noon(entry.day))
            }
            for writer in writers.values { try writer.close() }
            let expected = Self.expected(entries, days: days)
            check(try growing.window(of: "books", days: days, now: now), expected)
            check(
                try DemandReports(folder, writes: true).window(of: "books", days: days, now: now), expected)
            let counts = try folder.names(of: "books").filter { $0.hasPrefix("counts-") }
            #expect(counts.count == days - 1)
            check(
                try DemandReports(folder, writes: true).window(of: "books", days: days, now: now), expected)
            for name in counts {
                disk.spoil(folder.path(of: "books") + "/" + name) { $0[random.below($0.count)] ^= 4 }
            }
            check(
                try DemandReports(folder, writes: true).window(of: "books", days: days, now: now), expected)
        }
    }

    /// An event that is sent again, on the same day or weeks later, counts once: on its first day.
    @Test func eventsCountOnceInAllKeptDays() throws {
        let key = try QueryIDKey(folder)
        let writers = writers(folder)
        for day in [19_990, 19_995, 20_000] {
            for _ in 0..<2 {
                let event = Entry(
                    day: day, time: TestClock.noon(day), query: "a", event: (.click, "b1", 1, "the same"))
                try writers[.events]?.append(Array(event.line(key).utf8), LogDay(number: day), sync: true)
            }
            let search = Entry(day: day, time: TestClock.noon(day), query: "a", found: 3)
            try writers[.searches]?.append(Array(search.line(key).utf8), LogDay(number: day), sync: false)
        }
        for writes in [false, true, true] {
            let reports = DemandReports(folder, writes: writes)
            // The days before the window are not counted, but their events are known.
            #expect(try reports.window(of: "books", days: 1, now: now).totals.events.clicks == 0)
            #expect(try reports.window(of: "books", days: 7, now: now).totals.events.clicks == 0)
            #expect(try reports.window(of: "books", days: 11, now: now).totals.events.clicks == 1)
            #expect(try reports.window(of: "books", days: 11, now: now).totals.searches == 3)
        }
        #expect(try DemandReports(folder, writes: false).window(of: "films", days: 7, now: now).totals.searches == 0)
    }

    /// Lines that cannot be read are counted, and cost nothing else.
    @Test func damagedLinesAreCounted() throws {
        let key = try QueryIDKey(folder)
        let writers = writers(folder)
        let search = Entry(day: Self.today, time: now, query: "a", found: 3).line(key)
        let lines = search + "\u{0}\u{0}\n{\"at\":1,\n" + search + #"{"at":5,"dropped":7}"# + "\n"
        try writers[.searches]?.append(Array(lines.utf8), LogDay(number: Self.today), sync: false)
        try writers[.events]?.append(
            Array(#"{"at":5,"type":"click"}"#.utf8) + [10], LogDay(number: Self.today), sync: false)
        let totals = try DemandReports(folder, writes: false).window(of: "books", days: 7, now: now).totals
        #expect(totals.damaged == 3)
        #expect(totals.searches == 2)
        #expect(totals.dropped == 7)
    }

    /// A compressed file that is corrupt costs only what it has.
    @Test func corruptFilesAreLeftOut() throws {
        let key = try QueryIDKey(folder)
        for number in 0..<3 {
            let writer = LogFileWriter(folder, "books", .searches, maxBytes: 1000)
            let search = Entry(day: Self.today, time: now + number, query: "a", found: 3).line(key)
            try writer.append(Array(search.utf8), LogDay(number: Self.today), sync: false)
            try writer.close()
        }
        let names = try folder.names(of: "books")
        #expect(names.count == 3)
        files.spoil(folder.path(of: "books") + "/" + names[1]) { $0.removeLast($0.count / 2) }
        let reports = DemandReports(folder, writes: false)
        for _ in 0..<2 {
            let totals = try reports.window(of: "books", days: 1, now: now).totals
            #expect(totals.damaged == 1)
            #expect(totals.searches == 2)
        }
    }

    /// A day that has just ended may still be written: its counts are kept later.
    @Test func countsAreKeptOnceADayHasSettled() throws {
        let key = try QueryIDKey(folder)
        let writers = writers(folder)
        let reports = DemandReports(folder, writes: true)
        let midnight = Self.today * 86_400_000
        let search = Entry(day: Self.today - 1, time: midnight - 1, query: "a", found: 3).line(key)
        for (count, now) in [(1, midnight + 10), (2, midnight + 120_000)] {
            try writers[.searches]?.append(Array(search.utf8), LogDay(number: Self.today - 1), sync: false)
            #expect(try reports.window(of: "books", days: 2, now: now).totals.searches == count)
            #expect(try folder.names(of: "books").contains { $0.hasPrefix("counts-") } == (count == 2))
        }
        // If the clock is put back, the day is counted again.
        try writers[.searches]?.close()
        try writers[.searches]?.append(Array(search.utf8), LogDay(number: Self.today - 1), sync: false)
        let again = DemandReports(folder, writes: true)
        #expect(try again.window(of: "books", days: 2, now: midnight + 120_000).totals.searches == 3)
    }
}
