import FoundationEssentials

/// A row of `change_log`: goods that changed.
struct Change: Sendable, Equatable {
    var sequence: Int
    var goodsID: Int
    var kind: ChangeKind
}

extension Transaction {
    /// Records that goods change in this transaction, and returns the number of the change.
    ///
    /// The number is drawn from one row, which stays locked until the transaction ends: numbers become visible in their
    /// order, and a reader that has seen one never misses a smaller one.
    func recordChange(of goods: Int, _ kind: ChangeKind, now: Milliseconds) throws -> Int {
        try execute("UPDATE counter SET value = value + 1 WHERE name = 'feed'")
        let sequence = try row("SELECT value FROM counter WHERE name = 'feed'")?.int("value") ?? 0
        try execute(
            "INSERT INTO change_log (seq, goods_id, kind, created_at) VALUES (?, ?, ?, ?)",
            sequence, goods, kind.rawValue, now)
        return sequence
    }

    /// The number of the last change.
    func lastSequence() throws -> Int {
        try row("SELECT value FROM counter WHERE name = 'feed'")?.int("value") ?? 0
    }

    /// Makes the numbers of changes go on above another one, if they are below it.
    func raiseSequence(above greatest: Int) throws {
        try execute("UPDATE counter SET value = ? WHERE name = 'feed' AND value < ?", greatest + 1, greatest)
    }

    /// Returns the changes that follow a number.
    func changes(after sequence: Int, limit: Int) throws -> [Change] {
        try rows("SELECT seq, goods_id, kind FROM change_log WHERE seq > ? ORDER BY seq LIMIT ?", sequence, limit)
            .map {
                Change(
                    sequence: $0.int("seq"), goodsID: $0.int("goods_id"),
                    kind: ChangeKind(rawValue: $0.text("kind")) ?? .put)
            }
    }

    /// The last change that a reader has dealt with; nil for a reader that is new.
    func cursor(of reader: String) throws -> Int? {
        try row("SELECT seq FROM feed_cursor WHERE name = ?", reader)?.int("seq")
    }

    /// Moves the cursor of a reader.
    func setCursor(of reader: String, to sequence: Int, now: Milliseconds) throws {
        let changed = try execute(
            "UPDATE feed_cursor SET seq = ?, updated_at = ? WHERE name = ?", sequence, now, reader)
        guard changed == 0 else { return }
        try execute("INSERT INTO feed_cursor (name, seq, updated_at) VALUES (?, ?, ?)", reader, sequence, now)
    }

    /// The smallest number that the log still has, for readers that fell behind; nil if it is empty.
    func firstSequence() throws -> Int? { try row("SELECT MIN(seq) AS seq FROM change_log")?.optionalInt("seq") }

    /// Removes changes that all of some readers have dealt with, `limit` at most, and returns their number. A reader
    /// that is new needs none of them: it begins with all goods.
    func pruneChanges(_ readers: [String], limit: Int) throws -> Int {
        var least = try lastSequence()
        for reader in readers { least = min(least, try cursor(of: reader) ?? least) }
        guard let first = try firstSequence(), first <= least else { return 0 }
        return try execute("DELETE FROM change_log WHERE seq <= ?", min(least, first + limit - 1))
    }
}

extension Transaction {
    /// The goods on sale with the numbers of their last changes.
    func feedVersions() throws -> [(id: Int, sequence: Int)] {
        try rows("SELECT id, feed_seq FROM goods WHERE status = 1 AND is_delete = 0 ORDER BY id")
            .map { ($0.int("id"), $0.int("feed_seq")) }
    }
}

// MARK: Refused documents

/// A document that a search server has refused.
struct DeadDocument: Sendable, Equatable {
    var target: String
    var goodsID: Int
    var sequence: Int
    var reason: String
}

extension Transaction {
    /// Records that a target has refused the document of goods; a later refusal replaces it.
    func addDead(_ document: DeadDocument, now: Milliseconds) throws {
        try removeDead(target: document.target, goodsID: document.goodsID)
        try execute(
            "INSERT INTO feed_dead (target, goods_id, seq, reason, created_at) VALUES (?, ?, ?, ?, ?)",
            document.target, document.goodsID, document.sequence, document.reason, now)
    }

    /// Forgets that a target has refused the document of goods.
    func removeDead(target: String, goodsID: Int) throws {
        try execute("DELETE FROM feed_dead WHERE target = ? AND goods_id = ?", target, goodsID)
    }

    /// The documents that a target has refused.
    func deadDocuments(of target: String) throws -> [DeadDocument] {
        try rows("SELECT goods_id, seq, reason FROM feed_dead WHERE target = ? ORDER BY goods_id", target)
            .map {
                DeadDocument(
                    target: target, goodsID: $0.int("goods_id"), sequence: $0.int("seq"), reason: $0.text("reason"))
            }
    }
}

// MARK: Lists in a column

/// A list of texts as it stands in a column.
func listText(_ list: [String]) -> String {
    (try? JSONEncoder().encode(list)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
}

/// The list of texts in a column.
func storedList(_ text: String) -> [String] {
    (try? JSONDecoder().decode([String].self, from: Data(text.utf8))) ?? []
}
