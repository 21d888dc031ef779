import AsyncHTTPClient
import NIOCore

extension HTTPClient {
    /// The client of search servers: it reports at once that nobody listens, and follows no redirection, which could
    /// lead anywhere.
    static let search: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.timeout.connect = .seconds(3)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.redirectConfiguration = .disallow
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}
