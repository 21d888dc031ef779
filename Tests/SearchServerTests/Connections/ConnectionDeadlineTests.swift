import NIOCore
import NIOEmbedded
import Testing

@testable import SearchServer

/// The deadlines of connections, on a clock that the tests move.
@Suite struct ConnectionDeadlineTests {
    @Test func idleConnectionsAreClosed() throws {
        let connection = try TestConnection()
        connection.wait(.seconds(59))
        #expect(connection.channel.isActive)
        try connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.wait(.seconds(59))
        #expect(connection.channel.isActive)
        connection.wait(.seconds(2))
        #expect(!connection.channel.isActive)
        #expect(connection.registry.count == 0)
    }

    /// Bytes that trickle in do not move the deadline of a head.
    @Test func headsMustArriveInTime() throws {
        let connection = try TestConnection()
        for byte in "GET / HTTP" {
            try connection.send(String(byte))
            #expect(try connection.received().isEmpty)
            connection.wait(.milliseconds(990))
        }
        connection.wait(.milliseconds(110))
        let reply = try connection.received()
        #expect(reply.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(reply.contains(#""code":"head_too_slow""#))
        #expect(connection.isEnding)
        #expect(connection.routes.heads.isEmpty)
    }

    private static let upload = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"

    @Test func silentBodiesEndWithAnError() throws {
        let connection = try TestConnection(answers: false)
        try connection.send(Self.upload + "abc")
        connection.wait(.seconds(19))
        #expect(connection.routes.errors.isEmpty)
        connection.wait(.seconds(2))
        #expect(connection.routes.errors.count == 1)
        #expect(connection.routes.errors.first as? RequestBodyError == .tooSlow)
        connection.routes.answer("late", status: .requestTimeout)
        #expect(try connection.received().contains("connection: close"))
        #expect(connection.isEnding)
    }

    @Test func bodiesMustNotTrickle() throws {
        let connection = try TestConnection(answers: false)
        try connection.send(Self.upload)
        for _ in 0..<25 {
            connection.wait(.seconds(1))
            try connection.send("x")
        }
        #expect(connection.routes.errors.first as? RequestBodyError == .tooSlow)
    }

    @Test func steadyBodiesMayTakeLong() throws {
        let connection = try TestConnection(answers: false)
        try connection.send(Self.upload)
        for _ in 0..<100 {
            connection.wait(.seconds(9))
            try connection.send(String(repeating: "x", count: 10_000))
        }
        #expect(connection.routes.errors.isEmpty)
        #expect(connection.routes.ended == 1)
    }

    /// Only the client's silence counts: while the server does not ask for bytes, a body is not late.
    @Test func serversMayPauseUploads() throws {
        let connection = try TestConnection(answers: false)
        try connection.channel.writeInbound(ByteBuffer(string: Self.upload))
        connection.wait(.hours(1))
        #expect(connection.routes.errors.isEmpty)
        connection.channel.read()
        connection.wait(.seconds(21))
        #expect(connection.routes.errors.count == 1)
    }

    @Test func routesMayTakeLong() throws {
        let connection = try TestConnection(answers: false)
        try connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.wait(.hours(1))
        connection.routes.answer()
        #expect(try connection.received().hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(connection.channel.isActive)
    }

    @Test func repliesMustBeTaken() throws {
        let connection = try TestConnection()
        connection.stopReading()
        try connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.wait(.seconds(29))
        #expect(connection.channel.isActive)
        connection.wait(.seconds(2))
        #expect(!connection.channel.isActive)
    }

    @Test func lastRepliesAreGivenTimeToArrive() throws {
        let connection = try TestConnection()
        try connection.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        #expect(connection.channel.isActive)
        connection.closeInput()
        #expect(!connection.channel.isActive)
        let other = try TestConnection()
        try other.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        other.wait(.seconds(5))
        #expect(!other.channel.isActive)
    }

    // MARK: A process that stood still

