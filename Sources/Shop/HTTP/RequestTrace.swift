import Synchronization

/// The facts of a request that belong to its traces in logs and tables.
final class RequestTrace: Sendable {
    let id: String
    /// The name of the browser; nil for one that has none.
    let visitor: String?
    private let now: @Sendable () -> Milliseconds
    private let onEvent: @Sendable (Event) -> Void
    private let account = Mutex<Int?>(nil)

    init(
        id: String, visitor: String?, now: @escaping @Sendable () -> Milliseconds,
        onEvent: @escaping @Sendable (Event) -> Void
    ) {
        self.id = id
        self.visitor = visitor
        self.now = now
        self.onEvent = onEvent
    }

    /// The account of the person, once it is known.
    var passport: Int? {
        get { account.withLock { $0 } }
        set { account.withLock { $0 = newValue } }
    }

    /// Records what the person of the request has done.
    func record(
        _ kind: Event.Kind, goods: Int? = nil, query: String? = nil, position: Int? = nil, queryID: String? = nil,
        visitor: String? = nil
    ) {
        onEvent(
            Event(
                at: now(), kind: kind, passportId: passport, visitor: visitor ?? self.visitor, goodsId: goods,
                query: query, position: position, queryId: queryID, requestId: id))
    }
}
