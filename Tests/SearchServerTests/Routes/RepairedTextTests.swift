import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@testable import SearchServer

/// Changes with text that is not Unicode.
extension DocumentRouteTests {
    /// Sends changes whose texts have bytes above 0x7F written as `~`, which stands for the byte 0xFF; returns the
    /// results.
    private func results(
        _ server: TestServer, _ body: String, type: String, path: String = "/documents",
        method: HTTPRequest.Method = .post
    ) async throws -> [String] {
        let bytes = body.utf8.map { $0 == UInt8(ascii: "~") ? 0xFF : $0 }
        let headers: HTTPFields = [.contentType: type, .authorization: "Bearer \(server.key)"]
        let text = try await server.client.execute(
            uri: "/v1/goods\(path)", method: method, headers: headers, body: ByteBuffer(bytes: bytes)
        ) { String(buffer: $0.body) }
        return text.split(separator: "\n").map { String($0) }
    }

    /// Text that is stored otherwise than it was sent is reported, and a key is never changed.
    @Test func repairedTextIsReported() async throws {
        try await withServer { server in
            let changes = [
                (#"{"id": "plain", "title": "\ud83d\ude00 �"}"#, #"{"id":"plain","result":"created"}"#),
                (#"{"id": "bytes", "title": "a~b~~"}"#, #"{"id":"bytes","repaired":3,"result":"created"}"#),
                (#"{"id": "half", "title": "\ud800\udc0"}"#, "failed"),
                (#"{"id": "half", "title": "\ud800"}"#, #"{"id":"half","repaired":1,"result":"created"}"#),
                (#"{"id": "both", "title": "~\ud800"}"#, #"{"id":"both","repaired":2,"result":"created"}"#),
                (#"{"id": "key~", "title": "x"}"#, "the key \\\"key\u{FFFD}\\\" is not valid UTF-8"),
                (#"{"id": "key\ud800", "title": "x"}"#, "the key \\\"key\u{FFFD}\\\" is not valid UTF-8"),
                (#"{"_delete": "key~"}"#, "is not valid UTF-8"),
                (#"{"_patch": "k\udc00", "price": 1}"#, "is not valid"),
                (#"{"id": "key�", "title": "x"}"#, #"{"id":"key�","result":"created"}"#),
                (#"{"_delete": "key�"}"#, #"{"id":"key�","result":"deleted"}"#),
            ]
            let lines = try await self.results(
                server, changes.map(\.0).joined(separator: "\n"), type: "application/x-ndjson")
            #expect(lines.count == changes.count)
            for (line, change) in zip(lines, changes) {
                #expect(line.contains(change.1), "\(change.0)")
            }
            let array = try await self.results(
                server, #"[{"id": "a1", "title": "~"}, {"id": "a2", "title": "x"}]"#, type: "application/json")
            #expect(
                array == [#"[{"id":"a1","repaired":1,"result":"created"},{"id":"a2","result":"created"}]"#])
            let single = try await self.results(
                server, #"{"id": "one", "title": "~"}"#, type: "application/json", path: "/documents?refresh=true")
            #expect(single == [#"{"id":"one","repaired":1,"result":"created"}"#])
            let document = try await server.send(.get, "/documents/one").body
            #expect(document.contains(#""title":"\#u{FFFD}""#))
        }
    }
}
