import FoundationEssentials

extension Transaction {
    /// Records that the effect of a job is part of this transaction, and returns false if it was part of another: the
    /// job runs again, and there is nothing left to do.
    package func isFirst(_ key: String, now: Milliseconds) throws -> Bool {
        do {
            try execute("INSERT INTO job_effect (idem_key, created_at) VALUES (?, ?)", key, now)
            return true
        } catch StoreError.duplicate {
            return false
        }
    }

    /// Returns those of some keys whose jobs have had their effect.
    func effects(among keys: [String]) throws -> Set<String> {
        Set(
            try rows(
                "SELECT idem_key FROM job_effect WHERE idem_key IN (SELECT value FROM json_each(?))",
                String(decoding: try JSONEncoder().encode(keys), as: UTF8.self)
            ).map { $0.text("idem_key") })
    }
}
