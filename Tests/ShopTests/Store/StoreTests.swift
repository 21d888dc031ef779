import Testing

@testable import Shop

@Suite struct StoreTests {
    @Test func aCommitIsSynchronizedToTheDisk() async throws {
        try await withTemporaryFolder { folder in
            let store = try Store(folder: folder)
            let synchronous = try await store.write { try $0.row("PRAGMA synchronous")?.int("synchronous") }
            let journal = try await store.write { try $0.row("PRAGMA journal_mode")?.text("journal_mode") }
            #expect(synchronous == 2)
            #expect(journal == "wal")
        }
    }

    @Test func aTransactionThatThrowsChangesNothing() async throws {
        try await withTemporaryFolder { folder in
            let store = try Store(folder: folder)
            await #expect(throws: StoreError.unchanged) {
                try await store.write { transaction in
                    _ = try transaction.goodsType(named: "a", below: 0, now: 1)
                    throw StoreError.unchanged
                }
            }
            #expect(try await store.read { try $0.goodsTypes() }.isEmpty)
        }
    }

    @Test func twoProcessesCountInOneRowWithoutLosingANumber() async throws {
        try await withTemporaryFolder { folder in
            let stores = [try Store(folder: folder), try Store(folder: folder)]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for store in stores {
                    for _ in 1...50 {
                        group.addTask { _ = try await store.write { try $0.recordChange(of: 1, .put, now: 0) } }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await stores[0].read { try $0.lastSequence() } == 100)
            let changes = try await stores[1].read { try $0.changes(after: 0, limit: 1000) }
            #expect(changes.map(\.sequence) == Array(1...100))
        }
    }

    @Test func aTakenValueIsToldApartFromOtherErrors() async throws {
        try await withTemporaryFolder { folder in
            let store = try Store(folder: folder)
            await #expect(throws: StoreError.duplicate) {
                try await store.write { transaction in
                    let type = try transaction.goodsType(named: "a", below: 0, now: 1)
                    let draft = GoodsDraft(code: "x", name: "x", price: 1, stock: 1, typeID: type)
                    _ = try transaction.insert(draft, now: 1)
                    _ = try transaction.insert(draft, now: 1)
                }
            }
        }
    }

    @Test func changesArePrunedBelowTheSlowestReader() async throws {
        try await withTemporaryFolder { folder in
            let store = try Store(folder: folder)
            try await store.write { transaction in
                for _ in 1...10 { _ = try transaction.recordChange(of: 1, .patch, now: 0) }
                try transaction.setCursor(of: "a", to: 7, now: 0)
                try transaction.setCursor(of: "b", to: 4, now: 0)
                try transaction.setCursor(of: "gone", to: 1, now: 0)
                #expect(try transaction.pruneChanges(["a", "b", "new"], limit: 3) == 3)
                #expect(try transaction.pruneChanges(["a", "b", "new"], limit: 3) == 1)
                #expect(try transaction.pruneChanges(["a", "b", "new"], limit: 3) == 0)
                #expect(try transaction.firstSequence() == 5)
            }
        }
    }
}
