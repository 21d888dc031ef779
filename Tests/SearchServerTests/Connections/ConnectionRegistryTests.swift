import Logging
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import SearchServer

/// The limit of connections.
@Suite struct ConnectionRegistryTests {
    private static let request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

    @Test func theConnectionThatWaitedLongestMakesRoom() throws {
        let registry = ConnectionRegistry(maxConnections: 3, logger: .quiet)
        let busy = try TestConnection(registry: registry, answers: false)
        try busy.send(Self.request)
        let first = try TestConnection(registry: registry)
        first.wait(.seconds(2))
        try first.send(Self.request)
        let second = try TestConnection(registry: registry)
        second.wait(.seconds(1))
        try second.send(Self.request)
        let third = try TestConnection(registry: registry)
        second.channel.embeddedEventLoop.run()
        #expect(busy.channel.isActive)
        #expect(first.channel.isActive)
        #expect(!second.channel.isActive)
        #expect(third.channel.isActive)
        #expect(registry.count == 3)
    }

    @Test func connectionsBeyondTheLimitAreToldSo() throws {
        let registry = ConnectionRegistry(maxConnections: 2, logger: .quiet)
        let busy = try (0..<2).map { _ in try TestConnection(registry: registry, answers: false) }
        for connection in busy { try connection.send(Self.request) }
        let refused = try (0..<ConnectionRegistry.maxRefused).map { _ in try TestConnection(registry: registry) }
        for connection in refused {
            let reply = try connection.received()
            #expect(reply.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            #expect(reply.contains("Retry-After: 1"))
            #expect(reply.contains(#""code":"too_many_connections""#))
        }
        let dropped = try TestConnection(registry: registry)
        #expect(try dropped.received().isEmpty)
        #expect(!dropped.channel.isActive)
        #expect(refused.filter(\.isEnding).count == refused.count)
        refused[0].closeInput()
        let next = try TestConnection(registry: registry)
        #expect(try next.received().hasPrefix("HTTP/1.1 503"))
        #expect(busy.filter(\.channel.isActive).count == 2)
    }

    /// A connection that gets a request at the moment in which it was chosen stays, and counts again.
    @Test func requestsKeepTheirConnection() throws {
        let registry = ConnectionRegistry(maxConnections: 1, logger: .quiet)
        let first = try TestConnection(registry: registry, answers: false)
        try first.send(Self.request)
        first.client.tell(.makeRoom)
        #expect(first.channel.isActive)
        #expect(registry.count == 1)
        first.routes.answer()
        first.client.tell(.makeRoom)
        #expect(!first.channel.isActive)
        #expect(registry.count == 0)
    }

    @Test func theLimitIsLoggedOnce() throws {
        let log = CountingLog()
        let registry = ConnectionRegistry(maxConnections: 1, logger: Logger(label: "test") { _ in log })
        let connections = try (0..<5).map { _ in try TestConnection(registry: registry) }
        #expect(log.count.load(ordering: .relaxed) == 1)
        withExtendedLifetime(connections) {}
    }

    @Test func descriptorsAreKeptBack() {
        for (descriptors, catalogs, connections) in [
            (64, 1, 20), (256, 1, 172), (256, 10, 136), (1024, 1, 748), (65_536, 3, 10_000), (20, 50, 4),
        ] {
            #expect(
                DescriptorLimit.connections(descriptors: descriptors, catalogs: catalogs) == connections,
                "\(descriptors) descriptors, \(catalogs) catalogs")
        }
    }

    @Test func theLimitOfDescriptorsIsRaised() {
        let limit = DescriptorLimit.raise()
        #expect(limit >= 64)
        #expect(DescriptorLimit.raise() == limit)
    }

    /// The listening socket pauses when there is no descriptor, is logged once, and then accepts again.
    @Test func acceptingPausesWithoutDescriptors() throws {
        let log = CountingLog()
        let channel = EmbeddedChannel()
        let server = AcceptGuard(logger: Logger(label: "test") { _ in log })
        try channel.pipeline.syncOperations.addHandler(server)
        for _ in 0..<3 {
            channel.pipeline.fireErrorCaught(IOError(errnoCode: 24, reason: "accept"))
            #expect(channel.options.first?.value as? Bool == false)
            channel.embeddedEventLoop.advanceTime(by: AcceptGuard.pause)
            #expect(channel.options.first?.value as? Bool == true)
        }
        #expect(log.count.load(ordering: .relaxed) == 1)
        channel.pipeline.fireErrorCaught(ChannelError.alreadyClosed)
        #expect(throws: ChannelError.self) { try channel.throwIfErrorCaught() }
    }
}

/// A log that counts its lines.
final class CountingLog: LogHandler {
    let count = Atomic(0)
    let errors = Atomic(0)
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        count.add(1, ordering: .relaxed)
        if event.level >= .error { errors.add(1, ordering: .relaxed) }
    }
}

/// A value that can be set from any thread.
final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
}
