import Foundation
import Glibc
import Kernels
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Catalog

/// The files of the log of demand.
@Suite struct DemandLogTests {
    private let files = FaultyFileSystem()
    private let clock = TestClock(TestClock.noon(20_000))
    private var folder: DemandFolder { DemandFolder("/data", files: files) }

    private func open(_ options: DemandLog.Options = .still) throws -> DemandLog {
        try DemandLog(folder, options, clock: { [clock] in clock.now })
    }

    @Test func recordsSayWhatWasAskedAndFound() throws {
        let (shelf, searcher) = try BookShelf.searcher()
        defer { withExtendedLifetime(shelf) {} }
        let request = try SearchRequest(parameters: [
            ("q", " Fluent  PYTHON "), ("filter", "language:=en"), ("sort", "year:desc"), ("per_page", "5"),
        ])
        let log = try open()
        let query = DemandedQuery(typed: request.q)
        let id = log.key.id(of: "books", query: query.hash, reply: 7)
        let answered = AnsweredSearch(
            request, query, filter: "language:=en", sort: "year:desc", id: id, try searcher.search(request))
        log.record(answered, of: "books", client: [192, 0, 2], milliseconds: 1.5)
        log.record(answered, of: "books", client: nil, milliseconds: nil)
        log.close()
        let lines = try folder.lines()
        #expect(lines.count == 2)
        let first = try #require(try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
        #expect(first["at"] as? Int == clock.now)
        #expect((first["client"] as? String)?.count == 16)
        #expect(first["took"] as? Double == 1.5)
        #expect(first["query"] as? String == "fluent python")
        #expect(first["query_id"] as? String == id.text)
        #expect(first["filter"] as? String == "language:=en")
        #expect(first["sort"] as? String == "year:desc")
        #expect(first["page"] as? Int == 1)
        #expect(first["first"] as? Int == 1)
        #expect(first["found"] as? Int == 1)
        #expect(first["kind"] as? String == "exact")
        #expect(first["tiers"] as? [Int] == [1, 1])
        #expect(first["hits"] as? [String] == ["4", "6"])
        let second = try #require(try JSONSerialization.jsonObject(with: Data(lines[1].utf8)) as? [String: Any])
        #expect(second["client"] == nil)
        #expect(second["took"] == nil)
        #expect(second["query_id"] as? String == id.text)
    }

    @Test func clientsHaveOtherNamesOnOtherDaysAndTheSameAfterARestart() throws {
        func clients() throws -> [String] {
            try folder.lines().compactMap { line in
                (try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["client"] as? String
            }
        }
        let first = try open()
        first.record("a", client: [192, 0, 2])
        first.record("b", client: [192, 0, 3])
        first.close()
        let second = try open()
        second.record("c", client: [192, 0, 2])
        clock.now += 86_400_000
        second.record("d", client: [192, 0, 2])
        second.close()
        let names = try clients()
        #expect(names.count == 4)
        #expect(names[2] == names[0])
        #expect(Set(names).count == 3)
    }

    @Test func filesEndByDayAndSizeAndAreForgottenInTime() throws {
        var options = DemandLog.Options.still
        options.maxFileBytes = 2000
        options.keptDays = 3
        let log = try open(options)
        var names: [[String]] = []
        for day in 0..<5 {
            clock.now = TestClock.noon(20_000 + day)
            for number in 0..<50 {
                log.record("query \(number)")
                log.flush()
            }
            names.append(try folder.names(of: "books"))
        }
        let today = names[4].filter { $0.contains("2024-10-08") }
        #expect(today.count > 2)
        #expect(today.count { $0.hasSuffix(".ndjson") } == 1)
        #expect(names[4].count { $0.hasSuffix(".ndjson") } == 1)
        #expect(
            Set(names[4].map { $0.prefix(19) }) == [
                "searches-2024-10-06", "searches-2024-10-07", "searches-2024-10-08",
            ])
        #expect(try folder.lines().count == 150)
        log.close()
        #expect(try folder.names(of: "books").allSatisfy { $0.hasSuffix(".ndjson.gz") })
        #expect(try folder.lines().count == 150)
        // Nothing is asked for a week.
        clock.now += 7 * 86_400_000
        try open(options).close()
        #expect(try folder.names(of: "books").isEmpty)
    }

    /// A crash may cut the last line anywhere: the lines before are there, and the next process goes on.
    @Test func linesThatWereCutAreLeftOut() async throws {
        let log = try open()
        for number in 0..<3 { log.record("query \(number)") }
        log.flush()
        try await log.append(
            [try log.event(.click, "query 0", "b1"), try log.event(.order, "query 0", "b1")], of: "books")
        let path = folder.path(of: "books")
        for kind in DemandFolder.LogKind.allCases {
            let file = path + "/" + DemandFolder.LogFile(kind, LogDay(number: 20_000), 1).name
            let bytes = try #require(files.bytes(of: file))
            let lastLine = (bytes.dropLast().lastIndex(of: 10) ?? 0) + 1
            for length in lastLine...bytes.count {
                let crashed = files.crashed(.keepsAll)
                crashed.spoil(file) { $0 = Array($0.prefix(length)) }
                let after = DemandFolder("/data", files: crashed)
                let expected = (kind == .searches ? 3 : 2) - (length < bytes.count ? 1 : 0)
                #expect(try after.lines("books", kind).count == expected)
                let next = try DemandLog(after, .still, clock: { [clock] in clock.now })
                next.record("later")
                next.close()
                #expect(try after.names(of: "books").allSatisfy { $0.hasSuffix(".gz") })
                #expect(try after.lines("books", kind).count == expected + (kind == .searches ? 1 : 0))
            }
        }
        log.close()
    }

