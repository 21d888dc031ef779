import Crypto
import FoundationEssentials
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// A part of the shop whose pages become old together.
enum CacheScope: Sendable, Hashable {
    /// The home page and all lists.
    case lists
    /// The tree of types.
    case types
    /// Everything about one of the goods.
    case goods(Int)

    var key: String {
        switch self {
        case .lists: "generation:lists"
        case .types: "generation:types"
        case .goods(let id): "generation:goods:\(id)"
        }
    }
}

/// Pages that are kept in Redis until the goods on them change, or for a quarter of an hour.
///
/// A page is stored with the generation of its scope, as it was before the page was built, and it is only returned
/// while the scope still has that generation. So a page that was built from old rows while they changed is never
/// returned after `invalidate`. Of many requests for a page that is missing, one builds it: in this process the others
/// wait for the same task, in other processes for the lease in Redis. Without Redis each process builds for itself.
final class PageCache: Sendable {
    /// A page as it is sent.
    struct Page: Sendable {
        /// The entity tag with its quotes.
        var tag: String
        var body: ByteBuffer
    }

    private static let lifetime = 15 * 60 * 1000
    /// Longer than a page lives, so that no page of an old generation is left when the number is forgotten.
    private static let generationLifetime = 2 * lifetime

    private let redis: RedisClient
    private let logger: Logger
    /// The time that one process has to build a page, in milliseconds; then another one builds it too.
    private let leaseTime: Int
    private let flights = Mutex<[String: Task<Page, any Error>]>([:])

    init(_ redis: RedisClient, leaseTime: Int = 3000, logger: Logger) {
        self.redis = redis
        self.leaseTime = leaseTime
        self.logger = logger
    }

