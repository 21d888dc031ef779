import CHiredis
import NIOCore
import NIOPosix

/// A connection to Redis: commands are sent at once and pipelined, and their replies arrive in the order of the
/// commands.
///
/// A connection that has failed, or whose oldest command has waited too long, is closed, and all its commands fail.
final class RedisConnection: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<RedisHandler>

    private init(_ channel: any Channel, _ handler: NIOLoopBound<RedisHandler>) {
        self.channel = channel
        self.handler = handler
    }

    /// True until the connection has ended.
    var isActive: Bool { channel.isActive }

    /// Connects, logs in and selects the database.
    ///
    /// `timeout` is the time that a reply may take; nil for connections that wait for something to happen. `onPush`
    /// receives the messages of subscriptions.
    static func connect(
        _ settings: RedisSettings, timeout: TimeAmount?, onPush: (@Sendable (RedisValue) -> Void)? = nil
    ) async throws -> RedisConnection {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(settings.connectTimeout)
        let make: @Sendable (any Channel) -> EventLoopFuture<RedisConnection> =
            { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = RedisHandler(timeout: timeout, onPush: onPush)
                    try channel.pipeline.syncOperations.addHandler(handler)
                    return RedisConnection(channel, NIOLoopBound(handler, eventLoop: channel.eventLoop))
                }
            }
        let connection: RedisConnection
        do {
            switch settings.address {
            case .tcp(let host, let port):
                connection = try await bootstrap.connect(host: host, port: port, channelInitializer: make)
            case .socket(let path):
                connection = try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: make)
            }
        } catch {
            throw RedisError.unavailable("\(error)")
        }
        do {
            if let password = settings.password {
                let user = settings.user.map { [$0] } ?? []
                _ = try await connection.send(["AUTH"] + user + [password.value])
            }
            _ = try await connection.send(["PING"])
        } catch {
            connection.close()
            throw error
        }
        return connection
    }

    /// Sends a command and returns its reply. Errors: `RedisError`.
    func send(_ words: [any RedisArgument]) async throws -> RedisValue {
        let promise = channel.eventLoop.makePromise(of: RedisValue.self)
        channel.eventLoop.execute { [handler, channel] in
            handler.value.send(words, promise, on: channel)
        }
        let reply = try await promise.futureResult.get()
        if case .error(let reason) = reply { throw RedisError.refused(reason) }
        return reply
    }

    /// Sends commands at once, and returns their replies. Errors: as for one; commands before and after one that was
    /// refused may have run.
    func send(all commands: [[any RedisArgument]]) async throws -> [RedisValue] {
        let promises = commands.map { _ in channel.eventLoop.makePromise(of: RedisValue.self) }
        channel.eventLoop.execute { [handler, channel] in
            for (words, promise) in zip(commands, promises) {
                handler.value.send(words, promise, on: channel, isLast: false)
            }
            channel.flush()
        }
        let replies = try await EventLoopFuture.whenAllSucceed(
            promises.map(\.futureResult), on: channel.eventLoop
        ).get()
        for case .error(let reason) in replies { throw RedisError.refused(reason) }
        return replies
    }

    /// Sends a command whose reply is a message of a subscription, or does not matter.
    func post(_ words: [any RedisArgument]) {
        channel.eventLoop.execute { [handler, channel] in handler.value.post(words, on: channel) }
    }

    func close() { channel.close(promise: nil) }

    /// Suspends until the connection has ended.
    func untilClosed() async { try? await channel.closeFuture.get() }
}

/// The handler of a connection: it encodes commands, parses replies with the parser of hiredis, and matches both.
private final class RedisHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let timeout: TimeAmount?
    private let onPush: (@Sendable (RedisValue) -> Void)?
    private let reader: UnsafeMutablePointer<redisReader>? = redisReaderCreate()
    private var waiting = CircularBuffer<(promise: EventLoopPromise<RedisValue>, since: NIODeadline)>()
    private var timer: Scheduled<Void>?
    private var isClosed = false

    init(timeout: TimeAmount?, onPush: (@Sendable (RedisValue) -> Void)?) {
        self.timeout = timeout
        self.onPush = onPush
    }

    deinit { redisReaderFree(reader) }

    /// Sends a command; one that others follow (`isLast` is false) waits for them.
    func send(
        _ words: [any RedisArgument], _ promise: EventLoopPromise<RedisValue>, on channel: any Channel,
        isLast: Bool = true
    ) {
        guard !isClosed, channel.isActive else {
            return promise.fail(RedisError.unavailable("the connection has ended"))
        }
        waiting.append((promise, .now()))
        post(words, on: channel, isLast: isLast)
        startTimer(on: channel)
    }

    func post(_ words: [any RedisArgument], on channel: any Channel, isLast: Bool = true) {
        var buffer = channel.allocator.buffer(capacity: 256)
        var word = channel.allocator.buffer(capacity: 64)
        buffer.writeString("*\(words.count)\r\n")
        for argument in words {
            word.clear()
            argument.write(to: &word)
            buffer.writeString("$\(word.readableBytes)\r\n")
            buffer.writeBuffer(&word)
            buffer.writeString("\r\n")
        }
        channel.write(buffer, promise: nil)
        if isLast { channel.flush() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        buffer.withUnsafeReadableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            redisReaderFeed(reader, start.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        while true {
            var reply: UnsafeMutableRawPointer?
            guard redisReaderGetReply(reader, &reply) == REDIS_OK else {
                return fail(context.channel, RedisError.unavailable("the server does not speak its protocol"))
            }
            guard let reply else { return }
            let value = RedisValue(UnsafePointer(reply.assumingMemoryBound(to: redisReply.self)))
            freeReplyObject(reply)
            if let onPush, Self.isMessage(value) {
                onPush(value)
            } else {
                waiting.popFirst()?.promise.succeed(value)
            }
        }
    }

    private static func isMessage(_ value: RedisValue) -> Bool {
        ["message", "subscribe"].contains(value.elements.first?.text)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(context.channel, RedisError.unavailable("the connection has ended"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(context.channel, RedisError.unavailable("\(error)"))
    }

    /// Ends the connection and all its commands.
    private func fail(_ channel: any Channel, _ error: RedisError) {
        isClosed = true
        timer?.cancel()
        while let next = waiting.popFirst() { next.promise.fail(error) }
        channel.close(promise: nil)
    }

    /// Keeps one timer, for the command that has waited longest.
    private func startTimer(on channel: any Channel) {
        guard let timeout, timer == nil, let first = waiting.first else { return }
        timer = channel.eventLoop.assumeIsolated().scheduleTask(deadline: first.since + timeout) { [weak self] in
            guard let self else { return }
            timer = nil
            if let first = waiting.first, first.since + timeout <= .now() { return fail(channel, .timeout) }
            startTimer(on: channel)
        }
    }
}
