import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1

@testable import SearchServer

/// A connection in memory with the handlers of a server, whose clock only moves when it is told to.
final class TestConnection {
    let channel = EmbeddedChannel()
    let client: ClientConnection
    let registry: ConnectionRegistry
    /// The routes: they record what arrives, and reply when they are told to.
    let routes = Routes()
    private let socket = Socket()

    /// Opens a connection. The routes reply to each request at once unless `answers` is false.
    init(
        _ limits: ServerLimits = ServerLimits(), registry: ConnectionRegistry? = nil, answers: Bool = true
    ) throws {
        client = ClientConnection(channel)
        self.registry = registry ?? ConnectionRegistry(maxConnections: 10, logger: .quiet)
        routes.answers = answers
        try channel.pipeline.syncOperations.addHandler(socket)
        let rules = RequestRules(hosts: AllowedHosts(["shop.example"]))
        try QuireChannel.addHandlers(to: channel, client, self.registry, rules, limits)
        try channel.pipeline.syncOperations.addHandler(routes)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        channel.read()
    }

    /// Sends bytes and asks for more, as a socket does.
    func send(_ text: String) throws {
        try channel.writeInbound(ByteBuffer(string: text))
        channel.embeddedEventLoop.run()
        channel.read()
    }

    /// Lets time pass.
    func wait(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }

    /// Closes the client's side.
    func closeInput() {
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        channel.embeddedEventLoop.run()
    }

    /// The bytes that the client has received since the last call.
    func received() throws -> String {
        var text = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text
    }

    /// True if the server has sent its last byte.
    var isEnding: Bool { socket.isOutputClosed || !channel.isActive }

    /// Makes the socket's buffer full for ever: nothing that is written leaves.
    func stopReading() { socket.isFull = true }

    /// The first handler of a connection, with what sockets can do and channels in memory cannot: close one side only,
    /// and be full.
    private final class Socket: ChannelOutboundHandler {
        typealias OutboundIn = IOData

        var isFull = false
        var isOutputClosed = false

        func flush(context: ChannelHandlerContext) {
            if !isFull { context.flush() }
        }

        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
            guard mode == .output else { return context.close(mode: mode, promise: promise) }
            isOutputClosed = true
            promise?.succeed()
        }
    }

    /// The last handler of a connection in place of a server's routes.
    final class Routes: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        var answers = true
        var heads: [HTTPRequestHead] = []
        var body = ""
        var ended = 0
        var errors: [any Error] = []
        private var context: ChannelHandlerContext?

        func handlerAdded(context: ChannelHandlerContext) { self.context = context }

        func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): heads.append(head)
            case .body(let bytes): body += String(buffer: bytes)
            case .end:
                ended += 1
                if answers { answer() }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            errors.append(error)
            if error is IOError { context.fireErrorCaught(error) }
        }

        /// Replies to the request that has arrived.
        func answer(_ text: String = "ok", status: HTTPResponseStatus = .ok, hasLength: Bool = true) {
            guard let context else { return }
            let headers: HTTPHeaders = hasLength ? ["content-length": "\(text.utf8.count)"] : [:]
            let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

extension Logger {
    /// A logger without a log.
    static var quiet: Logger { Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() } }
}
