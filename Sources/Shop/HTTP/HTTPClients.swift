import AsyncHTTPClient
import NIOCore

extension HTTPClient {
    /// The client of searches. As the others it reports at once that nobody listens, and follows no redirection, which
    /// could lead anywhere.
    static let search = ofKnownServers()
    /// The client of the feed, whose changes do not wait for the connections of searches.
    static let feed = ofKnownServers()
    /// The client of services outside of the shop, such as that of text messages.
    static let services = ofKnownServers()

    private static func ofKnownServers() -> HTTPClient {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.timeout.connect = .seconds(3)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.redirectConfiguration = .disallow
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }
}
