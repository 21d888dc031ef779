import Logging

/// Brings the changes of goods to one search server.
///
/// It reads the change log after its cursor, sends the rows of the changed goods as they are now, and moves the cursor
/// when the server has taken them. After a crash a batch is sent again; by its versions it has no effect then. A
/// document that the server refuses for good is written down (`feed_dead`) and holds up nobody. Of several processes
/// that run the relay of a target, all do the same.
struct FeedRelay: Sendable {
    private static let batch = 1000

    let store: Store
    let client: SearchClient
    let logger: Logger
    let now: @Sendable () -> Milliseconds

    /// The name of the cursor.
    private var reader: String { Self.reader(client.target.name) }

    static func reader(_ target: String) -> String { "search:" + target }

    /// The changes to send, and the cursor when they are there.
    private struct Batch: Sendable {
        var documents: [FeedDocument] = []
        var cursor: Int
    }

    /// Sends the next changes. False if there are none left.
    func step() async throws -> Bool {
        let (reader, limit) = (reader, Self.batch)
        let batch = try await store.read { transaction -> Batch? in
            guard let cursor = try transaction.cursor(of: reader) else { return nil }
            let last = try transaction.lastSequence()
            if cursor == last { return Batch(cursor: cursor) }
            guard let first = try transaction.firstSequence(), first <= cursor + 1 else { return nil }
            return try Self.batch(of: transaction.changes(after: cursor, limit: limit), after: cursor, transaction)
        }
        guard let batch else {
            // The target is new, or the log does not reach back to its cursor.
            try await replay()
            return true
        }
        guard !batch.documents.isEmpty else { return false }
        try await send(batch.documents, cursor: batch.cursor)
        return true
    }

    /// Sends all goods, and continues with the changes after the number that the log had at the beginning. Returns the
    /// greatest version for which the target refused older ones, of deleted documents too; 0 if there was none.
    @discardableResult
    func replay() async throws -> Int {
        let start = try await store.read { try $0.lastSequence() }
        var (last, greatest) = (0, 0)
        while true {
            let (from, limit) = (last, Self.batch)
            let documents = try await store.read { transaction in
                let tree = TypeTree(try transaction.goodsTypes())
                return try transaction.goods(after: from, limit: limit).map { goods in
                    FeedDocument(goods.id, goods, tree, .put, version: goods.feedSequence)
                }
            }
            guard let end = documents.last?.goodsID else { break }
            greatest = max(greatest, try await send(documents, cursor: nil))
            last = end
        }
        let (reader, now) = (reader, now())
        try await store.write { try $0.setCursor(of: reader, to: start, now: now) }
        return greatest
    }

    /// Makes one document of all changes of the same goods.
    private static func batch(
        of changes: [Change], after cursor: Int, _ transaction: Transaction
    ) throws -> Batch {
        var kinds: [Int: ChangeKind] = [:]
        var versions: [Int: Int] = [:]
        for change in changes {
            if kinds[change.goodsID] != .put { kinds[change.goodsID] = change.kind }
            versions[change.goodsID] = change.sequence
        }
        let goods = try transaction.goods(Array(kinds.keys))
        let tree = TypeTree(try transaction.goodsTypes())
        // The version is the last change of this batch, not of the row: a later change is sent with its own.
        let documents = kinds.map { id, kind in
            FeedDocument(id, goods[id], tree, kind, version: versions[id] ?? cursor)
        }
        return Batch(documents: documents.sorted { $0.goodsID < $1.goodsID }, cursor: changes.last?.sequence ?? cursor)
    }

    /// Sends documents, writes down those that were refused, and moves the cursor. Returns the greatest version that
    /// the target has of what is not newer.
    @discardableResult
    private func send(_ documents: [FeedDocument], cursor: Int?) async throws -> Int {
        var greatest = 0
        var refusals: [Int: (version: Int, reason: String)] = [:]
        var missing: [Int] = []
        for (document, outcome) in zip(documents, try await client.post(documents)) {
            greatest = max(greatest, outcome.version ?? 0)
            if let reason = outcome.refusal { refusals[document.goodsID] = (document.version, reason) }
            if document.isPatch, outcome.result == "missing" { missing.append(document.goodsID) }
        }
        // A patch of a document that search does not have, because it was refused or is on the shelf again.
        for document in try await whole(missing, documents) {
            if let reason = try await client.post([document]).first?.refusal {
                refusals[document.goodsID] = (document.version, reason)
            }
        }
        let (target, reader, now, dead) = (client.target.name, reader, now(), refusals)
        if !dead.isEmpty { logger.error("search has refused documents", metadata: ["count": "\(dead.count)"]) }
        let taken = documents.map(\.goodsID).filter { dead[$0] == nil }
        try await store.write { transaction in
            for (id, refusal) in dead {
                let document = DeadDocument(
                    target: target, goodsID: id, sequence: refusal.version, reason: refusal.reason)
                try transaction.addDead(document, now: now)
            }
            for id in taken { try transaction.removeDead(target: target, goodsID: id) }
            if let cursor { try transaction.setCursor(of: reader, to: cursor, now: now) }
        }
        return greatest
    }

    /// The whole documents of some goods, with the versions of their patches.
    private func whole(_ ids: [Int], _ documents: [FeedDocument]) async throws -> [FeedDocument] {
        guard !ids.isEmpty else { return [] }
        return try await store.read { transaction in
            let goods = try transaction.goods(ids)
            let tree = TypeTree(try transaction.goodsTypes())
            return documents.filter { ids.contains($0.goodsID) }.map { document in
                FeedDocument(document.goodsID, goods[document.goodsID], tree, .put, version: document.version)
            }
        }
    }
}

extension FeedDocument {
    /// The number of the change that the document is of.
    var version: Int { if case .int(let version)? = members["_version"] { version } else { 0 } }
}
