import Catalog
import Foundation
import Hummingbird
import HummingbirdTesting
import Segments
import Storage
import Testing

@testable import SearchServer

/// Replies as bytes on one real connection: a byte too many in one would spoil the next.
@Suite struct ReplyBytesTests {
    @Test func repliesToHeadAndUnchangedOnesHaveNoBody() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("quire-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let lines = (1...30).map { #"{"id": "\#($0)", "title": "book \#($0) 三体"}"# }
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path + "/b.jsonl"))
        let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("title", .text)])
        let folder = DataFolder(path + "/data")
        _ = try IndexJob(files: [path + "/b.jsonl"], schema: schema).run("books", in: folder)
        let store = makeStore(folder, logger: .quiet)
        let server = makeServer(.init(port: 0), store, logger: .quiet)
        try await server.test(.live) { client in
            let socket = try ClientSocket(port: try #require(client.port))
            let target = "/v1/books/search?q=%E4%B8%89%E4%BD%93"
            try socket.send("GET", target)
            let plain = try socket.reply()
            #expect(plain.status == 200)
            #expect(plain.fields["content-encoding"] == nil)
            #expect(plain.fields["cache-control"] == "no-cache")
            #expect(plain.fields["x-content-type-options"] == "nosniff")
            #expect(plain.fields["server-timing"]?.hasPrefix("search;dur=") == true)
            let tag = try #require(plain.fields["etag"])
            for _ in 0..<2 {
                try socket.send("HEAD", target)
                let head = try socket.reply(toHead: true)
                #expect(head.status == 200)
                #expect(head.fields["content-length"] == "\(plain.body.count)")
                #expect(head.fields["etag"] == tag)
                for method in ["GET", "HEAD"] {
                    try socket.send(method, target, "If-None-Match: \(tag)")
                    let unchanged = try socket.reply(toHead: method == "HEAD")
                    #expect(unchanged.status == 304)
                    #expect(unchanged.fields["etag"] == tag)
                    #expect(unchanged.fields["vary"] == "Accept-Encoding")
                    #expect(unchanged.fields["content-length"] == nil)
                    #expect(unchanged.fields["transfer-encoding"] == nil)
                }
                try socket.send("GET", target, "Accept-Encoding: gzip")
                let packed = try socket.reply()
                #expect(packed.fields["content-encoding"] == "gzip")
                #expect(packed.body.count < plain.body.count / 2)
                #expect(packed.fields["etag"] == tag)
                let decoder = try GzipDecoder()
                var body = [UInt8](repeating: 0, count: plain.body.count + 1)
                let count = try body.withUnsafeMutableBytes { room in
                    try packed.body.withUnsafeBytes { try decoder.decode($0, into: room).produced }
                }
                #expect(Array(body[..<count]) == plain.body)
                try socket.send("GET", target)
                let again = try socket.reply()
                #expect(again.body == plain.body)
                // The second time it comes from the cache, in which no time is measured.
                #expect(again.fields["server-timing"] == nil)
            }
            try socket.send("GET", "/healthz", "Accept-Encoding: gzip")
            #expect(try socket.reply().body == Array(#"{"status":"ok"}"#.utf8))
        }
    }
}
