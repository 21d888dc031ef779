import Catalog
package import Kernels
import NIOCore
import Searching

/// The threads on which a server searches and reads, apart from those that take requests.
///
/// Searches, which may take seconds, and look-ups (suggestions, documents, descriptions of catalogs), which take
/// microseconds, have threads of their own, so that the latter never wait for the former. What cannot be done in time
/// is refused: see `WorkerPool`. Threads for look-ups have short slices (`SchedulerSlice`), so that they need not wait
/// for a search when they wake. The routes that need none of these threads, such as `/healthz`, always reply.
///
/// ```swift
/// let response = try await threads.search(limits) { jsonResponse(try store.search(name, request, limits: limits)) }
/// ```
package final class SearchThreads: Sendable {
    /// The threads of searches, and those of look-ups.
    package let searches: WorkerPool
    package let lookUps: WorkerPool

    /// The niceness of the threads for searches: their priority is below that of the threads that take and refuse
    /// requests, and above that of the threads that write and merge.
    private static let niceness: Int32 = 1

    /// The number of cores that the process may use. With more threads than that, searches that take long would share a
    /// core with those that arrived after them, and take longer still.
    package static var coreCount: Int { min(System.coreCount, Processors.allowed ?? .max) }

    /// Starts `threads` threads for each kind: by default as many as there are cores.
    package init(threads: Int = coreCount) {
        searches = WorkerPool(threads: threads, niceness: Self.niceness)
        lookUps = WorkerPool(threads: threads, isPrompt: true)
    }

    /// Returns the result of a search that runs on one of the threads for searches.
    ///
    /// Errors: `overloaded` if it cannot begin in time, and those of `body`.
    func search<Result: Sendable>(
        _ limits: SearchLimits, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await Self.run(on: searches, limits, body)
    }

    /// Returns the result of a look-up that runs on one of the threads for look-ups. Errors: as for `search`.
    func lookUp<Result: Sendable>(
        _ limits: SearchLimits, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await Self.run(on: lookUps, limits, body)
    }

    /// Returns the result of a job, which is cancelled with the task that waits for it, or when the client is gone.
    static func run<Result: Sendable>(
        on pool: WorkerPool, _ limits: SearchLimits, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        let cancellation = limits.cancellation
        ClientConnection.current?.whenGone { cancellation?.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isAbandoned: @Sendable () -> Bool = { cancellation?.isCancelled ?? false }
                let job = WorkerPool.Job(deadline: limits.deadline, isAbandoned: isAbandoned) { isDropped in
                    if isDropped { return continuation.resume(throwing: Problem.overloaded) }
                    continuation.resume(with: Swift.Result { try body() })
                }
                if !pool.submit(job) { continuation.resume(throwing: Problem.overloaded) }
            }
        } onCancel: {
            cancellation?.cancel()
        }
    }
}

extension CatalogStore {
    /// The limits of a request that arrives now; they end with the task of the request.
    func requestLimits(_ timeout: Duration? = nil) -> SearchLimits {
        limits(timeout, cancellation: SearchCancellation())
    }
}

extension Problem {
    /// The problem of a request for which there is no time.
    static var overloaded: Problem {
        Problem(
            .serviceUnavailable, "overloaded", "more is requested than can be done in time",
            hint: "send the request again after the time in Retry-After", retryAfter: 1)
    }
}
