import Foundation
import Hummingbird
import HummingbirdTesting
import TestSupport
import Testing

@testable import SearchServer

/// Bodies with a `Content-Encoding`.
extension DocumentRouteTests {
    /// Sends a body with an encoding; returns the status and the body of the response.
    private func send(
        _ server: TestServer, _ method: HTTPRequest.Method, _ path: String, _ body: [UInt8],
        type: String = "application/x-ndjson", encoding: String = "gzip"
    ) async throws -> (status: Int, body: String) {
        let headers: HTTPFields = [
            .contentType: type, .contentEncoding: encoding, .authorization: "Bearer \(server.key)",
        ]
        return try await server.client.execute(
            uri: "/v1/goods\(path)", method: method, headers: headers, body: ByteBuffer(bytes: body)
        ) { (Int($0.status.code), String(buffer: $0.body)) }
    }

    @Test func compressedBodiesAreWritten() async throws {
        try await withServer { server in
            let lines = (0..<3000).map { #"{"id": "z\#($0)", "title": "compressed"}"# }
            // Two members, of which the first ends within a line.
            let text = Array(lines.joined(separator: "\n").utf8)
            let members = Gzip.stored(Array(text[..<1001])) + Gzip.stored(Array(text[1001...])) + [0, 0]
            for encoding in ["gzip", "x-gzip", "identity, GZIP"] {
                let response = try await self.send(server, .post, "/documents", members, encoding: encoding)
                #expect(response.status == 200)
                let results = response.body.split(separator: "\n")
                #expect(results.count == 3000)
                #expect(!results.contains { $0.contains("failed") })
            }
            let json = Gzip.stored(Array(#"[{"id": "j", "title": "one"}, {"_delete": "first"}]"#.utf8))
            let array = try await self.send(server, .post, "/documents", json, type: "application/json")
            #expect(array.body == #"[{"id":"j","result":"created"},{"id":"first","result":"deleted"}]"#)
            let patch = Gzip.stored(Array(#"{"price": 3}"#.utf8))
            #expect(try await self.send(server, .patch, "/documents/j?refresh=true", patch).status == 200)
            #expect(try await server.send(.get, "/documents/j").body.contains(#""price":3"#))
        }
    }

    @Test func otherEncodingsAreRefused() async throws {
        try await withServer { server in
            for encoding in ["br", "deflate", "gzip, gzip", "zstd"] {
                for type in ["application/json", "application/x-ndjson"] {
                    let body = Array(#"{"id": "x", "title": "y"}"#.utf8)
                    let response = try await self.send(
                        server, .post, "/documents", body, type: type, encoding: encoding)
                    #expect(response.status == 415)
                    #expect(response.body.contains(#""code":"unsupported_encoding""#))
                }
            }
            #expect(try await server.send(.get, "/documents/x").status == 404)
        }
    }

    /// Lines before a defect in the compressed data are written, of a wrong checksum those of earlier pieces; without
    /// any line, the status is the problem's.
    @Test func defectiveCompressionIsReported() async throws {
        try await withServer { server in
            let lines = (0..<2000).map { #"{"id": "d\#($0)", "title": "compressed"}"# }.joined(separator: "\n")
            let whole = Gzip.stored(Array(lines.utf8))
            var wrong = whole
            wrong[whole.count - 6] ^= 1
            let defects: [(body: [UInt8], code: String)] = [
                (Array(whole.dropLast(9)), "body_cut_off"), (wrong, "bad_gzip"), (whole + [1, 2, 3], "bad_gzip"),
            ]
            for (body, code) in defects {
                let response = try await self.send(server, .post, "/documents", body)
                #expect(response.status == 200)
                let results = response.body.split(separator: "\n")
                #expect(results.count == (code == "body_cut_off" ? 2000 : 1709))
                #expect(results.dropLast().allSatisfy { !$0.contains("failed") })
                #expect(results.last?.contains(#""line":\#(results.count)"#) == true)
                #expect(results.last?.contains(#""code":"\#(code)""#) == true)
            }
            for (body, code) in [([], "body_cut_off"), (Array("plain".utf8), "bad_gzip")] as [([UInt8], String)] {
                for type in ["application/json", "application/x-ndjson"] {
                    let response = try await self.send(server, .post, "/documents", body, type: type)
                    #expect(response.status == 400)
                    #expect(response.body.contains(#""code":"\#(code)""#))
                }
            }
        }
    }

    /// A small body does not become an endless one.
    @Test func bodiesThatGrowTooMuchAreRefused() async throws {
        try await withServer { server in
            // Each member becomes 144 times as long.
            let body = (0..<40).flatMap { _ in Gzip.compressedSquares }
            for type in ["application/json", "application/x-ndjson"] {
                let response = try await self.send(server, .post, "/documents", body, type: type)
                #expect(response.status == 413)
                #expect(response.body.contains(#""code":"too_compressed""#))
            }
            // A few of them are below the length from which on the ratio counts.
            let few = (0..<4).flatMap { _ in Gzip.compressedSquares }
            #expect(try await self.send(server, .post, "/documents", few).body.contains("bad_document"))
        }
    }
}
