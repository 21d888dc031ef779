import AsyncHTTPClient
import NIOCore

extension HTTPClient {
    /// The client of searches. As that of the feed it reports at once that nobody listens, and follows no redirection,
    /// which could lead anywhere.
    static let search = ofSearchServer()
    /// The client of the feed, whose changes do not wait for the connections of searches.
    static let feed = ofSearchServer()

    private static func ofSearchServer() -> HTTPClient {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.timeout.connect = .seconds(3)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.redirectConfiguration = .disallow
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }
}
