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
    private static func decompressed(_ bytes: [UInt8], room: Int) throws -> [UInt8] {
        let decoder = try GzipDecoder()
        var output = [UInt8](repeating: 0, count: room + 1)
        let count = try output.withUnsafeMutableBytes { output in
            try bytes.withUnsafeBytes { try decoder.decode($0, into: output).produced }
        }
        return Array(output[..<count])
    }

    /// Runs a test with a connection to a server of thirty books.
    private func withConnection(_ test: @escaping @Sendable (ClientSocket) throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("quire-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let lines = (1...30).map { #"{"id": "\#($0)", "title": "book \#($0) 三体"}"# }
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path + "/b.jsonl"))
        let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("title", .text)])
        let folder = DataFolder(path + "/data")
        _ = try IndexJob(files: [path + "/b.jsonl"], schema: schema).run("books", in: folder)
        let store = makeStore(folder, logger: .quiet)
        // A view that this process writes is always known, so that replies come from the cache.
        _ = try store.writer("books")
        defer { try? store.close() }
        let server = makeServer(.init(port: 0), store, logger: .quiet)
        try await server.test(.live) { client in
            let port = try #require(client.port)
            try await onOwnThread { try test(try ClientSocket(port: port)) }
        }
    }

    @Test func repliesToHeadAndUnchangedOnesHaveNoBody() async throws {
        try await withConnection { socket in
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
                #expect(try Self.decompressed(packed.body, room: plain.body.count) == plain.body)
                try socket.send("GET", target)
                let again = try socket.reply()
                #expect(again.body == plain.body)
                // The second time it comes from the cache, in which no time is measured.
                #expect(again.fields["server-timing"] == nil)
            }
        }
    }

    /// The page and its assets are compressed once.
    @Test func assetsAreCompressedAndUnchanged() async throws {
        try await withConnection { socket in
            for asset in ["/", "/assets/app.js"] {
                try socket.send("GET", asset)
                let plain = try socket.reply()
                let tag = try #require(plain.fields["etag"])
                #expect(plain.fields["cache-control"] == "no-cache")
                try socket.send("GET", asset, "Accept-Encoding: gzip")
                let packed = try socket.reply()
                #expect(packed.fields["content-encoding"] == "gzip")
                #expect(packed.fields["content-type"] == plain.fields["content-type"])
                #expect(try Self.decompressed(packed.body, room: plain.body.count) == plain.body)
                try socket.send("GET", asset, "If-None-Match: \(tag)")
                #expect(try socket.reply().status == 304)
            }
            try socket.send("GET", "/healthz", "Accept-Encoding: gzip")
            #expect(try socket.reply().body == Array(#"{"status":"ok"}"#.utf8))
        }
    }
}
