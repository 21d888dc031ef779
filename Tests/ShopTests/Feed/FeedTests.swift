import FoundationEssentials
import Synchronization
import Testing

@testable import Shop

@Suite struct FeedTests {
    /// Runs a body with a shop and a real search server that follows it.
    private func withSearch(
        _ body: (TestShop, SearchProcess) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let key = try SearchProcess.create(in: folder)
            try await SearchProcess.run(folder, key) { search in
                try await TestShop.run({ $0.feedTargets = [search.target] }) { shop in try await body(shop, search) }
            }
        }
    }

    /// Sends all changes and waits until search shows them.
    private func settle(_ shop: TestShop) async throws {
        for relay in shop.services.feed.relays {
            while try await relay.step() {}
            _ = try await relay.client.post([], refresh: true)
        }
    }

    @Test func aShopWithoutTargetsSaysSo() async throws {
        try await TestShop.run { shop in
            let feed = shop.services.feed
            let status = try await #require(throws: ConfigurationProblem.self) { try await feed.status() }
            #expect(status.description == "no feed.targets are configured")
            let verified = try await #require(throws: ConfigurationProblem.self) { try await feed.verify("local") }
            #expect(verified.description == "no feed.targets are configured")
        }
    }

    @Test func anEditIsFoundAndGoodsThatAreOffTheShelfOrDeletedAreGone() async throws {
        try await withSearch { shop, search in
            let a = try await shop.addGoods("a", name: "Quantum kittens", price: 1234) {
                $0.detail = HTMLSanitizer.clean("<p>A <b>fluffy</b> tale &amp; more</p>")
                $0.author = ["Erwin S."]
            }
            let b = try await shop.addGoods("b", name: "Quantum puppies")
            try await settle(shop)
            let hits = try await search.search("quantum kittens")
            #expect(hits.map(\.id) == ["\(a)"])
            #expect(hits.first?.document["price"] == .number(12.34))
            #expect(hits.first?.document["author"]?.list.first?.text == "Erwin S.")
            #expect(try await search.search("fluffy tale").map(\.id) == ["\(a)"])
            let old = try #require(try await shop.store.read { try $0.goods([a])[a] })
            var draft = old.draft
            draft.name = "Classical cats"
            let new = draft
            try await shop.store.write { try $0.update(a, to: new, version: old.version, now: 0) }
            try await shop.store.write { try $0.setOnShelf(b, false, now: 0) }
            try await settle(shop)
            #expect(try await search.search("classical cats").map(\.id) == ["\(a)"])
            #expect(try await search.search("quantum").isEmpty)
            try await shop.store.write { try $0.setOnShelf(b, true, now: 0) }
            try await shop.store.write { try $0.deleteGoods(a, now: 0) }
            try await settle(shop)
            #expect(try await search.search("quantum").map(\.id) == ["\(b)"])
            #expect(try await search.search("classical").isEmpty)
            #expect(try await shop.services.feed.verify("local").isEmpty)
        }
    }

    @Test func stockAndSalesArriveAsPatchesAndANewNameOfATypeAsDocuments() async throws {
        try await withSearch { shop, search in
            let id = try await shop.addGoods("a", name: "Kittens", stock: 10, type: "Old")
            try await settle(shop)
            try await shop.store.write { try $0.sell(id, 3, now: 0) }
            try await settle(shop)
            let sold = try #require(try await search.search("kittens").first)
            #expect(sold.document["stock"]?.int == 7)
            #expect(sold.document["sales"]?.int == 3)
            try await shop.store.write { transaction in
                let type = try #require(try transaction.goods([id])[id]?.draft.typeID)
                try transaction.renameGoodsType(type, to: "New", now: 0)
            }
            try await settle(shop)
            let renamed = try #require(try await search.search("kittens").first)
            #expect(renamed.document["category"]?.list.map(\.text) == ["New"])
            #expect(renamed.document["stock"]?.int == 7)
            #expect(try await shop.services.feed.verify("local").isEmpty)
        }
    }

    @Test func aReplayAfterARestoreFromABackupBringsSearchBackToTheDatabase() async throws {
        try await withSearch { shop, search in
            let a = try await shop.addGoods("a", name: "Kittens")
            let b = try await shop.addGoods("b", name: "Puppies")
            let backup = try await shop.store.read { try $0.goods([a, b]) }
            for _ in 1...3 { try await shop.store.write { try $0.sell(a, 1, now: 0) } }
            let later = try await shop.addGoods("c", name: "Later")
            try await shop.store.write { try $0.setOnShelf(b, false, now: 0) }
            try await settle(shop)
            // The backup, which knows nothing of the sales, of the goods that came later, and of what left the shelf.
            try await shop.store.write { transaction in
                try transaction.execute("DELETE FROM goods WHERE id = ?", later)
                try transaction.execute("DELETE FROM change_log WHERE seq > 2")
                try transaction.execute("UPDATE counter SET value = 2")
                try transaction.execute("UPDATE feed_cursor SET seq = 2")
                for (id, goods) in backup {
                    try transaction.execute(
                        "UPDATE goods SET status = 1, stock = ?, sales = 0, feed_seq = ? WHERE id = ?",
                        goods.draft.stock, goods.feedSequence, id)
                }
            }
            try await shop.services.feed.replay("local")
            try await settle(shop)
            #expect(try await shop.services.feed.verify("local") == Feed.Difference())
            #expect(try await search.search("kittens").first?.document["stock"]?.int == 10)
            #expect(try await search.search("puppies").map(\.id) == ["\(b)"])
            #expect(try await search.search("later").isEmpty)
            // Later changes count again.
            try await shop.store.write { try $0.sell(a, 1, now: 0) }
            try await settle(shop)
            #expect(try await search.search("kittens").first?.document["stock"]?.int == 9)
        }
    }

    @Test func afterRandomChangesAndKillsOfTheSearchServerItEqualsTheDatabase() async throws {
        try await withTemporaryFolder { folder in
            let key = try SearchProcess.create(in: folder)
            try await TestShop.run { shop in
                var generator = SeededGenerator(seed: 11)
                var ids: [Int] = []
                for number in 1...30 { ids.append(try await shop.addGoods("g\(number)", stock: 5)) }
                for _ in 1...3 {
                    try await SearchProcess.run(folder, key) { search in
                        let relay = FeedRelay(
                            store: shop.store, client: SearchClient(target: search.target), logger: .quiet,
                            now: shop.services.now)
                        for _ in 1...15 {
                            for _ in 1...6 { try await change(shop, &ids, &generator) }
                            if Bool.random(using: &generator) { _ = try await relay.step() }
                        }
                        search.kill9()
                        await #expect(throws: FeedError.self) {
                            _ = try await shop.addGoods("k\(ids.count)")
                            _ = try await relay.step()
                        }
                        ids = try await shop.store.read { try $0.goods(after: 0, limit: 1000) }.map(\.id)
                    }
                }
                try await SearchProcess.run(folder, key) { search in
                    let feed = Feed(shop.store, [search.target], logger: .quiet, now: shop.services.now)
                    while try await feed.relays[0].step() {}
                    _ = try await feed.relays[0].client.post([], refresh: true)
                    #expect(try await feed.verify("local") == Feed.Difference())
                    let status = try await feed.status()
                    #expect(status.first?.cursor == status.first?.last)
                }
            }
        }
    }

    private func change(
        _ shop: TestShop, _ ids: inout [Int], _ generator: inout SeededGenerator
    ) async throws {
        guard let id = ids.randomElement(using: &generator) else { return }
        let choice = Int.random(in: 0..<7, using: &generator)
        do {
            try await shop.store.write { transaction in
                switch choice {
                case 0: try transaction.setOnShelf(id, false, now: 0)
                case 1: try transaction.setOnShelf(id, true, now: 0)
                case 2: try transaction.sell(id, 1, now: 0)
                case 3: try transaction.addStock(id, 2, now: 0)
                case 4: try transaction.deleteGoods(id, now: 0)
                default:
                    guard let goods = try transaction.goods([id])[id] else { return }
                    var draft = goods.draft
                    draft.name += "x"
                    try transaction.update(id, to: draft, version: goods.version, now: 0)
                }
            }
        } catch StoreError.unchanged {}
        if choice == 6 { ids.append(try await shop.addGoods("n\(ids.count)-\(id)-\(generator.next())")) }
    }

    @Test func aDocumentThatSearchRefusesIsWrittenDownAndHoldsUpNobody() async throws {
        try await withSearch { shop, search in
            let bad = try await shop.addGoods("bad", name: "Bad") { $0.attributes = #"{"year": "not a year"}"# }
            let good = try await shop.addGoods("good", name: "Good kittens")
            try await settle(shop)
            #expect(try await search.search("kittens").map(\.id) == ["\(good)"])
            let status = try #require(try await shop.services.feed.status().first)
            #expect(status.dead == 1)
            #expect(status.cursor == status.last)
            #expect(try await shop.services.feed.verify("local").missing == [bad])
            // A patch of a document that search does not have becomes the whole document, and is refused again.
            try await shop.store.write { try $0.sell(bad, 1, now: 0) }
            try await settle(shop)
            #expect(try await shop.services.feed.status().first?.dead == 1)
            let goods = try #require(try await shop.store.read { try $0.goods([bad])[bad] })
            var draft = goods.draft
            draft.attributes = #"{"year": 1999}"#
            let repaired = draft
            try await shop.store.write { try $0.update(bad, to: repaired, version: goods.version, now: 0) }
            try await settle(shop)
            #expect(try await shop.services.feed.status().first?.dead == 0)
            #expect(try await shop.services.feed.verify("local").isEmpty)
        }
    }

    @Test func aTargetThatIsNewOrTooFarBehindGetsAllGoodsAndAReplayRemovesWhatIsTooMuch()
        async throws
    {
        try await withSearch { shop, search in
            for number in 1...5 { _ = try await shop.addGoods("g\(number)") }
            try await settle(shop)
            for number in 6...9 { _ = try await shop.addGoods("g\(number)") }
            let pruned = try await shop.store.write { try $0.pruneChanges([], limit: 100) }
            #expect(pruned == 9)
            try await settle(shop)
            #expect(try await shop.services.feed.verify("local").isEmpty)
            let client = SearchClient(target: search.target)
            let stranger: [String: JSONValue] = ["id": .text("x"), "title": .text("x"), "_version": .int(1)]
            var document = FeedDocument(0, nil, TypeTree([]), .put, version: 1)
            document.members = stranger
            _ = try await client.post([document], refresh: true)
            #expect(try await shop.services.feed.verify("local").extra == ["x"])
            try await shop.services.feed.replay("local")
            #expect(try await shop.services.feed.verify("local").isEmpty)
        }
    }

    @Test func theExportHasWhatTheFeedHasSent() async throws {
        try await withSearch { shop, search in
            for number in 1...3 { _ = try await shop.addGoods("g\(number)", name: "Kittens \(number)") }
            let off = try await shop.addGoods("off")
            try await shop.store.write { try $0.setOnShelf(off, false, now: 0) }
            try await settle(shop)
            let lines = Mutex<[String: JSONValue]>([:])
            try await shop.services.feed.export { buffer in
                for line in String(buffer: buffer).split(separator: "\n") {
                    var document = JSONValue.object(String(line))
                    document["_version"] = nil
                    let key = document["id"]?.text ?? ""
                    lines.withLock { $0[key] = .object(document) }
                }
            }
            let hits = try await search.search("kittens")
            #expect(hits.count == 3)
            #expect(Dictionary(uniqueKeysWithValues: hits.map { ($0.id, $0.document) }) == lines.withLock { $0 })
        }
    }

    @Test func aBatchThatWasSentBeforeHasNoEffectAndALateBatchNoHarm() async throws {
        try await withSearch { shop, search in
            let id = try await shop.addGoods("a", name: "Kittens", stock: 10)
            let tree = TypeTree([])
            let first = try #require(try await shop.store.read { try $0.goods([id])[id] })
            try await settle(shop)
            try await shop.store.write { try $0.sell(id, 1, now: 0) }
            try await settle(shop)
            let client = SearchClient(target: search.target)
            let late = FeedDocument(id, first, tree, .put, version: first.feedSequence)
            #expect(try await client.post([late]).map(\.result) == ["stale"])
            try await shop.store.write { try $0.setCursor(of: FeedRelay.reader("local"), to: 0, now: 0) }
            try await settle(shop)
            #expect(try await search.search("kittens").first?.document["stock"]?.int == 9)
        }
    }

    @Test func theTextOfHTMLHasNoTags() {
        #expect(FeedDocument.plainText("<p>a&lt;b &amp;lt; c</p><p>d</p>") == "a<b &lt; c d")
    }
}
