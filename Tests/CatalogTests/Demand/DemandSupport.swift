import Indexer
import Storage
import Synchronization
import TestSupport

@testable import Catalog

/// A clock that stands still until a test sets it.
final class TestClock: Sendable {
    private let time: Atomic<Int>

    init(_ time: Int) { self.time = Atomic(time) }

    var now: Int {
        get { time.load(ordering: .relaxed) }
        set { time.store(newValue, ordering: .relaxed) }
    }

    /// Noon of a day.
    static func noon(_ day: Int) -> Int { day * 86_400_000 + 43_200_000 }
}

extension DemandLog.Options {
    /// Options by which nothing is written before a test asks for it.
    static var still: DemandLog.Options {
        var options = DemandLog.Options()
        options.flushAfter = .seconds(3600)
        return options
    }
}

extension DemandLog {
    /// Records the search of a query, whose reply its client has.
    func record(_ q: String, client: [UInt8]? = nil, milliseconds: Double? = nil) {
        let query = DemandedQuery(typed: q)
        let id = key.id(of: "books", query: query.hash, reply: 1)
        let answered = AnsweredSearch(SearchRequest(q), query, filter: nil, sort: nil, id: id, nil)
        record(answered, of: "books", client: client, milliseconds: milliseconds)
    }

    /// An event after a search of a query.
    func event(_ kind: DemandEvent.EventKind, _ q: String, _ document: String, id: String? = nil) throws -> DemandEvent
    {
        let query = key.id(of: "books", query: DemandedQuery(typed: q).hash, reply: 1).text
        let member = id.map { #","event_id":"\#($0)""# } ?? ""
        return try Self.event(
            #"{"type":"\#(kind.rawValue)","query_id":"\#(query)","id":"\#(document)","position":2\#(member)}"#)
    }

    /// Reads an event.
    static func event(_ json: String) throws -> DemandEvent {
        var reader = JSONMembers()
        return try Array(json.utf8).withUnsafeBufferPointer { try DemandEvent($0, &reader) }
    }
}

extension DemandFolder {
    /// The lines of all files of a catalog, in their order.
    func lines(_ catalog: String = "books", _ kind: LogKind? = nil) throws -> [String] {
        var lines: [String] = []
        for file in try logFiles(of: catalog) where kind == nil || file.kind == kind {
            _ = try forEachLine(of: file, in: catalog, from: 0) { lines.append($0.utf8Text) }
        }
        return lines
    }
}
