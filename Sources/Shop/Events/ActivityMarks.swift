/// The active accounts of each day as bitmaps in Redis: bit N of `stats:active:DAY` is set if the account N was active,
/// of `stats:new:DAY` if it was so for the first time. `stats:first` holds the first day of each account.
///
/// They answer the questions of the table `active_day` while that is busy, and can be made anew from it.
struct ActivityMarks: Sendable {
    /// Bitmaps are kept for 400 days.
    private static let lifetime = 400 * 86_400
    private static let firstDays = "stats:first"

    private static let mark = RedisScript(
        """
        local day, account = tonumber(ARGV[1]), ARGV[2]
        redis.call('SETBIT', KEYS[1] .. 'active:' .. day, account, 1)
        redis.call('EXPIRE', KEYS[1] .. 'active:' .. day, ARGV[3])
        local first = tonumber(redis.call('HGET', KEYS[1] .. 'first', account))
        if first and first <= day then return end
        if first then redis.call('SETBIT', KEYS[1] .. 'new:' .. first, account, 0) end
        redis.call('SETBIT', KEYS[1] .. 'new:' .. day, account, 1)
        redis.call('EXPIRE', KEYS[1] .. 'new:' .. day, ARGV[3])
        redis.call('HSET', KEYS[1] .. 'first', account, day)
        """)

    private static let count = RedisScript(
        """
        redis.call('BITOP', ARGV[1], KEYS[1], unpack(KEYS, 2))
        local count = redis.call('BITCOUNT', KEYS[1])
        redis.call('DEL', KEYS[1])
        return count
        """)

    private let redis: RedisClient

    init(_ redis: RedisClient) { self.redis = redis }

    /// Marks accounts as active, in any order of days; repeating it changes nothing.
    func add(_ days: some Collection<ActiveDay>) async throws {
        let calls = days.map { active in
            RedisScript.Call(keys: ["stats:"], arguments: [active.day, active.passportId, Self.lifetime])
        }
        _ = try await redis.run(Self.mark, calls)
    }

    /// The number of accounts that were active from one day to another, both included.
    func activeAccounts(_ days: ClosedRange<Day>) async throws -> Int {
        let keys = (days.lowerBound.number...days.upperBound.number).map { "stats:active:\($0)" }
        return try await count("OR", keys)
    }

    /// The number of accounts that were active on a day for the first time.
    func newcomers(_ day: Day) async throws -> Int { try await count("OR", ["stats:new:\(day.number)"]) }

    /// The number of the newcomers of a day who were active `distance` days later, too.
    func returned(_ day: Day, after distance: Int) async throws -> Int {
        try await count("AND", ["stats:new:\(day.number)", "stats:active:\(day.number + distance)"])
    }

    private func count(_ operation: String, _ keys: [String]) async throws -> Int {
        try await redis.run(Self.count, keys: ["stats:scratch"] + keys, [operation]).int ?? 0
    }
}
