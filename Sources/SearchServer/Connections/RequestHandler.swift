import HTTPTypes
import NIOCore
import NIOHTTP1

/// The handler of a connection's requests and replies, between the parser and the routes: it applies `RequestRules`,
/// replies to what is no request with a problem document, gives each reply the version and the field `Connection` that
/// its request asks for, and leaves out the body of replies to HEAD.
///
/// It sees one request at a time: a handler before it keeps those that a client sends ahead.
final class RequestHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request and its reply.
    private struct Exchange {
        let isHead: Bool
        let isOld: Bool
        /// True if the connection ends with the reply.
        var isLast: Bool
        /// True if the client waits for `100 Continue`.
        var awaitsContinue: Bool
        /// True if the request has arrived to its end.
        var isReceived = false
        /// True if the body has failed, and its reader knows.
        var hasFailed = false
        /// True if the head of the reply was written.
        var isAnswered = false
    }

    private let wire: WireHandler
    private let rules: RequestRules
    private let limits: ServerLimits
    private var exchange: Exchange?
    /// True if the last reply was written: nothing more passes in either direction.
    private var isOver = false
    private var context: ChannelHandlerContext?

    /// Creates the handler of a connection.
    init(_ wire: WireHandler, _ rules: RequestRules, _ limits: ServerLimits) {
        self.wire = wire
        self.rules = rules
        self.limits = limits
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        wire.bodyTimedOut = { [unowned self] in
            if let context = self.context { failBody(context, RequestBodyError.tooSlow) }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(context, head)
        case .body:
            if exchange?.hasFailed == false { context.fireChannelRead(data) }
        case .end:
            guard exchange?.hasFailed == false else { return }
            exchange?.isReceived = true
            wire.requestEnded()
            context.fireChannelRead(data)
        }
    }

    private func begin(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
        let admitted: RequestRules.Admitted
        do throws(Problem) {
            admitted = try rules.admit(head)
        } catch {
            return refuse(context, error, withoutBody: head.method == .HEAD)
        }
        exchange = Exchange(
            isHead: head.method == .HEAD, isOld: head.version.minor == 0, isLast: !admitted.keepsAlive,
            awaitsContinue: admitted.awaitsContinue)
        wire.requestBegan()
        // Whoever waits to be asked for the body is not late with it.
        if admitted.awaitsContinue { wire.requestEnded() }
        context.fireChannelRead(wrapInboundOut(.head(admitted.head)))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isOver else { return }
        guard let error = error as? HTTPParserError else {
            // A connection that breaks cuts the body off; otherwise nobody waits for the request.
            if exchange?.isReceived == false { failBody(context, RequestBodyError.cutOff) }
            return context.fireErrorCaught(error)
        }
        if exchange == nil {
            let isTarget = wire.targetBytes > limits.maxTargetBytes
            refuse(context, Problem(error, overflow: isTarget ? .longTarget(limits) : .largeHead(limits)))
        } else {
            wire.requestEnded()
            failBody(context, error)
        }
    }

    /// Ends the body of the current request with an error, which its route reports.
    private func failBody(_ context: ChannelHandlerContext, _ error: any Error) {
        guard exchange?.hasFailed == false else { return }
        exchange?.hasFailed = true
        exchange?.isLast = true
        context.fireErrorCaught(error)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ConnectionEvent.bodyWanted:
            guard let exchange, exchange.awaitsContinue, !exchange.isAnswered else { return }
            self.exchange?.awaitsContinue = false
            wire.requestBegan()
            context.writeAndFlush(wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: nil)
        case ConnectionEvent.shutDown:
            let isAnswered = exchange?.isAnswered ?? true
            failBody(context, RequestBodyError.shuttingDown)
            if isAnswered {
                context.close(promise: nil)
            } else {
                refuse(context, Problem(RequestBodyError.shuttingDown))
            }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// Ends the connection with a problem.
    private func refuse(_ context: ChannelHandlerContext, _ problem: Problem, withoutBody: Bool = false) {
        isOver = true
        wire.refuse(problem, withoutBody: withoutBody || exchange?.isHead == true)
        exchange = nil
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    // MARK: Replies

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let exchange, !isOver else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head): context.write(wrapOutboundOut(.head(begun(head, exchange))), promise: promise)
        case .body: if exchange.isHead { promise?.succeed() } else { context.write(data, promise: promise) }
        case .end: end(context, data, promise, exchange)
        }
    }

    /// Writes the end of a reply. A request that the client has sent ahead arrives during the call, so that the old one
    /// is forgotten before.
    private func end(
        _ context: ChannelHandlerContext, _ data: NIOAny, _ promise: EventLoopPromise<Void>?, _ exchange: Exchange
    ) {
        self.exchange = nil
        isOver = exchange.isLast || !exchange.isReceived || wire.isQuiescing
        if !isOver { wire.replyEnded() }
        context.write(data, promise: promise)
        guard isOver else { return }
        wire.finish()
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    /// The head of a reply in the version of its request, with the field `Connection`.
    private func begun(_ reply: HTTPResponseHead, _ exchange: Exchange) -> HTTPResponseHead {
        guard !reply.status.isInformational else { return reply }
        var head = reply
        if exchange.isOld { head.version = .http1_0 }
        // An unwanted body is not read to its end, and without a length only the connection's end is the body's end.
        let isUnwanted = !exchange.isReceived && (head.status.code >= 400 || exchange.awaitsContinue)
        let isUnbounded = exchange.isOld && !head.headers.contains(name: "content-length")
        let isLast = exchange.isLast || wire.isQuiescing || isUnwanted || isUnbounded
        if isLast {
            head.headers.replaceOrAdd(name: "connection", value: "close")
        } else if exchange.isOld {
            head.headers.replaceOrAdd(name: "connection", value: "keep-alive")
        }
        self.exchange?.isLast = isLast
        self.exchange?.isAnswered = true
        return head
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .output, exchange == nil else { return context.close(mode: mode, promise: promise) }
        // The routes expect no further request: the client has closed its side, or the last reply was written.
        isOver = true
        wire.finish()
        promise?.succeed()
    }
}

extension HTTPResponseStatus {
    /// True if a status is followed by the final one.
    fileprivate var isInformational: Bool { (100..<200).contains(code) }
}
