import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// The connections of a server: their handlers, and the loop that hands their requests to the routes.
struct QuireChannel: HTTPChannelHandler {
    /// A connection, with its client.
    struct Value: ServerChildChannelValue {
        let parts: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
        let client: ClientConnection

        var channel: any Channel { parts.channel }
    }

    let responder: Responder
    private let registry: ConnectionRegistry
    private let policy: CurrentPolicy
    private let limits: ServerLimits
    private let identity: TLSIdentity?

    /// Creates the connections of a server whose routes are `responder`, encrypted with an `identity`.
    init(
        _ responder: @escaping Responder, _ registry: ConnectionRegistry, _ policy: CurrentPolicy,
        _ limits: ServerLimits, identity: TLSIdentity? = nil
    ) {
        self.responder = { request, writer, channel in
            try await responder(Self.asking(request), writer, channel)
        }
        self.registry = registry
        self.policy = policy
        self.limits = limits
        self.identity = identity
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let client = ClientConnection(channel)
            let encryption = try identity?.encrypt(channel)
            try Self.addHandlers(
                to: channel, client, registry, RequestRules(hosts: policy.hosts), limits, encryption: encryption)
            try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: identity != nil))
            let parts = try NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>(
                wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
            return Value(parts: parts, client: client)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
            await ClientConnection.$current.withValue(value.client) {
                await handleHTTP(asyncChannel: value.parts, logger: logger)
            }
        }
    }

    /// Adds the handlers between the bytes of a connection and the parts of its requests and replies.
    static func addHandlers(
        to channel: any Channel, _ client: ClientConnection, _ registry: ConnectionRegistry, _ rules: RequestRules,
        _ limits: ServerLimits, encryption: ChannelHandlerContext? = nil
    ) throws {
        var parsing = NIOHTTPDecoderLimitConfiguration()
        parsing.maxHeaderFieldSize = limits.maxTargetBytes
        parsing.maxHeaderListSize = limits.maxHeadBytes
        parsing.maxHeaderFieldCount = limits.maxFields
        let wire = WireHandler(client, registry, limits, encryption: encryption)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(wire)
        try pipeline.addHandler(HTTPResponseEncoder())
        try pipeline.addHandler(
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: parsing)))
        try pipeline.addHandler(HTTPServerPipelineHandler())
        try pipeline.addHandler(RequestHandler(wire, rules, limits))
    }

    /// The request with a body that asks the client for itself when it is read, if the client waits for that.
    private static func asking(_ request: Request) -> Request {
        guard request.headers.contains(.expect), let client = ClientConnection.current else { return request }
        return Request(head: request.head, body: .init(asyncSequence: AskedBody(body: request.body, client: client)))
    }
}

/// A body that tells its connection when it is read first.
private struct AskedBody: AsyncSequence, Sendable {
    let body: RequestBody
    let client: ClientConnection

    struct Parts: AsyncIteratorProtocol {
        var parts: RequestBody.AsyncIterator
        var client: ClientConnection?

        mutating func next() async throws -> ByteBuffer? {
            client.take()?.tell(.bodyWanted)
            return try await parts.next()
        }
    }

    func makeAsyncIterator() -> Parts { Parts(parts: body.makeAsyncIterator(), client: client) }
}
