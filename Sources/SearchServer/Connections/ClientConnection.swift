import NIOCore
import Synchronization

/// The client of a connection, as the rest of the server sees it. Safe to use from any thread.
///
/// While a request is handled, `ClientConnection.current` is its client: long work can ask whether somebody still waits
/// for the result.
///
/// ```swift
/// ClientConnection.current?.whenGone { cancellation.cancel() }
/// ```
package final class ClientConnection: Sendable {
    /// The client whose request the current task handles; nil outside of a server.
    @TaskLocal package static var current: ClientConnection?

    private struct Presence {
        var isGone = false
        var action: (@Sendable () -> Void)?
    }

    /// The connection itself.
    let channel: any Channel
    /// The time at which the connection began to wait for a request, in nanoseconds of `NIODeadline`; 0 while it has
    /// one.
    private let waiting = Atomic<UInt64>(0)
    private let presence = Mutex(Presence())

    /// Creates the client of a connection.
    init(_ channel: any Channel) { self.channel = channel }

    /// True if the client has closed its side since its request arrived: nobody waits for the reply.
    package var isGone: Bool { presence.withLock { $0.isGone } }

    /// Sets what is done, once, when the client of the current request leaves before it has its reply; it is done at
    /// once if the client has left. It runs on the thread of the connection and must not block.
    ///
    /// A second call replaces the action of the first; the end of the request removes it.
    package func whenGone(_ action: @escaping @Sendable () -> Void) {
        let isGone = presence.withLock { presence in
            if !presence.isGone { presence.action = action }
            return presence.isGone
        }
        if isGone { action() }
    }

    /// Records that the client has left.
    func leave() {
        let action = presence.withLock { presence in
            presence.isGone = true
            return presence.action.take()
        }
        action?()
    }

    /// Forgets what was to be done if the client leaves, at the end of a request.
    func endRequest() { presence.withLock { $0.action = nil } }

    /// The time at which the connection began to wait for a request; nil while it has one.
    var waitingSince: NIODeadline? {
        get {
            let time = waiting.load(ordering: .relaxed)
            return time == 0 ? nil : .uptimeNanoseconds(time)
        }
        set { waiting.store(max(newValue?.uptimeNanoseconds ?? 0, newValue == nil ? 0 : 1), ordering: .relaxed) }
    }

    /// Tells the handlers of the connection something, from any thread.
    func tell(_ event: ConnectionEvent) { channel.pipeline.fireUserInboundEventTriggered(event) }
}

/// A message to the handlers of a connection.
enum ConnectionEvent: Sendable {
    /// Another connection needs the place: a connection without a request closes.
    case makeRoom
    /// The route wants the body: a client that waits for `100 Continue` gets it.
    case bodyWanted
    /// The server ends now: the connection closes, with a reply if there is none yet.
    case shutDown
}
