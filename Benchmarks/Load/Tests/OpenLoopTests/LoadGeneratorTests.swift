import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import OpenLoop

@Suite struct LoadGeneratorTests {
    private let list = "first\t/a\nsecond\t/b\n"

    /// Runs a plan against a server that sends `reply` for each request, and closes the connection if `closes`.
    private func run(
        _ plan: LoadPlan, reply: String?, closes: Bool = false
    ) async throws -> (result: LoadResult, classes: [String]) {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FixedReply(reply, closes: closes))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        defer { server.close(promise: nil) }
        let target = try Target("127.0.0.1:\(server.localAddress?.port ?? 0)")
        let requests = try RequestList(list, host: target.host)
        let result = try await LoadGenerator.run(
            plan, requests, target: target, serverProcess: ServerProcess(Int(getpid())))
        return (result, requests.classes)
    }

    private func counts(_ measurement: Measurement, class number: Int? = nil) -> [Outcome: Int] {
        measurement.byOutcome(class: number).mapValues { Int($0.totalCount) }
    }

    @Test func everyRequestIsSentAndAnswered() async throws {
        let plan = LoadPlan(rate: 500, arrivals: .constant, seconds: 1, timeout: 60)
        let (result, classes) = try await run(plan, reply: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        #expect(counts(result.measurement) == [.status(200): 500])
        #expect(counts(result.measurement, class: 0) == [.status(200): 250])
        #expect(result.measurement.lateness.totalCount == 500)
        #expect(result.measurement.bodyBytes == 1000)
        #expect(result.serverSeconds != nil)
        let report = Report(result, plan, classes: classes)
        #expect(report.requests == 500)
        #expect(report.classes["second"]?["200"]?.count == 250)
        #expect(report.bodyBytes == 2)
    }

    @Test func warmUpIsNotMeasured() async throws {
        let plan = LoadPlan(rate: 200, arrivals: .constant, seconds: 0.5, warmUp: 0.5, timeout: 60)
        let (result, _) = try await run(plan, reply: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(counts(result.measurement) == [.status(200): 100])
    }

    @Test func aServerThatNeverAnswersDoesNotSlowTheArrivals() async throws {
        let plan = LoadPlan(rate: 200, arrivals: .constant, seconds: 0.5, timeout: 0.2, maxConnections: 3)
        let (result, _) = try await run(plan, reply: nil)
        let found = counts(result.measurement)
        #expect(found.values.reduce(0, +) == 100)
        #expect(Set(found.keys).isSubset(of: [.timeout, .unsent, .closed]))
        #expect((found[.unsent] ?? 0) > 0)
        #expect(result.connections <= 3)
    }

    @Test(arguments: [true, false]) func connectionsThatTheServerClosesAreReplaced(isTold: Bool) async throws {
        let plan = LoadPlan(rate: 200, arrivals: .constant, seconds: 0.5, timeout: 60)
        let told = isTold ? "Connection: close\r\nContent-Length: 0\r\n" : "Server: none\r\n"
        let (result, _) = try await run(plan, reply: "HTTP/1.1 503 Busy\r\n\(told)\r\n", closes: true)
        #expect(counts(result.measurement) == [.status(503): 100])
        #expect(result.measurement.bareRefusals == 100)
    }

    @Test func bytesThatAreNoReplyCountAsClosed() async throws {
        let plan = LoadPlan(rate: 100, arrivals: .constant, seconds: 0.2, timeout: 60)
        let (result, _) = try await run(plan, reply: "hello\r\n")
        #expect(counts(result.measurement) == [.closed: 20])
    }

    @Test func aServerThatIsNotThereIsReportedAsClosed() async throws {
        let target = try Target("127.0.0.1:1")
        let requests = try RequestList("/\n", host: target.host)
        let plan = LoadPlan(rate: 100, arrivals: .constant, seconds: 0.2, timeout: 60)
        let result = try await LoadGenerator.run(plan, requests, target: target, serverProcess: nil)
        #expect(counts(result.measurement) == [.closed: 20])
    }
}

/// Sends a fixed reply when the end of a request's head arrives; nothing without a reply.
private final class FixedReply: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let reply: String?
    private let closes: Bool
    private var received = ""

    init(_ reply: String?, closes: Bool) {
        self.reply = reply
        self.closes = closes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        while let end = received.firstRange(of: "\r\n\r\n") {
            received.removeSubrange(..<end.upperBound)
            guard let reply else { continue }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: reply)), promise: nil)
            if closes { context.close(promise: nil) }
        }
    }
}
