/// The limits of clients: times, bytes and connections.
///
/// Only times in which the server waits for the client count; a client is never cut off because the server is slow.
package struct ServerLimits: Sendable {
    /// The time in which the head of a request must have arrived, from its first byte on.
    package var headTime: Duration = .seconds(10)
    /// The silence that a request's body may have at first, and at most later: waiting uses it up, and every
    /// `bodyRate` bytes that arrive restore one second of it.
    package var bodySilence: Duration = .seconds(20)
    /// The bytes a second that a body must have on average, once its `bodySilence` is used up.
    package var bodyRate = 1024
    /// The time that a connection may be without a request.
    package var idleTime: Duration = .seconds(60)
    /// The time in which at least one byte of a reply must be taken by the client's side.
    package var writeTime: Duration = .seconds(30)
    /// The time in which a client must close its side, after the server has closed its own.
    package var lingerTime: Duration = .seconds(5)
    /// The bytes of an unwanted body that are read and dropped, so that the client has a chance to read the reply.
    package var lingerBytes = 16 << 20
    /// The time that requests may take to end after the server was told to stop.
    package var drainTime: Duration = .seconds(10)
    /// The most connections at a time; nil for as many as the process has descriptors for, less those it needs itself.
    package var maxConnections: Int?
    /// The longest target of a request in bytes, and the longest field of its head.
    package var maxTargetBytes = 64 << 10
    /// The longest head of a request in bytes, of all its fields and the target.
    package var maxHeadBytes = 80 << 10
    /// The most fields of a request.
    package var maxFields = 100

    /// Creates the default limits.
    package init() {}
}
