import Testing

@testable import OpenLoop

@Suite struct ResponseParserTests {
    /// Replies as they are sent, and as they are understood.
    static let replies: [(text: String, reply: Reply)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", Reply(status: 200, bodyBytes: 5)),
        ("HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n", Reply(status: 204)),
        ("HTTP/1.1 200 OK\ncontent-length:3\n\nabc", Reply(status: 200, bodyBytes: 3)),
        (
            "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nCONTENT-LENGTH:  2  \r\nConnection: Close\r\n\r\n{}",
            Reply(status: 503, bodyBytes: 2, closes: true, hasRetryAfter: true)
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHTTP/\r\nA;x\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
            Reply(status: 200, bodyBytes: 15)
        ),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", Reply(status: 201)),
        ("HTTP/1.0 404 Not Found\r\nContent-Length: 1\r\n\r\n\n", Reply(status: 404, bodyBytes: 1, closes: true)),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n", Reply(status: 304)),
    ]

    /// The replies in some pieces.
    private func parsed(_ pieces: [ArraySlice<UInt8>]) throws -> [Reply] {
        var parser = ResponseParser()
        var found: [Reply] = []
        for piece in pieces { found += try piece.withUnsafeBytes { try parser.consume($0) } }
        #expect(parser.isIdle)
        return found
    }

    @Test func repliesAreTheSameInAnyTwoPieces() throws {
        let bytes = Array(Self.replies.map(\.text).joined().utf8)
        let expected = Self.replies.map(\.reply)
        for place in 0...bytes.count {
            #expect(try parsed([bytes[..<place], bytes[place...]]) == expected, "cut at \(place)")
        }
    }

    @Test func repliesAreTheSameByteByByte() throws {
        let bytes = Array(Self.replies.map(\.text).joined().utf8)
        #expect(try parsed(bytes.indices.map { bytes[$0...$0] }) == Self.replies.map(\.reply))
    }

    @Test func aReplyWithoutALengthEndsWithItsConnection() throws {
        var parser = ResponseParser()
        let text = Array("HTTP/1.1 200 OK\r\nServer: x\r\n\r\nabc".utf8)
        #expect(try text.withUnsafeBytes { try parser.consume($0) } == [])
        #expect(parser.finish() == Reply(status: 200, bodyBytes: 3, closes: true))
        #expect(parser.finish() == nil)
    }

    @Test func anUnfinishedReplyDoesNotEndWithItsConnection() throws {
        var parser = ResponseParser()
        let text = Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc".utf8)
        #expect(try text.withUnsafeBytes { try parser.consume($0) } == [])
        #expect(parser.finish() == nil)
    }

    @Test(arguments: [
        "hello\r\n", "HTTP/2.0 200 OK\r\n", "HTTP/1.1 2x0 OK\r\n", String(repeating: "x", count: 70_000),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
    ])
    func whatIsNoReplyIsAnError(text: String) {
        var parser = ResponseParser()
        #expect(throws: ResponseError.self) { try Array(text.utf8).withUnsafeBytes { try parser.consume($0) } }
    }
}
