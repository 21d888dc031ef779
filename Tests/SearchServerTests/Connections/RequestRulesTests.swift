import NIOCore
import NIOHTTP1
import Testing

@testable import SearchServer

/// Requests and replies at the level of HTTP, from bytes to bytes.
@Suite struct RequestRulesTests {
    /// The statuses of the replies to some bytes, and the codes of those that are problems.
    private func replies(to bytes: String) throws -> [String] {
        let connection = try TestConnection()
        try connection.send(bytes)
        let text = try connection.received()
        let statuses = text.matches(of: #/HTTP/1\.[01] (\d{3}) /#).map { String($0.1) }
        let codes = text.matches(of: #/"code":"(\w+)"/#).map { String($0.1) }
        return codes.isEmpty ? statuses : zip(statuses, codes).map { "\($0) \($1)" }
    }

    @Test(arguments: [
        ("GET /h\u{E9} HTTP/1.1\r\nHost: localhost\r\n\r\n", "400 bad_target"),
        ("GET /\u{4E09} HTTP/1.1\r\nHost: localhost\r\n\r\n", "400 bad_target"),
        ("GET / HTTP/1.1\r\n\r\n", "400 bad_host"),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", "400 bad_host"),
        ("GET / HTTP/1.1\r\nHost: local host\r\n\r\n", "400 bad_host"),
        ("GET / HTTP/1.1\r\nHost: localhost:x\r\n\r\n", "400 bad_host"),
        ("GET / HTTP/1.1\r\nHost: attacker.example\r\n\r\n", "421 unknown_host"),
        ("GET http://attacker.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", "421 unknown_host"),
        ("GET http://shop.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", "400 bad_host"),
        ("GET ftp://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", "400 bad_target"),
        ("GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", "400 bad_target"),
        ("CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", "405 method_not_allowed"),
        ("GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", "505 unsupported_version"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505 unsupported_version"),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nX: \0\r\n\r\n", "400 bad_request"),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nX : y\r\n\r\n", "400 bad_request"),
        ("\u{16}\u{3}\u{1}\u{2}\0", "400 bad_request"),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400 bad_request"),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", "400 bad_request"),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n", "400 bad_request"),
        (
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "400 bad_request"
        ),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "501 unsupported_coding"),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 bad_request"),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nExpect: more\r\nContent-Length: 1\r\n\r\n", "417 unknown_expectation"),
    ])
    func whatIsNoRequestGetsAProblem(bytes: String, problem: String) throws {
        let connection = try TestConnection()
        try connection.send(bytes)
        #expect(try replies(to: bytes) == [problem])
        #expect(connection.routes.heads.isEmpty)
        #expect(connection.isEnding)
    }

    @Test func largeHeadsAreRefused() throws {
        let long = String(repeating: "a", count: 100_000)
        #expect(try replies(to: "GET /\(long) HTTP/1.1\r\nHost: localhost\r\n\r\n") == ["414 target_too_long"])
        #expect(try replies(to: "GET / HTTP/1.1\r\nHost: localhost\r\nX: \(long)\r\n\r\n") == ["431 headers_too_large"])
        let many = String(repeating: "X: y\r\n", count: 101)
        #expect(try replies(to: "GET / HTTP/1.1\r\nHost: localhost\r\n\(many)\r\n") == ["431 headers_too_large"])
        let some = String(repeating: "X: y\r\n", count: 99)
        #expect(try replies(to: "GET / HTTP/1.1\r\nHost: localhost\r\n\(some)\r\n") == ["200"])
    }

    @Test func problemsAreDocuments() throws {
        let connection = try TestConnection()
        try connection.send("GET / HTTP/1.1\r\nHost: attacker.example\r\n\r\n")
        let reply = try connection.received().components(separatedBy: "\r\n\r\n")
        #expect(reply[0].hasPrefix("HTTP/1.1 421 Misdirected Request\r\n"))
        #expect(reply[0].contains("Content-Type: application/problem+json"))
        #expect(reply[0].contains("Connection: close"))
        #expect(reply[0].contains("Content-Length: \(reply[1].utf8.count)"))
        #expect(reply[1].contains(#""status":421"#))
    }

    @Test(arguments: [
        ("HTTP/1.1\r\nHost: localhost\r\n", true), ("HTTP/1.1\r\nHost: localhost\r\nConnection: Close\r\n", false),
        ("HTTP/1.1\r\nHost: localhost\r\nConnection: close, TE\r\n", false),
        ("HTTP/1.1\r\nHost: localhost\r\nConnection: TE\r\nConnection: close\r\n", false),
        ("HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n", false),
        ("HTTP/1.1\r\nHost: 10.1.2.3:8080\r\n", true), ("HTTP/1.1\r\nHost: [::1]:8080\r\n", true),
        ("HTTP/1.1\r\nHost: Shop.Example.:80\r\n", true),
        ("HTTP/1.0\r\n", false), ("HTTP/1.0\r\nConnection: Keep-Alive\r\n", true),
    ])
    func connectionsLastAsTheirRequestsAsk(request: String, lasts: Bool) throws {
        let connection = try TestConnection()
        try connection.send("GET /a?b=c \(request)\r\n")
        let reply = try connection.received()
        #expect(reply.hasPrefix("HTTP/1.\(request.hasPrefix("HTTP/1.0") ? 0 : 1) 200 OK\r\n"))
        #expect(reply.contains("connection: close") != lasts)
        #expect(connection.routes.heads.first?.uri == "/a?b=c")
        if lasts { try connection.send("GET /d \(request)\r\n") } else { #expect(connection.isEnding) }
        #expect(connection.routes.ended == (lasts ? 2 : 1))
    }

    @Test func absoluteTargetsAreTakenAsPaths() throws {
        for (target, path) in [
            ("http://localhost/a?b", "/a?b"), ("http://LOCALHOST?b", "/?b"), ("HTTP://localhost", "/"),
        ] {
            let connection = try TestConnection()
            try connection.send("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(connection.routes.heads.map(\.uri) == [path])
        }
    }

    /// A client of HTTP/1.0 does not know chunks: without a length the connection's end is the body's end.
    @Test func oldClientsGetNoChunks() throws {
        let connection = try TestConnection(answers: false)
        try connection.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        connection.routes.answer("some text", hasLength: false)
        let reply = try connection.received()
        #expect(reply.hasSuffix("\r\n\r\nsome text"))
        #expect(reply.contains("connection: close"))
        #expect(connection.isEnding)
    }

    @Test func repliesToHeadHaveNoBody() throws {
        let connection = try TestConnection(answers: false)
        try connection.send("HEAD /none HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.routes.answer("no such thing", status: .notFound)
        let reply = try connection.received()
        #expect(reply.contains("content-length: 13"))
        #expect(reply.hasSuffix("\r\n\r\n"))
        let other = try TestConnection()
        try other.send("HEAD / HTTP/1.1\r\nHost: attacker.example\r\n\r\n")
        #expect(try other.received().hasSuffix("\r\n\r\n"))
    }

    @Test func requestsSentAheadAreAnsweredInOrder() throws {
        let connection = try TestConnection(answers: false)
        let requests = (1...3).map { "GET /\($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }.joined()
        try connection.send(requests + "GET / HTTP/1.1\r\n\r\n")
        connection.closeInput()
        for number in 1...3 {
            #expect(connection.routes.heads.count == number)
            connection.routes.answer("reply \(number)")
        }
        let replies = try connection.received().components(separatedBy: "HTTP/1.1 ").dropFirst()
        #expect(replies.map { String($0.prefix(3)) } == ["200", "200", "200", "400"])
        #expect(replies.dropFirst(2).first?.hasSuffix("reply 3") == true)
    }

    @Test func bodiesAreAskedForWhenTheyAreRead() throws {
        let connection = try TestConnection(answers: false)
        let head = "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
        try connection.send(head)
        #expect(try connection.received() == "")
        connection.client.tell(.bodyWanted)
        connection.client.tell(.bodyWanted)
        #expect(try connection.received() == "HTTP/1.1 100 Continue\r\n\r\n")
        try connection.send("body")
        connection.routes.answer()
        #expect(connection.routes.body == "body")
        #expect(try connection.received().hasPrefix("HTTP/1.1 200 OK\r\n"))
        let refused = try TestConnection(answers: false)
        try refused.send(head)
        refused.routes.answer("no", status: .unauthorized)
        #expect(try refused.received().contains("connection: close"))
        #expect(refused.isEnding)
    }

    @Test(arguments: ["zz\r\n", "5\r\nab", "ffffffffffffffffff\r\n"])
    func routesLearnOfMalformedBodies(chunk: String) throws {
        let connection = try TestConnection(answers: false)
        try connection.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        try connection.send(chunk)
        connection.closeInput()
        #expect(connection.routes.body.hasPrefix("abc"))
        #expect(connection.routes.ended == 0)
        #expect(connection.routes.errors.contains { $0 is HTTPParserError })
        connection.routes.answer("bad", status: .badRequest)
        #expect(try connection.received().contains("connection: close"))
        #expect(connection.isEnding)
    }

    /// A connection that breaks is no error of the server, so that its route learns only that the body is cut off.
    @Test func brokenConnectionsCutBodiesOff() throws {
        let connection = try TestConnection(answers: false)
        try connection.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc")
        connection.channel.pipeline.fireErrorCaught(IOError(errnoCode: 104, reason: "read"))
        #expect(connection.routes.errors.first as? RequestBodyError == .cutOff)
        #expect(throws: IOError.self) { try connection.channel.throwIfErrorCaught() }
    }

    /// A refused upload is not read to its end, but the client has a chance to read the reply.
    @Test func unwantedBodiesEndTheConnection() throws {
        var limits = ServerLimits()
        limits.lingerBytes = 10_000
        let connection = try TestConnection(limits, answers: false)
        try connection.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nabc")
        connection.routes.answer("no", status: .unauthorized)
        #expect(try connection.received().contains("connection: close"))
        try connection.send(String(repeating: "x", count: 9_000))
        #expect(connection.routes.body == "abc")
        #expect(connection.channel.isActive)
        try connection.send(String(repeating: "x", count: 2_000))
        #expect(!connection.channel.isActive)
    }
}
