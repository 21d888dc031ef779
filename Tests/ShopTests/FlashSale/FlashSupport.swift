import Testing

@testable import Shop

extension TestShop {
    var sales: FlashSales { services.flashSales }
    var claims: FlashClaims { services.flashClaims }

    /// The orders of claims as a worker makes them.
    var flashOrders: FlashOrders { FlashOrders(orders: services.orders, sales: sales, logger: .quiet) }

    /// Publishes a sale that is on by the clocks of the test and of Redis.
    func publishSale(of goods: Int, price: Int = 100, stock: Int) async throws -> Int {
        try await sales.publish(goods: goods, price: price, stock: stock, from: 0, until: 4_000_000_000_000)
    }

    /// Claims a unit for an account and returns its ticket.
    func claim(_ sale: Int, _ passport: Int, address: Int? = nil) async throws -> String {
        let claim = FlashClaim(flash: sale, passport: passport, address: address, language: "zh")
        guard case .ticket(let ticket) = try await claims.claim(claim) else { throw StoreError.unchanged }
        return ticket
    }

    /// Takes claims from the stream as a worker does, without ending them.
    func takeClaims(_ count: Int = 200, as worker: String = "test") async throws -> [JobQueue.Taken] {
        let queue = JobQueue(FlashClaims.queue, redis)
        try await queue.createGroup()
        let connection = try await redis.makeBlockingConnection(waiting: .milliseconds(10))
        defer { connection.close() }
        return try await queue.take(count, for: worker, within: .milliseconds(10), on: connection)
    }

    /// Makes orders of all claims that wait.
    func makeFlashOrders() async throws {
        while case let taken = try await takeClaims(), !taken.isEmpty { try await flashOrders.take(taken) }
    }

    /// Adds accounts with an address, and returns them; their passwords are not for logging in.
    func addBuyers(_ count: Int) async throws -> [Int] {
        let now = services.now()
        return try await store.write { transaction in
            try (0..<count).map { number in
                let name = "flash\(number)"
                let passport = try transaction.addPassport(
                    Registration(username: name, email: "\(name)@example.com", password: "-", expiresAt: now), now: now)
                _ = try transaction.addAddress(.sample, of: passport, now: now)
                return passport
            }
        }
    }

    /// Runs the jobs of the outbox that give units back.
    func runReturns() async throws {
        let handlers = accountHandlers(services)
        let jobs = try await store.read { try $0.unsentJobs(limit: 10_000) }
        for job in jobs where job.kind == "flash_return" {
            try await handlers[job.kind]?(Job(kind: job.kind, payload: job.payload, key: job.idempotencyKey))
        }
    }

    /// The order that an account has got from a sale.
    func flashOrder(of passport: Int, in sale: Int) async throws -> FlashOrder? {
        try await store.read { try $0.flashOrders(of: sale).first { $0.passport == passport } }
    }
}
