import FoundationEssentials
import Synchronization

/// Publishes, seeds, proves and closes flash sales. The database is the truth; Redis has what claims need.
package final class FlashSales: Sendable {
    let store: Store
    let redis: RedisClient
    /// The queue of claims.
    let queue: JobQueue
    private let now: @Sendable () -> Milliseconds
    /// The time between the end of a sale and its closing: the clock of Redis, by which it ends, may be another one.
    static let closingDelay: Milliseconds = 60_000

    /// The run of the Redis server for which `tend` has seeded each sale.
    private let runs = Mutex<[Int: String]>([:])

    init(_ store: Store, _ redis: RedisClient, now: @escaping @Sendable () -> Milliseconds) {
        self.store = store
        self.redis = redis
        queue = JobQueue(FlashClaims.queue, redis)
        self.now = now
    }

    private func keys(_ sale: Int) -> [String] { FlashScripts.keys(sale) + [queue.stream] }

    /// Publishes a sale of goods and returns its id; `price` is in fen.
    ///
    /// Errors: `FlashSaleProblem` for goods that are not on sale in this number, `RedisError` after which the sale is
    /// there, and a worker seeds Redis.
    package func publish(
        goods: Int, price: Int, stock: Int, from start: Milliseconds, until end: Milliseconds
    ) async throws -> Int {
        let now = now()
        guard stock > 0, price >= 0, start < end else {
            throw FlashSaleProblem("a sale has a unit at least, a price, and ends after it begins")
        }
        let id: Int
        do {
            id = try await store.write { transaction in
                try transaction.addFlashSale(of: goods, price: price, stock: stock, from: start, until: end, now: now)
            }
        } catch StoreError.unchanged {
            throw FlashSaleProblem("the goods \(goods) are not on sale, or fewer than \(stock) are left")
        }
        try await seed(id)
        return id
    }

    /// Makes Redis know a sale as the database has it, with its buyers and the claims that wait.
    ///
    /// Errors: `FlashSaleProblem` for a sale that is closed, `RedisError`.
    package func seed(_ id: Int) async throws {
        guard try await seedUnlessClosed(id) else { throw FlashSaleProblem("no sale \(id) is open") }
    }

    /// Seeds a sale, and returns false if it is closed or there is none.
    func seedUnlessClosed(_ id: Int) async throws -> Bool {
        for attempt in 1...1000 {
            if attempt > 1 { try await Task.sleep(for: .milliseconds(Int.random(in: 5...50))) }
            let changes = try await redis.send("HGET", keys(id)[0], "changes").text ?? ""
            let (found, orders) = try await store.read { (try $0.flashSale(id), try $0.flashOrders(of: id)) }
            guard let sale = found, sale.status != .closed else { return false }
            let arguments: [any RedisArgument] = [
                changes, sale.startAt, sale.status == .open ? sale.endAt : 0, sale.units, FlashClaims.channel, id,
            ]
            let buyers: [any RedisArgument] = orders.flatMap { [String($0.passport), $0.ticket] }
            if try await redis.run(FlashScripts.seed, keys: keys(id), arguments + buyers).int == 1 { return true }
        }
        throw FlashSaleProblem("the sale \(id) does not stand still")
    }

    /// Seeds all sales that are not closed when Redis has started again, and those that it does not know or has stale;
    /// closes those that have ended, and finishes closings that were cut short. A sale with which that is not possible
    /// holds up no other.
    ///
    /// Errors: the last one, after all have been tried.
    func tend() async throws {
        let sales = try await store.read { try $0.unclosedFlashSales() }
        guard !sales.isEmpty else { return }
        let facts = try await redis.send("INFO", "server").text ?? ""
        let run = facts.split(whereSeparator: \.isNewline).first { $0.hasPrefix("run_id:") }.map(String.init) ?? ""
        var failure: (any Error)?
        let now = now()
        for sale in sales {
            do {
                let hasEnded = sale.status == .open && sale.endAt + Self.closingDelay <= now
                if hasEnded { _ = try await store.write { try $0.beginToClose(sale.id, now: now) } }
                let isClosing = hasEnded || sale.status == .closing
                let isKnown = runs.withLock { $0[sale.id] == run }
                // Redis may not know yet that the sale is closing.
                try await seedIfNeeded(sale.id, always: !isKnown || isClosing)
                runs.withLock { $0[sale.id] = run }
                if isClosing { _ = try await finishClosing(sale.id) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private func seedIfNeeded(_ id: Int, always: Bool) async throws {
        let marks = try await redis.send("HMGET", keys(id)[0], "start", "stale").elements.map(\.text)
        let isSeeded = marks.first != .some(nil) && marks.last == .some(nil)
        if always || !isSeeded { _ = try await seedUnlessClosed(id) }
    }

    /// Closes a sale: nobody can claim any more, claims that wait become orders, and the rest returns to the goods.
    ///
    /// The intent is in the database before anything else happens: if this is cut short, a worker finishes it.
    ///
    /// Errors: `FlashSaleProblem` for a sale that is closed, and when claims still wait after `patience`.
    package func close(_ id: Int, patience: Duration = .seconds(10)) async throws {
        let limit = ContinuousClock.now + patience
        let now = now()
        guard try await store.write({ try $0.beginToClose(id, now: now) }) else {
            throw FlashSaleProblem("no sale \(id) is open")
        }
        _ = try await seedUnlessClosed(id)
        while try await !finishClosing(id) {
            guard ContinuousClock.now < limit else {
                throw FlashSaleProblem("claims wait, and nobody can claim any more: a worker closes the sale")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Closes a sale that is closing, and that Redis knows to be so, unless claims wait: then it returns false.
    private func finishClosing(_ id: Int) async throws -> Bool {
        guard try await look(id).pending == 0 else { return false }
        let now = now()
        try await store.write { try $0.closeFlashSale(id, now: now) }
        let keys = keys(id)
        try await redis.send("DEL", keys[0], keys[1])
        // Whoever claimed last may still ask why there is no order.
        try await redis.send("EXPIRE", keys[2], 3600)
        return true
    }

    /// Returns all sales, the newest first, each as a JSON object; prices are in fen.
    package func list() async throws -> [String] {
        try await store.read { try $0.flashSales().map { String(buffer: try encodedJSON($0)) } }
    }

    /// Returns the numbers of a sale that must agree. While orders are made and given back they may not for moments.
    ///
    /// Errors: `FlashSaleProblem` if there is no such sale.
    package func look(_ id: Int) async throws -> FlashBalance {
        let reply = try await redis.run(FlashScripts.look, keys: keys(id), [id]).elements
        let waiting = reply.last?.elements.compactMap(\.text) ?? []
        return try await store.read { transaction in
            guard let sale = try transaction.flashSale(id) else { throw FlashSaleProblem("there is no sale \(id)") }
            let orders = try transaction.flashOrders(of: id)
            let tickets = Set(orders.map(\.ticket))
            let pending = stride(from: 0, to: waiting.count - 1, by: 2).filter { !tickets.contains(waiting[$0 + 1]) }
            return FlashBalance(
                stock: sale.stock, left: sale.status == .closed ? 0 : reply.first?.int ?? 0, pending: pending.count,
                ordered: try transaction.countFlashOrders(of: id), returned: sale.returned, sold: sale.sold)
        }
    }

    /// Returns the numbers of a sale, once they agree or `patience` is over.
    package func reconcile(_ id: Int, patience: Duration = .seconds(5)) async throws -> FlashBalance {
        let limit = ContinuousClock.now + patience
        while true {
            let balance = try await look(id)
            if balance.difference == 0 || ContinuousClock.now >= limit { return balance }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}

/// The places where the units of a sale are.
package struct FlashBalance: Sendable, Equatable, CustomStringConvertible {
    /// The units that the sale got.
    package var stock: Int
    /// The units that nobody has claimed, as Redis has it.
    package var left: Int
    /// The claims in the stream that are no orders yet.
    package var pending: Int
    /// The orders that hold a unit.
    package var ordered: Int
    /// The units that the goods have again.
    package var returned: Int
    /// The orders as the sale counts them.
    package var sold: Int

    /// The units that are missing, or there twice if it is negative; 0 if all is right.
    package var difference: Int {
        let places = left + pending + ordered + returned
        return stock == places ? ordered - sold : stock - places
    }

    package var description: String {
        "initial \(stock) = left \(left) + pending \(pending) + ordered \(ordered) + returned \(returned), "
            + "difference \(difference)"
    }
}

/// A command for flash sales that cannot be carried out.
package struct FlashSaleProblem: Error, CustomStringConvertible {
    package let description: String

    init(_ reason: String) { description = reason }
}
