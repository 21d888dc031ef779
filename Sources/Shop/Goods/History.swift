import Logging

/// The goods that a person has seen last: a list of five in Redis, `history_{passport_id}`, the latest first.
struct History: Sendable {
    private static let length = 5
    private static let lifetime = 90 * 86_400

    let redis: RedisClient
    let logger: Logger

    /// Adds goods in front. A failure is logged: nobody is kept from a page by it.
    func add(_ goods: Int, to passport: Int) async {
        do {
            try await redis.run(Self.script, keys: [Self.key(passport)], [goods, Self.length - 1, Self.lifetime])
        } catch {
            logger.warning("the history was not kept", metadata: ["error": "\(error)"])
        }
    }

    /// Returns the ids of the goods.
    func list(of passport: Int) async throws -> [Int] {
        try await redis.send("LRANGE", Self.key(passport), 0, Self.length - 1).elements.compactMap(\.int)
    }

    private static func key(_ passport: Int) -> String { "history_\(passport)" }

    private static let script = RedisScript(
        """
        redis.call('LREM', KEYS[1], 0, ARGV[1])
        redis.call('LPUSH', KEYS[1], ARGV[1])
        redis.call('LTRIM', KEYS[1], 0, ARGV[2])
        redis.call('EXPIRE', KEYS[1], ARGV[3])
        """)
}
