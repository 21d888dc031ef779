import AsyncHTTPClient
import Foundation
import NIOCore

@testable import Shop

/// A real search server, `quire serve`, with the shop's catalog.
final class SearchProcess: Sendable {
    let target: ShopConfiguration.FeedTarget
    private let process: Process

    private init(_ process: Process, _ target: ShopConfiguration.FeedTarget) {
        self.process = process
        self.target = target
    }

    /// The program, which is built beside the tests.
    private static var program: URL {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "quire")
    }

    /// Creates an empty catalog in a folder.
    static func create(in folder: String) throws -> Secret {
        _ = try output([
            "create", "--data", folder, "--catalog", "books", "--schema", "Fixtures/shop/schema.json", "--profile",
            "Fixtures/shop/profile.json",
        ])
        let key = try output(["keys", "add", "shop", "--data", folder])
        return Secret(key.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Serves a folder, and runs a body with the server; then it is killed without warning.
    static func run(
        _ folder: String, _ key: Secret, port: Int = 0, options: [String] = [],
        _ body: (SearchProcess) async throws -> Void
    ) async throws {
        let process = Process()
        process.executableURL = program
        process.arguments = ["serve", "--data", folder, "--port", "\(port)"] + options
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        var text = ""
        while !text.contains("serving "), let data = try errors.fileHandleForReading.read(upToCount: 1) {
            text += String(decoding: data, as: UTF8.self)
        }
        while !text.hasSuffix("\n"), let data = try errors.fileHandleForReading.read(upToCount: 1), !data.isEmpty {
            text += String(decoding: data, as: UTF8.self)
        }
        guard let start = text.range(of: "http://") else { throw PythonFailure(description: text) }
        let url = text[start.lowerBound...].prefix { $0 != "\n" } + "v1/books"
        let target = ShopConfiguration.FeedTarget(name: "local", url: String(url), key: key)
        try await body(SearchProcess(process, target))
    }

    /// The port of the server.
    var port: Int { URL(string: target.url)?.port ?? 0 }

    /// Ends the server without warning.
    func kill9() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// The hits of a search: the ids of their documents, and the documents.
    func search(_ query: String) async throws -> [(id: String, document: JSONValue)] {
        try await reply(to: query)["hits"]?.list.map { ($0["id"]?.text ?? "", $0["document"] ?? .null) } ?? []
    }

    /// The reply to a search.
    func reply(to query: String) async throws -> [String: JSONValue] {
        let words = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return try await get("/search?match=all&prefix=none&q=" + words)
    }

    /// A report on what is searched.
    func report(_ name: String) async throws -> [String: JSONValue] { try await get("/reports/\(name)?days=1") }

    private func get(_ path: String) async throws -> [String: JSONValue] {
        var request = HTTPClientRequest(url: target.url + path)
        request.headers.add(name: "Authorization", value: "Bearer \(target.key.value)")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let body = String(buffer: try await response.body.collect(upTo: 1 << 24))
        guard response.status == .ok else { throw PythonFailure(description: body) }
        return JSONValue.object(body)
    }

    private static func output(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw PythonFailure(description: "quire \(arguments): \(text)") }
        return text
    }
}