    /// A timer that is late by a minute means that the process stood still, and could not see what the client sent.
    @Test(arguments: [ConnectionDeadlines.Phase.waiting, .head, .lingering])
    func aStandstillIsNotTheClientsSilence(phase: ConnectionDeadlines.Phase) throws {
        let start = NIODeadline.uptimeNanoseconds(0)
        var deadlines = ConnectionDeadlines(ServerLimits(), now: start)
        deadlines.begin(phase, now: start)
        let due = try #require(deadlines.next)
        let now = due + .minutes(1)
        #expect(deadlines.expiry(at: now) != nil)
        let isMoved = deadlines.resume(at: now, due: due)
        #expect(isMoved)
        #expect(deadlines.expiry(at: now) == nil)
        // From then on the client has some seconds.
        #expect(deadlines.next == now + .seconds(5))
        #expect(deadlines.expiry(at: now + .seconds(5)) != nil)
    }

    @Test func aBodyMayGoOnAfterAStandstill() throws {
        let start = NIODeadline.uptimeNanoseconds(0)
        var deadlines = ConnectionDeadlines(ServerLimits(), now: start)
        deadlines.begin(.body, now: start)
        deadlines.askedForBytes(now: start)
        let due = try #require(deadlines.next)
        let now = due + .minutes(1)
        let isMoved = deadlines.resume(at: now, due: due)
        #expect(isMoved)
        deadlines.received(10, now: now)
        deadlines.askedForBytes(now: now)
        #expect(deadlines.expiry(at: now + .milliseconds(4900)) == nil)
        #expect(deadlines.expiry(at: now + .seconds(6)) == .body)
    }

    @Test func aReplyMayBeTakenAfterAStandstill() throws {
        let start = NIODeadline.uptimeNanoseconds(0)
        var deadlines = ConnectionDeadlines(ServerLimits(), now: start)
        deadlines.begin(.answering, now: start)
        deadlines.wrote(left: 0, isPending: true, now: start)
        let due = try #require(deadlines.next)
        let isMoved = deadlines.resume(at: due + .minutes(1), due: due)
        #expect(isMoved)
        #expect(deadlines.expiry(at: due + .minutes(1)) == nil)
        #expect(deadlines.expiry(at: due + .minutes(2)) == .write)
    }

    @Test func aTimerThatIsALittleLateIsNoStandstill() throws {
        let start = NIODeadline.uptimeNanoseconds(0)
        var deadlines = ConnectionDeadlines(ServerLimits(), now: start)
        deadlines.begin(.head, now: start)
        let due = try #require(deadlines.next)
        let isMoved = deadlines.resume(at: due + .milliseconds(900), due: due)
        #expect(!isMoved)
        #expect(deadlines.expiry(at: due + .milliseconds(900)) == .head)
    }

    // MARK: The end of the server

    @Test func runningRequestsEndBeforeTheServer() throws {
        let idle = try TestConnection()
        idle.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(!idle.channel.isActive)
        let busy = try TestConnection(answers: false)
        try busy.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET /next HTTP/1.1\r\nHost: localhost\r\n\r\n")
        busy.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(busy.channel.isActive)
        busy.routes.answer()
        #expect(try busy.received().contains("connection: close"))
        #expect(busy.routes.heads.count == 1)
        #expect(busy.isEnding)
    }

    @Test func requestsAreCutOffAtTheLast() throws {
        let connection = try TestConnection(answers: false)
        try connection.send(Self.upload)
        connection.registry.shutDown()
        connection.channel.embeddedEventLoop.run()
        let reply = try connection.received()
        #expect(reply.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        #expect(reply.contains("Retry-After: 5"))
        #expect(connection.routes.errors.first as? RequestBodyError == .shuttingDown)
        connection.routes.answer()
        #expect(try connection.received().isEmpty)
        #expect(connection.isEnding)
    }

    // MARK: The presence of the client

    @Test func routesLearnThatTheClientLeft() throws {
        let connection = try TestConnection(answers: false)
        try connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let left = Flag()
        connection.client.whenGone { left.set() }
        #expect(!connection.client.isGone)
        connection.closeInput()
        #expect(left.isSet)
        #expect(connection.client.isGone)
        let late = Flag()
        connection.client.whenGone { late.set() }
        #expect(late.isSet)
    }

    @Test func repliesEndTheInterestInTheClient() throws {
        let connection = try TestConnection(answers: false)
        try connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let left = Flag()
        connection.client.whenGone { left.set() }
        connection.routes.answer()
        _ = try connection.channel.finish(acceptAlreadyClosed: true)
        #expect(!left.isSet)
    }
}
