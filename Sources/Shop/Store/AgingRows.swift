/// Rows that lose their use with time.
enum AgingRows: CaseIterable, Sendable {
    /// Registrations that nobody has confirmed.
    case registrations
    /// Tokens of mails.
    case oneTimeTokens
    case refreshTokens
    /// Codes of text messages.
    case phoneCodes
    /// Jobs of the outbox that were sent; those that were not have no age.
    case sentJobs
    /// Effects of jobs.
    case jobEffects
    /// Events, of which the days of active accounts stay.
    case events

    /// The table, its key, and the time from which its age counts.
    fileprivate var columns: (table: String, key: String, time: String) {
        switch self {
        case .registrations: ("registration", "token_hash", "expires_at")
        case .oneTimeTokens: ("one_time", "hash", "expires_at")
        case .refreshTokens: ("refresh_token", "hash", "expires_at")
        case .phoneCodes: ("phone_code", "subject", "expires_at")
        case .sentJobs: ("job_outbox", "idem_key", "sent_at")
        case .jobEffects: ("job_effect", "idem_key", "created_at")
        case .events: ("event_log", "id", "at")
        }
    }
}

extension Transaction {
    /// Removes rows whose time is not after another one, the oldest first and `limit` at most, and returns how many.
    func prune(_ rows: AgingRows, until time: Milliseconds, limit: Int) throws -> Int {
        let (table, key, column) = rows.columns
        // Readers know events by their ids, which would begin anew in an empty table.
        let last = rows == .events ? "AND id < (SELECT MAX(id) FROM event_log)" : ""
        let keys = try self.rows(
            "SELECT CAST(\(key) AS CHAR) AS name FROM \(table) WHERE \(column) <= ? \(last) ORDER BY \(column) LIMIT ?",
            time, limit
        ).map { $0.text("name") }
        for name in keys { try execute("DELETE FROM \(table) WHERE \(key) = ?", name) }
        return keys.count
    }
}