    @Test func acknowledgedEventsSurviveACrash() async throws {
        let log = try open()
        log.record("a")
        try await log.append([try log.event(.click, "a", "b1", id: "e1")], of: "books")
        let crashed = DemandFolder("/data", files: files.crashed(.losesAll))
        let events = try crashed.lines("books", .events)
        #expect(events.count == 1)
        #expect(events.first?.contains(#""event_id":"e1""#) == true)
        // The key as well: the ids that were given out stay valid.
        #expect(try QueryIDKey(crashed).admits(log.key.id(of: "books", query: 1, reply: 2), of: "books"))
        log.close()
    }

    @Test func searchesBeyondTheQueueAreDroppedAndCounted() throws {
        var options = DemandLog.Options.still
        options.maxSearchBytes = 1000
        let log = try open(options)
        log.flush()
        // The disk stands still, so that the thread takes what waits once at most.
        let gate = Monitor(false)
        defer { gate.withLock { $0 = true } }
        files.watch { gate.wait { $0 ? true : nil } }
        for number in 0..<100 { log.record("query \(number)") }
        let (recorded, dropped) = (log.statistics.recorded, log.statistics.dropped)
        #expect(recorded + dropped == 100)
        #expect(dropped > 75)
        gate.withLock { $0 = true }
        log.flush()
        log.record("later")
        log.close()
        files.watch(nil)
        let lines = try folder.lines()
        #expect(lines.count { $0.contains(#""query":"#) } == recorded + 1)
        let totals = try DemandReports(folder, writes: false).window(of: "books", days: 1, now: clock.now).totals
        #expect(totals.dropped == dropped)
    }

    /// While the disk is full, searches are dropped and events are refused; then both go on.
    @Test func aFullDiskDropsSearchesAndRefusesEvents() async throws {
        let failures = Mutex<[StorageError]>([])
        let log = try DemandLog(
            folder, .still, onFailure: { error in failures.withLock { $0.append(error) } },
            clock: { [clock] in clock.now })
        log.record("before")
        log.flush()
        for round in 0..<2 {
            files.set(.fail(at: 1, code: ENOSPC))
            log.record("lost")
            log.flush()
            #expect(log.statistics.dropped == round + 1)
        }
        let event = try log.event(.click, "before", "b1", id: "e1")
        files.set(.fail(at: 1, code: ENOSPC))
        await #expect(throws: CatalogError.self) { try await log.append([event], of: "books") }
        try await log.append([event], of: "books")
        log.record("after")
        log.close()
        let lines = try folder.lines("books", .searches)
        #expect(lines.count { $0.contains(#""query":"before""#) } == 1)
        #expect(lines.count { $0.contains(#""query":"after""#) } == 1)
        #expect(!lines.contains { $0.contains(#""query":"lost""#) })
        #expect(lines.contains { $0.contains(#""dropped":"#) })
        #expect(log.statistics == DemandLog.Statistics(recorded: 2, dropped: 2))
        #expect(try folder.lines("books", .events).count == 1)
        #expect(failures.withLock { $0.allSatisfy(\.isDiskFull) })
        #expect(failures.withLock { !$0.isEmpty })
    }

    @Test func oneProcessLogsAtATime() async throws {
        let first = try open()
        first.record("a")
        first.flush()
        let second = try open()
        second.record("b")
        second.flush()
        #expect(second.statistics == DemandLog.Statistics(recorded: 0, dropped: 1))
        let event = try second.event(.click, "a", "b1")
        await #expect(throws: CatalogError.self) { try await second.append([event], of: "books") }
        first.close()
        try await second.append([event], of: "books")
        second.record("c")
        second.close()
        let lines = try folder.lines("books", .searches)
        #expect(lines.count == 2)
        #expect(lines.last?.contains(#""query":"c""#) == true)
    }

    @Test func whatIsRemovedIsForgottenAndTheLogGoesOn() async throws {
        let log = try open()
        log.record("a")
        try await log.append([try log.event(.cart, "a", "b1")], of: "books")
        try await log.remove("books")
        #expect(try folder.names(of: "books").isEmpty)
        log.record("b")
        log.close()
        #expect(try folder.lines().count == 1)
        try folder.remove("books")
        #expect(try folder.lines().isEmpty)
        log.record("late")
        await #expect(throws: CatalogError.self) { try await log.remove("books") }
    }

    /// A stop at any call of the file system loses no acknowledged event, and the next process reads what is there.
    @Test func aStopAnywhereLosesNoAcknowledgedEvent() async throws {
        for crash in FaultyFileSystem.Crash.allCases {
            for stop in 1...60 {
                let disk = FaultyFileSystem()
                var options = DemandLog.Options.still
                options.maxFileBytes = 300
                disk.set(.stop(at: stop))
                var acknowledged = 0
                if let log = try? DemandLog(
                    DemandFolder("/data", files: disk), options, clock: { [clock] in clock.now })
                {
                    for number in 0..<4 {
                        let event = try log.event(.click, "a", "b1", id: "e\(number)")
                        guard (try? await log.append([event], of: "books")) != nil else { break }
                        acknowledged += 1
                    }
                    log.close()
                }
                let after = DemandFolder("/data", files: disk.crashed(crash, seed: UInt64(stop)))
                let next = try DemandLog(after, options, clock: { [clock] in clock.now })
                next.close()
                let ids = try after.lines("books", .events).filter { $0.contains(#""event_id":"e"#) }.count
                #expect(ids >= acknowledged, "\(crash), stop at \(stop)")
            }
        }
    }
}
