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
}
