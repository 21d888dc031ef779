package import NIOCore

/// The way to a Redis server.
package struct RedisSettings: Sendable {
    package enum Address: Sendable, Equatable {
        case tcp(host: String, port: Int)
        case socket(path: String)
    }

    package var address: Address
    package var user: String?
    package var password: Secret?
    package var connectTimeout = TimeAmount.seconds(2)
    /// The time that a reply may take.
    package var replyTimeout = TimeAmount.seconds(3)

    package init(_ address: Address, user: String? = nil, password: Secret? = nil) {
        self.address = address
        self.user = user
        self.password = password
    }
}
