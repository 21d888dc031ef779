import HTTPTypes
import NIOCore
import Synchronization
import Testing

@testable import Shop

@Suite struct PageCacheTests {
    /// A page with a text, and a counter of how often it was built.
    private final class Source: Sendable {
        private let state = Mutex((text: "0", builds: 0))

        var builds: Int { state.withLock { $0.builds } }
        var text: String { state.withLock { $0.text } }

        func set(_ text: String) { state.withLock { $0.text = text } }

        func build() -> PageCache.Page {
            state.withLock { state in
                state.builds += 1
                return PageCache.encoded(ByteBuffer(string: state.text))
            }
        }
    }

    @Test func aPageMissedBy256RequestsOfTwoProcessesIsBuiltOnce() async throws {
        try await TestShop.run { shop in
            let source = Source()
            // Both are given all the time that a busy machine needs.
            let caches = (1...2).map { _ in PageCache(shop.redis, leaseTime: 600_000, logger: .quiet) }
            let texts = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<256 {
                    group.addTask {
                        let page = try await caches[number % 2].page(.lists, "x") {
                            for _ in 1...50 { await Task.yield() }
                            return source.build()
                        }
                        return String(buffer: page.body)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(texts.allSatisfy { $0 == "0" })
            #expect(source.builds == 1)
        }
    }

    @Test func aPageThatWasStoredBetweenTheMissAndTheLeaseIsNotBuiltAgain() async throws {
        try await TestShop.run { shop in
            let caches = (1...4).map { _ in PageCache(shop.redis, logger: .quiet) }
            for round in 1...200 {
                let source = Source()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<64 {
                        group.addTask { _ = try await caches[number % 4].page(.lists, "\(round)") { source.build() } }
                    }
                    try await group.waitForAll()
                }
                #expect(source.builds == 1, "round \(round)")
            }
        }
    }

    /// Builds that have read their rows, and wait before they store the page.
    private actor Gate {
        private var waiting: [CheckedContinuation<Void, Never>] = []
        private var isOpen = false
        private(set) var entered = 0

        func wait() async {
            entered += 1
            if isOpen { return }
            await withCheckedContinuation { waiting.append($0) }
        }

        func open() {
            isOpen = true
            for continuation in waiting { continuation.resume() }
            waiting = []
        }
    }

    @Test func aPageThatWasBuiltFromOldRowsWouldBeKeptIfStoringItDidNotLookBack() async throws {
        try await TestShop.run { shop in
            let cache = shop.services.cache
            for round in 1...100 {
                let (source, gate, key) = (Source(), Gate(), "page\(round)")
                let slow = Task {
                    try await cache.page(.goods(round), key) {
                        let page = source.build()
                        await gate.wait()
                        return page
                    }
                }
                while await gate.entered == 0 { await Task.yield() }
                source.set("1")
                try await cache.invalidate([.goods(round)], cursor: round)
                // Half of the rounds let the old page arrive before the next reader, half after it.
                if round % 2 == 0 {
                    await gate.open()
                    _ = try await slow.value
                }
                let fresh = try await cache.page(.goods(round), key) { source.build() }
                #expect(String(buffer: fresh.body) == "1")
                await gate.open()
                _ = try await slow.value
                let kept = try await cache.page(.goods(round), key) { source.build() }
                #expect(String(buffer: kept.body) == "1")
                #expect(source.builds == 2)
            }
        }
    }

    @Test func aPageThatLivesAQuarterOfAnHourWouldShowTheOldPrice() async throws {
        try await TestShop.run { shop in
            let id = try await shop.addGoods("a", price: 100)
            let other = try await shop.addGoods("b", price: 100)
            let invalidator = CacheInvalidator(store: shop.store, cache: shop.services.cache)
            while try await invalidator.step() {}
            try await shop.serve { browser in
                for goods in [id, other] { try await browser.get("/api/v1/goods/\(goods)").expect(200) }
                let list = try await browser.get("/api/v1/goods?sort=price")
                #expect(list["items"]?.list.count == 2)
                let goods = try #require(try await shop.store.read { try $0.goods([id])[id] })
                var draft = goods.draft
                draft.price = 99
                let new = draft
                try await shop.store.write { try $0.update(id, to: new, version: goods.version, now: 0) }
                while try await invalidator.step() {}
                #expect(try await browser.get("/api/v1/goods/\(id)")["price"]?.int == 99)
                let after = try await browser.get("/api/v1/goods?sort=price")
                #expect(after["items"]?.list.first?["price"]?.int == 99)
                try await shop.store.write { try $0.setOnShelf(id, false, now: 0) }
                while try await invalidator.step() {}
                #expect(try await browser.get("/api/v1/goods/\(id)").status == 404)
                #expect(try await shop.redis.send("EXISTS", "page:goods:\(other)").int == 1)
            }
        }
    }

    @Test func theNumberOfAGenerationLivesLongerThanThePagesThatHaveIt() async throws {
        try await TestShop.run { shop in
            let cache = shop.services.cache, source = Source()
            try await cache.invalidate([.goods(7)], cursor: 1)
            _ = try await shop.redis.send("PEXPIRE", CacheScope.goods(7).key, 60_000)
            _ = try await cache.page(.goods(7), "x") { source.build() }
            let page = try await shop.redis.send("PTTL", "page:x")
            let generation = try await shop.redis.send("PTTL", CacheScope.goods(7).key)
            #expect(try #require(page.int) > 0)
            #expect(try #require(generation.int) > #require(page.int))
        }
    }

    @Test func aClientThatHasThePageGetsNoBody() async throws {
        try await TestShop.run { shop in
            _ = try await shop.addGoods("a")
            try await shop.serve { browser in
                let first = try await browser.get("/api/v1/home")
                let tag = try #require(first.headers[.eTag])
                let second = try await browser.get("/api/v1/home", headers: [.ifNoneMatch: tag])
                #expect(second.status == 304)
                #expect(second.body.isEmpty)
                #expect(second.headers[.eTag] == tag)
                #expect(try await browser.get("/api/v1/home", headers: [.ifNoneMatch: "\"x\""]).status == 200)
            }
        }
    }

    @Test func allPagesAreForgottenWhenTheLogDoesNotReachBack() async throws {
        try await TestShop.run { shop in
            let invalidator = CacheInvalidator(store: shop.store, cache: shop.services.cache)
            let id = try await shop.addGoods("a", price: 1)
            while try await invalidator.step() {}
            try await shop.serve { browser in
                try await browser.get("/api/v1/goods/\(id)").expect(200)
                try await shop.store.write { try $0.addStock(id, 5, now: 0) }
                _ = try await shop.store.write { try $0.pruneChanges([], limit: 100) }
                while try await invalidator.step() {}
                #expect(try await browser.get("/api/v1/goods/\(id)")["stock"]?.int == 15)
            }
        }
    }

    @Test func onlyPagesThatTheStorefrontShowsAreKept() async throws {
        try await TestShop.run { shop in
            _ = try await shop.addGoods("a")
            try await shop.serve { browser in
                for size in 1...100 { try await browser.get("/api/v1/goods?per_page=\(size)").expect(200) }
                for page in [50, 51, 500] { try await browser.get("/api/v1/goods?page=\(page)").expect(200) }
                let keys = try await shop.redis.send("KEYS", "page:list:*").elements.compactMap(\.text)
                #expect(
                    Set(keys) == ["page:list:0:default:1:20", "page:list:0:default:1:24", "page:list:0:default:50:20"])
                let reply = try await browser.get("/api/v1/goods?per_page=7")
                let tag = try #require(reply.headers[.eTag])
                #expect(
                    try await browser.get("/api/v1/goods?per_page=7", headers: [.ifNoneMatch: tag]).status == 304)
            }
        }
    }

    @Test func aFailedBuildIsNotKept() async throws {
        try await TestShop.run { shop in
            let cache = shop.services.cache
            await #expect(throws: Problem.self) {
                _ = try await cache.page(.lists, "x") { throw Problem.missing("goods") }
            }
            let page = try await cache.page(.lists, "x") { PageCache.encoded(ByteBuffer(string: "y")) }
            #expect(String(buffer: page.body) == "y")
        }
    }
}
