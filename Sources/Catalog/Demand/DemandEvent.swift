package import Indexer
import Segments

/// An event that followed from a search: a hit was clicked, put into a cart or ordered.
package struct DemandEvent: Sendable, Equatable {
    /// The kinds of events, by their names in the API.
    package enum EventKind: String, Sendable, CaseIterable {
        case click, cart, order
    }

    /// The kind.
    package var kind: EventKind
    /// The id of the reply in which the hit stood.
    package var query: QueryID
    /// The key of the document.
    package var document: String
    /// The position of the hit, from 1 over all pages; nil if it is not known.
    package var position: Int?
    /// The sender's own id of the event, by which it counts once however often it is sent; nil without one.
    package var id: String?
    /// The time at which it happened, as the sender wrote it; nil for that of its arrival. The log keeps it; an event
    /// counts on the day of its arrival.
    package var time: String?
    /// The sender's name of who did it; nil without one. The log has it in the form of a client of searches.
    package var client: String?

    /// The problem of an object that is not an event.
    package struct Refusal: Error, Equatable {
        /// A stable identifier for programs.
        package var code = "bad_event"
        /// The name of the member that is wrong; nil if the object as a whole is.
        package var member: String?
        /// The problem and its remedy as a sentence.
        package var detail: String
    }

    /// Reads an event as clients send it.
    ///
    /// Errors: the first member that is unknown, repeated or not valid, or else the first one that is missing. The code
    /// of the query id is not checked.
    package init(_ object: UnsafeBufferPointer<UInt8>, _ reader: inout JSONMembers) throws(Refusal) {
        var members = EventMembers()
        var refusal: Refusal?
        do throws(IndexError) {
            try reader.forEach(in: object) { name, value throws(IndexError) in
                guard refusal == nil else { return }
                do throws(Refusal) { try members.set(name, value) } catch { refusal = error }
            }
        } catch {
            throw Refusal(detail: error.description)
        }
        if let refusal { throw refusal }
        self = try members.event()
    }

    /// Returns the event as a line of the log, with the name that the day's secret gives its client.
    func line(time now: Int, client: String?) -> [UInt8] {
        var json = JSONWriter(capacity: 256)
        json.object { json in
            json.member("at", now)
            json.member("client", ifPresent: client)
            json.member("type", kind.rawValue)
            json.member("query_id", query.text)
            json.member("id", document)
            json.member("position", ifPresent: position)
            json.member("event_id", ifPresent: id)
            json.member("time", ifPresent: time)
        }
        return json.withBytes { Array($0) } + [10]
    }

    /// Reads a line of the log.
    ///
    /// Errors: `document` for what is not an event.
    init(logged line: UnsafeBufferPointer<UInt8>, _ reader: inout JSONMembers) throws(IndexError) {
        var members = EventMembers()
        try reader.forEach(in: line) { name, value throws(IndexError) in
            if name == "at" { return }
            do throws(Refusal) { try members.set(name, value) } catch { throw .document(problem: error.detail) }
        }
        do throws(Refusal) { self = try members.event() } catch { throw .document(problem: error.detail) }
    }

    fileprivate init(_ kind: EventKind, _ query: QueryID, _ document: String, _ members: EventMembers) {
        (self.kind, self.query, self.document) = (kind, query, document)
        (position, id, time, client) = (members.position, members.id, members.time, members.client)
    }
}

/// The members of an event, as far as they are read.
private struct EventMembers {
    private var names: Set<String> = []
    private var kind: DemandEvent.EventKind?
    private var query: QueryID?
    private var document: String?
    var position: Int?
    var id: String?
    var time: String?
    var client: String?

    /// The maximum length of texts in bytes.
    private static let maxBytes = 512
    private static let all = ["type", "query_id", "id", "position", "event_id", "time", "client"]

    /// Reads a member. Errors: unknown, repeated and wrong ones.
    mutating func set(_ name: String, _ value: JSONMembers.Value) throws(DemandEvent.Refusal) {
        guard Self.all.contains(name) else {
            throw DemandEvent.Refusal(
                member: String(name.prefix(40)),
                detail: "events have no member \"\(name.prefix(40))\"; use \(Self.all.joined(separator: ", "))")
        }
        guard names.insert(name).inserted else {
            throw DemandEvent.Refusal(member: name, detail: "\"\(name)\" is given twice; give it once")
        }
        switch name {
        case "type":
            kind = DemandEvent.EventKind(rawValue: try text(name, value))
            if kind == nil { throw Self.refusal(name, "click, cart or order") }
        case "query_id":
            guard case .text(let bytes) = value, let read = QueryID(bytes) else {
                throw Self.refusal(name, "the query_id of a reply to a search")
            }
            query = read
        case "position":
            guard case .number(let digits) = value, let number = digits.plainNumber,
                (1...SearchRequest.maxDepth).contains(number)
            else { throw Self.refusal(name, "a whole number from 1 to \(SearchRequest.maxDepth)") }
            position = number
        case "id": document = try text(name, value)
        case "event_id": id = try text(name, value)
        case "client": client = try text(name, value)
        default:
            var written = try text(name, value)
            guard written.withUTF8({ Timestamp.period($0) }) != nil else {
                throw Self.refusal(name, "a time such as 2026-11-30T12:00:00Z")
            }
            time = written
        }
    }

    private func text(_ name: String, _ value: JSONMembers.Value) throws(DemandEvent.Refusal) -> String {
        guard case .text(let bytes) = value, (1...Self.maxBytes).contains(bytes.count) else {
            throw Self.refusal(name, "a text of 1 to \(Self.maxBytes) bytes")
        }
        return bytes.utf8Text
    }

    private static func refusal(_ name: String, _ expected: String) -> DemandEvent.Refusal {
        DemandEvent.Refusal(member: name, detail: "\"\(name)\" expects \(expected)")
    }

    /// Returns the event. Errors: the first required member that is missing.
    func event() throws(DemandEvent.Refusal) -> DemandEvent {
        guard let kind else { throw Self.missing("type") }
        guard let query else { throw Self.missing("query_id") }
        guard let document else { throw Self.missing("id") }
        return DemandEvent(kind, query, document, self)
    }

    private static func missing(_ name: String) -> DemandEvent.Refusal {
        DemandEvent.Refusal(
            member: name, detail: "\"\(name)\" is missing; an event has a type, a query_id and the id of a document")
    }
}
