import Logging
package import NIOCore

/// The feed as a whole: its state for operators, its proof, and its repair.
package struct Feed: Sendable {
    /// The state of a target.
    package struct TargetStatus: Sendable, Equatable {
        package var target: String
        /// The last change that the target has; nil for a target that was never fed.
        package var cursor: Int?
        /// The last change of the shop.
        package var last: Int
        /// The number of documents that the target has refused.
        package var dead: Int
        package var deadReasons: [String]
    }

    /// The differences between the database and a target.
    package struct Difference: Sendable, Equatable {
        /// Goods on sale that search does not have.
        package var missing: [Int] = []
        /// Documents of goods that are not on sale.
        package var extra: [String] = []
        /// Documents that are not of the last change.
        package var stale: [Int] = []

        package var isEmpty: Bool { missing.isEmpty && extra.isEmpty && stale.isEmpty }
    }

    private static let noTargets = ConfigurationProblem("no feed.targets are configured")

    private let store: Store
    private let now: @Sendable () -> Milliseconds
    let relays: [FeedRelay]

    init(
        _ store: Store, _ targets: [ShopConfiguration.FeedTarget], logger: Logger,
        now: @escaping @Sendable () -> Milliseconds
    ) {
        self.store = store
        self.now = now
        relays = targets.map { target in
            FeedRelay(store: store, client: SearchClient(target: target), logger: logger, now: now)
        }
    }

    /// The names of the targets' cursors.
    var readers: [String] { relays.map { FeedRelay.reader($0.client.target.name) } }

    /// The states of all targets. Errors: no targets are configured.
    package func status() async throws -> [TargetStatus] {
        guard !relays.isEmpty else { throw Self.noTargets }
        let names = relays.map(\.client.target.name)
        return try await store.read { transaction in
            try names.map { name in
                let dead = try transaction.deadDocuments(of: name)
                return TargetStatus(
                    target: name, cursor: try transaction.cursor(of: FeedRelay.reader(name)),
                    last: try transaction.lastSequence(), dead: dead.count,
                    deadReasons: dead.prefix(10).map { "\($0.goodsID): \($0.reason)" })
            }
        }
    }

    /// Compares the database with a target; what changes meanwhile may differ. Errors: an unknown target.
    package func verify(_ target: String) async throws -> Difference {
        var found = try await relay(target).client.versions()
        let goods = try await store.read { try $0.feedVersions() }
        var difference = Difference()
        for (id, sequence) in goods {
            guard let version = found.removeValue(forKey: "\(id)") else {
                difference.missing.append(id)
                continue
            }
            if version != sequence { difference.stale.append(id) }
        }
        difference.extra = found.keys.sorted()
        return difference
    }

    /// Writes the documents of all goods on sale, one a line, as they are at one moment, in pieces.
    package func export(_ write: @escaping @Sendable (ByteBuffer) throws -> Void) async throws {
        try await store.read { transaction in
            let tree = TypeTree(try transaction.goodsTypes())
            var last = 0
            while true {
                let goods = try transaction.goods(after: last, limit: 500)
                guard let end = goods.last?.id else { return }
                last = end
                var lines = ByteBuffer()
                for goods in goods where goods.isOnSale {
                    try FeedDocument(goods.id, goods, tree, .put, version: goods.feedSequence).write(to: &lines)
                }
                try write(lines)
            }
        }
    }

    /// Sends all goods to a target again, and deletes documents that no goods have. Errors: an unknown target.
    ///
    /// After the database was restored from a backup the target has seen later changes, and ignores the documents of
    /// older ones: the numbers go on above those, and goods whose documents differ get new ones.
    package func replay(_ target: String) async throws {
        let relay = try relay(target)
        let shown = try await relay.client.versions().values.max() ?? 0
        let greatest = max(try await relay.replay(), shown)
        try await store.write { try $0.raiseSequence(above: greatest) }
        let difference = try await settled(relay)
        let (ignored, now) = (difference.missing + difference.stale, now())
        try await store.write { transaction in for id in ignored { try transaction.touch(id, now: now) } }
        let extra = ignored.isEmpty ? difference.extra : try await settled(relay).extra
        let last = try await store.read { try $0.lastSequence() }
        for start in stride(from: 0, to: extra.count, by: 1000) {
            let deletions = extra[start..<min(start + 1000, extra.count)].map { id in
                FeedDocument(deleting: id, version: last)
            }
            _ = try await relay.client.post(deletions, refresh: true)
        }
    }

    /// Sends all changes to a target, and returns what differs when it shows them.
    private func settled(_ relay: FeedRelay) async throws -> Difference {
        while try await relay.step() {}
        _ = try await relay.client.post([], refresh: true)
        return try await verify(relay.client.target.name)
    }

    private func relay(_ target: String) throws -> FeedRelay {
        guard !relays.isEmpty else { throw Self.noTargets }
        guard let relay = relays.first(where: { $0.client.target.name == target }) else {
            let names = relays.map(\.client.target.name).joined(separator: ", ")
            throw ConfigurationProblem("there is no target \(target); the targets are: \(names)")
        }
        return relay
    }
}

extension FeedDocument {
    /// Creates the deletion of a document that no goods have.
    fileprivate init(deleting id: String, version: Int) {
        goodsID = 0
        members = ["_delete": .text(id), "_version": .int(version)]
    }
}
