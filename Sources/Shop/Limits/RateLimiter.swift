import Logging
import Synchronization

/// A rate: so many requests in a period, and so many at once.
struct RateLimit: Sendable, Equatable {
    /// The time in which one request is earned, in microseconds.
    var interval: Int
    /// The most requests at once.
    var burst: Int

    init(_ count: Int, perSeconds seconds: Int, burst: Int) {
        interval = seconds * 1_000_000 / count
        self.burst = burst
    }

    /// Decides about one request at a time, by the generic cell rate algorithm.
    ///
    /// `arrival` is the theoretical arrival time that the last admitted request left behind, in microseconds; it moves
    /// only when the request is admitted.
    func decide(_ arrival: inout Int, now: Int) -> RateDecision {
        let next = max(arrival, now) + interval
        let room = burst * interval - (next - now)
        guard room >= 0 else {
            return RateDecision(
                isAdmitted: false, limit: burst, remaining: 0, retryMilliseconds: (-room + 999) / 1000,
                resetMilliseconds: (max(arrival, now) - now + 999) / 1000)
        }
        arrival = next
        return RateDecision(
            isAdmitted: true, limit: burst, remaining: room / interval, retryMilliseconds: 0,
            resetMilliseconds: (next - now + 999) / 1000)
    }
}

/// The decision about a request.
struct RateDecision: Sendable, Equatable {
    var isAdmitted: Bool
    var limit: Int
    /// The number of requests that would be admitted at once now.
    var remaining: Int
    /// The time after which a request would be admitted.
    var retryMilliseconds: Int
    /// The time after which the whole burst would be admitted.
    var resetMilliseconds: Int
}

/// The classes of requests, each with a limit of its own for a client.
enum RateClass: String, Sendable, CaseIterable {
    case read
    /// Telling what visitors of pages do.
    case events
    /// Searching, which the search server does.
    case search
    case write
    /// Claiming units of flash sales.
    case flash
    /// Registering, logging in, passwords: what costs much, or what can be guessed.
    case account
    /// The way to another provider and back, at whose end the shop asks that provider.
    case oauth
    /// Logging in with one name from one client.
    case login
    /// Mails that anybody may have sent to one address.
    case mail
    /// Text messages that one client, or one account, has sent.
    case smsSender = "sms-sender"
    /// Text messages to one number.
    case smsMinute = "sms-minute"
    case smsDay = "sms-day"

    var limit: RateLimit {
        switch self {
        case .events: RateLimit(60, perSeconds: 60, burst: 20)
        case .read: RateLimit(50, perSeconds: 1, burst: 100)
        case .search: RateLimit(30, perSeconds: 1, burst: 60)
        case .write: RateLimit(10, perSeconds: 1, burst: 20)
        case .flash: RateLimit(5, perSeconds: 1, burst: 5)
        case .account: RateLimit(20, perSeconds: 60, burst: 20)
        case .oauth: RateLimit(20, perSeconds: 60, burst: 20)
        case .login: RateLimit(5, perSeconds: 60, burst: 5)
        case .mail: RateLimit(5, perSeconds: 3600, burst: 5)
        case .smsSender: RateLimit(10, perSeconds: 3600, burst: 10)
        case .smsMinute: RateLimit(1, perSeconds: 60, burst: 1)
        case .smsDay: RateLimit(5, perSeconds: 86_400, burst: 5)
        }
    }
}

/// Limits requests for all processes together, by one script in Redis for each request.
///
/// Without Redis reading goes on, limited by each process for itself, and what can be guessed is refused (503).
final class RateLimiter: Sendable {
    /// The clients that a process remembers without Redis; beyond it forgets all.
    private static let memory = 100_000

    private let redis: RedisClient
    private let logger: Logger
    private let arrivals = Mutex<[String: Int]>([:])

    init(_ redis: RedisClient, logger: Logger) {
        self.redis = redis
        self.logger = logger
    }

    /// Decides about a request of a client, or of a client and a name.
    func decide(_ rateClass: RateClass, _ client: String) async throws -> RateDecision {
        do {
            return try await decide("rate:\(rateClass.rawValue):\(client)", rateClass.limit)
        } catch let error as RedisError {
            guard [.read, .search].contains(rateClass) else { throw error }
            logger.debug("requests are limited without Redis", metadata: ["error": "\(error)"])
            return arrivals.withLock { arrivals in
                if arrivals.count >= Self.memory { arrivals = [:] }
                let now = ContinuousClock.now - Self.start
                return rateClass.limit.decide(
                    &arrivals[rateClass.rawValue + client, default: 0], now: Int(now / .microseconds(1)))
            }
        }
    }

    private static let start = ContinuousClock.now

    /// Decides by the limit of a key in Redis, at a time in microseconds or now, by the clock of Redis.
    func decide(_ key: String, _ limit: RateLimit, now: Int = 0) async throws -> RateDecision {
        let reply = try await redis.run(Self.script, keys: [key], [limit.interval, limit.burst, now]).elements
            .compactMap(\.int)
        guard reply.count == 4 else { throw RedisError.unexpectedReply("rate limit") }
        return RateDecision(
            isAdmitted: reply[0] == 1, limit: limit.burst, remaining: reply[1], retryMilliseconds: reply[2],
            resetMilliseconds: reply[3])
    }

    // Lua's numbers are exact to 2^53; the time in microseconds needs 51 bits.
    private static let script = RedisScript(
        """
        local time = redis.call('TIME')
        local now = tonumber(ARGV[3])
        if now == 0 then now = tonumber(time[1]) * 1000000 + tonumber(time[2]) end
        local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
        local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
        local following = arrival + interval
        local room = burst * interval - (following - now)
        if room < 0 then
            return {0, 0, math.ceil(-room / 1000), math.ceil((arrival - now) / 1000)}
        end
        local reset = math.ceil((following - now) / 1000)
        redis.call('SET', KEYS[1], string.format('%.0f', following), 'PX', reset)
        return {1, math.floor(room / interval), 0, reset}
        """)
}
