import Foundation
import Testing

/// `quire serve` in a data folder without a catalog, and with a damaged one.
extension CommandTests {
    /// Starts a server, ends it when it accepts requests, and returns what it wrote to standard error.
    private func served() throws -> (code: Int32, error: String) {
        let server = Process()
        let errors = Pipe()
        server.executableURL = Self.program
        server.arguments = ["serve", "--data", data, "--port", "0"]
        server.standardError = errors
        try server.run()
        var text = ""
        while !text.contains("serving ") || text.last != "\n" {
            let piece = errors.fileHandleForReading.availableData
            if piece.isEmpty { break }
            text += String(decoding: piece, as: UTF8.self)
        }
        server.terminate()
        text += String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        server.waitUntilExit()
        return (server.terminationStatus, text)
    }

    @Test func aDamagedCatalogIsServedBesideOthers() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        for name in ["books", "films"] {
            let line = #"{"id": "1", "title": "one"}"#
            #expect(try quire(["index", "--data", data, "--catalog", name, "-"], input: line).code == 0)
        }
        let manifest = URL(fileURLWithPath: data + "/films/generations/1/manifest-1")
        try Data("no manifest".utf8).write(to: manifest)
        let outcome = try served()
        #expect(outcome.error.contains("serving books, films at http://127.0.0.1:"))
        #expect(outcome.error.contains("films/generations/1/manifest-1 is corrupt"))
        #expect(outcome.code == 0)
    }

    @Test func anEmptyDataFolderIsServed() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        #expect(try quire(["serve", "--data", data]).code == 66)
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let outcome = try served()
        #expect(outcome.error.contains("serving no catalog yet at http://127.0.0.1:"))
        #expect(outcome.code == 0)
    }
}
