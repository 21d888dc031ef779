import NIOCore
import NIOPosix

/// The rate, the duration and the bounds of a run.
package struct LoadPlan: Sendable {
    /// The average number of requests a second.
    package var rate: Double
    package var arrivals: Arrivals.Kind
    /// Seconds that are measured, after `warmUp` seconds that are not.
    package var seconds: Double
    package var warmUp: Double
    /// Seconds after which a request without a reply is given up.
    package var timeout: Double
    /// The greatest number of connections.
    package var maxConnections: Int
    /// The seed of the arrivals.
    package var seed: UInt64

    package init(
        rate: Double, arrivals: Arrivals.Kind = .poisson, seconds: Double, warmUp: Double = 0, timeout: Double = 10,
        maxConnections: Int = 256, seed: UInt64 = 1
    ) {
        self.rate = rate
        self.arrivals = arrivals
        self.seconds = seconds
        self.warmUp = warmUp
        self.timeout = timeout
        self.maxConnections = maxConnections
        self.seed = seed
    }
}

/// The measurement of a run, and what it needed.
package struct LoadResult: Sendable {
    package var measurement: Measurement
    /// The greatest number of open connections.
    package var connections: Int
    /// The replies that arrived while it was measured, and the seconds of that time.
    package var repliesInWindow: Int
    package var windowSeconds: Double
    /// The processor seconds of the watched process in that time.
    package var serverSeconds: Double?
    /// The seconds from the end of the measured time to the end of its last request.
    package var drainSeconds: Double
}

