/// Makes pages old when their goods change: it follows the change log, so that no route can forget to. Several
/// processes may do so at once.
struct CacheInvalidator: Sendable {
    let store: Store
    let cache: PageCache

    /// Deals with the next changes. False if there are none left.
    func step() async throws -> Bool {
        let last = try await store.read { try $0.lastSequence() }
        guard let cursor = try await cache.cursor() else { return try await restart(at: last) }
        if cursor == last { return false }
        let (first, changes) = try await store.read { transaction in
            (try transaction.firstSequence(), try transaction.changes(after: cursor, limit: 1000))
        }
        guard let end = changes.last?.sequence, let first, first <= cursor + 1, cursor < last else {
            // The log does not reach back to the cursor, or the database is another one.
            return try await restart(at: last)
        }
        var scopes = Set<CacheScope>()
        for change in changes {
            scopes.insert(.goods(change.goodsID))
            if change.kind == .put { scopes.formUnion([.lists, .types]) }
        }
        try await cache.invalidate(scopes, cursor: end)
        return true
    }

    /// Forgets all pages, because nobody knows which are old.
    private func restart(at last: Int) async throws -> Bool {
        try await cache.purge(cursor: last)
        return false
    }
}
