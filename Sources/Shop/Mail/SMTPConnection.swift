import NIOCore
import NIOPosix
import NIOSSL

/// A connection to a mail server: one command at a time, each with one reply.
final class SMTPConnection: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<SMTPHandler>
    private let timeout: TimeAmount
    private let deadline: NIODeadline

    private init(
        _ channel: any Channel, _ handler: NIOLoopBound<SMTPHandler>, timeout: TimeAmount, deadline: NIODeadline
    ) {
        self.channel = channel
        self.handler = handler
        self.timeout = timeout
        self.deadline = deadline
    }

    /// Connects; with `tls` the connection is encrypted from its first byte. The server speaks first.
    ///
    /// No reply is waited for beyond the time that the settings give the whole exchange.
    static func connect(_ settings: MailSettings, tls: NIOSSLContext?) async throws -> SMTPConnection {
        let deadline = NIODeadline.now() + settings.exchangeTimeout
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(settings.connectTimeout)
        do {
            return try await bootstrap.connect(host: settings.host, port: settings.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(tlsHandler(tls, host: settings.host)) }
                    let handler = SMTPHandler()
                    try pipeline.addHandler(handler)
                    let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
                    return SMTPConnection(channel, bound, timeout: settings.replyTimeout, deadline: deadline)
                }
            }
        } catch {
            throw SMTPError.unavailable("\(error)")
        }
    }

    /// Encrypts the connection, after the server has agreed to STARTTLS.
    func startTLS(_ tls: NIOSSLContext, host: String) async throws {
        try await channel.eventLoop.submit { [channel, handler] in
            // What the server sent in the clear after its reply was not sent by the server that TLS will prove.
            guard handler.value.isIdle else { throw SMTPError.malformed }
            try channel.pipeline.syncOperations.addHandler(Self.tlsHandler(tls, host: host), position: .first)
        }.get()
    }

    /// Returns the next reply, of the greeting or of a command that was sent.
    func reply() async throws -> SMTPReply { try await reply(until: min(.now() + timeout, deadline)) }

    private func reply(until deadline: NIODeadline) async throws -> SMTPReply {
        let promise = channel.eventLoop.makePromise(of: SMTPReply.self)
        channel.eventLoop.execute { [handler, channel] in
            handler.value.wait(promise, on: channel, until: deadline)
        }
        return try await promise.futureResult.get()
    }

    /// Sends a line and returns its reply.
    func send(_ line: String) async throws -> SMTPReply {
        // A line end inside a command would be another command.
        guard !line.utf8.contains(where: { $0 == 10 || $0 == 13 }) else {
            throw PermanentJobFailure("an SMTP command has a line end")
        }
        channel.writeAndFlush(ByteBuffer(string: line + "\r\n"), promise: nil)
        return try await reply()
    }

    /// Sends a message after DATA, with a dot before each line that begins with one, and returns the reply to its end.
    ///
    /// It waits until the deadline of the exchange: whoever gives up sooner repeats a mail that a slow server takes.
    func sendMessage(_ message: String) async throws -> SMTPReply {
        channel.writeAndFlush(ByteBuffer(string: Self.stuffed(message) + ".\r\n"), promise: nil)
        return try await reply(until: deadline)
    }

    /// Doubles the dots at the start of lines (RFC 5321, 4.5.2).
    static func stuffed(_ message: String) -> String {
        var bytes: [UInt8] = []
        var isLineStart = true
        for byte in message.utf8 {
            if isLineStart, byte == UInt8(ascii: ".") { bytes.append(byte) }
            bytes.append(byte)
            isLineStart = byte == UInt8(ascii: "\n")
        }
        if !isLineStart { bytes += Array("\r\n".utf8) }
        return String(decoding: bytes, as: UTF8.self)
    }

    func close() { channel.close(promise: nil) }

    private static func tlsHandler(_ context: NIOSSLContext, host: String) throws -> NIOSSLClientHandler {
        // An address is no name of a server.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }
}

/// Matches replies with those who wait for them.
private final class SMTPHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let processor = NIOSingleStepByteToMessageProcessor(SMTPReplyDecoder())
    private var replies: [SMTPReply] = []
    private var waiting: EventLoopPromise<SMTPReply>?
    private var timer: Scheduled<Void>?
    private var failure: (any Error)?

    /// True if nothing was received beyond the replies that were taken.
    var isIdle: Bool { replies.isEmpty && processor.unprocessedBytes == 0 }

    func wait(_ promise: EventLoopPromise<SMTPReply>, on channel: any Channel, until deadline: NIODeadline) {
        if !replies.isEmpty { return promise.succeed(replies.removeFirst()) }
        if let failure { return promise.fail(failure) }
        waiting = promise
        timer = channel.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            self?.fail(SMTPError.timeout)
            channel.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try processor.process(buffer: unwrapInboundIn(data)) { reply in
                guard let promise = waiting else { return replies.append(reply) }
                settle()
                promise.succeed(reply)
            }
        } catch {
            fail(error)
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(SMTPError.unavailable("the connection has ended"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(SMTPError.unavailable("\(error)"))
        context.close(promise: nil)
    }

    private func settle() {
        timer?.cancel()
        timer = nil
        waiting = nil
    }

    private func fail(_ error: any Error) {
        failure = failure ?? error
        let promise = waiting
        settle()
        promise?.fail(error)
    }
}
