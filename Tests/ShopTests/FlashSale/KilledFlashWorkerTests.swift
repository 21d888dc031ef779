import Foundation
import Testing

@testable import Shop

/// Kills workers while they make orders of claims: each buyer gets one order all the same.
@Suite(.timeLimit(.minutes(10))) struct KilledFlashWorkerTests {
    private func startWorker(_ shop: TestShop) throws -> Process {
        let process = Process()
        process.executableURL = KilledWorkerTests.program
        process.arguments = [shop.folder, "flash"]
        try process.run()
        return process
    }

    @Test func everyClaimBecomesOneOrderWhileWorkersAreKilled() async throws {
        try await TestShop.run { shop in
            let (units, people) = (400, 500)
            let goods = try await shop.addGoods("a", stock: units)
            let buyers = try await shop.addBuyers(people)
            let sale = try await shop.publishSale(of: goods, stock: units)
            var workers = [try startWorker(shop), try startWorker(shop)]
            defer {
                for worker in workers where worker.isRunning {
                    kill(worker.processIdentifier, SIGKILL)
                    worker.waitUntilExit()
                }
            }
            let claims = shop.claims
            var kills = 0
            for (number, passport) in buyers.enumerated() {
                let claim = FlashClaim(flash: sale, passport: passport, address: nil, language: "zh")
                _ = try await claims.claim(claim)
                guard number % 100 == 99 else { continue }
                let victim = workers.removeFirst()
                kill(victim.processIdentifier, SIGKILL)
                victim.waitUntilExit()
                kills += 1
                workers.append(try startWorker(shop))
            }
            #expect(kills == 5)
            while try await shop.redis.send("XLEN", "jobs:{flash}").int != 0 {
                try await Task.sleep(for: .milliseconds(20))
            }
            let balance = try await shop.sales.look(sale)
            #expect(balance.ordered == units)
            #expect(balance.sold == units)
            #expect(balance.difference == 0)
            let made = try await shop.store.read { try $0.row("SELECT COUNT(*) AS n FROM order_info")?.int("n") }
            #expect(made == units)
        }
    }

    /// Makes Redis believe that all taken claims were taken a minute ago.
    private func age(_ shop: TestShop) async throws {
        let stream = "jobs:{flash}", group = JobQueue.group
        for entry in try await shop.redis.send("XPENDING", stream, group, "-", "+", 100).elements {
            let name = entry.elements.first?.text ?? ""
            try await shop.redis.send("XCLAIM", stream, group, "dead", 0, name, "IDLE", 60_000, "JUSTID")
        }
    }

    @Test func aClaimThatEndsItsWorkersIsGivenUpAndHoldsUpNoOther() async throws {
        try await TestShop.run { shop in
            let goods = try await shop.addGoods("a", stock: 4)
            let buyers = try await shop.addBuyers(4)
            let sale = try await shop.publishSale(of: goods, stock: 4)
            var tickets: [String] = []
            for passport in buyers { tickets.append(try await shop.claim(sale, passport)) }
            _ = try await shop.store.write { transaction in
                try transaction.execute("CREATE TABLE deadly (passport_id INTEGER)")
                try transaction.execute(
                    """
                    CREATE TRIGGER poison BEFORE INSERT ON flash_order WHEN NEW.passport_id = \(buyers[1])
                    BEGIN INSERT INTO deadly VALUES (NEW.passport_id); END
                    """)
            }
            var deaths = 0
            while true {
                let worker = try startWorker(shop)
                while worker.isRunning, try await shop.redis.send("XLEN", "jobs:{flash}").int != 0 {
                    try await Task.sleep(for: .milliseconds(20))
                }
                guard !worker.isRunning else {
                    kill(worker.processIdentifier, SIGKILL)
                    worker.waitUntilExit()
                    break
                }
                deaths += 1
                try await age(shop)
            }
            // Six times with the others, and three times alone.
            #expect(deaths == 9)
            #expect(try await shop.claims.ticket(tickets[1], of: buyers[1]) == .failed("error"))
            let orders = try await shop.store.read { try $0.flashOrders(of: sale) }
            #expect(orders.map(\.passport) == [buyers[0], buyers[2], buyers[3]])
            let balance = try await shop.sales.look(sale)
            #expect(balance.left == 1)
            #expect(balance.difference == 0)
            #expect(try await shop.sales.queue.deadJobs(limit: 9).map(\.job.key) == [tickets[1]])
        }
    }
}
