package import Catalog
import Kernels

/// The metrics of a server: the requests that it measured, and values that are read when they are asked for.
///
/// Values belong to what the server already counts for itself; nothing but requests is measured for the metrics.
package final class ServerMetrics: Sendable {
    /// The times of requests.
    let requests = RequestMetrics()
    private let startTime = LogDay.now / 1000
    private let store: CatalogStore
    private let threads: SearchThreads
    private let cache: ReplyCache
    /// The connections of clients.
    let connections: ConnectionRegistry
    private let demand: DemandLog?
    /// The log of requests; nil for none.
    let log: RequestLog?

    /// Creates the metrics of a server's parts; `demand` is its log of searches and `log` its log of
    /// requests, if it has them.
    package init(
        _ store: CatalogStore, threads: SearchThreads, cache: ReplyCache, connections: ConnectionRegistry,
        demand: DemandLog?, log: RequestLog? = nil
    ) {
        self.store = store
        self.threads = threads
        self.cache = cache
        self.connections = connections
        self.demand = demand
        self.log = log
    }

    /// Returns all metrics as text. Reads files: not for an event loop.
    ///
    /// Errors: `storage` if the folder of the catalogs cannot be listed.
    func text() throws(CatalogError) -> String {
        var text = MetricsText()
        text.add(
            .requests,
            requests.all.flatMap { route in
                route.byStatus.map { ([("route", route.route), ("status", "\($0.status)")], $0.times) }
            })
        // A sum of its own: in Prometheus a series that begins with its first fault has not increased.
        text.add(
            .faults,
            requests.all.reduce(0) { sum, route in
                sum + route.byStatus.filter { $0.status == 500 }.reduce(0) { $0 + $1.times.count }
            })
        addLoad(to: &text)
        addCatalogs(try store.measures(), to: &text)
        addProcess(to: &text)
        return text.text
    }

    /// Adds what clients cause: jobs, connections, replies that come again, searches that are logged.
    private func addLoad(to text: inout MetricsText) {
        let pools = [("searches", threads.searches), ("look-ups", threads.lookUps)]
        text.add(.jobsWaiting, pools.map { ([("pool", $0)], $1.waiting) })
        text.add(
            .jobs,
            pools.flatMap { name, pool in
                let jobs = pool.statistics
                return [("run", jobs.run), ("refused", jobs.refused), ("dropped", jobs.dropped)].map {
                    ([("pool", name), ("outcome", $0)], $1)
                }
            })
        let replies = cache.statistics
        text.add(
            .replyCacheRequests, [([("outcome", "hit")], replies.hits), ([("outcome", "miss")], replies.misses)])
        text.add(.replyCacheBytes, replies.bytes)
        text.add(.connections, connections.count)
        text.add(.connectionsMax, connections.maxConnections)
        text.add(
            .connectionsRefused,
            connections.refusals.sorted { $0.key < $1.key }.map { ([("status", "\($0.key)")], $0.value) })
        text.add(.demandRecorded, demand?.statistics.recorded)
        text.add(.demandDropped, demand?.statistics.dropped)
        text.add(.requestLogDropped, log?.dropped)
    }

    private func addCatalogs(_ catalogs: [CatalogMeasures], to text: inout MetricsText) {
        /// The samples of all catalogs whose value is known.
        func samples(_ value: (CatalogMeasures) -> Int?) -> [(labels: MetricsText.Labels, value: Int)] {
            catalogs.compactMap { catalog in value(catalog).map { ([("catalog", catalog.summary.name)], $0) } }
        }
        text.add(.catalogDocuments, samples(\.summary.documents))
        text.add(.catalogSegments, samples(\.segments))
        text.add(.catalogBytes, samples(\.segmentBytes))
        text.add(.catalogWritingStopped, samples { $0.isWritingStopped ? 1 : 0 })
        addWriting(catalogs, to: &text)
        text.add(
            .catalogState,
            catalogs.map { ([("catalog", $0.summary.name), ("state", $0.summary.state.rawValue)], 1) })
    }

    /// Adds what the writers of catalogs have done; nothing for those that have none, because no change comes.
    private func addWriting(_ catalogs: [CatalogMeasures], to text: inout MetricsText) {
        let writers = catalogs.compactMap { catalog in
            catalog.counts.map { (labels: [("catalog", catalog.summary.name)], counts: $0) }
        }
        text.add(.catalogChanges, writers.map { ($0.labels, $0.counts.changes) })
        text.add(.catalogCommits, writers.map { ($0.labels, $0.counts.commits) })
        text.add(
            .catalogMerges,
            writers.flatMap { labels, counts in
                [("done", counts.merges), ("failed", counts.failedMerges)].map { (labels + [("outcome", $0)], $1) }
            })
        text.add(.catalogUncommitted, writers.map { ($0.labels, $0.counts.uncommittedBytes) })
        text.add(.catalogFreshness, writers.map { ($0.labels, $0.counts.freshness) })
    }

    private func addProcess(to text: inout MetricsText) {
        let use = ProcessUse()
        text.add(.memory, use.anonymousBytes)
        text.add(.startTime, startTime)
        text.add(.threads, use.threads)
        text.add(.descriptors, use.descriptors)
        text.add(.descriptorsMax, DescriptorLimit.inForce)
    }
}
