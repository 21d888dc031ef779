import Indexer
import Segments

/// Collects events from JSON objects, in order, and the problems of those that are not valid. Not thread-safe.
///
/// ```swift
/// var collector = EventCollector(log.key, "books")
/// line.withUnsafeBufferPointer { collector.add(line: $0) }
/// try await log.append(collector.events, of: "books")
/// reply(collector.results)
/// ```
package struct EventCollector: ~Copyable {
    /// The valid events.
    package private(set) var events: [DemandEvent] = []
    /// The result of each object, in order; that of a valid event holds once it was appended to the log.
    package private(set) var results: [EventResult] = []
    private var lines = 0
    private var reader = JSONMembers()
    private let key: QueryIDKey
    private let catalog: String

    /// The maximum number of events in one request.
    package static let maxEvents = 10_000

    /// Creates a collector of events of a catalog, whose query ids `key` admits.
    package init(_ key: QueryIDKey, _ catalog: String) {
        self.key = key
        self.catalog = catalog
    }

    /// True if there are more objects than a request may have.
    package var isOverfull: Bool { results.count > Self.maxEvents }

    /// Adds the event of a line with one JSON object. Blank lines are only counted.
    package mutating func add(line: UnsafeBufferPointer<UInt8>) {
        lines += 1
        if isOverfull || line.allSatisfy({ $0 == 0x20 || $0 == 9 || $0 == 13 }) { return }
        add(object: line)
    }

    /// Adds the events of a JSON array of objects, or of one object.
    ///
    /// Errors: `index(.document)` if the text is not valid JSON; nothing is added then.
    package mutating func add(json: UnsafeBufferPointer<UInt8>) throws(CatalogError) {
        var objects: [UnsafeBufferPointer<UInt8>] = []
        try indexing { () throws(IndexError) in try ChangeReader.forEachObject(in: json) { objects.append($0) } }
        for object in objects where !isOverfull {
            lines += 1
            add(object: object)
        }
    }

    private mutating func add(object: UnsafeBufferPointer<UInt8>) {
        do throws(DemandEvent.Refusal) {
            let event = try DemandEvent(object, &reader)
            guard key.admits(event.query, of: catalog) else {
                throw DemandEvent.Refusal(
                    code: "unknown_query", member: "query_id",
                    detail: "\"query_id\" is not that of a reply to a search of \"\(catalog)\" by this server")
            }
            events.append(event)
            results.append(EventResult(line: lines))
        } catch {
            results.append(EventResult(line: lines, refusal: error))
        }
    }
}

/// The result of one event, as the API returns it.
package struct EventResult: Sendable, Equatable {
    /// The number of the line, or of the element of an array, from 1.
    package var line: Int
    /// The problem of an event that was not recorded; nil for one that was.
    package var refusal: DemandEvent.Refusal?

    init(line: Int, refusal: DemandEvent.Refusal? = nil) {
        self.line = line
        self.refusal = refusal
    }
}

extension EventResult: JSONWritable {
    /// Writes an object; the line of a recorded event is left out.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            if let refusal {
                json.name("error")
                json.object { json in
                    json.member("code", refusal.code)
                    json.member("detail", refusal.detail)
                    json.member("param", ifPresent: refusal.member)
                }
                json.member("line", line)
            }
            json.member("result", refusal == nil ? "recorded" : "failed")
        }
    }
}
