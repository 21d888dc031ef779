import Synchronization
import Testing

@testable import Shop

/// The number of statements of a page does not grow with the rows that it shows. The original's pages ask again for
/// each row.
@Suite struct StatementCountTests {
    /// A count of the statements that read tables.
    private final class Counter: Sendable {
        private let reads = Mutex<[String]>([])

        func count(_ sql: String) { if sql.hasPrefix("SELECT") { reads.withLock { $0.append(sql) } } }

        func takeAll() -> [String] {
            reads.withLock { reads in
                defer { reads = [] }
                return reads
            }
        }
    }

    /// Returns the statements that each page needs in a shop where everything is there `rows` times.
    private func statements(rows: Int) async throws -> [String: [String]] {
        let counter = Counter()
        let found = Mutex<[String: [String]]>([:])
        try await TestShop.run(onStatement: { counter.count($0) }) { shop in
            var goods: [Int] = []
            for number in 1...rows { goods.append(try await shop.addGoods("g\(number)", stock: 100)) }
            let lines = goods.map { #"{"goods_id": \#($0), "count": 1}"# }.joined(separator: ", ")
            let first = goods[0]
            try await shop.serve { browser in
                let passport = try await shop.logIn("zhang", browser)
                for number in 1...rows { try await Buyer(passport, shop).order(first, key: "\(number)") }
                try await browser.post("/api/v1/cart/merge", #"{"items": [\#(lines)]}"#).expect(200)
                let preview = #"{"items": [\#(lines)]}"#
                for path in [
                    "home", "types", "goods?per_page=50", "goods/\(first)", "goods/\(first)/related", "history",
                    "addresses", "cart", "orders?per_page=50", "orders/preview",
                ] {
                    _ = counter.takeAll()
                    let reply =
                        try await path == "orders/preview"
                        ? browser.post("/api/v1/\(path)", preview) : browser.get("/api/v1/\(path)")
                    #expect(reply.status == 200, "\(path): \(reply.body)")
                    let statements = counter.takeAll()
                    found.withLock { $0[path] = statements }
                }
            }
        }
        return found.withLock { $0 }
    }

    @Test func pagesOfManyRowsNeedTheStatementsOfOne() async throws {
        let (one, many) = (try await statements(rows: 1), try await statements(rows: 12))
        for (path, statements) in one {
            let more = many[path] ?? []
            #expect(!more.isEmpty, "\(path)")
            #expect(more.count == statements.count, "\(path): \(more)")
        }
    }
}
