import FoundationEssentials
package import Logging

/// The parts of a running shop that all roles share: the database, Redis, the keys.
package final class ShopServices: Sendable {
    package let configuration: ShopConfiguration
    package let store: Store
    package let redis: RedisClient
    package let keys: KeyRing
    package let cache: PageCache
    package let logger: Logger
    /// The time of day. Tests replace it.
    package let now: @Sendable () -> Milliseconds
    let sessions: Sessions
    let access: AccessTokens
    let refresh: RefreshTokens
    let accounts: AccountService
    let cart: CartRoutes
    let orders: OrderService
    private let ownRedis: RedisServer?

    /// Opens the data folder, creates what is missing, and starts Redis if none is configured.
    package init(
        _ configuration: ShopConfiguration, logger: Logger,
        now: @escaping @Sendable () -> Milliseconds = { Milliseconds(Date().timeIntervalSince1970 * 1000) }
    ) async throws {
        var configuration = configuration
        configuration.data = URL(filePath: configuration.data).path
        try FileManager.default.createDirectory(
            atPath: configuration.data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        keys = try KeyRing.open(in: configuration.data)
        store = try Store(folder: configuration.data)
        var settings: RedisSettings
        switch configuration.redis {
        case .own:
            let server = try await RedisServer.open(in: configuration.data)
            ownRedis = server
            settings = RedisSettings(.socket(path: server.socket))
        case .tcp(let host, let port):
            ownRedis = nil
            settings = RedisSettings(.tcp(host: host, port: port))
        case .socket(let path):
            ownRedis = nil
            settings = RedisSettings(.socket(path: path))
        }
        settings.user = configuration.redisUser
        settings.password = configuration.redisPassword
        settings.replyTimeout = .milliseconds(configuration.redisTimeout.milliseconds)
        redis = RedisClient(settings)
        cache = PageCache(redis, logger: logger)
        sessions = Sessions(redis: redis, keys: keys)
        access = await AccessTokens(keys, now: now)
        refresh = RefreshTokens(store: store, keys: keys, now: now)
        accounts = AccountService(
            store: store, hasher: PasswordHasher(cost: configuration.passwordCost, queue: configuration.passwordQueue),
            sessions: sessions, now: now)
        let cart = Cart(redis: redis)
        self.cart = CartRoutes(store: store, cart: cart)
        orders = OrderService(
            store: store, cart: cart, transitPrice: configuration.transitPrice,
            timeout: configuration.orderTimeout.milliseconds, now: now)
        self.configuration = configuration
        self.logger = logger
        self.now = now
    }

    /// Closes everything; the shop's own Redis ends if no other process uses it.
    package func close() async {
        redis.close()
        await ownRedis?.close()
        do {
            try store.close()
        } catch {
            logger.error("the database was not closed", metadata: ["error": "\(error)"])
        }
    }
}

extension Duration {
    /// The duration in whole milliseconds.
    var milliseconds: Milliseconds { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
