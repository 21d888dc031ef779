import NIOCore
import NIOHTTPTypes

/// Closes the connections of clients that send the body of a request, or take a reply, too slowly to be served.
///
/// A body has a few kilobytes, and one deadline. A reply may be large: something of it must leave within each interval.
/// Connections without a request, or with a part of its head, are closed by the server's idle time.
final class SlowClients: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// The time in which the body of a request must have arrived.
    static let bodyTime = TimeAmount.seconds(30)
    /// The time in which a part of a reply must have left.
    static let writeTime = TimeAmount.seconds(30)

    private var body: Scheduled<Void>?
    private var writing: Scheduled<Void>?
    /// The parts of replies that were written.
    private var written = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            let channel = context.channel
            body = context.eventLoop.assumeIsolated()
                .scheduleTask(in: Self.bodyTime) { channel.close(promise: nil) }
        case .body: break
        case .end:
            body?.cancel()
            body = nil
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        written += 1
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        if writing == nil { watch(context.channel) }
    }

    /// Looks after a while whether something has left, as long as bytes wait to leave.
    private func watch(_ channel: any Channel) {
        let (pending, parts) = (Self.pendingBytes(of: channel), written)
        guard pending > 0 else { return }
        writing = channel.eventLoop.assumeIsolated().scheduleTask(in: Self.writeTime) { [self] in
            writing = nil
            if Self.pendingBytes(of: channel) == pending, written == parts { return channel.close(promise: nil) }
            watch(channel)
        }
    }

    private static func pendingBytes(of channel: any Channel) -> Int {
        (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    func channelInactive(context: ChannelHandlerContext) {
        body?.cancel()
        writing?.cancel()
        context.fireChannelInactive()
    }
}
