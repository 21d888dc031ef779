import NIOCore
import Testing

@testable import OpenLoop

@Suite struct RequestListTests {
    private func sent(_ list: RequestList) -> [String] { list.requests.map { String(buffer: $0.bytes) } }

    @Test func linesBecomeRequestsOfTheirClasses() throws {
        let text = "/a?q=%E4%B8%89\nsearch\t/b\nput\t/c\t{\"id\":\t\"é\"}\r\nsearch\t/d\n\n"
        let list = try RequestList(text, host: "127.0.0.1:80", headers: ["X-Key: k"])
        #expect(list.classes == ["all", "search", "put"])
        #expect(list.requests.map(\.class) == [0, 1, 2, 1])
        #expect(sent(list)[0] == "GET /a?q=%E4%B8%89 HTTP/1.1\r\nHost: 127.0.0.1:80\r\nX-Key: k\r\n\r\n")
        let body = "{\"id\":\t\"é\"}"
        #expect(sent(list)[2].hasPrefix("POST /c HTTP/1.1\r\n"))
        #expect(sent(list)[2].hasSuffix("Content-Length: \(body.utf8.count)\r\n\r\n\(body)"))
    }

    @Test(arguments: [("", 0), ("/a\nb\n", 2), ("/a b\n", 1), ("class\n", 1)])
    func linesWithoutATargetAreRefused(text: String, line: Int) {
        #expect(throws: RequestListError(line: line)) { try RequestList(text, host: "x") }
    }

    @Test(arguments: ["http://127.0.0.1:8080/", "127.9.9.9:1", "http://localhost:65535", "http://[::1]:80"])
    func targetsOfThisMachineAreTaken(text: String) throws {
        #expect(try Target(text).address.port != nil)
    }

    @Test(arguments: [
        "http://10.0.0.1:80", "http://example.com:80", "127.0.0.1.evil.example:80", "http://0.0.0.0:80",
        "http://[::2]:80", "http://127.0.0.1@10.0.0.1:80", "http://127.1:80",
    ])
    func otherTargetsAreRefused(text: String) {
        #expect(throws: TargetError.self) { try Target(text) }
    }

    @Test(arguments: ["", "http://127.0.0.1", "http://127.0.0.1:0", "http://127.0.0.1:65536", "http://127.0.0.1:x"])
    func targetsWithoutAPortAreMalformed(text: String) {
        #expect(throws: TargetError.malformed(text)) { try Target(text) }
    }
}
