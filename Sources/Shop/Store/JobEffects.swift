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
}