    /// Responds with a page, or with the status 304 if the client has it. `build` makes its value when it is missing.
    ///
    /// Pages without a key are not kept: there are so many of them that a client could fill the memory of Redis.
    func reply(
        to request: Request, _ scope: CacheScope, _ key: String?,
        build: @escaping @Sendable () async throws -> some Encodable & Sendable
    ) async throws -> Response {
        let encoded = { @Sendable in Self.encoded(try encodedJSON(await build())) }
        let page = if let key { try await page(scope, key, build: encoded) } else { try await encoded() }
        let headers: HTTPFields = [.eTag: page.tag, .cacheControl: "no-cache", .contentType: "application/json"]
        let known = request.headers[.ifNoneMatch] ?? ""
        if known == "*" || known.contains(page.tag) { return Response(status: .notModified, headers: headers) }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: page.body))
    }

    /// Returns a page, from Redis or built now.
    func page(
        _ scope: CacheScope, _ key: String, build: @escaping @Sendable () async throws -> Page
    ) async throws -> Page {
        let generation: String
        do {
            let (current, page) = try await find(scope, key)
            if let page { return page }
            generation = current
        } catch let error as RedisError {
            logger.debug("a page is built without the cache", metadata: ["error": "\(error)"])
            return try await flight("\(key) without cache") { try await build() }
        }
        return try await flight("\(key) \(generation)") { [self] in
            do {
                if let page = try await waitForLease(scope, key, generation) { return page }
            } catch is RedisError {
                return try await build()
            }
            let page: Page
            do {
                page = try await build()
            } catch {
                _ = try? await redis.send("DEL", Self.leaseKey(key, generation))
                throw error
            }
            _ = try? await redis.run(
                Self.storeScript, keys: ["page:" + key, Self.leaseKey(key, generation), scope.key],
                [generation, page.tag, page.body, Self.lifetime])
            return page
        }
    }

    /// Makes all pages of scopes old.
    func invalidate(_ scopes: Set<CacheScope>, cursor: Int) async throws {
        let keys = ["cache:cursor"] + scopes.map(\.key).sorted()
        try await redis.run(Self.invalidateScript, keys: keys, [cursor, Self.generationLifetime])
    }

    /// Forgets all pages, and those that are being built for lists.
    ///
    /// `cursor` is the last change that needs no further notice.
    func purge(cursor last: Int) async throws {
        try await redis.send("SET", "cache:cursor", last)
        try await invalidate([.lists, .types], cursor: last)
        var cursor = "0"
        repeat {
            let reply = try await redis.send("SCAN", cursor, "MATCH", "page:*", "COUNT", 500).elements
            guard reply.count == 2, let next = reply[0].text else { throw RedisError.unexpectedReply("SCAN") }
            let keys = reply[1].elements.compactMap(\.text)
            if !keys.isEmpty { try await redis.send(["UNLINK"] + keys) }
            cursor = next
        } while cursor != "0"
    }

    /// The number of the last change that has made pages old; nil if Redis does not know.
    func cursor() async throws -> Int? { try await redis.send("GET", "cache:cursor").int }

    static func encoded(_ body: ByteBuffer) -> Page {
        let digest = SHA256.hash(data: Data(body.readableBytesView))
        return Page(tag: "\"\(base64URL(digest.prefix(16)))\"", body: body)
    }

    // MARK: Parts

    private func find(_ scope: CacheScope, _ key: String) async throws -> (generation: String, page: Page?) {
        let reply = try await redis.run(Self.findScript, keys: [scope.key, "page:" + key]).elements
        guard let generation = reply.first?.text else { throw RedisError.unexpectedReply("find page") }
        guard reply.count == 3, let tag = reply[1].text, case .bytes(let body) = reply[2] else {
            return (generation, nil)
        }
        return (generation, Page(tag: tag, body: ByteBuffer(bytes: body)))
    }

    /// Returns the page that another process has built, or nil when this one has to build it.
    private func waitForLease(_ scope: CacheScope, _ key: String, _ generation: String) async throws -> Page? {
        let lease = Self.leaseKey(key, generation)
        for _ in 1...(leaseTime / 10) {
            let isOurs = try await redis.send("SET", lease, "1", "NX", "PX", leaseTime) != .null
            if !isOurs { try await Task.sleep(for: .milliseconds(10)) }
            // With the lease as well: the page may have been stored since it was missed, and the lease returned.
            let (current, page) = try await find(scope, key)
            if isOurs, page != nil { try await redis.send("DEL", lease) }
            if isOurs || page != nil || current != generation { return page }
        }
        return nil
    }

    /// Runs a task, or waits for the one of the same name.
    private func flight(_ name: String, _ body: @escaping @Sendable () async throws -> Page) async throws -> Page {
        let task = flights.withLock { flights in
            if let task = flights[name] { return task }
            let task = Task {
                defer { self.flights.withLock { $0[name] = nil } }
                return try await body()
            }
            flights[name] = task
            return task
        }
        return try await task.value
    }

    private static func leaseKey(_ key: String, _ generation: String) -> String { "lease:\(generation):\(key)" }

    private static let findScript = RedisScript(
        """
        local generation = redis.call('GET', KEYS[1]) or '0'
        local page = redis.call('HMGET', KEYS[2], 'generation', 'tag', 'body')
        if page[1] == generation then return {generation, page[2], page[3]} end
        return {generation}
        """)

    private static let storeScript = RedisScript(
        """
        redis.call('DEL', KEYS[2])
        if (redis.call('GET', KEYS[3]) or '0') ~= ARGV[1] then return end
        redis.call('HSET', KEYS[1], 'generation', ARGV[1], 'tag', ARGV[2], 'body', ARGV[3])
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        -- The number of a generation must not come again while there are pages of it.
        redis.call('PEXPIRE', KEYS[3], 2 * ARGV[4])
        """)

    private static let invalidateScript = RedisScript(
        """
        for i = 2, #KEYS do
            redis.call('INCR', KEYS[i])
            redis.call('PEXPIRE', KEYS[i], ARGV[2])
        end
        local last = tonumber(redis.call('GET', KEYS[1]) or '0')
        if tonumber(ARGV[1]) > last then redis.call('SET', KEYS[1], ARGV[1]) end
        """)
}
