import Kernels
public import Segments

/// A callback that receives the result of a request on the writer's thread: it must not block.
public typealias LiveReply<T> = @Sendable (Result<T, IndexError>) -> Void

/// A request to the writer's thread, or the result of one of its background jobs.
enum LiveRequest: Sendable {
    /// Write a batch, reply when it is durable, or with `refresh` when it is visible.
    case write(WriteBatch, payload: [String: String], refresh: Bool, LiveReply<[WriteOutcome]>)
    /// Publish a view of all changes so far.
    case refresh(LiveReply<Void>)
    /// Commit all changes so far.
    case commit(LiveReply<Void>)
    /// Begin a standby generation, filled from the rows or from a source, or go on with one that is not filled.
    case rebuild(Rebuild, LiveReply<StandbyIndex>)
    /// Make the standby generation the current one, and the current one the standby.
    case swap(LiveReply<Void>)
    /// Remove the standby generation.
    case dropStandby(LiveReply<Void>)
    /// Merge the segments that there are to at most a number.
    case merge(to: Int, LiveReply<Void>)
    /// A merge ended.
    case merged(MergeJob, Result<SegmentReader?, IndexError>)
    /// A commit was persisted with a manifest, or failed.
    case persisted(PreparedCommit, Result<Manifest, IndexError>)
    /// Commit, and end the thread.
    case close(LiveReply<Void>)

    /// The number of bytes that the request keeps in memory; only batches count.
    var byteCount: Int {
        if case .write(let batch, _, _, _) = self { return batch.byteCount + 256 }
        return 0
    }

    /// Replies to a caller's request with an error.
    func refuse(_ error: IndexError) {
        switch self {
        case .write(_, _, _, let reply): reply(.failure(error))
        case .refresh(let reply), .commit(let reply), .merge(_, let reply), .swap(let reply), .dropStandby(let reply):
            reply(.failure(error))
        case .rebuild(_, let reply): reply(.failure(error))
        case .merged, .persisted, .close: break
        }
    }
}

/// The queue of requests for the writer's thread. Thread-safe.
final class LiveQueue: Sendable {
    private struct State: Sendable {
        var requests: [LiveRequest] = []
        /// The number of bytes of the batches that wait.
        var bytes = 0
        /// The number of bytes of those that wait, and of those that were taken last, which are being written.
        var share = 0
        var isClosed = false
    }

    private let state = Monitor(State())
    private let memory: SharedMemory

    /// Creates an empty queue whose batches are kept in a memory that others may use as well. A batch is refused beyond
    /// its limit, unless the batches of this queue take little of it, or none waits.
    init(_ memory: SharedMemory) { self.memory = memory }

    deinit { memory.change(state.withLock { $0.share }, to: 0) }

    /// Appends a caller's request; returns false when there is no room, which only batches of changes need.
    ///
    /// Errors: `stopped` after `close`.
    func append(_ request: LiveRequest) throws(IndexError) -> Bool {
        let bytes = request.byteCount
        let isAccepted = state.withLock { state -> Bool? in
            if state.isClosed { return nil }
            if bytes > 0, !memory.add(bytes, to: state.share) {
                if state.bytes > 0 { return false }
                memory.change(state.share, to: state.share + bytes)
            }
            state.requests.append(request)
            state.bytes += bytes
            state.share += bytes
            if case .close = request { state.isClosed = true }
            return true
        }
        guard let isAccepted else { throw .stopped(reason: "the index was closed") }
        return isAccepted
    }

    /// Appends a caller's request, and blocks until there is room. Errors: `stopped` after `close`.
    func appendWhenThereIsRoom(_ request: LiveRequest) throws(IndexError) {
        while try !append(request) {
            // When the writer has taken what waits, a batch is accepted in any case.
            state.wait { state in state.bytes == 0 || state.isClosed ? true : nil }
        }
    }

    /// Appends the result of a background job; there is always room, also after `close`.
    func post(_ request: LiveRequest) {
        state.withLock { $0.requests.append(request) }
    }

    /// True if no request is waiting.
    var isEmpty: Bool { state.withLock { $0.requests.isEmpty } }

    /// Removes and returns all requests, blocking until there is one or the deadline has passed. The memory of those
    /// that were taken before is free then.
    func take(until deadline: ContinuousClock.Instant?) -> [LiveRequest] {
        state.withLock { state in
            memory.change(state.share, to: state.bytes)
            state.share = state.bytes
        }
        state.wait(until: deadline) { $0.requests.isEmpty ? nil : true }
        return state.withLock { state in
            defer {
                state.requests = []
                state.bytes = 0
            }
            return state.requests
        }
    }
}

/// A batch to write, with its reply.
struct LiveWrite {
    let batch: WriteBatch
    let payload: [String: String]
    let refresh: Bool
    let reply: LiveReply<[WriteOutcome]>
}
