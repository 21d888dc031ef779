import ArgumentParser
import Foundation
import Hummingbird
import Logging

/// `bare-server`: answers every GET with the same JSON text and does nothing else.
///
/// It is the denominator of the ratios of the load tables: the cost of receiving a request and sending a reply of that
/// size with the HTTP library that Quire uses. When it accepts requests, it writes the line
/// `serving at http://127.0.0.1:PORT/` to standard error.
@main
struct BareServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bare-server", abstract: "Answer every GET with a fixed reply, on loopback.")

    @Option(name: .shortAndLong, help: "Port to listen on; 0 for any free one.")
    var port = 0

    @Option(help: "Length of the reply's body in bytes.")
    var bytes = 2_000

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be from 0 to 65535.") }
        guard (2...10_000_000).contains(bytes) else { throw ValidationError("--bytes must be from 2 to 10000000.") }
    }

    func run() async throws {
        let body = ByteBuffer(string: "\"" + String(repeating: "x", count: bytes - 2) + "\"")
        let router = Router()
        router.get("**") { _, _ in
            Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: body))
        }
        var logger = Logger(label: "bare-server")
        logger.logLevel = .warning
        let server = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                FileHandle.standardError.write(Data("serving at http://127.0.0.1:\(port)/\n".utf8))
            },
            logger: logger)
        try await server.runService()
    }
}
