package import HTTPTypes
package import NIOCore
import NIOHTTP1
package import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOPosix

/// A client of the server of a data folder, by its local socket: each request has a connection of its own.
///
/// ```swift
/// let client = LocalClient(LocalSocket(DataFolder("quire-data")))
/// let state = try await client.send(.get, "/v1/books/rebuild").json
/// ```
package struct LocalClient: Sendable {
    private let socket: LocalSocket

    /// A client of the server at a socket.
    package init(_ socket: LocalSocket) { self.socket = socket }

    /// A response, with its whole body.
    package struct Reply: Sendable {
        /// The status code.
        package var status: Int
        /// The body.
        package var body: [UInt8]
    }

    /// Sends a request and returns the response. The body is what `next` returns, piece by piece, until it returns nil;
    /// it is sent as fast as the server takes it. `receive` gets the pieces of the response's body; without it they are
    /// collected.
    ///
    /// Errors: those of the connection and of `next`.
    package func send(
        _ method: HTTPRequest.Method, _ path: String, type: String? = nil,
        body next: (() throws -> [UInt8]?)? = nil, receive: ((ByteBuffer) throws -> Void)? = nil
    ) async throws -> Reply {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(unixDomainSocketPath: socket.path) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPClientCodec())
                    return try NIOAsyncChannel<HTTPResponsePart, HTTPRequestPart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        var head = HTTPRequest(method: method, scheme: "http", authority: "localhost", path: path)
        head.headerFields[.connection] = "close"
        head.headerFields[.contentType] = type
        if next != nil { head.headerFields[.transferEncoding] = "chunked" }
        let request = head
        return try await channel.executeThenClose { inbound, outbound in
            do {
                if let next {
                    try await outbound.write(.head(request))
                    while let piece = try next() { try await outbound.write(.body(ByteBuffer(bytes: piece))) }
                    try await outbound.write(.end(nil))
                } else {
                    // A server may reply to a head without a body, and close, before anything follows it.
                    try await outbound.write(contentsOf: [.head(request), .end(nil)])
                }
            } catch let error as ChannelError where error == .ioOnClosedChannel {
                // It may have replied before it had everything.
            }
            var reply = Reply(status: 0, body: [])
            for try await part in inbound {
                switch part {
                case .head(let head): reply.status = head.status.code
                case .body(let piece):
                    if let receive, reply.status < 300 {
                        try receive(piece)
                    } else {
                        reply.body += piece.readableBytesView
                    }
                case .end: return reply
                }
            }
            throw ChannelError.eof
        }
    }
}

extension LocalSocket {
    /// Takes the right to serve at the socket; nil if another process does, which may be about to begin or to end.
    ///
    /// Errors: `LocalSocketUnavailable`, also when neither is so for `patience`.
    package func claimUnlessServed(patience: Duration = .seconds(10)) async throws -> LocalSocketClaim? {
        let end = ContinuousClock.now + patience
        while true {
            if let claim = try claim() { return claim }
            if (try? await LocalClient(self).send(.get, "/healthz"))?.status == 200 { return nil }
            guard ContinuousClock.now < end else {
                throw LocalSocketUnavailable(
                    reason: "another process works on the data folder and does not answer at \(path); try again when it"
                        + " has ended")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
