public import Indexer

/// Gathers changes that come as JSON objects, in order, those that cannot be used among them. For one thread at a time.
public final class ChangeCollector {
    private var reader: ChangeReader
    private var batch = WriteBatch()
    private var slots: [CollectedChanges.Slot] = []
    private var lines = 0

    /// A collector for a catalog.
    public init(_ schema: Schema) throws(CatalogError) {
        do { reader = try ChangeReader(schema) } catch { throw .input(error) }
    }

    /// Objects at hand.
    public var count: Int { slots.count }
    /// Bytes of the changes at hand.
    public var byteCount: Int { batch.byteCount }
    /// Lines so far, blank ones included.
    public var line: Int { lines }

    /// Takes a line with one object; blank lines only count.
    public func add(line: UnsafeBufferPointer<UInt8>) {
        lines += 1
        if line.allSatisfy({ $0 == 0x20 || $0 == 9 || $0 == 13 }) { return }
        add(object: line)
    }

    /// Takes the objects of a JSON array, or one object.
    ///
    /// Errors: `index(.document)` when it is no JSON; nothing was taken then.
    public func add(json: UnsafeBufferPointer<UInt8>) throws(CatalogError) {
        do throws(IndexError) {
            try ChangeReader.forEachObject(in: json) { object in
                lines += 1
                add(object: object)
            }
        } catch {
            throw .index(error)
        }
    }

    private func add(object: UnsafeBufferPointer<UInt8>) {
        do throws(IndexError) {
            slots.append(.change(id: try reader.read(object, into: &batch), line: lines))
        } catch {
            slots.append(
                .unusable(ChangeResult(id: nil, line: lines, code: "bad_document", error.description)))
        }
    }

    /// Hands out what was gathered and begins anew.
    public func take() -> CollectedChanges {
        defer {
            batch = WriteBatch()
            slots = []
        }
        return CollectedChanges(batch: batch, slots: slots)
    }
}

/// Changes to write together, and what to say of each.
public struct CollectedChanges: Sendable {
    /// What stands for one object.
    enum Slot: Sendable {
        case change(id: String, line: Int)
        case unusable(ChangeResult)
    }

    let batch: WriteBatch
    let slots: [Slot]

    /// Whether there is nothing to say.
    public var isEmpty: Bool { slots.isEmpty }

    /// What became of each, in order.
    func results(_ outcomes: Result<[WriteOutcome], CatalogError>) -> [ChangeResult] {
        var done = (try? outcomes.get())?.makeIterator()
        var failure: CatalogError?
        if case .failure(let error) = outcomes { failure = error }
        return slots.map { slot in
            switch slot {
            case .unusable(let result): return result
            case .change(let id, let line):
                if let outcome = done?.next() { return ChangeResult(id: id, outcome) }
                let (code, detail) = failure?.asWriteFailure ?? ("internal", "nothing is known of it; send it again")
                return ChangeResult(id: id, line: line, code: code, detail)
            }
        }
    }
}

extension CatalogError {
    /// What keeps changes from being written, without paths: a stable word and a sentence.
    public var asWriteFailure: (code: String, detail: String) {
        switch self {
        case .index(.document(let problem)): ("bad_document", problem)
        case .index(.busy): ("busy", "too many changes are waiting to be written; send it again later")
        case .index(.storage(.locked)): ("catalog_locked", "another process is writing this catalog")
        case .index(.storage(let error)) where error.isDiskFull:
            ("disk_full", "the disk is full; searches go on; free some space and send it again")
        default: ("writing_stopped", "changes cannot be written at the moment; searches go on; send it again later")
        }
    }
}
