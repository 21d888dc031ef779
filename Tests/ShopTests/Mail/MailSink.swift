import Foundation

@testable import Shop

/// A real mail server (aiosmtpd) that delivers nothing, and tells what it got as Python's e-mail parser sees it.
struct MailSink {
    /// A mail as the sink tells of it.
    struct Mail: Decodable {
        var subject: String
        var id: String
        var date: String
        var fromHeader: String
        var toHeader: String
        var type: String
        var headers: [String]
        var text: String?
        var html: String?
        var defects: [String]
        var longestLine: Int
        var isAscii: Bool
        var from: String
        var to: [String]
        var tls: Bool
        var login: String?
        var raw: String
    }

    // Debian's Python, whose packages the tests install.
    private static let python = "/usr/bin/python3"

    /// True if the sink can run here.
    static let isInstalled: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = ["-c", "import aiosmtpd"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    let port: Int
    let folder: String

    /// Runs a body with a sink, which the arguments configure.
    static func run(_ arguments: [String] = [], _ body: (MailSink) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            try await withPythonServer("scripts/mail-sink.py", ["--json", folder + "/mails"] + arguments) { port in
                try await body(MailSink(port: port, folder: folder))
            }
        }
    }

    /// The mails that it got.
    var mails: [Mail] {
        get throws {
            guard let text = try? String(contentsOfFile: folder + "/mails", encoding: .utf8) else { return [] }
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try text.split(separator: "\n").map { try decoder.decode(Mail.self, from: Data($0.utf8)) }
        }
    }

    /// Settings that lead to it.
    func settings(_ security: MailSettings.Security = .none) -> MailSettings {
        MailSettings(host: "127.0.0.1", port: port, security: security, from: "shop@quire.example")
    }

    /// Makes a self-signed certificate for 127.0.0.1, with its key, in a PEM file of a folder.
    static func makeCertificate(in folder: String) throws -> String {
        let path = folder + "/server.pem", process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path + ".key", "-out", path,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let key = try String(contentsOfFile: path + ".key", encoding: .utf8)
        let certificate = try String(contentsOfFile: path, encoding: .utf8)
        try (key + certificate).write(toFile: path + ".both", atomically: true, encoding: .utf8)
        return path
    }
}
