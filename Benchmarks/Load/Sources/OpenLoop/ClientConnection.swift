import NIOCore

/// A keep-alive connection of a load generator, with one request at a time at most.
final class ClientConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let channel: any Channel
    /// The request whose reply is awaited.
    var request: LoadGenerator.DueRequest?
    private let generator: LoadGenerator
    private var parser = ResponseParser()
    private var isOpen = true

    init(_ channel: any Channel, _ generator: LoadGenerator) {
        self.channel = channel
        self.generator = generator
    }

    func send(_ request: LoadGenerator.DueRequest, _ bytes: ByteBuffer) {
        self.request = request
        channel.writeAndFlush(bytes, promise: nil)
    }

    /// Closes the connection; a request that is still open ends as `closed`.
    func close() {
        channel.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let replies: [Reply]
        do {
            replies = try unwrapInboundIn(data).withUnsafeReadableBytes { try parser.consume($0) }
        } catch {
            return close()
        }
        for reply in replies { receive(reply) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let reply = parser.finish() { receive(reply) }
        if isOpen { generator.ended(self, request) }
        isOpen = false
        request = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close()
    }

    /// Hands on a reply; one that was not asked for ends the connection.
    private func receive(_ reply: Reply) {
        guard let request else { return close() }
        self.request = nil
        generator.receive(reply, to: request, on: self)
    }
}
