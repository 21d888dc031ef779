import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import SearchServer

/// Connections with a handler beneath them that waits for the client before it closes, as encryption does.
@Suite struct EncryptedConnectionTests {
    /// The handler: what passes it from above never closes the connection.
    private final class Polite: ChannelDuplexHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundIn = ByteBuffer

        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {}
        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {}
    }

    private func connect(_ registry: ConnectionRegistry) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        let pipeline = channel.pipeline.syncOperations
        let polite = Polite()
        try pipeline.addHandler(polite)
        try QuireChannel.addHandlers(
            to: channel, ClientConnection(channel), registry, RequestRules(hosts: AllowedHosts(["*"])), ServerLimits(),
            encryption: try pipeline.context(handler: polite))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        channel.read()
        return channel
    }

    /// A full server closes new encrypted connections at once: a 503 would have to wait for the handshake.
    @Test func connectionsWithoutAPlaceAreClosed() throws {
        let registry = ConnectionRegistry(maxConnections: 1, logger: .quiet)
        let first = try connect(registry)
        #expect(first.isActive)
        let second = try connect(registry)
        first.embeddedEventLoop.run()
        // The first one, which has waited longest, made room.
        #expect(!first.isActive)
        #expect(second.isActive)
        try second.writeInbound(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
        let third = try connect(registry)
        #expect(!third.isActive)
        #expect(second.isActive)
        #expect(registry.count == 1)
    }

    @Test func silentConnectionsAreClosedInTime() throws {
        let registry = ConnectionRegistry(maxConnections: 10, logger: .quiet)
        let silent = try connect(registry)
        silent.embeddedEventLoop.advanceTime(by: .seconds(59))
        #expect(silent.isActive)
        silent.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!silent.isActive)
        #expect(registry.count == 0)
    }
}
