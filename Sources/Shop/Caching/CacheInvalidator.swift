package import Logging
import ServiceLifecycle

/// The task that makes pages old when their goods change: it follows the change log, so that no route can forget to.
///
/// It looks for changes ten times a second. Several processes may run it at once.
package struct CacheInvalidator: Service {
    private let store: Store
    private let cache: PageCache
    private let logger: Logger

    package init(_ store: Store, _ cache: PageCache, logger: Logger) {
        self.store = store
        self.cache = cache
        self.logger = logger
    }

    package func run() async throws {
        var isFailing = false
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                while try await step() {}
                isFailing = false
            } catch {
                if !isFailing { logger.error("pages may be old", metadata: ["error": "\(error)"]) }
                isFailing = true
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(100)) }
        }
    }

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
