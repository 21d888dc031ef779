import ArgumentParser
import Catalog
import Hummingbird
import Logging
import SearchServer

/// `quire serve`: the HTTP API and the search page.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the catalogs over HTTP, with a search page at /.",
        discussion:
            "New commits of `quire index` are picked up within a quarter of a second. Stops at Ctrl-C or SIGTERM.")

    @Option(name: .shortAndLong, help: "The folder that holds the catalogs.")
    var data = "quire-data"

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(name: .shortAndLong, help: "Port to listen on; 0 for any free one.")
    var port = 8080

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be from 0 to 65535.") }
    }

    func run() async throws {
        let folder = DataFolder(data)
        let catalogs = try folder.catalogs()
        guard !catalogs.isEmpty else {
            Terminal.tell(
                "quire: there is no catalog in \(data) yet; make one with `quire index`, or give another --data")
            throw ExitCode(66)
        }
        for name in catalogs { _ = try folder.open(name) }
        var logger = Logger(label: "quire")
        logger.logLevel = .notice
        let host = host
        let store = makeStore(folder, logger: logger)
        let server = makeServer(.init(host: host, port: port), store, logger: logger) { port in
            let address = host.contains(":") ? "[\(host)]" : host
            Terminal.tell("serving \(catalogs.joined(separator: ", ")) at http://\(address):\(port)/")
        }
        do {
            try await server.runService()
        } catch {
            let hint = "is another program using the port? Choose another with --port, or another --host"
            Terminal.tell("quire: cannot serve at \(host):\(port): \(error); \(hint)")
            throw ExitCode(74)
        }
        do {
            try store.close()
        } catch {
            Terminal.tell("quire: the last changes are in the log and not committed: \(error)")
            throw ExitCode(74)
        }
    }
}
