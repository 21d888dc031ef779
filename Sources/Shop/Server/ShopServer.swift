import Glibc
package import Hummingbird
import HummingbirdCore
import Logging
import ServiceLifecycle
import UnixSignals

/// Runs roles until SIGTERM or SIGINT; then requests get ten seconds to end.
///
/// `whenRunning` is called for each server with its role and port when it accepts requests.
package func run(
    _ roles: Set<Role>, _ services: ShopServices, whenRunning: @escaping @Sendable (Role, Int) -> Void
) async throws {
    let configuration = services.configuration
    let logger = services.logger
    var list: [any Service] = []
    if let redis = services.ownRedis {
        list.append(
            RepeatedTask(pause: .seconds(1), trouble: "redis does not run", logger: logger) {
                try await redis.startIfNeeded()
            })
    }
    let events = services.events
    list.append(
        RepeatedTask(pause: .seconds(1), trouble: "events wait", logger: logger) { try await events.flush() })
    if roles.contains(.app) {
        let (host, port) = (configuration.host, configuration.port)
        list.append(
            RoleServer(role: .app, host: host, port: port) {
                try await makeServer(.app, services, host: host, port: port, whenRunning: whenRunning).run()
            })
        list.append(BanRefresh(bans: services.bans))
        list.append(FlashNews(claims: services.flashClaims))
        let invalidator = CacheInvalidator(store: services.store, cache: services.cache)
        list.append(
            RepeatedTask(pause: .milliseconds(100), trouble: "pages may be old", logger: logger) {
                while try await invalidator.step() {}
            })
    }
    if roles.contains(.admin) {
        let (host, port) = (configuration.adminHost, configuration.adminPort)
        list.append(
            RoleServer(role: .admin, host: host, port: port) {
                try await makeServer(.admin, services, host: host, port: port, whenRunning: whenRunning).run()
            })
    }
    if roles.contains(.worker) { list += try backgroundServices(services) }
    var group = ServiceGroupConfiguration(
        services: list, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    group.maximumGracefulShutdownDuration = .seconds(10)
    try await ServiceGroup(configuration: group).run()
}

/// Returns the services of the role `worker`.
func backgroundServices(_ services: ShopServices) throws -> [any Service] {
    let (feed, orders, logger) = (services.feed, services.orders, services.logger)
    let pruning = Pruning(
        store: services.store, redis: services.redis, readers: feed.readers,
        jobRetention: services.configuration.jobRetention, eventRetention: services.configuration.eventRetention,
        now: services.now)
    let relays = feed.relays.map { relay in
        RepeatedTask(
            pause: .milliseconds(100), longestPause: .seconds(5),
            trouble: "search at \(relay.client.target.name) does not follow", logger: logger
        ) {
            while try await relay.step(), !Task.isShuttingDownGracefully {}
        }
    }
    let told = feed.relays.prefix(1).map { relay in
        // Pages search at the first target, which alone knows the ids of its replies.
        let events = EventRelay(store: services.store, client: relay.client, logger: logger, now: services.now)
        return RepeatedTask(
            pause: .seconds(1), longestPause: .seconds(60), trouble: "search does not learn of events", logger: logger
        ) {
            while try await events.step(), !Task.isShuttingDownGracefully {}
        }
    }
    return try [
        RepeatedTask(
            pause: .seconds(1), longestPause: .seconds(30), trouble: "unpaid orders were not canceled", logger: logger
        ) {
            while try await orders.cancelExpired() > 0 {}
        },
        RepeatedTask(pause: .seconds(60), trouble: "old rows were not removed", logger: logger) {
            try await pruning.pass()
        },
    ] + relays + told + jobServices(services)
}

/// Returns the server of a role; the role `worker` has none.
package func makeServer(
    _ role: Role, _ services: ShopServices, host: String = "127.0.0.1", port: Int = 0,
    whenRunning: @escaping @Sendable (Role, Int) -> Void = { _, _ in }
) -> some ApplicationProtocol {
    // The first router only tells the second which paths there are.
    let paths = Router(context: ShopContext.self)
    addRoutes(of: role, to: paths, services)
    let missingPage = role == .app ? storefront(services).page(.notFound) : nil
    let router = Router(context: ShopContext.self, options: .autoGenerateHeadEndpoints)
    router.addMiddleware {
        EventMiddleware(
            events: services.events, logsRequests: services.configuration.logsRequests, now: services.now)
        SecurityHeaders()
        ProblemMiddleware(paths, missingPage: missingPage)
        HostMiddleware(hosts: services.configuration.knownHosts)
        ClientAddressMiddleware(rule: services.addresses)
        BanMiddleware(bans: services.bans)
        FlashShedding(claims: services.flashClaims)
        if services.configuration.limitsRequests {
            RateLimitMiddleware(limiter: services.limiter, bans: services.bans)
        }
        Authenticator(
            sessions: services.sessions, cookies: services.cookies, tokens: services.access,
            origin: services.configuration.publicOrigin)
    }
    addRoutes(of: role, to: router, services)
    let connections = HTTP1Channel.Configuration(
        additionalChannelHandlers: [SlowClients()], idleTimeout: .seconds(60),
        httpDecoderConfiguration: .init(
            maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
    return Application(
        router: router, server: .http1(configuration: connections),
        configuration: .init(
            address: .hostname(host, port: port), serverName: "quire-shop",
            availableConnectionsDelegate: .maximum(maxConnections(), logger: services.logger)),
        onServerRunning: { channel in whenRunning(role, channel.localAddress?.port ?? port) }, logger: services.logger)
}

/// The most connections at a time, after raising the limit of descriptors as far as it goes: 256 descriptors are for
/// the database, Redis and search. Further clients wait to be accepted.
private func maxConnections() -> Int {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = min(limit.rlim_max, 65_536)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return min(max(Int(limit.rlim_cur) - 256, 64), 10_000)
}

/// Adds the routes of a role.
func addRoutes(of role: Role, to router: Router<ShopContext>, _ services: ShopServices) {
    addHealthRoutes(to: router, services)
    guard role == .app else { return }
    storefront(services).add(to: router)
    services.pictures.add(to: router)
    router.get("openapi.json") { _, _ in
        Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-cache"],
            body: .init(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_json)))
    }
    if let target = services.configuration.feedTargets.first {
        SearchProxy(target: target, logger: services.logger)?.add(to: router)
    }
    let history = History(redis: services.redis, logger: services.logger)
    let api = router.group("api/v1")
    GoodsRoutes(store: services.store, cache: services.cache, history: history).add(to: api)
    let cart = services.cart
    let logins = AccountRoutes(
        accounts: services.accounts, sessions: services.sessions, access: services.access, refresh: services.refresh,
        cookies: services.cookies,
        limiter: services.configuration.limitsRequests ? services.limiter : nil,
        onLogin: { try await cart.merge($1, into: $0) })
    logins.add(to: api)
    OAuthRoutes(qq: services.qq, logins: logins).add(to: api)
    PhoneRoutes(codes: services.phoneCodes, isOffered: services.configuration.sms != nil).add(to: api)
    EventRoutes(usesTLS: services.configuration.usesTLS).add(to: api)
    AddressRoutes(store: services.store, now: services.now).add(to: api)
    cart.add(to: api)
    OrderRoutes(orders: services.orders).add(to: api)
    PaymentRoutes(store: services.store, payments: services.payments).add(to: api)
    FlashRoutes(store: services.store, cache: services.cache, claims: services.flashClaims, now: services.now)
        .add(to: api)
}

private func storefront(_ services: ShopServices) -> StorefrontRoutes {
    StorefrontRoutes(store: services.store, offersQQ: services.qq != nil)
}

/// Adds `/healthz`, which a live process answers, and `/readyz`, which needs the database and Redis.
private func addHealthRoutes(to router: Router<ShopContext>, _ services: ShopServices) {
    router.get("healthz") { _, _ in jsonReply(["status": "ok"]) }
    router.get("readyz") { _, _ in
        _ = try await services.store.read { try $0.lastSequence() }
        try await services.redis.send("PING")
        return jsonReply(["status": "ok"])
    }
}
