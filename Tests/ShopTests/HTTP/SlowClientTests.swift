import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import Shop

@Suite struct SlowClientTests {
    private static let head = HTTPRequest(method: .post, scheme: "http", authority: "x", path: "/")

    /// Turns parts of replies into bytes, and holds them back as a connection does whose client takes none.
    private final class Wire: ChannelOutboundHandler {
        typealias OutboundIn = HTTPResponsePart
        typealias OutboundOut = ByteBuffer

        var isStalled = false

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            context.write(wrapOutboundOut(ByteBuffer(string: "x")), promise: promise)
        }

        func flush(context: ChannelHandlerContext) { if !isStalled { context.flush() } }
    }

    private func connection(isStalled: Bool = false) throws -> (channel: EmbeddedChannel, wire: Wire) {
        let wire = Wire()
        wire.isStalled = isStalled
        let channel = EmbeddedChannel(handlers: [wire, SlowClients()])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return (channel, wire)
    }

    @Test func aBodyThatDripsIsCutOffAtItsDeadline() throws {
        let (channel, _) = try connection()
        try channel.writeInbound(HTTPRequestPart.head(Self.head))
        for _ in 1...29 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(1))
            try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(string: "x")))
        }
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test func aRequestThatHasArrivedMayTakeItsTime() throws {
        let (channel, _) = try connection()
        for _ in 1...3 {
            try channel.writeInbound(HTTPRequestPart.head(Self.head))
            try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(string: "x")))
            try channel.writeInbound(HTTPRequestPart.end(nil))
            channel.embeddedEventLoop.advanceTime(by: .minutes(5))
            channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .ok)), promise: nil)
            channel.writeAndFlush(HTTPResponsePart.end(nil), promise: nil)
        }
        #expect(channel.isActive)
    }

    @Test(arguments: [true, false]) func aReplyThatNobodyTakesIsCutOff(isStalled: Bool) throws {
        let (channel, _) = try connection(isStalled: isStalled)
        channel.write(HTTPResponsePart.body(ByteBuffer(string: "x")), promise: nil)
        channel.flush()
        channel.embeddedEventLoop.advanceTime(by: .seconds(29))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(channel.isActive != isStalled)
    }

    @Test func aReplyThatIsTakenSlowlyIsNotCutOff() throws {
        let (channel, wire) = try connection(isStalled: true)
        for _ in 1...10 {
            channel.write(HTTPResponsePart.body(ByteBuffer(string: "x")), promise: nil)
            channel.flush()
            channel.embeddedEventLoop.advanceTime(by: .seconds(20))
        }
        #expect(channel.isActive)
        wire.isStalled = false
        channel.flush()
        channel.embeddedEventLoop.advanceTime(by: .minutes(5))
        #expect(channel.isActive)
    }
}
