import FoundationEssentials

/// A line of a cart or an order: goods, and how many of them.
struct CartLine: Codable, Sendable, Equatable, Hashable {
    /// The most of one goods in a line.
    static let countLimit = 99
    /// The most lines.
    static let lineLimit = 100

    var goodsId: Int
    var count: Int

    /// Returns lines that can be bought together. Errors: a problem for no lines, too many, a count out of range, and
    /// goods that are named twice.
    static func checked(_ lines: [CartLine]) throws -> [CartLine] {
        guard (1...lineLimit).contains(lines.count) else {
            throw Problem.value("items", "there must be 1 to \(lineLimit) lines")
        }
        for line in lines { try checkCount(line.count) }
        guard Set(lines.map(\.goodsId)).count == lines.count else {
            throw Problem.value("items", "goods are named twice")
        }
        return lines.sorted { $0.goodsId < $1.goodsId }
    }

    static func checkCount(_ count: Int) throws {
        guard (1...countLimit).contains(count) else {
            throw Problem.value("count", "a count is from 1 to \(countLimit)", hint: "delete the line to have none")
        }
    }
}

/// The carts of people: a hash in Redis for each, `cart_{passport_id}`, with the count of each goods.
///
/// Each change is one script, so that changes at the same time do not lose each other. A cart is a note of what
/// somebody wants: prices and stock are those of the database when it is shown, and again when it is ordered.
struct Cart: Sendable {
    private static let lifetime = 90 * 86_400
    /// The time for which a cart knows the orders whose goods it has given.
    static let orderMemory = Duration.seconds(2 * 86_400)

    let redis: RedisClient

    /// Adds to a line, and returns its count then. Errors: `short_stock` beyond `available`, `cart_full`.
    func add(_ line: CartLine, available: Int, to passport: Int) async throws -> Int {
        try await change(line, available, passport, by: Self.addScript)
    }

    /// Sets the count of a line. Errors: `short_stock` beyond `available`, `cart_full`.
    func set(_ line: CartLine, available: Int, in passport: Int) async throws -> Int {
        try await change(line, available, passport, by: Self.setScript)
    }

    /// Removes a line. False if there was none.
    func remove(_ goods: Int, from passport: Int) async throws -> Bool {
        try await redis.send("HDEL", Self.key(passport), goods).int == 1
    }

    /// Returns the lines, in the order of their goods.
    func lines(of passport: Int) async throws -> [CartLine] {
        try await redis.send("HGETALL", Self.key(passport)).pairs.compactMap { name, value in
            guard let goods = Int(name), let count = value.int else { return nil }
            return CartLine(goodsId: goods, count: count)
        }.sorted { $0.goodsId < $1.goodsId }
    }

    /// The number of all goods in the cart.
    func count(of passport: Int) async throws -> Int {
        try await redis.send("HVALS", Self.key(passport)).elements.reduce(0) { $0 + ($1.int ?? 0) }
    }

    /// Puts lines that a browser kept into the cart; they replace those of the same goods, so that merging twice does
    /// not double them. Counts are cut to the limit, and lines beyond the limit of lines are left out.
    func merge(_ lines: [CartLine], into passport: Int) async throws {
        guard !lines.isEmpty else { return }
        let words = lines.flatMap { [$0.goodsId, min($0.count, CartLine.countLimit)] }
        try await redis.run(
            Self.mergeScript, keys: [Self.key(passport)], [CartLine.lineLimit, Self.lifetime] + words)
    }

    /// Takes from the cart what an order has bought, once for each order: what was added meanwhile stays.
    func subtract(_ lines: [CartLine], from passport: Int, for order: String) async throws {
        try await redis.run(
            Self.subtractScript, keys: [Self.key(passport), "cart_bought:" + order],
            [Int(Self.orderMemory.components.seconds)] + lines.flatMap { [$0.goodsId, $0.count] })
    }

    private func change(
        _ line: CartLine, _ available: Int, _ passport: Int, by script: RedisScript
    ) async throws -> Int {
        let limit = min(available, CartLine.countLimit)
        let words = [line.goodsId, line.count, limit, CartLine.lineLimit, Self.lifetime]
        switch try await redis.run(script, keys: [Self.key(passport)], words).int {
        case .some(-1):
            throw Problem(
                .conflict, "short_stock", "not so many can be bought", param: "count",
                items: [.init(goodsId: line.goodsId, reason: "short_stock", available: limit)])
        case .some(-2):
            throw Problem(.conflict, "cart_full", "a cart has \(CartLine.lineLimit) lines at most")
        case .some(let count): return count
        case nil: throw RedisError.unexpectedReply("cart")
        }
    }

    private static func key(_ passport: Int) -> String { "cart_\(passport)" }

    private static let addScript = RedisScript(
        """
        local count = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0')
        if count + tonumber(ARGV[2]) > tonumber(ARGV[3]) then return -1 end
        if count == 0 and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return -2 end
        count = redis.call('HINCRBY', KEYS[1], ARGV[1], ARGV[2])
        redis.call('EXPIRE', KEYS[1], ARGV[5])
        return count
        """)

    private static let setScript = RedisScript(
        """
        if tonumber(ARGV[2]) > tonumber(ARGV[3]) then return -1 end
        local isNew = redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0
        if isNew and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return -2 end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
        redis.call('EXPIRE', KEYS[1], ARGV[5])
        return tonumber(ARGV[2])
        """)

    private static let mergeScript = RedisScript(
        """
        for i = 3, #ARGV, 2 do
            local isThere = redis.call('HEXISTS', KEYS[1], ARGV[i]) == 1
            if isThere or redis.call('HLEN', KEYS[1]) < tonumber(ARGV[1]) then
                redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
            end
        end
        redis.call('EXPIRE', KEYS[1], ARGV[2])
        """)

    private static let subtractScript = RedisScript(
        """
        if not redis.call('SET', KEYS[2], '1', 'NX', 'EX', ARGV[1]) then return end
        for i = 2, #ARGV, 2 do
            if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 1 then
                if redis.call('HINCRBY', KEYS[1], ARGV[i], -tonumber(ARGV[i + 1])) <= 0 then
                    redis.call('HDEL', KEYS[1], ARGV[i])
                end
            end
        end
        """)
}
