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
    private let byKey = Mutex<TokenBuckets<String>?>(nil)
    private let byClient = Mutex<TokenBuckets<[UInt8]>?>(nil)

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
    /// True if there is a rate at which clients may send requests.
    var hasRates: Bool { state.withLock { $0.policy.rates != RequestRates() } }

    /// Takes a token for a request that is sent with a key. Returns the time after which there is one if there is none.
    func takeToken(ofKey name: String) -> Duration? {
        with(byKey, \.perKey) { $0.take(of: name) } ?? nil
    }

    /// Takes a token for a request of a client without a key of its own. Returns as `takeToken(ofKey:)` does.
    func takeToken(ofClient address: [UInt8]) -> Duration? {
        with(byClient, \.perClient) { $0.take(of: address) } ?? nil
    }

    /// Takes more tokens for a request that is sent with a key.
    func charge(_ tokens: Int, ofKey name: String) { with(byKey, \.perKey) { $0.charge(tokens, of: name) } }

    /// Takes more tokens for a request of a client without a key of its own.
    func charge(_ tokens: Int, ofClient address: [UInt8]) {
        with(byClient, \.perClient) { $0.charge(tokens, of: address) }
    }

    /// Calls `body` with the buckets of a rate, which are full again when it has changed; nil without the rate.
    @discardableResult
    private func with<Caller: Hashable & Sendable, Result>(
        _ buckets: borrowing Mutex<TokenBuckets<Caller>?>, _ rate: KeyPath<RequestRates, RequestRate?>,
        _ body: (inout TokenBuckets<Caller>) -> Result
    ) -> Result? {
        let rate = state.withLock { $0.policy.rates[keyPath: rate] }
        return buckets.withLock { buckets in
            guard let rate else {
                buckets = nil
                return nil
            }
            var current = buckets?.rate == rate ? buckets ?? TokenBuckets(rate) : TokenBuckets(rate)
            buckets = nil
            defer { buckets = current }
            return body(&current)
        }
    }
}
