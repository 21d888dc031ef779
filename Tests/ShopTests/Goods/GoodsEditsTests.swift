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
        (#"{"name": "x"}"#, "not a JSON object with a code"), ("x", "not a JSON object with a code"),
        (
            #"{"code": "a", "titel": "x"}"#,
            "titel cannot be changed: a change has code, name, description, price and on_shelf"
        ),
        (#"{"code": "a", "name": ""}"#, "name must be a text of 1 to 200 characters"),
        (#"{"code": "a", "price": -1}"#, "price must be a whole number of fen from 0 to 1000000000"),
        (#"{"code": "a", "price": 1.5}"#, "price must be a whole number of fen from 0 to 1000000000"),
        (#"{"code": "a", "price": 1000000001}"#, "price must be a whole number of fen from 0 to 1000000000"),
        (#"{"code": "a", "on_shelf": 1}"#, "on_shelf must be true or false"),
    ])
    func refusesLinesThatSayNothingValid(line: String, message: String) throws {
        let problem = try #require(throws: GoodsEditProblem.self) { try GoodsEdit(line) }
        #expect(problem.description == message)
    }
}
