package import Logging
import NIOCore
import Synchronization

/// The open connections of a server, and their limit. Safe to use from any thread.
///
/// A connection beyond the limit takes the place of the one that has waited longest for a request; if all have one, it
/// is refused.
package final class ConnectionRegistry: Sendable {
    /// The treatment of a new connection.
    enum Decision {
        /// It is served.
        case serve
        /// It gets the status 503.
        case refuse
        /// It is closed without a reply: too many are being refused already.
        case drop
    }

    private struct State {
        var clients: [ObjectIdentifier: ClientConnection] = [:]
        var refused: Set<ObjectIdentifier> = []
        var refusals: [Int: Int] = [:]
        var isDraining = false
        var lastWarning: NIODeadline?
    }

    /// The most connections that are told at a time that there are too many.
    static let maxRefused = 16
    /// The time between two lines of the log about the limit.
    private static let warningInterval = TimeAmount.minutes(1)

    /// The most connections at a time.
    package let maxConnections: Int
    private let logger: Logger
    private let state = Mutex(State())

    /// Creates a registry for at most `maxConnections` connections.
    package init(maxConnections: Int, logger: Logger) {
        self.maxConnections = maxConnections
        self.logger = logger
    }

    /// The number of open connections, without those that are refused.
    var count: Int { state.withLock { $0.clients.count } }

    /// The number of connections that were ended with a problem, before a route had their request, by its status.
    var refusals: [Int: Int] { state.withLock { $0.refusals } }

    /// Counts a connection that is ended with a problem of some status.
    func countRefusal(_ status: Int) { state.withLock { $0.refusals[status, default: 0] += 1 } }

    /// True once the server was told to stop: it replies to the requests that it has.
    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Records that the server was told to stop.
    func beginDraining() { state.withLock { $0.isDraining = true } }

    /// Takes a new connection in. Complexity: O(connections) at the limit, else O(1).
    func admit(_ client: ClientConnection, now: NIODeadline) -> Decision {
        let (decision, evicted, warns) = state.withLock { state -> (Decision, ClientConnection?, Bool) in
            let id = ObjectIdentifier(client)
            guard state.clients.count >= maxConnections else {
                state.clients[id] = client
                return (.serve, nil, false)
            }
            let warns = state.lastWarning.map { now - $0 >= Self.warningInterval } ?? true
            if warns { state.lastWarning = now }
            if let oldest = Self.oldest(state.clients.values) {
                // Its descriptor is freed a moment later; it no longer counts, so that it is not chosen twice.
                state.clients[ObjectIdentifier(oldest)] = nil
                state.clients[id] = client
                return (.serve, oldest, warns)
            }
            guard state.refused.count < Self.maxRefused else { return (.drop, nil, warns) }
            state.refused.insert(id)
            return (.refuse, nil, warns)
        }
        if warns {
            logger.warning(
                "all connections are in use; new ones take the place of idle ones, or get the status 503",
                metadata: ["limit": "\(maxConnections)"])
        }
        evicted?.tell(.makeRoom)
        return decision
    }

    /// Counts a connection again that was to make room, but has got a request.
    func keep(_ client: ClientConnection) { state.withLock { $0.clients[ObjectIdentifier(client)] = client } }

    /// Forgets a connection that has closed.
    func remove(_ client: ClientConnection) {
        state.withLock { state in
            state.clients[ObjectIdentifier(client)] = nil
            state.refused.remove(ObjectIdentifier(client))
        }
    }

    /// Ends all connections, those with a request as well.
    package func shutDown() {
        for client in state.withLock({ Array($0.clients.values) }) { client.tell(.shutDown) }
    }

    /// The connection that has waited longest for a request; nil if all have one.
    private static func oldest(_ clients: Dictionary<ObjectIdentifier, ClientConnection>.Values) -> ClientConnection? {
        var oldest: (client: ClientConnection, since: NIODeadline)?
        for client in clients {
            guard let since = client.waitingSince, oldest.map({ since < $0.since }) ?? true else { continue }
            oldest = (client, since)
        }
        return oldest?.client
    }
}
