import Foundation
import Glibc
import Testing

/// A `quire serve` that runs beside a test.
final class RunningServer {
    let process = Process()
    let port: UInt16
    private let errors: Pipe
    /// The lines of standard error up to the one with the address.
    let greeting: String

    init(_ program: URL, _ arguments: [String], environment: [String: String] = [:]) throws {
        process.executableURL = program
        process.arguments = ["serve", "--port", "0"] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        var text = ""
        let lines = ["serving "] + (arguments.contains("--admin-address") ? ["tuning at "] : [])
        while !lines.allSatisfy(text.contains) || !text.hasSuffix("\n") {
            let more = errors.fileHandleForReading.availableData
            if more.isEmpty { break }
            text += String(decoding: more, as: UTF8.self)
        }
        greeting = text
        let digits = text.firstMatch(of: #/serving .* at https?:.*:([0-9]+)\/\n/#)?.1 ?? ""
        port = try #require(UInt16(digits), "the server did not start: \(text)")
    }

    /// Opens a connection to the server, or to another port of its process.
    func connect(port: UInt16? = nil) throws -> Int32 {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = (port ?? self.port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(status == 0)
        return client
    }

    /// Sends a text and returns what the server sends until it has sent `mark`, or closes the connection.
    func exchange(_ client: Int32, _ text: String, until mark: String? = nil) -> String {
        _ = text.withCString { send(client, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let text = String(decoding: received, as: UTF8.self)
            if let mark, text.contains(mark) { return text }
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return text }
            received += buffer[..<count]
        }
    }

    /// The lines of standard error that come next, up to one with a text.
    func errors(until part: String) -> String {
        var text = ""
        while !text.contains(part) || !text.hasSuffix("\n") {
            let more = errors.fileHandleForReading.availableData
            if more.isEmpty { break }
            text += String(decoding: more, as: UTF8.self)
        }
        return text
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits until the server has ended; returns its exit code.
    func end() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// `quire serve` from outside: start, connections and signals.
extension CommandTests {
    /// Indexes one book, adds an admin key and starts a server. Returns the key as well.
    private func startServer(_ more: String...) throws -> (RunningServer, key: String) {
        let schema = try file("schema.json", #"{"key": "id", "fields": [{"name": "id", "type": "keyword"}]}"#)
        #expect(try quire(["index", "--data", data, "--schema", schema, "-"], input: #"{"id": "old"}"#).code == 0)
        let key = try quire(["keys", "add", "test", "--data", data]).out.trimmingCharacters(in: .whitespacesAndNewlines)
        return (try RunningServer(Self.program, ["--data", data] + more), key)
    }

    private func upload(_ key: String, length: Int, _ body: String = "") -> String {
        "POST /v1/books/documents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(key)\r\n"
            + "Content-Type: application/x-ndjson\r\nContent-Length: \(length)\r\n\r\n\(body)"
    }

    /// The server ends although a client has announced a body and sends nothing, and commits what it has acknowledged.
    @Test(arguments: [["0.01"], ["3600", "twice"]])
    func silentUploadsDoNotKeepTheServer(_ drain: [String]) throws {
        defer { cleanUp() }
        let (server, key) = try startServer("--drain-timeout", drain[0])
        let written = try server.connect()
        let line = #"{"id": "new"}"#
        #expect(
            server.exchange(written, upload(key, length: line.utf8.count, line), until: "created").contains("200 OK"))
        let silent = try server.connect()
        // The body is asked for when its reader waits for it.
        let head = upload(key, length: 1000).replacingOccurrences(
            of: "\r\n\r\n", with: "\r\nExpect: 100-continue\r\n\r\n")
        #expect(server.exchange(silent, head, until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        server.signal(SIGTERM)
        if drain.count > 1 {
            // The idle connection is closed when the first signal has been received.
            _ = server.exchange(written, "")
            server.signal(SIGTERM)
        }
        #expect(server.exchange(silent, "").hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        #expect(server.end() == 0)
        close(written)
        close(silent)
        #expect(try quire(["search", "--data", data, ""]).out.hasPrefix("2 found"))
    }

    /// Files are added to a catalog that a running server writes; those with records that cannot be used, or with a
    /// profile, change nothing.
    @Test func filesAreSentToARunningServer() throws {
        defer { cleanUp() }
        let (server, key) = try startServer()
        let client = try server.connect()
        let line = #"{"id": "written"}"#
        #expect(server.exchange(client, upload(key, length: line.utf8.count, line), until: "created").contains("200"))
        func index(_ more: [String], input: String = "") throws -> Outcome {
            try quire(["index", "--data", data] + more, input: input)
        }
        let csv = try file("more.csv", "id\na\nb\n")
        let added = try index(["--append", csv, "--merge-to", "1"])
        #expect(added.code == 0, "\(added)")
        #expect(added.out == "books: 2 documents added, 0 replaced, through the running server\n")
        let again = try index(["--append", "-"], input: #"{"id": "a"}"# + "\n" + #"{"id": "c"}"#)
        #expect(again.code == 65)
        #expect(again.error.contains("the document \"a\": the key \"a\" belongs to an earlier document"))
        #expect(again.out.contains("1 documents added"))
        let bad = try file("bad.jsonl", #"{"id": "d"}"# + "\n{\n")
        #expect(try index(["--update", bad]).code == 65)
        #expect(try index(["--update", bad, "--profile", bad]).code == 64)
        let updated = try index(["--update", bad, csv, "--skip-bad", "--json"])
        #expect(updated.code == 0, "\(updated)")
        for member in ["\"added\" : 1", "\"updated\" : 2", "\"skipped\" : 1"] {
            #expect(updated.out.contains(member))
        }
        close(client)
        server.signal(SIGTERM)
        #expect(server.end() == 0)
        #expect(try quire(["search", "--data", data, ""]).out.hasPrefix("6 found"))
    }

    /// A rebuild that was begun waits for its source, has the changes made since, and is not replaced by mistake.
    @Test func aRebuildThatWasBegunTakesTheExport() throws {
        defer { cleanUp() }
        let (server, key) = try startServer()
        func reindex(_ more: String..., input: String = "") throws -> Outcome {
            try quire(["reindex", "books", "--data", data] + more, input: input)
        }
        let fields = #"[{"name": "id", "type": "keyword"}, {"name": "title", "type": "text"}]"#
        let schema = try file("other.json", #"{"key": "id", "fields": \#(fields)}"#)
        #expect(try reindex("--begin", "--schema", schema).code == 0)
        let waiting = try reindex("--swap")
        #expect(waiting.code == 65)
        #expect(waiting.error.contains("waits for documents"))
        // After the beginning, and before the export arrives: the export does not have it.
        let client = try server.connect()
        let line = #"{"id": "new"}"#
        #expect(server.exchange(client, upload(key, length: line.utf8.count, line), until: "created").contains("200"))
        let filled = try reindex(
            "--from", "-", "--verify", "--swap", input: #"{"id": "old", "title": "of the source"}"#)
        #expect(filled.code == 0, "\(filled)")
        #expect(filled.out.contains("2 documents compared: 0 missing, 0 extra, 0 stale"))
        close(client)
        server.signal(SIGTERM)
        #expect(server.end() == 0)
        #expect(try quire(["search", "--data", data, ""]).out.hasPrefix("2 found"))
        #expect(try quire(["search", "--data", data, "source"]).out.hasPrefix("1 found"))
    }

    /// An event that was acknowledged is in the log after a kill, and ids that were given out before it stay valid.
    @Test func eventsSurviveAKill() throws {
        defer { cleanUp() }
        let (first, key) = try startServer()
        let client = try first.connect()
        let reply = first.exchange(
            client, "GET /v1/books/search?q=old HTTP/1.1\r\nHost: localhost\r\n\r\n", until: "\"tiers\"")
        let id = String(try #require(reply.components(separatedBy: "\"query_id\":\"").last).prefix(32))
        let body = #"{"type":"click","query_id":"\#(id)","id":"old"}"#
        let event = upload(key, length: body.utf8.count, body).replacingOccurrences(of: "/documents", with: "/events")
        #expect(first.exchange(client, event, until: "recorded").contains("200 OK"))
        first.signal(SIGKILL)
        #expect(first.end() == SIGKILL)
        close(client)
        let log = data + "/.demand/books/"
        let names = try FileManager.default.contentsOfDirectory(atPath: log).filter { $0.hasPrefix("events-") }
        #expect(names.count == 1)
        #expect(try String(contentsOfFile: log + (names.first ?? ""), encoding: .utf8).contains(id))
        let second = try RunningServer(Self.program, ["--data", data])
        let again = try second.connect()
        #expect(second.exchange(again, event, until: "recorded").contains("200 OK"))
        close(again)
        second.signal(SIGTERM)
        #expect(second.end() == 0)
    }

    /// The log of requests has the id of a request, before and after it was moved away, and `quire status` its route.
    @Test func requestsAreLoggedAndCounted() throws {
        defer { cleanUp() }
        let log = root.path + "/requests.log"
        let (server, key) = try startServer("--request-log", log)
        func search(_ id: String) throws {
            let client = try server.connect()
            let request =
                "GET /v1/books/search?q=secret HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: \(id)\r\n"
                + "Authorization: Bearer \(key)\r\nConnection: close\r\n\r\n"
            #expect(server.exchange(client, request).contains("X-Request-Id: \(id)\r\n"))
            close(client)
        }
        try search("first")
        try FileManager.default.moveItem(atPath: log, toPath: log + ".1")
        server.signal(SIGHUP)
        // The server has seen the signal when there is a new file.
        for _ in 0..<100_000 where !FileManager.default.fileExists(atPath: log) { try search("second") }
        let status = try quire(["status", "--data", data])
        #expect(status.code == 0)
        #expect(status.out.hasPrefix("running for "))
        #expect(status.out.contains(#/\nbooks +ready +1 +1 /#), "\(status.out)")
        #expect(status.out.contains(#/\nGET /v1/\{catalog\}/search +[0-9]+ +0 +0 +≤ /#), "\(status.out)")
        server.signal(SIGTERM)
        #expect(server.end() == 0)
        let lines = try [log + ".1", log].map { try String(contentsOfFile: $0, encoding: .utf8) }.joined()
        for id in ["first", "second"] { #expect(lines.contains("\"id\":\"\(id)\"")) }
        for secret in [key, "secret"] { #expect(!lines.contains(secret)) }
        #expect(try quire(["status", "--data", data]).code == 66)
    }

    @Test func aServerThatOthersCanReachWarns() throws {
        defer { cleanUp() }
        let (open, _) = try startServer("--host", "0.0.0.0", "--allowed-host", "shop.example")
        #expect(open.greeting.contains("warning"))
        for (host, status) in [("shop.example", "200 OK"), ("attacker.example", "421 Misdirected Request")] {
            let client = try open.connect()
            let request = "GET /healthz HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
            #expect(open.exchange(client, request).hasPrefix("HTTP/1.1 \(status)"))
            close(client)
        }
        open.signal(SIGINT)
        #expect(open.end() == 0)
        let local = try RunningServer(Self.program, ["--data", data])
        #expect(!local.greeting.contains("warning"))
        local.signal(SIGTERM)
        #expect(local.end() == 0)
    }

    /// A body that is malformed or ends early is a mistake of the client.
    @Test func brokenBodiesAreRefused() throws {
        defer { cleanUp() }
        let (server, key) = try startServer()
        let chunked = upload(key, length: 0).replacingOccurrences(
            of: "Content-Length: 0", with: "Transfer-Encoding: chunked")
        for broken in [chunked + "zz\r\n", chunked + "3\r\nabc!"] {
            let client = try server.connect()
            let reply = server.exchange(client, broken)
            #expect(reply.hasPrefix("HTTP/1.1 400 Bad Request\r\n"), "\(reply)")
            #expect(reply.contains("application/problem+json"))
            close(client)
        }
        server.signal(SIGTERM)
        #expect(server.end() == 0)
    }
}
