import FoundationEssentials
package import Logging

/// The parts of a running shop that all roles share: the database, Redis, the keys.
package final class ShopServices: Sendable {
    package let configuration: ShopConfiguration
    package let store: Store
    package let redis: RedisClient
    let keys: CurrentKeys
    let cache: PageCache
    package let pictures: Pictures
    package let logger: Logger
    /// The time of day. Tests replace it.
    package let now: @Sendable () -> Milliseconds
    let events: EventLog
    /// The numbers of the event log.
    package var statistics: Statistics { Statistics(store, redis) }
    let sessions: Sessions
    let cookies: SessionCookies
    let access: AccessTokens
    let refresh: RefreshTokens
    let accounts: AccountService
    let phoneCodes: PhoneCodes
    let qq: QQLogin?
    let cart: CartRoutes
    let payments: AlipayPayments?
    let orders: OrderService
    package let flashSales: FlashSales
    let flashClaims: FlashClaims
    let limiter: RateLimiter
    let bans: BanList
    let addresses: ClientAddressRule
    /// The shop's own Redis; nil if another is configured.
    let ownRedis: RedisServer?

    /// Opens the data folder, creates what is missing, and starts Redis if none is configured.
    package init(
        _ configuration: ShopConfiguration, logger: Logger,
        now: @escaping @Sendable () -> Milliseconds = { Milliseconds(Date().timeIntervalSince1970 * 1000) },
        onStatement: (@Sendable (String) -> Void)? = nil
    ) async throws {
        var configuration = configuration
        configuration.data = URL(filePath: configuration.data).path
        addresses = ClientAddressRule(trusted: try Self.networks(configuration.trustedProxies))
        try FileManager.default.createDirectory(
            atPath: configuration.data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        keys = CurrentKeys(try KeyRing.open(in: configuration.data), folder: configuration.data)
        store = try Store(folder: configuration.data, onStatement: onStatement)
        pictures = try Pictures(data: configuration.data)
        var settings: RedisSettings
        switch configuration.redis {
        case .own:
            let server = try await RedisServer.open(in: configuration.data)
            ownRedis = server
            settings = RedisSettings(address: .socket(path: server.socket))
        case .tcp(let host, let port):
            ownRedis = nil
            settings = RedisSettings(address: .tcp(host: host, port: port))
        case .socket(let path):
            ownRedis = nil
            settings = RedisSettings(address: .socket(path: path))
        }
        settings.user = configuration.redisUser
        settings.password = configuration.redisPassword
        settings.replyTimeout = .milliseconds(configuration.redisTimeout.milliseconds)
        redis = RedisClient(settings)
        cache = PageCache(redis, logger: logger)
        sessions = Sessions(redis: redis, keys: keys)
        cookies = SessionCookies(sessions: sessions, usesTLS: configuration.usesTLS)
        access = AccessTokens(keys, now: now)
        refresh = RefreshTokens(store: store, keys: keys, now: now)
        limiter = RateLimiter(redis, logger: logger)
        accounts = AccountService(
            store: store, hasher: PasswordHasher(cost: configuration.passwordCost, queue: configuration.passwordQueue),
            sessions: sessions, limiter: configuration.limitsRequests ? limiter : nil, now: now)
        phoneCodes = PhoneCodes(
            store: store, keys: keys, limiter: configuration.limitsRequests ? limiter : nil, now: now)
        qq = QQLogin(configuration, accounts, keys, logger: logger)
        let cart = Cart(redis: redis)
        self.cart = CartRoutes(store: store, cart: cart)
        events = EventLog(store, redis, logger: logger)
        payments = try AlipayPayments(configuration, store, redis, events, logger: logger, now: now)
        orders = OrderService(
            store: store, cart: cart, events: events, payments: payments, transitPrice: configuration.transitPrice,
            payMethods: configuration.payMethods, unpaidLimit: configuration.unpaidLimit,
            timeout: configuration.orderTimeout.milliseconds, now: now)
        (flashSales, flashClaims) = (FlashSales(store, redis, now: now), FlashClaims(store, redis))
        bans = BanList(store, redis, trusted: addresses.trusted, logger: logger, now: now)
        self.configuration = configuration
        self.logger = logger
        self.now = now
    }

    private static func networks(_ texts: [String]) throws -> [IPNetwork] {
        try texts.map { text in
            guard let network = IPNetwork(text) else {
                throw ConfigurationProblem("http.trustedProxies: \"\(text)\" is neither an address nor a network")
            }
            return network
        }
    }

    /// The way of goods into search.
    package var feed: Feed { Feed(store, configuration.feedTargets, logger: logger, now: now) }

    /// Bans a network in all processes. Errors: a text that is no network.
    package func ban(_ ban: Ban) async throws {
        guard IPNetwork(ban.network) != nil else {
            throw ConfigurationProblem("\"\(ban.network)\" is neither an address nor a network such as 203.0.113.0/24")
        }
        let now = now()
        try await store.write { try $0.add(ban, now: now) }
        try await bans.announce()
    }

    /// Ends the ban of a network in all processes. False if there is none.
    package func unban(_ network: String) async throws -> Bool {
        let wasStored = try await store.write { try $0.removeBan(network) }
        let wasAutomatic = try await redis.send("ZREM", "ban:auto", network) == .integer(1)
        try await bans.announce()
        return wasStored || wasAutomatic
    }

    /// The bans of staff.
    package func listBans() async throws -> [Ban] { try await store.read { try $0.bans() } }

    /// Closes everything; the shop's own Redis ends if no other process uses it.
    package func close() async {
        do {
            try await events.flush()
        } catch {
            logger.error("the last events were not written", metadata: ["error": "\(error)"])
        }
        redis.close()
        await ownRedis?.close()
        do {
            try store.close()
        } catch {
            logger.error("the database was not closed", metadata: ["error": "\(error)"])
        }
    }
}
