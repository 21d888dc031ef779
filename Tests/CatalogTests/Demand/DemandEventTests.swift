import Indexer
import TestSupport
import Testing

@testable import Catalog

/// Query ids, and events as clients send them.
@Suite struct DemandEventTests {
    private let key = QueryIDKey([UInt8](repeating: 7, count: 32))

    private func read(_ text: String) -> QueryID? { Array(text.utf8).withUnsafeBufferPointer { QueryID($0) } }

    @Test func idsAreReadBackAndCannotBeInvented() throws {
        var random = SplitMix64(seed: SplitMix64.varied(2))
        for _ in 0..<300 {
            let id = key.id(of: "books", query: random.next(), reply: random.next())
            #expect(id.text.utf8.count == 32)
            let same = try #require(read(id.text))
            #expect(same == id)
            #expect(key.admits(same, of: "books"))
            #expect(!key.admits(same, of: "films"))
            #expect(!QueryIDKey([UInt8](repeating: 8, count: 32)).admits(same, of: "books"))
            var letters = Array(id.text)
            let place = random.below(32)
            letters[place] = letters[place] == "A" ? "B" : "A"
            let forged = try #require(read(String(letters)))
            #expect(!key.admits(forged, of: "books"))
        }
        for text in ["", "A", String(repeating: "A", count: 33), String(repeating: "=", count: 32)] {
            #expect(read(text) == nil)
        }
    }

    @Test func theKeyOfAFolderStays() throws {
        let files = FaultyFileSystem()
        let folder = DemandFolder("/data", files: files)
        let id = try QueryIDKey(folder).id(of: "books", query: 1, reply: 2)
        #expect(try QueryIDKey(DemandFolder("/data", files: files.crashed(.losesAll))).admits(id, of: "books"))
        // A key that a crash cut short is replaced.
        files.spoil(folder.keyPath) { $0.removeLast() }
        #expect(try !QueryIDKey(folder).admits(id, of: "books"))
        #expect(files.bytes(of: folder.keyPath)?.count == 32)
    }

    @Test func eventsAreReadAndLogged() throws {
        let id = key.id(of: "books", query: 1, reply: 2)
        let optional = #""position":3,"event_id":"e1","time":"2026-11-30T12:00:00Z","client":"c""#
        let event = try DemandLog.event(
            #"{"type":"order","query_id":"\#(id.text)","id":"b\"1",\#(optional)}"#)
        #expect(event.kind == .order)
        #expect(event.query == id)
        #expect(event.document == "b\"1")
        #expect(event.position == 3)
        #expect(event.id == "e1")
        #expect(event.client == "c")
        var reader = JSONMembers()
        var logged = try event.line(time: 5, client: "0123").dropLast().withUnsafeBufferPointer {
            try DemandEvent(logged: $0, &reader)
        }
        #expect(logged.client == "0123")
        logged.client = "c"
        #expect(logged == event)
    }

    @Test(
        "events that are not valid name their member",
        arguments: [
            (#"{"type":"view","query_id":"ID","id":"1"}"#, "type", "click, cart or order"),
            (#"{"type":1,"query_id":"ID","id":"1"}"#, "type", "a text of"),
            (#"{"query_id":"ID","id":"1"}"#, "type", "is missing"),
            (#"{"type":"click","id":"1"}"#, "query_id", "is missing"),
            (#"{"type":"click","query_id":"x","id":"1"}"#, "query_id", "a reply to a search"),
            (#"{"type":"click","query_id":"ID"}"#, "id", "is missing"),
            (#"{"type":"click","query_id":"ID","id":""}"#, "id", "a text of 1 to 512 bytes"),
            (#"{"type":"click","query_id":"ID","id":"1","position":0}"#, "position", "from 1 to"),
            (#"{"type":"click","query_id":"ID","id":"1","position":1.5}"#, "position", "from 1 to"),
            (#"{"type":"click","query_id":"ID","id":"1","position":"1"}"#, "position", "from 1 to"),
            (#"{"type":"click","query_id":"ID","id":"1","time":"noon"}"#, "time", "a time such as"),
            (#"{"type":"click","query_id":"ID","id":"1","event_id":null}"#, "event_id", "a text of"),
            (#"{"type":"click","query_id":"ID","id":"1","id":"2"}"#, "id", "twice"),
            (#"{"type":"click","query_id":"ID","id":"1","price":2}"#, "price", "no member"),
            (#"{"type":"click","query_id":"ID","id":"1""#, "", "expected"),
            ("[]", "", "expected a JSON object"),
        ])
    func refusesEvents(_ json: String, _ member: String, _ detail: String) {
        let id = key.id(of: "books", query: 1, reply: 2).text
        var refusal: DemandEvent.Refusal?
        do { _ = try DemandLog.event(json.replacing("ID", with: id)) } catch { refusal = error as? DemandEvent.Refusal }
        #expect(refusal?.code == "bad_event")
        #expect(refusal?.member ?? "" == member)
        #expect(refusal?.detail.contains(detail) == true, "\(String(describing: refusal))")
    }

    @Test func collectorsNumberLinesAndRefuseForgedIds() throws {
        let good = key.id(of: "books", query: 1, reply: 2).text
        let forged = QueryIDKey([UInt8](repeating: 8, count: 32)).id(of: "books", query: 1, reply: 2).text
        var collector = EventCollector(key, "books")
        for line in [
            #"{"type":"click","query_id":"\#(good)","id":"1"}"#, "", "no json",
            #"{"type":"click","query_id":"\#(forged)","id":"1"}"#, #"{"type":"cart","query_id":"\#(good)","id":"2"}"#,
        ] {
            Array(line.utf8).withUnsafeBufferPointer { collector.add(line: $0) }
        }
        let results = collector.results
        #expect(collector.events.map(\.document) == ["1", "2"])
        #expect(results.map(\.line) == [1, 3, 4, 5])
        #expect(results.map { $0.refusal?.code } == [nil, "bad_event", "unknown_query", nil])
        #expect(results[2].refusal?.member == "query_id")
        var many = EventCollector(key, "books")
        let array = "[" + Array(repeating: "1", count: EventCollector.maxEvents + 5).joined(separator: ",") + "]"
        try Array(array.utf8).withUnsafeBufferPointer { try many.add(json: $0) }
        let isOverfull = many.isOverfull
        #expect(isOverfull)
    }
}
