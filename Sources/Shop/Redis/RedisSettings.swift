import NIOCore

/// The way to a Redis server.
struct RedisSettings: Sendable {
    enum Address: Sendable, Equatable {
        case tcp(host: String, port: Int)
        case socket(path: String)
    }

    var address: Address
    var user: String?
    var password: Secret?
    var connectTimeout = TimeAmount.seconds(2)
    /// The time that a reply may take.
    var replyTimeout = TimeAmount.seconds(3)
}
