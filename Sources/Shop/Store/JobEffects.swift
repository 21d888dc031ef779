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

    /// Returns the keys that begin with a text, which is ASCII, and whose jobs have had their effect.
    func effects(beginningWith prefix: String) throws -> [String] {
        try rows("SELECT idem_key FROM job_effect WHERE idem_key >= ? AND idem_key < ?", prefix, prefix + "\u{7F}")
            .map { $0.text("idem_key") }
    }
}
