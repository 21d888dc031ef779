import Synchronization

/// The choices of a server that can change while it runs.
package struct ServerPolicy: Sendable {
    /// The names by which clients may address the server, besides `localhost` and addresses in digits; `*` allows all.
    package var hosts: [String]
    /// The sites whose pages may read replies.
    package var origins: AllowedOrigins
    /// The rates at which clients may send requests.
    package var rates: RequestRates

    /// Creates a policy, by default for one name, no site and no limit.
    package init(hosts: [String], origins: AllowedOrigins = .none, rates: RequestRates = RequestRates()) {
        self.hosts = hosts
        self.origins = origins
        self.rates = rates
    }
}

/// The policy that is in force, in all servers of a process. Thread-safe.
package final class CurrentPolicy: Sendable {
    private let state: Mutex<(policy: ServerPolicy, hosts: AllowedHosts)>

    /// Puts a policy in force.
    package init(_ policy: ServerPolicy) { state = Mutex((policy, AllowedHosts(policy.hosts))) }

    /// Puts another policy in force. Names count for connections that begin from now on, the rest for requests.
    package func replace(by policy: ServerPolicy) {
        let hosts = AllowedHosts(policy.hosts)
        state.withLock { $0 = (policy, hosts) }
    }

    /// The names by which clients may address the server.
    var hosts: AllowedHosts { state.withLock { $0.hosts } }
    /// The sites whose pages may read replies.
    var origins: AllowedOrigins { state.withLock { $0.policy.origins } }
    /// The rates at which clients may send requests.
    var rates: RequestRates { state.withLock { $0.policy.rates } }
}
