/// A row of `ip_ban`.
package struct Ban: Sendable, Equatable {
    /// An address or a network, such as `203.0.113.0/24`.
    package var network: String
    package var reason: String
    /// The end of the ban; nil for one without end.
    package var until: Milliseconds?

    package init(network: String, reason: String, until: Milliseconds? = nil) {
        self.network = network
        self.reason = reason
        self.until = until
    }
}

extension Transaction {
    func bans() throws -> [Ban] {
        try rows("SELECT cidr, reason, until_at FROM ip_ban ORDER BY cidr")
            .map { Ban(network: $0.text("cidr"), reason: $0.text("reason"), until: $0.optionalTime("until_at")) }
    }

    /// Adds a ban, or replaces the one of the same network.
    func add(_ ban: Ban, now: Milliseconds) throws {
        try removeBan(ban.network)
        try execute(
            "INSERT INTO ip_ban (cidr, reason, until_at, created_at) VALUES (?, ?, ?, ?)",
            ban.network, ban.reason, ban.until, now)
    }

    /// Removes the ban of a network. False if there is none.
    @discardableResult
    func removeBan(_ network: String) throws -> Bool {
        try execute("DELETE FROM ip_ban WHERE cidr = ?", network) == 1
    }
}
