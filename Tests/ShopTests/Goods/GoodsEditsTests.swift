import Testing

@testable import Shop

@Suite struct GoodsEditsTests {
    @Test func changesOnlyWhatItNames() async throws {
        try await TestShop.run { shop in
            let id = try await shop.addGoods("a", price: 300, stock: 7) { $0.description = "old" }
            let edits = [
                try GoodsEdit(#"{"code": "a", "name": "new", "price": 250}"#),
                try GoodsEdit(#"{"code": "a", "on_shelf": false}"#),
            ]
            try await shop.store.edit(edits, now: shop.services.now())
            let goods = try #require(try await shop.store.read { try $0.goods([id])[id] })
            #expect(goods.draft.name == "new")
            #expect(goods.draft.price == 250)
            #expect(goods.draft.description == "old")
            #expect(goods.draft.stock == 7)
            #expect(!goods.draft.isOnShelf)
            #expect(try await shop.store.read { try $0.lastSequence() } == goods.feedSequence)
        }
    }

    @Test func makesAllChangesOfATransactionOrNone() async throws {
        try await TestShop.run { shop in
            let id = try await shop.addGoods("a", name: "old")
            let edits = [try GoodsEdit(#"{"code": "a", "name": "new"}"#), try GoodsEdit(#"{"code": "b"}"#)]
            await #expect(throws: GoodsEditProblem.unknownCode("b")) {
                try await shop.store.edit(edits, now: 0)
            }
            #expect(try await shop.store.read { try $0.goods([id])[id]?.draft.name } == "old")
        }
    }

    @Test func theDetailFollowsTheDescriptionThatItRepeats() async throws {
        try await TestShop.run { shop in
            let plain = try await shop.addGoods("a") { goods in
                (goods.description, goods.detail) = ("old", GoodsDraft.detail(of: "old"))
            }
            let own = try await shop.addGoods("b") { ($0.description, $0.detail) = ("old", "<p>its own</p>") }
            let edits = try ["a", "b"].map { try GoodsEdit(#"{"code": "\#($0)", "description": "new & better"}"#) }
            try await shop.store.edit(edits, now: 0)
            let goods = try await shop.store.read { try $0.goods([plain, own]) }
            #expect(goods[plain]?.draft.detail == "<p>new &amp; better</p>")
            #expect(goods[own]?.draft.detail == "<p>its own</p>")
        }
    }

    @Test(arguments: [
        (#"{"name": "x"}"#, GoodsEditProblem.noCode), ("x", .noCode),
        (#"{"code": "a", "titel": "x"}"#, .badMember("titel")), (#"{"code": "a", "name": ""}"#, .badMember("name")),
        (#"{"code": "a", "price": -1}"#, .badMember("price")), (#"{"code": "a", "price": 1.5}"#, .badMember("price")),
        (#"{"code": "a", "price": 1000000001}"#, .badMember("price")),
        (#"{"code": "a", "on_shelf": 1}"#, .badMember("on_shelf")),
    ])
    func refusesLinesThatSayNothingValid(line: String, problem: GoodsEditProblem) {
        #expect(throws: problem) { try GoodsEdit(line) }
    }
}
