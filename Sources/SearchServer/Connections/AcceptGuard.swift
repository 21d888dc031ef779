import Glibc
import Logging
import NIOCore

/// A handler of the listening socket that waits a moment when no descriptor or memory is left for another connection.
///
/// The socket stays readable meanwhile, so that accepting at once again would occupy a whole core until a connection
/// closes.
final class AcceptGuard: ChannelInboundHandler {
    typealias InboundIn = any Channel

    /// The pause before connections are accepted again.
    static let pause = TimeAmount.milliseconds(100)
    /// The time between two lines of the log.
    static let logInterval = TimeAmount.minutes(1)

    private let logger: Logger
    private var lastLogged: NIODeadline?

    /// Creates the handler.
    init(logger: Logger) { self.logger = logger }

    /// Adds a handler to a listening socket.
    static func protect(_ server: any Channel, logger: Logger) async throws {
        try await server.eventLoop.submit {
            try server.pipeline.syncOperations.addHandler(AcceptGuard(logger: logger), position: .first)
        }.get()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let failure = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(failure.errnoCode) else {
            return context.fireErrorCaught(error)
        }
        let now = context.eventLoop.now
        if lastLogged.map({ now - $0 >= Self.logInterval }) ?? true {
            lastLogged = now
            logger.error(
                "no connection can be accepted for a moment; raise the limit of open files, or lower --max-connections",
                metadata: ["error": "\(failure)"])
        }
        let channel = context.channel
        try? channel.syncOptions?.setOption(.autoRead, value: false)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            try? channel.syncOptions?.setOption(.autoRead, value: true)
        }
    }
}
