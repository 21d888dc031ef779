import Kernels

/// Is told how something ended, on the writer's thread: it must not wait for anything.
public typealias LiveReply<T> = @Sendable (Result<T, IndexError>) -> Void

/// What the writer's thread is asked to do, and told.
enum LiveRequest: Sendable {
    case write(WriteBatch, payload: [String: String], refresh: Bool, LiveReply<[WriteOutcome]>)
    case refresh(LiveReply<Void>)
    case commit(LiveReply<Void>)
    case merged(MergeJob, Result<SegmentReader?, IndexError>)
    case persisted(PreparedCommit, IndexError?)
    case close(LiveReply<Void>)

    /// Bytes it keeps in memory.
    var byteCount: Int {
        if case .write(let batch, _, _, _) = self { return batch.byteCount + 256 }
        return 0
    }
}

/// What waits for the writer's thread.
final class LiveQueue: Sendable {
    private struct Waiting: Sendable {
        var requests: [LiveRequest] = []
        var bytes = 0
        var isClosed = false
    }

    private let state = Monitor(Waiting())
    private let most: Int

    /// A queue of at most so many bytes.
    init(most: Int) { self.most = most }

    /// Appends a caller's request; false when there is no room, which only batches of changes need.
    ///
    /// Errors: `stopped` after `close`.
    func append(_ request: LiveRequest) throws(IndexError) -> Bool {
        let isTaken = state.withLock { state -> Bool? in
            if state.isClosed { return nil }
            if request.byteCount > 0, state.bytes > 0, state.bytes + request.byteCount > most { return false }
            state.requests.append(request)
            state.bytes += request.byteCount
            if case .close = request { state.isClosed = true }
            return true
        }
        guard let isTaken else { throw .stopped(reason: "the index was closed") }
        return isTaken
    }

    /// Appends a caller's request as soon as there is room.
    func appendWhenThereIsRoom(_ request: LiveRequest) throws(IndexError) {
        while try !append(request) {
            state.wait { state in state.bytes == 0 || state.bytes + request.byteCount <= self.most ? true : nil }
        }
    }

    /// Appends what the index tells itself; there is always room.
    func tell(_ request: LiveRequest) {
        state.withLock { $0.requests.append(request) }
    }

    /// Takes all requests, waiting for one until a deadline.
    func take(until deadline: ContinuousClock.Instant?) -> [LiveRequest] {
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
