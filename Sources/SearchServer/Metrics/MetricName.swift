/// The metrics of a server: names, types and what they mean. `docs/operate.md` has the same table.
enum MetricName: String, CaseIterable {
    case catalogBytes = "quire_catalog_bytes"
    case catalogChanges = "quire_catalog_changes_total"
    case catalogCommits = "quire_catalog_commits_total"
    case catalogDocuments = "quire_catalog_documents"
    case catalogFreshness = "quire_catalog_freshness_seconds"
    case catalogMerges = "quire_catalog_merges_total"
    case catalogSegments = "quire_catalog_segments"
    case catalogState = "quire_catalog_state"
    case catalogUncommitted = "quire_catalog_uncommitted_bytes"
    case catalogWritingStopped = "quire_catalog_writing_stopped"
    case connections = "quire_connections"
    case connectionsMax = "quire_connections_max"
    case connectionsRefused = "quire_connections_refused_total"
    case demandDropped = "quire_demand_dropped_total"
    case demandRecorded = "quire_demand_recorded_total"
    case descriptors = "quire_descriptors"
    case descriptorsMax = "quire_descriptors_max"
    case faults = "quire_faults_total"
    case jobs = "quire_jobs_total"
    case jobsWaiting = "quire_jobs_waiting"
    case memory = "quire_memory_bytes"
    case replyCacheBytes = "quire_reply_cache_bytes"
    case replyCacheRequests = "quire_reply_cache_requests_total"
    case requestLogDropped = "quire_request_log_dropped_total"
    case requests = "quire_request_seconds"
    case startTime = "quire_start_time_seconds"
    case threads = "quire_threads"

    /// The type: `histogram`; `counter` for what only grows while the process runs, as its name says; else `gauge`.
    var type: String {
        if [.requests, .catalogFreshness].contains(self) { return "histogram" }
        return rawValue.hasSuffix("_total") ? "counter" : "gauge"
    }

    /// The meaning, as a phrase without a period.
    var help: String {
        switch self {
        case .catalogBytes: "bytes of the segments that are searched"
        case .catalogChanges: "changes that were acknowledged"
        case .catalogCommits: "commits that became durable"
        case .catalogDocuments: "documents of a catalog"
        case .catalogFreshness: "time from the first change that a view lacks to the next view, which searches see"
        case .catalogMerges: "merges of segments that were done or failed"
        case .catalogSegments: "segments that are searched; 0 while the catalog is not open"
        case .catalogState: "1 for the state that a catalog is in: ready, recovering, outdated or unreadable"
        case .catalogUncommitted: "bytes of acknowledged changes that are in the log and in no commit"
        case .catalogWritingStopped: "1 while an error keeps the changes of a catalog from being written"
        case .connections: "open connections of clients"
        case .connectionsMax: "most connections at a time"
        case .connectionsRefused: "connections ended with a problem before a route had their request, by its status"
        case .demandDropped: "searches that were not logged, because too many waited or the disk was full"
        case .demandRecorded: "searches that were logged"
        case .descriptors: "files and sockets that the process has open"
        case .descriptorsMax: "most files and sockets that the process may have open"
        case .faults: "requests that failed by a fault of the server (status 500)"
        case .jobs: "searches and look-ups that were run, refused as overloaded, or dropped because nobody waited"
        case .jobsWaiting: "searches and look-ups that wait for a thread"
        case .memory: "memory of the process that is not backed by files"
        case .replyCacheBytes: "bytes of the replies that are kept"
        case .replyCacheRequests: "requests for replies that may be kept: those that had one, and those that made one"
        case .requestLogDropped: "requests missing in the log of requests, because too many waited or the disk was full"
        case .requests: "time from the head of a request to the beginning of its reply, by route and status"
        case .startTime: "time at which the server began, in seconds since 1970"
        case .threads: "threads of the process"
        }
    }
}
