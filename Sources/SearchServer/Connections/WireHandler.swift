import NIOCore

/// The handler of a connection's bytes: it keeps the deadlines, counts bytes, writes the replies that the server gives
/// without a route, and ends the connection so that the client can read its last reply.
///
/// It is the first handler, before the parser, and has one timer, which is only set again when it has fired or must
/// fire earlier: a request costs no timer.
final class WireHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// True if the server ends, so that no further request is taken.
    private(set) var isQuiescing = false
    /// The bytes of the first line of a head that have arrived.
    private(set) var targetBytes = 0
    /// Called when the body of a request has been too slow.
    var bodyTimedOut: () -> Void = {}

    private let client: ClientConnection
    private let registry: ConnectionRegistry
    private let limits: ServerLimits
    /// The handler that encrypts what this one writes; nil for plain connections.
    private let encryption: ChannelHandlerContext?
    private let decision: ConnectionRegistry.Decision
    private var deadlines: ConnectionDeadlines
    private var context: ChannelHandlerContext?
    private var timer: (fires: NIODeadline, task: Scheduled<Void>)?
    /// True if the last reply was written: nothing more passes in either direction.
    private var isEnding = false
    private var isInputClosed = false
    private var isInTarget = false
    private var droppedBytes = 0
    private var writtenBytes = 0

    /// Creates the handler of a connection, on its event loop, above a handler that encrypts if there is one.
    init(
        _ client: ClientConnection, _ registry: ConnectionRegistry, _ limits: ServerLimits,
        encryption: ChannelHandlerContext? = nil
    ) {
        self.encryption = encryption
        self.client = client
        self.registry = registry
        self.limits = limits
        let now = client.channel.eventLoop.now
        client.waitingSince = now
        decision = registry.admit(client, now: now)
        deadlines = ConnectionDeadlines(limits, now: now)
    }

    // MARK: The life of the connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.task.cancel()
        timer = nil
        self.context = nil
        bodyTimedOut = {}
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        begin(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        registry.remove(client)
        client.leave()
        timer?.task.cancel()
        timer = nil
        context.fireChannelInactive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        switch decision {
        case .serve: setTimer()
        // There is no reply before the handshake, which could last for ever.
        case .refuse where encryption == nil: refuse(.tooManyConnections)
        case .refuse, .drop: cut(context)
        }
    }

    /// Closes the connection without a farewell to a client that may not answer it: encryption would wait for that.
    private func cut(_ context: ChannelHandlerContext) { (encryption ?? context).close(promise: nil) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            if !hasRequest, !isEnding { cut(context) }
            return
        case ConnectionEvent.makeRoom:
            if hasRequest { registry.keep(client) } else { cut(context) }
            return
        case ChannelEvent.inputClosed:
            isInputClosed = true
            if isEnding || deadlines.phase == .waiting {
                if deadlines.phase == .waiting || deadlines.phase == .lingering { cut(context) }
                return
            }
            if deadlines.phase == .answering { client.leave() }
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Bytes from the client

    func read(context: ChannelHandlerContext) {
        deadlines.askedForBytes(now: context.eventLoop.now)
        context.read()
        if deadlines.phase == .body { setTimer() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        let now = context.eventLoop.now
        if let timer, deadlines.resume(at: now, due: timer.fires) {
            timer.task.cancel()
            self.timer = nil
        }
        deadlines.received(bytes.readableBytes, now: now)
        if isEnding {
            droppedBytes += bytes.readableBytes
            if droppedBytes > limits.lingerBytes { cut(context) }
            return
        }
        if deadlines.phase == .waiting {
            deadlines.begin(.head, now: now)
            isInTarget = true
            targetBytes = 0
        }
        if isInTarget {
            let line = bytes.readableBytesView.firstIndex(of: UInt8(ascii: "\n"))
            targetBytes += line.map { $0 - bytes.readerIndex } ?? bytes.readableBytes
            isInTarget = line == nil
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        setTimer()
        if isEnding { context.read() }
        context.fireChannelReadComplete()
    }

    // MARK: Bytes to the client

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isEnding else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        writtenBytes += unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        noteWritten(context)
        setTimer()
    }

    /// Looks how much of the replies has left the process.
    private func noteWritten(_ context: ChannelHandlerContext) {
        let pending = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        deadlines.wrote(left: writtenBytes - pending, isPending: pending > 0, now: context.eventLoop.now)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if isEnding, mode == .all {
            // The end is on its way; closing now could take the last reply from the client.
            if let promise { context.channel.closeFuture.cascade(to: promise) }
            return
        }
        (mode == .all ? encryption ?? context : context).close(mode: mode, promise: promise)
    }

    // MARK: Requests, as the next handler sees them

    /// True if a request has arrived whose reply is not complete.
    private var hasRequest: Bool { deadlines.phase == .body || deadlines.phase == .answering }

    /// Records that the head of a request is complete.
    func requestBegan() {
        client.waitingSince = nil
        isInTarget = false
        if let context { deadlines.begin(.body, now: context.eventLoop.now) }
    }

    /// Records that a request is complete, or that no more of it will be read.
    func requestEnded() {
        if let context, deadlines.phase == .body { deadlines.begin(.answering, now: context.eventLoop.now) }
    }

    /// Records that a reply is complete but for its last bytes, and that another request may follow.
    func replyEnded() {
        guard let context else { return }
        client.endRequest()
        deadlines.begin(.waiting, now: context.eventLoop.now)
        client.waitingSince = context.eventLoop.now
        setTimer()
    }

    /// Ends the connection after the replies that were written.
    func finish() {
        guard let context, !isEnding else { return }
        client.endRequest()
        end(context, after: context.channel.allocator.buffer(capacity: 0))
    }

    /// Ends the connection with a problem as its last reply; `withoutBody` for requests with the method HEAD.
    func refuse(_ problem: Problem, withoutBody: Bool = false) {
        guard let context, !isEnding else { return }
        registry.countRefusal(problem.status)
        let reply = problem.lastReply(withoutBody: withoutBody)
        writtenBytes += reply.readableBytes
        end(context, after: reply)
    }

    /// Writes the last bytes, closes the server's side when they have left, and waits for the client to close its own.
    private func end(_ context: ChannelHandlerContext, after bytes: ByteBuffer) {
        isEnding = true
        if deadlines.phase != .answering { deadlines.begin(.answering, now: context.eventLoop.now) }
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(bytes))).assumeIsolated().whenComplete { _ in self.linger() }
        noteWritten(context)
        setTimer()
    }

    private func linger() {
        guard let context else { return }
        guard !isInputClosed else { return cut(context) }
        context.close(mode: .output, promise: nil)
        let now = context.eventLoop.now
        deadlines.begin(.lingering, now: now)
        client.waitingSince = now
        context.read()
        setTimer()
    }

    // MARK: The timer

    /// Sets the timer to the next deadline, unless it fires before that anyway.
    private func setTimer() {
        guard let context, context.channel.isActive, let next = deadlines.next else { return }
        if let timer {
            if timer.fires <= next { return }
            timer.task.cancel()
        }
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: next) { self.timerFired() }
        timer = (next, task)
    }

    private func timerFired() {
        guard let context, let due = timer?.fires else { return }
        timer = nil
        noteWritten(context)
        _ = deadlines.resume(at: context.eventLoop.now, due: due)
        switch deadlines.expiry(at: context.eventLoop.now) {
        case nil: break
        case .idle, .write, .linger: return cut(context)
        case .head: refuse(.slowHead)
        case .body:
            requestEnded()
            bodyTimedOut()
        }
        setTimer()
    }
}
