import NIOCore
import Testing

@testable import Shop

@Suite struct AddressTests {
    private static func json(
        _ name: String, zip: String = "200000", phone: String = "13800138000", address: String = "上海"
    ) -> String {
        """
        {"recipient_name": "\(name)", "recipient_addr": "\(address)", "zip_code": "\(zip)",
         "recipient_phone": "\(phone)"}
        """
    }

    @Test func theFirstAddressIsTheDefaultAndAnotherTakesItsPlace() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                try await shop.logIn("zhang", browser)
                var ids: [Int] = []
                for name in ["甲", "乙", "丙"] {
                    let reply = try await browser.post("/api/v1/addresses", Self.json(name))
                    ids.append(try #require(reply["id"]?.int))
                    #expect(reply["is_default"] == .bool(ids.count == 1))
                }
                let moved = try await browser.post("/api/v1/addresses/\(ids[1])/default")
                #expect(moved["items"]?.list.map { $0["is_default"] } == [.bool(true), .bool(false), .bool(false)])
                #expect(moved["items"]?.list.first?["id"]?.int == ids[1])
                let left = try await browser.send(.delete, "/api/v1/addresses/\(ids[1])")
                #expect(left["items"]?.list.first?["id"]?.int == ids[2])
                #expect(left["items"]?.list.first?["is_default"] == .bool(true))
            }
        }
    }

    @Test func anAddressOfSomebodyElseLooksAsIfItWereNotThere() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                try await shop.logIn("zhang", browser)
                let id = try #require(try await browser.post("/api/v1/addresses", Self.json("甲"))["id"]?.int)
                let other = browser.another()
                try await shop.logIn("wang", other)
                let path = "/api/v1/addresses/\(id)"
                #expect(try await other.send(.put, path, json: Self.json("乙")).status == 404)
                #expect(try await other.send(.delete, path).status == 404)
                #expect(try await other.post(path + "/default").status == 404)
                #expect(try await browser.get("/api/v1/addresses")["items"]?.list.first?["is_default"] == .bool(true))
            }
        }
    }

    @Test func anAccountHasExactlyOneDefaultAfterAnyRace() async throws {
        try await TestShop.run { shop in
            let passport = try await shop.addPassport("zhang")
            let store = shop.store
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...16 {
                    group.addTask {
                        _ = try await store.write { try $0.addAddress(.sample, of: passport, now: 0) }
                    }
                }
                try await group.waitForAll()
            }
            let ids = try await store.read { try $0.addresses(of: passport) }.map(\.id)
            #expect(ids.count == 16)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for round in 0..<64 {
                    group.addTask {
                        let id = ids[round % 16]
                        do {
                            if round % 7 == 0 {
                                try await store.write { try $0.deleteAddress(id, of: passport, now: 0) }
                            } else {
                                try await store.write { try $0.setDefaultAddress(id, of: passport, now: 0) }
                            }
                        } catch StoreError.unchanged {}
                    }
                }
                try await group.waitForAll()
            }
            let left = try await store.read { try $0.addresses(of: passport) }
            #expect(left.filter(\.isDefault).count == 1)
            #expect(left.count < 16)
        }
    }

    @Test(arguments: [
        json(""), json(#"a\u0000"#), json("a", zip: "20000"), json("a", zip: "２00000"), json("a", phone: "12800138000"),
        json("a", phone: "1380013800"), json("a", address: " "), json(String(repeating: "a", count: 21)),
        // As the document and the column count: two characters that look like one are two.
        json(String(repeating: "e\u{301}", count: 11)),
    ])
    func anAddressThatNobodyCanDeliverToIsRefused(json: String) async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                try await shop.logIn("zhang", browser)
                #expect(try await browser.post("/api/v1/addresses", json).code == "bad_value")
            }
        }
    }

    @Test func anOrderKeepsAnAddressAsTheAPIShowsIt() async throws {
        try await TestShop.run { shop in
            let passport = try await shop.addPassport("zhang")
            for name in ["李雷", #"a"b\c/d"#, "a\tb\u{1}c", "😀\u{2028}é"] {
                var draft = AddressDraft.sample
                (draft.recipientName, draft.recipientAddr) = (name, name + name)
                let added = draft
                _ = try await shop.store.write { try $0.addAddress(added, of: passport, now: 0) }
            }
            let (kept, addresses) = try await shop.store.read { transaction in
                (try transaction.addressSnapshots(of: [passport, 99]), try transaction.addresses(of: passport))
            }
            #expect(kept.keys.sorted() == [passport])
            #expect(kept[passport]?.count == 4)
            for address in addresses {
                let snapshot = try #require(kept[passport]?.first { $0.id == address.id })
                #expect(snapshot.isDefault == address.isDefault)
                let shown = JSONValue.object(String(buffer: try encodedJSON(address)))
                #expect(JSONValue.object(snapshot.json) == shown)
                #expect(shown.count == 6)
            }
        }
    }
}
