package import Hummingbird
import Kernels
package import Logging
import NIOPosix
package import ServiceLifecycle
import Synchronization
import UnixSignals

/// Runs a server, and services beside it that may end earlier, until it is told to stop by SIGTERM or SIGINT.
///
/// The first signal closes the listening socket and idle connections, and gives requests `drainTime` to end; a second
/// signal, or the end of that time, ends all connections. Requests that are being handled even then are left alone
/// after two more seconds: the caller closes the store, which lets no later change in. SIGHUP calls `onHangUp`;
/// without it, SIGHUP has its usual effect. The event loops of the process have short slices (`SchedulerSlice`) from
/// now on.
///
/// Errors: an address that cannot be used.
package func run(
    _ server: some ApplicationProtocol, beside others: [(any Service)?] = [],
    _ connections: ConnectionRegistry, drainTime: Duration, logger: Logger,
    onHangUp: (@Sendable () -> Void)? = nil
) async throws {
    shortenSlices(of: MultiThreadedEventLoopGroup.singleton)
    let trapped: [UnixSignal] = [.sigterm, .sigint] + (onHangUp == nil ? [] : [.sighup])
    let signals = await UnixSignalsSequence(trapping: trapped)
    // The last one is told to stop first.
    let services =
        others.compactMap(\.self).map { .init(service: $0, successTerminationBehavior: .ignore) }
        + [ServiceGroupConfiguration.ServiceConfiguration(service: server)]
    let group = ServiceGroup(configuration: .init(services: services, logger: logger))
    let (events, sink) = AsyncStream.makeStream(of: RunEvent.self)
    let serving = Task {
        do {
            try await group.run()
            sink.yield(.ended(nil))
        } catch {
            sink.yield(.ended(error))
        }
    }
    let listening = Task {
        for await signal in signals {
            if signal == .sighup { onHangUp?() } else { sink.yield(.signal) }
        }
    }
    var tasks = [listening]
    defer { for task in tasks { task.cancel() } }
    /// Adds an event after a time.
    func later(_ event: RunEvent, _ time: Duration) {
        tasks.append(
            Task {
                if (try? await Task.sleep(for: time)) != nil { sink.yield(event) }
            })
    }
    var isDraining = false
    for await event in events {
        switch event {
        case .ended(let error):
            if let error, !isDraining { throw error }
            return
        case .signal where !isDraining:
            isDraining = true
            connections.beginDraining()
            later(.signal, drainTime)
            await group.triggerGracefulShutdown()
        case .signal:
            connections.shutDown()
            serving.cancel()
            later(.ended(nil), .seconds(2))
        }
    }
}

/// Asks for short slices for the event loops, which take requests and write replies.
func shortenSlices(of loops: MultiThreadedEventLoopGroup) {
    for loop in loops.makeIterator() { loop.execute { SchedulerSlice.shorten() } }
}

/// An event while a server runs.
private enum RunEvent: Sendable {
    /// The server was told to stop, or the time for its requests is over.
    case signal
    /// The server has ended, or need not be waited for any longer.
    case ended((any Error)?)
}
