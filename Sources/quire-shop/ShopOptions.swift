import ArgumentParser
import FoundationEssentials
import Logging
import Shop

/// The options of all commands.
struct ShopOptions: ParsableArguments {
    @Option(help: "The configuration's file (JSON).")
    var config: String?

    @Option(name: .shortAndLong, help: "The data folder; before the configuration's.")
    var data: String?

    /// The configuration of the file, the environment and the command line.
    func load() async throws -> ShopConfiguration {
        var configuration = try await ShopConfiguration.load(
            file: config, environment: ProcessInfo.processInfo.environment)
        if let data { configuration.data = data }
        return configuration
    }

    /// The logger of the program.
    private func logger(asJSON: Bool) -> Logger {
        var logger = Logger(label: "quire-shop") { label -> any LogHandler in
            if asJSON { JSONLogHandler() } else { StreamLogHandler.standardError(label: label) }
        }
        logger.logLevel = .notice
        return logger
    }

    /// The configuration of a shop that is there. Exit code 66 if the data folder has none.
    func loadExisting() async throws -> ShopConfiguration {
        let configuration = try await load()
        guard FileManager.default.fileExists(atPath: configuration.data + "/shop.sqlite") else {
            Terminal.printStatus(
                "quire-shop: there is no shop in \(configuration.data): give its data folder with --data")
            throw ExitCode(66)
        }
        return configuration
    }

    /// Runs a body with the services of the configuration, and closes them. A shop that is not there is created if
    /// `creates` is true; else the exit code is 66. An error for which `describe` has words is told, and ends with
    /// `exitCode`.
    func withServices(
        creates: Bool = false, exitCode: Int32 = 1, for describe: (any Error) -> String? = { _ in nil },
        _ body: (ShopServices) async throws -> Void
    ) async throws {
        let configuration = creates ? try await load() : try await loadExisting()
        let services = try await ShopServices(configuration, logger: logger(asJSON: configuration.logsJSON))
        do {
            try await body(services)
        } catch {
            await services.close()
            guard let words = describe(error) else { throw error }
            Terminal.printStatus("quire-shop: \(words)")
            throw ExitCode(exitCode)
        }
        await services.close()
    }
}
