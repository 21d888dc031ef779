import Logging
import ServiceLifecycle
import Synchronization

/// The networks that nobody may use the shop from: those that staff have banned, in the database, and those that were
/// banned by themselves because they went on after many refusals, in Redis.
///
/// Each process keeps both in memory, and renews them at a message of another process and every 30 seconds. Loopback
/// and proxies are never banned.
final class BanList: Sendable {
    private static let channel = "bans"
    /// The refusals in a minute that lead to a ban.
    static let strikes = 100
    /// The time of the first ban in seconds; each further one of a day takes twice as long.
    static let firstBan = 300

    private let store: Store
    private let redis: RedisClient
    private let trusted: [IPNetwork]
    private let logger: Logger
    private let now: @Sendable () -> Milliseconds
    private let networks = Mutex(Networks())

    /// The banned networks with the ends of their bans.
    private struct Networks {
        var stored: [(network: IPNetwork, until: Milliseconds?)] = []
        var automatic: [(network: IPNetwork, until: Milliseconds?)] = []
    }

    init(
        _ store: Store, _ redis: RedisClient, trusted: [IPNetwork], logger: Logger,
        now: @escaping @Sendable () -> Milliseconds
    ) {
        self.store = store
        self.redis = redis
        self.trusted = trusted
        self.logger = logger
        self.now = now
    }

    /// True if an address is banned now. Complexity: O(bans).
    func bans(_ address: IPAddress) -> Bool {
        if isProtected(address) { return false }
        return networks.withLock { networks in
            let now = now()
            return [networks.stored, networks.automatic].contains { list in
                list.contains { $0.network.contains(address) && ($0.until ?? .max) > now }
            }
        }
    }

    private func isProtected(_ address: IPAddress) -> Bool {
        address.isLoopback || trusted.contains { $0.contains(address) }
    }

    /// Counts a refusal of a client, and bans it after too many.
    func strike(_ address: IPAddress) async throws {
        guard !isProtected(address) else { return }
        let key = address.clientKey
        let reply = try await redis.run(
            Self.strikeScript, keys: ["ban:strikes:" + key, "ban:level:" + key, "ban:auto"],
            [Self.strikes, Self.firstBan * 1000, Int(now()), key])
        guard reply == .integer(1) else { return }
        logger.notice("a client was banned", metadata: ["client": "\(key)"])
        try await announce()
        try await reload()
    }

    /// Tells all processes that bans have changed.
    func announce() async throws { try await redis.send("PUBLISH", Self.channel, "") }

    /// Reads all bans. Without Redis those of staff hold.
    func reload() async throws {
        let bans = try await store.read { try $0.bans() }
        let stored = bans.compactMap { ban in IPNetwork(ban.network).map { ($0, ban.until) } }
        networks.withLock { $0.stored = stored }
        try await redis.send("ZREMRANGEBYSCORE", "ban:auto", "-inf", Int(now()))
        let automatic = try await redis.send("ZRANGE", "ban:auto", 0, -1, "WITHSCORES").pairs.compactMap {
            name, until in
            IPNetwork(name).map { ($0, until.int.map(Milliseconds.init)) }
        }
        networks.withLock { $0.automatic = automatic }
    }

    /// Renews the list until the process ends.
    func keepFresh() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                for await _ in redis.messages(of: Self.channel) { await tryReload() }
            }
            group.addTask { [self] in
                while (try? await Task.sleep(for: .seconds(30))) != nil { await tryReload() }
            }
        }
    }

    private func tryReload() async {
        do {
            try await reload()
        } catch {
            logger.warning("the bans may be old", metadata: ["error": "\(error)"])
        }
    }

    private static let strikeScript = RedisScript(
        """
        local count = redis.call('INCR', KEYS[1])
        if count == 1 then redis.call('EXPIRE', KEYS[1], 60) end
        if count < tonumber(ARGV[1]) then return 0 end
        redis.call('DEL', KEYS[1])
        local level = redis.call('INCR', KEYS[2])
        redis.call('EXPIRE', KEYS[2], 86400)
        local time = tonumber(ARGV[2]) * 2 ^ math.min(level - 1, 10)
        redis.call('ZADD', KEYS[3], string.format('%.0f', tonumber(ARGV[3]) + time), ARGV[4])
        return 1
        """)
}

/// The task that keeps the list of bans fresh.
struct BanRefresh: Service {
    let bans: BanList

    func run() async throws { await cancelWhenGracefulShutdown { await bans.keepFresh() } }
}