/// Sends requests at the times of an arrival process over keep-alive connections, all on one event loop.
///
/// A request that finds no idle connection gets a new one, or waits for one; that time counts as the server's. Its own
/// delays are recorded as lateness. Everything here runs on the loop.
///
/// ```swift
/// let result = try await LoadGenerator.run(plan, requests, target: target, serverProcess: nil)
/// ```
package final class LoadGenerator {
    /// A request that is due.
    struct DueRequest {
        var due: UInt64
        var number: Int
        var isMeasured: Bool
    }

    private let loop: any EventLoop
    private let plan: LoadPlan
    private let list: RequestList
    private let target: Target
    private let process: ServerProcess?
    private let done: EventLoopPromise<LoadResult>

    private var arrivals: Arrivals
    private let begin: UInt64
    private let windowBegin: UInt64
    private let windowEnd: UInt64
    private var nextDue: UInt64
    private var number = 0
    private var unfinished = 0

    private var idle: [ClientConnection] = []
    private var open: [ObjectIdentifier: ClientConnection] = [:]
    private var connecting = 0
    private var waiting = CircularBuffer<DueRequest>()

    private var measurement = Measurement()
    private var mostConnections = 0
    private var repliesInWindow = 0
    private var processorAtBegin: Double?
    private var processorInWindow: Double?
    private var isOver = false

    /// Runs a plan to its end, which is `timeout` seconds after its last request at most.
    package static func run(
        _ plan: LoadPlan, _ list: RequestList, target: Target, serverProcess: ServerProcess?
    ) async throws -> LoadResult {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let done = loop.makePromise(of: LoadResult.self)
        loop.execute {
            LoadGenerator(loop, plan, list, target, serverProcess, done).start()
        }
        do {
            let result = try await done.futureResult.get()
            try await group.shutdownGracefully()
            return result
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private init(
        _ loop: any EventLoop, _ plan: LoadPlan, _ list: RequestList, _ target: Target, _ process: ServerProcess?,
        _ done: EventLoopPromise<LoadResult>
    ) {
        self.loop = loop
        self.plan = plan
        self.list = list
        self.target = target
        self.process = process
        self.done = done
        arrivals = Arrivals(plan.arrivals, rate: plan.rate, seed: plan.seed)
        begin = Self.now() + 1_000_000
        windowBegin = begin + UInt64(plan.warmUp * 1e9)
        windowEnd = windowBegin + UInt64(plan.seconds * 1e9)
        nextDue = begin
        nextDue = begin + arrivals.next()
    }

    static func now() -> UInt64 { NIODeadline.now().uptimeNanoseconds }

    private func start() {
        let isolated = loop.assumeIsolated()
        isolated.scheduleTask(deadline: .uptimeNanoseconds(windowBegin)) {
            self.processorAtBegin = self.process?.seconds()
        }
        isolated.scheduleTask(deadline: .uptimeNanoseconds(windowEnd)) { self.readProcessorTime() }
        wait()
        sweep()
    }

    /// Reads the processor time of the measured time, once: at its end, or with the last reply if that comes first.
    private func readProcessorTime() {
        guard processorInWindow == nil, let first = processorAtBegin, let last = process?.seconds() else { return }
        processorInWindow = last - first
    }

    // MARK: Sending

    private func wait() {
        loop.assumeIsolated().scheduleTask(deadline: .uptimeNanoseconds(nextDue)) {
            self.sendDue()
            if self.nextDue < self.windowEnd { self.wait() }
        }
    }

    /// Sends the requests whose time has come.
    private func sendDue() {
        var now = Self.now()
        while nextDue <= now, nextDue < windowEnd {
            let request = DueRequest(due: nextDue, number: number, isMeasured: nextDue >= windowBegin)
            number = number + 1 == list.count ? 0 : number + 1
            nextDue = begin + arrivals.next()
            if request.isMeasured { measurement.recordStart(due: request.due, now: now) }
            unfinished += 1
            if let connection = idle.popLast() {
                connection.send(request, list.requests[request.number].bytes)
            } else {
                waiting.append(request)
                connect()
            }
            now = Self.now()
        }
    }

    /// Opens a connection if more requests wait than connections are being opened.
    private func connect() {
        guard connecting < waiting.count, open.count + connecting < plan.maxConnections else { return }
        connecting += 1
        let bootstrap = ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.nanoseconds(Int64(plan.timeout * 1e9)))
        bootstrap.connect(to: target.address).assumeIsolated().whenComplete { result in
            self.connecting -= 1
            switch result {
            case .success(let channel): self.opened(channel)
            case .failure: if let request = self.waiting.popFirst() { self.end(request, .closed) }
            }
        }
    }

    private func opened(_ channel: any Channel) {
        let connection = ClientConnection(channel, self)
        do {
            try channel.pipeline.syncOperations.addHandler(connection)
        } catch {
            return channel.close(promise: nil)
        }
        open[ObjectIdentifier(connection)] = connection
        mostConnections = max(mostConnections, open.count)
        free(connection)
    }

    /// Gives a connection the request that waits longest.
    private func free(_ connection: ClientConnection) {
        guard connection.channel.isActive else { return }
        if let request = waiting.popFirst() {
            connection.send(request, list.requests[request.number].bytes)
        } else {
            idle.append(connection)
        }
    }

    // MARK: Ends of requests

    /// Takes the reply to a connection's request.
    func receive(_ reply: Reply, to request: DueRequest, on connection: ClientConnection) {
        let now = Self.now()
        if now >= windowBegin, now < windowEnd { repliesInWindow += 1 }
        if request.isMeasured { measurement.record(reply) }
        end(request, .status(reply.status), now)
        if reply.closes {
            connection.close()
        } else {
            free(connection)
        }
        sendDue()
    }

    /// Takes the end of a connection, with the request that had no reply.
    func ended(_ connection: ClientConnection, _ request: DueRequest?, _ outcome: Outcome = .closed) {
        open[ObjectIdentifier(connection)] = nil
        if let place = idle.lastIndex(where: { $0 === connection }) { idle.remove(at: place) }
        if let request { end(request, outcome) }
        if !waiting.isEmpty { connect() }
    }

    private func end(_ request: DueRequest, _ outcome: Outcome, _ now: UInt64 = LoadGenerator.now()) {
        unfinished -= 1
        if request.isMeasured {
            measurement.recordEnd(outcome, class: list.requests[request.number].class, due: request.due, now: now)
        }
        if now >= windowEnd, unfinished == 0 { finish(now) }
    }

    /// Gives up requests whose time is over, ten times a second until the run ends.
    private func sweep() {
        let now = Self.now()
        let limit = UInt64(plan.timeout * 1e9)
        while let first = waiting.first, first.due + limit < now {
            waiting.removeFirst()
            end(first, .unsent, now)
        }
        for connection in Array(open.values) {
            guard let request = connection.request, request.due + limit < now else { continue }
            connection.request = nil
            connection.close()
            ended(connection, request, .timeout)
        }
        if now >= windowEnd, unfinished == 0 { return finish(now) }
        loop.assumeIsolated().scheduleTask(in: .milliseconds(100)) { self.sweep() }
    }

    private func finish(_ now: UInt64) {
        if isOver { return }
        isOver = true
        readProcessorTime()
        let result = LoadResult(
            measurement: measurement, connections: mostConnections, repliesInWindow: repliesInWindow,
            windowSeconds: plan.seconds, serverSeconds: processorInWindow, drainSeconds: Double(now - windowEnd) / 1e9)
        for connection in Array(open.values) { connection.close() }
        done.succeed(result)
    }
}
