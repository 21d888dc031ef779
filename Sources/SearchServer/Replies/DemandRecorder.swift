package import Catalog
import Hummingbird
import Kernels
import Searching

/// Records what is asked of a server, and makes reports of it.
package struct DemandRecorder: Sendable {
    /// The log.
    package let log: DemandLog
    let reports: DemandReports
    private let proxies: TrustedProxies
    /// The thread of reports, which may read long logs: nothing else waits for it.
    private let thread = WorkerPool(threads: 1, niceness: 10)
    /// The popular queries by catalog.
    private let popular = Monitor<[String: KnownQueries]>([:])
    /// The time for which they stay, at least.
    private let renewalInterval: Duration

    /// The popular queries of a catalog, and when they are looked for again.
    private struct KnownQueries: Sendable {
        var queries: PopularQueries?
        /// The number of their table: another one for other queries.
        var number = 0
        var expiry: ContinuousClock.Instant
    }

    /// The number of days whose queries count.
    private static let popularDays = 7
    /// The time for which popular queries stay, in the time that it takes to find them.
    private static let restShare = 50

    /// Records into a log, which the caller closes after the server has ended. Popular queries are looked for once in
    /// an interval.
    package init(_ log: DemandLog, _ proxies: TrustedProxies, renewingEvery interval: Duration = .seconds(60)) {
        self.log = log
        renewalInterval = interval
        self.proxies = proxies
        reports = DemandReports(log.folder, keptDays: log.keptDays, writes: true)
    }

    /// Returns a search that is to be recorded when its reply is sent. Nobody sees the reply to HEAD.
    func search(
        _ search: SearchRequest, _ parameters: [(name: String, value: String)], _ wanted: WantedReply,
        _ request: Request
    ) -> DemandedSearch {
        let peer = ClientConnection.current?.channel.remoteAddress
        return DemandedSearch(
            log: log, key: wanted.key, search: search, filter: parameters.first { $0.name == "filter" }?.value,
            sort: parameters.first { $0.name == "sort" }?.value, client: proxies.network(peer, request.headers),
            isSeen: request.method != .head)
    }

    /// Returns the report of a kind on the last `days` days, of at most `limit` rows.
    ///
    /// Errors: `overloaded` if too many reports wait; those of the disk.
    func report(_ kind: DemandReport.ReportKind, of catalog: String, days: Int, limit: Int) async throws -> DemandReport
    {
        try await SearchThreads.run(on: thread, SearchLimits(cancellation: SearchCancellation())) {
            log.flush()
            return DemandReport(kind, catalog, try reports.window(of: catalog, days: days, now: log.now), limit: limit)
        }
    }

    /// Returns the popular queries of a catalog with the number of their table, as far as they are known.
    func popularQueries(of catalog: String) -> (queries: PopularQueries?, number: Int) {
        popular.withLock { ($0[catalog]?.queries, $0[catalog]?.number ?? 0) }
    }

    /// Has the popular queries of a catalog looked for if it is time. Nobody waits for it: they are suggested when they
    /// are known.
    func renewPopularQueries(for searcher: CatalogSearcher) {
        let (catalog, now) = (searcher.name, ContinuousClock.now)
        let isDue = popular.withLock { popular in
            if let known = popular[catalog], now < known.expiry { return false }
            popular[catalog, default: KnownQueries(expiry: now)].expiry = now + renewalInterval
            return true
        }
        guard isDue else { return }
        let analyzer = searcher.titleAnalyzer
        _ = thread.submit(
            WorkerPool.Job { isDropped in
                if isDropped { return }
                let begin = ContinuousClock.now
                log.flush()
                let days = min(Self.popularDays, log.keptDays)
                guard let window = try? reports.window(of: catalog, days: days, now: log.now) else { return }
                let texts = window.popularQueries()
                let last = popularQueries(of: catalog).queries
                let isNew = (last?.texts ?? []) != texts
                let queries = isNew ? PopularQueries(texts, by: analyzer) : last
                popular.withLock { popular in
                    guard var known = popular[catalog] else { return }
                    known.queries = queries
                    if isNew { known.number += 1 }
                    let end = ContinuousClock.now
                    known.expiry = end + max(renewalInterval, (end - begin) * Self.restShare)
                    popular[catalog] = known
                }
            })
    }

    /// Forgets what was recorded of a catalog. Errors: those of the disk.
    package func remove(_ catalog: String) async throws(CatalogError) {
        try await log.remove(catalog)
        reports.forget(catalog)
        popular.withLock { $0[catalog] = nil }
    }
}

/// A search while it is answered.
struct DemandedSearch: Sendable {
    fileprivate let log: DemandLog
    fileprivate let key: ReplyKey
    fileprivate let search: SearchRequest
    fileprivate let filter: String?
    fileprivate let sort: String?
    fileprivate let client: [UInt8]?
    /// False for a reply that is not shown to anybody.
    fileprivate let isSeen: Bool

    /// Gives a reply its query id, and returns what its record says.
    func answered(_ reply: inout SearchReply) -> AnsweredSearch {
        let answered = describe(reply, view: reply.partial ? nil : reply.view)
        reply.queryID = answered.id.text
        return answered
    }

    /// Records that the reply is sent. Without `answered` the client has a reply whose record is not kept.
    func record(_ answered: AnsweredSearch?, view: UInt64?, milliseconds: Double? = nil) {
        guard isSeen else { return }
        log.record(
            answered ?? describe(nil, view: view), of: key.catalog, client: client, milliseconds: milliseconds)
    }

    /// Returns what the record says. A reply that one view decides always has the same id.
    private func describe(_ reply: SearchReply?, view: UInt64?) -> AnsweredSearch {
        let query = DemandedQuery(typed: search.q)
        let number = view.map { QueryID.hash(key.tag($0)) } ?? .random(in: 0 ... .max)
        let id = log.key.id(of: key.catalog, query: query.hash, reply: number)
        return AnsweredSearch(search, query, filter: filter, sort: sort, id: id, reply)
    }
}
