import ArgumentParser
import Catalog
import FoundationEssentials
import HTTPTypes
import Indexer
import Kernels
import Logging
import SearchServer

/// The server of a data folder as commands use it: the one that runs, or one of their own for as long as they need it.
struct LocalService: Sendable {
    private let client: LocalClient

    /// Calls `body` with the server of a data folder. Errors: those of `body`, `ExitCode`.
    static func run(
        _ folder: DataFolder, _ body: @escaping @Sendable (LocalService) async throws -> Void
    ) async throws {
        guard try folder.exists() else {
            Terminal.printStatus("quire: there is no folder \(folder.path); give another --data")
            throw ExitCode(66)
        }
        do {
            let socket = LocalSocket(folder)
            guard let claim = try await socket.claimUnlessServed() else {
                return try await body(LocalService(client: LocalClient(socket)))
            }
            var logger = Logger(label: "quire")
            logger.logLevel = .warning
            // Nobody is searching.
            var writing = LiveOptions()
            writing.mergeBytesPerSecond = nil
            let store = makeStore(folder, writing: writing, logger: logger)
            try await withLocalServer(claim, store, logger: logger) { client in
                try await body(LocalService(client: client))
            }
        } catch let error as LocalSocketUnavailable {
            Terminal.printStatus("quire: \(error)")
            throw ExitCode(74)
        }
    }

    /// Returns the server that runs for a data folder; nil if there is none.
    static func running(_ folder: DataFolder) async -> LocalService? {
        let client = LocalClient(LocalSocket(folder))
        guard (try? await client.send(.get, "/healthz"))?.status == 200 else { return nil }
        return LocalService(client: client)
    }

    /// A problem document.
    private struct Problem: Decodable {
        var detail: String
        var hint: String?
    }

    /// Sends a request and decodes the body of the reply. A problem is printed, and ends the command.
    func send<Reply: Decodable>(
        _ method: HTTPRequest.Method, _ path: String, body: [UInt8]? = nil, as type: Reply.Type = Reply.self
    ) async throws -> Reply {
        var rest = body
        let reply =
            body == nil
            ? try await client.send(method, path)
            : try await client.send(method, path, type: "application/json") { rest.take() }
        try check(reply)
        return try JSONDecoder().decode(Reply.self, from: Data(reply.body))
    }

    /// Reads a text.
    func text(_ path: String) async throws -> String {
        let reply = try await client.send(.get, path)
        try check(reply)
        return String(decoding: reply.body, as: UTF8.self)
    }

    /// Sends lines of JSON and decodes the body of the reply.
    func exchange<Reply: Decodable>(_ path: String, _ next: @escaping () throws -> [UInt8]?) async throws -> Reply {
        let reply = try await client.send(.post, path, type: "application/x-ndjson", body: next)
        try check(reply)
        return try JSONDecoder().decode(Reply.self, from: Data(reply.body))
    }

    /// Sends lines of JSON and passes the pieces of the reply on. Whoever searches meanwhile goes first.
    func upload(
        _ path: String, _ next: @escaping () throws -> [UInt8]?, receive: @escaping ([UInt8]) throws -> Void
    ) async throws {
        ProcessPriority.lower(to: 10)
        try check(
            try await client.send(.post, path, type: "application/x-ndjson", body: next) { piece in
                try receive(Array(piece.readableBytesView))
            })
    }

    /// Reads lines of JSON.
    func download(_ path: String, receive: @escaping ([UInt8]) throws -> Void) async throws {
        try check(try await client.send(.get, path, receive: { try receive(Array($0.readableBytesView)) }))
    }

    /// Ends the command with a problem.
    private func check(_ reply: LocalClient.Reply) throws {
        guard reply.status >= 300 else { return }
        let problem = try? JSONDecoder().decode(Problem.self, from: Data(reply.body))
        let detail = problem?.detail ?? "the server replied with the status \(reply.status)"
        Terminal.printStatus("quire: " + [detail, problem?.hint].compactMap(\.self).joined(separator: "; "))
        switch reply.status {
        case 404: throw ExitCode(66)
        case 409, 503: throw ExitCode(75)
        case 507, 500: throw ExitCode(74)
        default: throw ExitCode(65)
        }
    }
}
