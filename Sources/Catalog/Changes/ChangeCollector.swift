import Indexer
package import Segments

/// Collects changes from JSON objects, in order, and records those that are not valid. Not thread-safe.
///
/// ```swift
/// let collector = try ChangeCollector(schema)
/// for line in lines { line.withUnsafeBufferPointer { collector.add(line: $0) } }
/// let changes = collector.drain()
/// ```
package final class ChangeCollector {
    private var reader: ChangeReader
    private var batch = WriteBatch()
    private var slots: [CollectedChanges.Slot] = []
    /// The number of lines or objects added since the start, across `drain`.
    private var lines: Int
    private let schema: Schema
    /// True if documents must be new.
    private let onlyNew: Bool

    /// Creates a collector for the documents of a schema, which must be new if `onlyNew` is true. `line` is the number
    /// of the last line before the first.
    ///
    /// Errors: `input` if the schema cannot be read from JSON objects.
    package init(_ schema: Schema, onlyNew: Bool = false, after line: Int = 0) throws(CatalogError) {
        do { reader = try ChangeReader(schema) } catch { throw .input(error) }
        self.schema = schema
        self.onlyNew = onlyNew
        lines = line
    }

    /// The number of collected objects, with those that are not valid.
    package var count: Int { slots.count }
    /// The size of the collected changes, in bytes.
    package var byteCount: Int { batch.byteCount }
    /// The number of the last line, from 1, with blank lines; 0 before the first one.
    package var line: Int { lines }

    /// Adds the change of a line with one JSON object. Blank lines are only counted. The bytes are not kept.
    package func add(line: UnsafeBufferPointer<UInt8>) {
        lines += 1
        if line.allSatisfy({ $0 == 0x20 || $0 == 9 || $0 == 13 }) { return }
        add(object: line)
    }

    /// Adds the changes of a JSON array of objects, or of one object.
    ///
    /// Errors: `index(.document)` if the text is not valid JSON; nothing is added then.
    package func add(json: UnsafeBufferPointer<UInt8>) throws(CatalogError) {
        try indexing { () throws(IndexError) in
            try ChangeReader.forEachObject(in: json) { object in
                lines += 1
                add(object: object)
            }
        }
    }

    /// Adds a change, or its error.
    private func add(object: UnsafeBufferPointer<UInt8>) {
        do throws(IndexError) {
            let id = try reader.read(object, into: &batch, onlyNew: onlyNew)
            slots.append(.change(id: id, line: lines, repaired: reader.repairs))
        } catch {
            slots.append(.unusable(ChangeResult(id: nil, line: lines, code: "bad_document", error.description)))
        }
    }

    /// Returns the collected changes and removes them from the collector. Line numbers continue.
    package func drain() -> CollectedChanges {
        defer {
            batch = WriteBatch()
            slots = []
        }
        return CollectedChanges(batch: batch, slots: slots, schema: schema)
    }
}

/// Changes to write in one batch, with the errors of those that are not valid.
package struct CollectedChanges: Sendable {
    /// The entry of one object.
    enum Slot: Sendable {
        /// A change in the batch; `repaired` is the number of characters that were replaced by U+FFFD.
        case change(id: String, line: Int, repaired: Int)
        /// The result of an object that is not valid.
        case unusable(ChangeResult)
    }

    /// The valid changes, in the order of their slots.
    let batch: WriteBatch
    /// One entry for each object, in order.
    let slots: [Slot]
    /// The schema that they were made for.
    let schema: Schema

    /// Returns the changes as they would be for another schema; nil if that refuses one of them.
    package func translated(to other: Schema) -> CollectedChanges? {
        batch.translated(from: Members(schema), to: Members(other)).map {
            CollectedChanges(batch: $0, slots: slots, schema: other)
        }
    }

    /// The result of the first object that is not valid; nil if all are.
    var firstProblem: ChangeResult? {
        for slot in slots { if case .unusable(let result) = slot { return result } }
        return nil
    }

    /// True if no object was collected.
    package var isEmpty: Bool { slots.isEmpty }

    /// Returns the result of each object, in order, for the outcomes of the batch.
    func results(_ outcomes: Result<[WriteOutcome], CatalogError>) -> [ChangeResult] {
        var remaining = (try? outcomes.get())?.makeIterator()
        var failure: CatalogError?
        if case .failure(let error) = outcomes { failure = error }
        return slots.map { slot in
            switch slot {
            case .unusable(let result): return result
            case .change(let id, let line, let repaired):
                if let outcome = remaining?.next() {
                    return ChangeResult(id: id, outcome, line: line, repaired: repaired)
                }
                let reason = failure?.writeFailure ?? .unknown
                return ChangeResult(id: id, line: line, code: reason.code, reason.detail)
            }
        }
    }
}
