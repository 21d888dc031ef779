/// A row of `phone_code`: a code that was sent to a number, by the keyed hash of it.
struct PhoneCode: Sendable {
    /// The account and the number.
    var subject: String
    var hash: String
    /// The attempts that are left.
    var attempts: Int
    var expiresAt: Milliseconds
}

extension Transaction {
    /// Stores a code in the place of the last one with its subject.
    func setPhoneCode(_ code: PhoneCode) throws {
        try removePhoneCode(code.subject)
        try execute(
            "INSERT INTO phone_code (subject, hash, attempts, expires_at) VALUES (?, ?, ?, ?)",
            code.subject, code.hash, code.attempts, code.expiresAt)
    }

    /// Uses up an attempt, and returns the hash of the code; nil if there is none, it has expired, or no attempt is
    /// left.
    func usePhoneCode(_ subject: String, now: Milliseconds) throws -> String? {
        let changed = try execute(
            "UPDATE phone_code SET attempts = attempts - 1 WHERE subject = ? AND attempts > 0 AND expires_at > ?",
            subject, now)
        guard changed == 1 else { return nil }
        return try row("SELECT hash FROM phone_code WHERE subject = ?", subject)?.text("hash")
    }

    func removePhoneCode(_ subject: String) throws {
        try execute("DELETE FROM phone_code WHERE subject = ?", subject)
    }
}
