/// A limit of how often somebody may send requests: so many a second on average, and `burst` of them at once.
package struct RequestRate: Sendable, Equatable {
    /// The requests a second.
    package var perSecond: Double
    /// The requests that may come at once after a pause.
    package var burst: Int

    /// Creates a limit of at least one request a day, by default with as many at once as are allowed in two seconds.
    package init(perSecond: Double, burst: Int? = nil) {
        self.perSecond = max(perSecond, 1 / 86_400)
        self.burst = max(burst ?? Int((perSecond * 2).rounded(.up)), 1)
    }

    /// The time that one request is worth.
    var interval: Duration { .seconds(1 / perSecond) }
}

/// The rates at which clients may send requests to the API; nil for no limit.
package struct RequestRates: Sendable, Equatable {
    /// The rate of each key.
    package var perKey: RequestRate?
    /// The rate of each client without a key, or with a scoped one, which many clients share: an address of version 4,
    /// or a network of 64 bits of version 6.
    package var perClient: RequestRate?

    /// No limits.
    package init() {}
}
