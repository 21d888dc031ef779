import Catalog
import Hummingbird
import NIOPosix
import Searching

/// A reply that was read from a catalog, before it is bytes.
struct CatalogReply: Sendable {
    /// The body.
    var body: any JSONWritable & Sendable
    /// The number of the view that alone decides the body; nil if there is more to it.
    var view: UInt64?
    /// The time that it took, in milliseconds; nil if it was not measured.
    var milliseconds: Double?
    /// The part of the record of a search that its reply decides; nil for other replies, and without a log.
    var answered: AnsweredSearch?
    /// The phases of a search; nil for other replies.
    var phases: SearchPhases?
    /// The id of a search in the log of searches; nil for other replies, and without a log.
    var queryID: String?
}

/// A request for a reply that is read from a catalog.
struct WantedReply: Sendable {
    /// The resource and its parameters.
    let key: ReplyKey
    /// The form in which it wants the reply.
    let preferences: ReplyPreferences

    /// The name of the catalog.
    var catalog: String { key.catalog }

    /// Creates a request for a resource, such as `search`, with decoded parameters.
    init(
        _ resource: StaticString, of catalog: String, _ request: Request,
        _ parameters: [(name: String, value: String)] = []
    ) {
        key = ReplyKey(resource, of: catalog, parameters)
        var headers = request.headers
        // A condition on what was posted would be a refusal, which nobody wants.
        if request.method == .post { headers[.ifNoneMatch] = nil }
        preferences = ReplyPreferences(headers)
    }
}

/// The threads on which a reply is read.
enum ReplyThreads: Sendable {
    case searches, lookUps
}

/// Makes the replies to requests that read a catalog: with entity tags, compressed when asked, from the cache if they
/// are there.
///
/// A reply that only a view of the catalog decides has an entity tag, and is kept in the cache. A request for it again,
/// while that view is known to be the newest, is replied to at once and needs no thread: with the bytes of the cache,
/// or with 304 if the client has them. Replies that were cut short, or nearly, are not kept: more than half of their
/// time must be left.
struct CatalogReplies: Sendable {
    let store: CatalogStore
    let threads: SearchThreads
    let cache: ReplyCache
    /// The recorder of searches; nil without a log.
    var recorder: DemandRecorder?

    /// The number of bytes from which on a body is compressed when asked.
    static let minCompressedBytes = 1024

    /// Returns the response to a request whose reply the client or the cache has; nil if neither has it. A search is
    /// recorded. It needs none of the threads for searches: if nobody has looked at the folder of the catalog lately,
    /// another thread does.
    func known(_ wanted: WantedReply, _ search: DemandedSearch? = nil) async -> Response? {
        let (store, name) = (store, wanted.catalog)
        var known = store.knownView(name)
        if known == nil, store.isOpen(name) {
            _ = try? await NIOThreadPool.singleton.runIfActive { _ = try? store.searcher(name) }
            known = store.knownView(name)
        }
        guard let known else { return nil }
        if known.isDue { NIOThreadPool.singleton.submit { _ in _ = try? store.searcher(name) } }
        let tag = wanted.key.tag(known.view)
        if wanted.preferences.has(tag) {
            search?.record(cache.answered(for: wanted.key, view: known.view), view: known.view)
            return .notModified(tag)
        }
        let isGzip = wanted.preferences.acceptsGzip
        if isGzip, let kept = cache.reply(for: wanted.key, isGzip: true, view: known.view) {
            search?.record(kept.answered, view: known.view)
            return .json(kept.body, isGzip: true, tag: tag)
        }
        // What is too short for compression is only there without.
        guard let kept = cache.reply(for: wanted.key, isGzip: false, view: known.view),
            !isGzip || kept.body.readableBytes < Self.minCompressedBytes
        else { return nil }
        search?.record(kept.answered, view: known.view)
        return .json(kept.body, isGzip: false, tag: tag)
    }

    /// Returns the response with a reply that `read` makes on one of the threads, within the limits that it gets. A
    /// search is recorded.
    ///
    /// Errors: `overloaded` if it cannot begin in time, and those of `read`.
    func read(
        _ wanted: WantedReply, on kind: ReplyThreads, timeout: Duration? = nil, _ search: DemandedSearch? = nil,
        _ read: @escaping @Sendable (SearchLimits) throws -> CatalogReply
    ) async throws -> Response {
        let arrival = ContinuousClock.now
        let limits = store.requestLimits(timeout)
        let trace = RequestTrace.current
        let work = { @Sendable () throws -> Response in
            trace?.begin(after: .now - arrival)
            let reply = try read(limits)
            trace?.note(reply.phases, queryID: reply.queryID)
            let isKept = !limits.isOver && Self.isEarly(.now, arrival: arrival, deadline: limits.deadline)
            let response = try response(to: wanted, reply, isKept: isKept)
            search?.record(reply.answered, view: reply.view, milliseconds: reply.milliseconds)
            return response
        }
        switch kind {
        case .searches: return try await threads.search(limits, work)
        case .lookUps: return try await threads.lookUp(limits, work)
        }
    }

    /// True if more than half of the time of a request is left: then none of its parts has ended early.
    static func isEarly(
        _ now: ContinuousClock.Instant, arrival: ContinuousClock.Instant, deadline: ContinuousClock.Instant?
    ) -> Bool {
        deadline.map { now < arrival + ($0 - arrival) / 2 } ?? true
    }

    /// The response with a reply that was just made, which is kept if it may be.
    private func response(
        to wanted: WantedReply, _ reply: CatalogReply, isKept: Bool
    ) throws(Problem) -> Response {
        var body = try ByteBuffer(json: reply.body)
        let view = isKept ? reply.view : nil
        let tag = view.map(wanted.key.tag)
        if let tag, wanted.preferences.has(tag, orAny: true) { return .notModified(tag) }
        var isGzip = false
        if wanted.preferences.acceptsGzip, body.readableBytes >= Self.minCompressedBytes,
            let shorter = body.compressed()
        {
            body = shorter
            isGzip = true
        }
        if let view { cache.insert(body, for: wanted.key, isGzip: isGzip, view: view, reply.answered) }
        return .json(body, isGzip: isGzip, tag: tag, milliseconds: reply.milliseconds)
    }
}
