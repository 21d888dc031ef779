import ServiceLifecycle
import Synchronization

/// A claim of a unit, as its entry in the stream `jobs:{flash}` carries it.
struct FlashClaim: Sendable, Equatable {
    var flash: Int
    var passport: Int
    /// The address of the delivery; the account's default if it is nil.
    var address: Int?
    /// The language of mails about the order, `zh` or `en`.
    var language: String
}

extension FlashClaim {
    /// The claim as text: sale, account, address or `-`, language. Thousands of them are read at once, also by the
    /// scripts in Redis.
    var text: String { "\(flash) \(passport) \(address.map(String.init) ?? "-") \(language)" }

    /// Reads a claim; nil for a text that is none.
    init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 4, let flash = Int(parts[0]), let passport = Int(parts[1]) else { return nil }
        let address = Int(parts[2])
        guard address != nil || parts[2] == "-" else { return nil }
        self.init(flash: flash, passport: passport, address: address, language: String(parts[3]))
    }
}

/// The result of a claim.
enum FlashClaimResult: Sendable, Hashable {
    /// The account has a unit, from now on or since an earlier claim.
    case ticket(String)
    case notOpen
    case ended
    case soldOut
    /// Redis does not know the sale.
    case missing
}

/// A ticket as its owner sees it.
enum FlashTicket: Sendable, Equatable {
    case queued
    /// It became an order.
    case ordered(String)
    /// It became none, and its owner may claim again.
    case failed(String)
}

/// Gives out the units of flash sales: one script in Redis for each claim, and none once a sale is sold out.
final class FlashClaims: Sendable {
    /// The queue of claims, which become orders in batches.
    static let queue = "flash"
    /// The channel on which Redis tells which sale has units again.
    static let channel = "flash"

    /// The time after which a claim of a sale that counts as sold out asks Redis all the same: the news of a unit may
    /// have been lost with a connection that looks alive.
    static let flagAge = Duration.seconds(2)

    private struct Known {
        /// The sales that are sold out, each with the time at which Redis was asked last.
        var soldOut: [Int: ContinuousClock.Instant] = [:]
        /// The number of messages that may have ended a flag.
        var messages = 0
    }

    private let store: Store
    private let redis: RedisClient
    private let known = Mutex(Known())
    private let queue: JobQueue
    private let clock: @Sendable () -> ContinuousClock.Instant

    init(
        _ store: Store, _ redis: RedisClient,
        clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.clock = clock
        self.store = store
        self.redis = redis
        queue = JobQueue(Self.queue, redis)
    }

    /// The sales that this process knows to be sold out.
    var soldOut: Set<Int> { known.withLock { Set($0.soldOut.keys) } }

    /// True if a claim of a sale is to be refused without Redis; once in `flagAge` it is false also for a sale that
    /// counts as sold out.
    func refuses(_ sale: Int) -> Bool {
        known.withLock { known in
            guard let asked = known.soldOut[sale] else { return false }
            let now = clock()
            guard now - asked >= Self.flagAge else { return true }
            known.soldOut[sale] = now
            return false
        }
    }

    /// Claims a unit of a sale for an account. Errors: `RedisError`; after `timeout` the claim may have been made, and
    /// a repetition returns its ticket.
    func claim(_ claim: FlashClaim, now: Milliseconds = 0) async throws -> FlashClaimResult {
        let messages = known.withLock { $0.messages }
        let ticket = "\(claim.flash)-\(randomToken().prefix(22))"
        let reply = try await redis.run(
            FlashScripts.claim, keys: FlashScripts.keys(claim.flash) + [queue.stream],
            [claim.passport, ticket, claim.text, now]
        ).elements.map(\.text)
        switch reply.first {
        case "again": return .ticket(reply.last.flatMap { $0 } ?? ticket)
        case "ticket":
            known.withLock { _ = $0.soldOut.removeValue(forKey: claim.flash) }
            return .ticket(ticket)
        case "not_open": return .notOpen
        case "ended": return .ended
        case "missing": return .missing
        case "sold_out":
            // A unit that came back meanwhile has ended a flag that was not there yet.
            let asked = clock()
            known.withLock { if $0.messages == messages { $0.soldOut[claim.flash] = asked } }
            return .soldOut
        default: throw RedisError.unexpectedReply("claim")
        }
    }

    /// Returns the ticket with which an account holds a unit of a sale; nil if it holds none.
    func ticket(of passport: Int, in sale: Int) async throws -> String? {
        try await redis.send("HGET", FlashScripts.keys(sale)[1], passport).text
    }

    /// Returns what became of a ticket; nil if it is not the account's.
    func ticket(_ ticket: String, of passport: Int) async throws -> FlashTicket? {
        guard let sale = ticket.split(separator: "-").first.flatMap({ Int($0) }) else { return nil }
        if let order = try await store.read({ try $0.order(ticket: ticket, of: passport, in: sale) }) {
            return .ordered(order)
        }
        let keys = FlashScripts.keys(sale)
        if try await redis.send("HGET", keys[1], passport).text == ticket { return .queued }
        let failure = try await redis.send("HGET", keys[2], passport).text?.split(separator: " ") ?? []
        guard failure.count == 2, failure[0] == ticket else { return nil }
        return .failed(String(failure[1]))
    }

    /// Gives a unit back in Redis; again it has no effect.
    func giveBack(_ unit: FlashReturn) async throws {
        try await redis.run(
            FlashScripts.giveBack, keys: FlashScripts.keys(unit.flash),
            [unit.passport, unit.ticket, unit.isForSale ? 1 : 0, Self.channel, unit.flash])
    }

    /// Follows the news of returned units until the task is canceled. After a lost connection no sale counts as sold
    /// out.
    func follow() async {
        for await message in redis.messages(of: Self.channel) {
            known.withLock { known in
                known.messages += 1
                if let sale = message.flatMap({ Int($0) }) { known.soldOut[sale] = nil } else { known.soldOut = [:] }
            }
        }
    }
}

/// The task that follows the news of returned units.
struct FlashNews: Service {
    let claims: FlashClaims

    func run() async throws { await cancelWhenGracefulShutdown { await claims.follow() } }
}
