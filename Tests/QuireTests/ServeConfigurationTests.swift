import Foundation
import Testing

/// The options of `quire serve` from a file and the environment.
extension CommandTests {
    /// The options of the command, by the names that they have in a file.
    private func commandOptions() throws -> Set<String> {
        let help = try quire(["serve", "--experimental-dump-help"]).out
        let dump = try JSONSerialization.jsonObject(with: Data(help.utf8)) as? [String: Any]
        let command = try #require(dump?["command"] as? [String: Any])
        let arguments = try #require(command["arguments"] as? [[String: Any]])
        let names = arguments.compactMap { ($0["preferredName"] as? [String: Any])?["name"] as? String }
        let camel = names.map { name in
            let words = name.split(separator: "-")
            return words.dropFirst().reduce(String(words.first ?? "")) { $0 + $1.capitalized }
        }
        return Set(camel).subtracting(["config", "help", "version"])
    }

    /// The options that a file may have, by the message for one that it has not.
    private func fileOptions() throws -> Set<String> {
        let file = try file("wrong.json", #"{"colour": "red"}"#)
        let outcome = try quire(["serve", "--config", file])
        #expect(outcome.code == 64)
        let text = try #require(outcome.error.components(separatedBy: "the options are ").last)
        return Set(text.trimmingCharacters(in: .whitespacesAndNewlines).components(separatedBy: ", "))
    }

    @Test func everyOptionMayStandInAFile() throws {
        defer { cleanUp() }
        #expect(try fileOptions() == commandOptions())
    }

    /// Errors in a configuration file are refused with the name of the option.
    @Test(arguments: [
        (#"{"port": "80"}"#, #""port" expects a whole number"#),
        (#"{"requireKeys": 1}"#, #""requireKeys" expects true or false"#),
        (#"{"allowedHost": "a"}"#, #""allowedHost" expects a list of texts"#),
        (#"{"logSlower": true}"#, #""logSlower" expects a number"#),
        (#"{"host": null}"#, #""host" expects a text"#),
        ("[]", "is not an object of JSON"), ("{", "is not an object of JSON"),
        (#"{"port": 70000}"#, "--port must be from 0 to 65535"),
        (#"{"tlsKey": "k.pem"}"#, "--tls-certificate and --tls-key need each other"),
        (#"{"clientBurst": 5}"#, "--client-burst needs --client-rate"),
        (#"{"corsOrigin": ["https://shop.example/"]}"#, "--cors-origin must be an origin"),
    ])
    func wrongConfigurationsAreRefused(_ json: String, _ problem: String) throws {
        defer { cleanUp() }
        let file = try file("quire.json", json)
        let outcome = try quire(["serve", "--data", data, "--config", file])
        #expect(outcome.code == 64, "\(outcome)")
        #expect(outcome.error.contains(problem), "\(outcome.error)")
        let missing = try quire(["serve", "--config=\(root.path)/none.json"])
        #expect(missing.code == 64)
        #expect(missing.error.contains("none.json cannot be read"))
    }

    /// The command line stands above the environment, the environment above the file; a list of the command line is
    /// added to that of the configuration.
    @Test func theCommandLineStandsAboveTheEnvironmentAndTheFile() throws {
        defer { cleanUp() }
        try makeCatalog()
        let config = try file(
            "quire.json",
            """
            {"data": "nowhere", "allowedHost": ["file.example"], "requireKeys": true,
             "corsOrigin": ["https://a.example"]}
            """)
        let server = try RunningServer(
            Self.program, ["--allowed-host", "line.example", "--config", config],
            environment: [
                "QUIRE_DATA": data, "QUIRE_CORS_ORIGIN": "https://b.example,https://c.example",
                // Refused if it counted: the server has --port 0.
                "QUIRE_PORT": "70000", "QUIRE_REQIURE_KEYS": "true",
            ])
        #expect(server.greeting.contains("warning: there is no option with the variable QUIRE_REQIURE_KEYS"))
        for (host, status) in [("file.example", "401"), ("line.example", "401"), ("other.example", "421")] {
            #expect(try get(server, "/v1", "Host: \(host)").hasPrefix("HTTP/1.1 \(status) "), "\(host)")
        }
        for (origin, isAllowed) in [("https://a.example", false), ("https://c.example", true)] {
            let reply = try get(server, "/v1", "Host: localhost\r\nOrigin: \(origin)")
            #expect(reply.contains("Access-Control-Allow-Origin: \(origin)") == isAllowed)
        }
        server.signal(SIGTERM)
        #expect(server.end() == 0)
    }

    /// At SIGHUP a server takes over what can change, and keeps what it has when the file is wrong.
    @Test func aServerReadsItsConfigurationAgain() throws {
        defer { cleanUp() }
        try makeCatalog()
        let path = try file("quire.json", #"{"corsOrigin": ["https://a.example"]}"#)
        let server = try RunningServer(Self.program, ["--data", data], environment: ["QUIRE_CONFIG": path])
        func allows(_ origin: String) throws -> Bool {
            try get(server, "/v1", "Host: localhost\r\nOrigin: \(origin)").contains("Access-Control-Allow-Origin")
        }
        #expect(try allows("https://a.example"))
        _ = try file(
            "quire.json",
            #"{"corsOrigin": ["https://b.example"], "clientRate": 0.001, "clientBurst": 4, "replyCache": 1}"#)
        server.signal(SIGHUP)
        let log = server.errors(until: "the configuration was read again")
        #expect(log.contains("options=replyCache"), "\(log)")
        #expect(try allows("https://b.example"))
        #expect(try !allows("https://a.example"))
        _ = try file("quire.json", #"{"corsOrigin": 1}"#)
        server.signal(SIGHUP)
        let error = server.errors(until: "the configuration was not read again")
        #expect(error.contains("corsOrigin"), "\(error)")
        #expect(try allows("https://b.example"))
        #expect(try get(server, "/v1", "Host: localhost").hasPrefix("HTTP/1.1 200 "))
        #expect(try get(server, "/v1", "Host: localhost").hasPrefix("HTTP/1.1 429 "))
        server.signal(SIGTERM)
        #expect(server.end() == 0)
    }

    /// People who operate a server have an address of their own, and clients none of their routes.
    @Test func operatorsHaveAnAddressOfTheirOwn() throws {
        defer { cleanUp() }
        try makeCatalog()
        let server = try RunningServer(Self.program, ["--data", data, "--admin-address", "127.0.0.1:0"])
        let tuning = try #require(server.greeting.components(separatedBy: "tuning at http://127.0.0.1:").last)
        let admin = try #require(UInt16(tuning.prefix { $0.isNumber }))
        #expect(try get(server, "/tune", "Host: localhost").hasPrefix("HTTP/1.1 404 "))
        #expect(try get(server, "/tune", "Host: localhost", port: admin).hasPrefix("HTTP/1.1 200 "))
        #expect(try get(server, "/metrics", "Host: localhost", port: admin).hasPrefix("HTTP/1.1 401 "))
        server.signal(SIGTERM)
        #expect(server.end() == 0)
    }

    /// A server with a certificate speaks TLS only, and has the new one after it was renewed.
    @Test func connectionsAreEncryptedWithTheNewestCertificate() throws {
        defer { cleanUp() }
        try makeCatalog()
        let (certificate, key) = (root.path + "/tls.pem", root.path + "/tls.key")
        func renew(_ name: String) throws {
            let request = [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                "2",
                "-subj", "/CN=\(name)", "-keyout", key, "-out", certificate,
            ]
            #expect(try run(request).code == 0)
        }
        func subject(_ port: UInt16) throws -> String {
            try run(["openssl", "s_client", "-connect", "127.0.0.1:\(port)", "-servername", "localhost"]).out
        }
        try renew("first")
        let arguments = ["--data", data, "--tls-certificate", certificate, "--tls-key", key]
        let server = try RunningServer(Self.program, arguments)
        #expect(server.greeting.contains("at https://127.0.0.1"))
        #expect(try subject(server.port).contains(#/CN ?= ?first/#))
        let reply = try run(["curl", "-sk", "--http1.1", "https://127.0.0.1:\(server.port)/healthz"])
        #expect(reply.out == #"{"status":"ok"}"#)
        // Plain bytes are no handshake: the connection ends.
        #expect(try !get(server, "/healthz", "Host: localhost").contains("HTTP/1.1"))
        try renew("second")
        server.signal(SIGHUP)
        _ = server.errors(until: "the configuration was read again")
        #expect(try subject(server.port).contains(#/CN ?= ?second/#))
        // A key of another certificate changes nothing.
        let old = try String(contentsOfFile: certificate, encoding: .utf8)
        try renew("third")
        _ = try file("tls.pem", old)
        server.signal(SIGHUP)
        _ = server.errors(until: "the certificate was not read again")
        #expect(try subject(server.port).contains(#/CN ?= ?second/#))
        // A client that never speaks does not keep the server.
        let silent = try server.connect()
        server.signal(SIGTERM)
        #expect(server.end() == 0)
        close(silent)
        let wrong = try quire(["serve", "--data", data, "--tls-certificate", key, "--tls-key", certificate])
        #expect(wrong.code == 74)
        #expect(wrong.error.contains("tls.key"))
    }

    private func makeCatalog() throws {
        let schema = try file("schema.json", #"{"key": "id", "fields": [{"name": "id", "type": "keyword"}]}"#)
        #expect(try quire(["index", "--data", data, "--schema", schema, "-"], input: #"{"id": "old"}"#).code == 0)
    }

    private func get(_ server: RunningServer, _ path: String, _ fields: String, port: UInt16? = nil) throws -> String {
        let client = try server.connect(port: port)
        defer { close(client) }
        return server.exchange(client, "GET \(path) HTTP/1.1\r\n\(fields)\r\nConnection: close\r\n\r\n")
    }

    /// Runs another program, with nothing to read.
    private func run(_ command: [String]) throws -> (code: Int32, out: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let out = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = out
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = out.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }
}
