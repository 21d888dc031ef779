package import ArgumentParser
import Foundation
package import OpenLoop

/// `load`: sends requests to a server on this machine at a given rate, whatever its replies take, and prints their
/// times as one JSON object on standard output and as a line on standard error.
///
/// Exit codes: 0; 3 if the run is void, because the generator was late; 64 for options that are not valid, 66 without
/// the file of requests.
@main
struct Load: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Send requests to a server on this machine at a given rate.",
        discussion: """
            REQUESTS has a line for each request, [CLASS<TAB>]TARGET[<TAB>BODY]; they are sent in this order, over and \
            over. Times count from when a request was due. Exits with 3 if 1 % of the requests were sent more than a \
            millisecond late by the generator itself: the times of such a run say nothing about the server.
            """)

    @Argument(help: "The file of requests.")
    var requests: String

    @Option(help: "The server, http://ADDRESS:PORT; only addresses of this machine are taken.")
    var target: String

    @Option(help: "Requests a second.")
    var rate: Double

    @Option(help: "poisson, or constant.")
    var arrivals = Arrivals.Kind.poisson

    @Option(help: "Seconds that are measured.")
    var seconds = 5.0

    @Option(help: "Seconds before, which are not measured.")
    var warmUp = 1.0

    @Option(help: "Seconds after which a request without a reply is given up.")
    var timeout = 10.0

    @Option(help: "The greatest number of connections.")
    var connections = 256

    @Option(help: "A header of each request, such as 'Name: value'; may be repeated.")
    var header: [String] = []

    @Option(help: "The number of the server's process, to measure its processor time.")
    var pid: Int?

    @Option(help: "The seed of the arrivals.")
    var seed: UInt64 = 1

    func validate() throws {
        guard (0.01...200_000).contains(rate) else { throw ValidationError("--rate must be from 0.01 to 200000.") }
        guard (0.1...7200).contains(seconds), (0...600).contains(warmUp) else {
            throw ValidationError("--seconds must be from 0.1 to 7200, --warm-up from 0 to 600.")
        }
        guard (0.01...600).contains(timeout) else { throw ValidationError("--timeout must be from 0.01 to 600.") }
        guard (1...20_000).contains(connections) else {
            throw ValidationError("--connections must be from 1 to 20000.")
        }
        guard header.allSatisfy({ $0.contains(":") && !$0.contains(where: \.isNewline) }) else {
            throw ValidationError("--header must be like 'Name: value'.")
        }
        do { _ = try Target(target) } catch { throw ValidationError("--target: \(error)") }
    }

    func run() async throws {
        guard let data = FileManager.default.contents(atPath: requests) else {
            FileHandle.standardError.write(Data("load: \(requests) cannot be read\n".utf8))
            throw ExitCode(66)
        }
        let target = try Target(target)
        let list = try RequestList(String(decoding: data, as: UTF8.self), host: target.host, headers: header)
        raiseDescriptorLimit()
        let plan = LoadPlan(
            rate: rate, arrivals: arrivals, seconds: seconds, warmUp: warmUp, timeout: timeout,
            maxConnections: connections, seed: seed)
        let result = try await LoadGenerator.run(
            plan, list, target: target, serverProcess: pid.flatMap(ServerProcess.init))
        let report = Report(result, plan, classes: list.classes)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        print(String(decoding: try encoder.encode(report), as: UTF8.self))
        FileHandle.standardError.write(Data((report.line + "\n").utf8))
        if report.void { throw ExitCode(3) }
    }

    /// Allows as many descriptors as the system lets this process have.
    private func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

extension Arrivals.Kind: ExpressibleByArgument {}
