import Foundation
import Hummingbird
import Logging
import Testing

@testable import SearchServer

/// Catalogs that cannot be opened, over HTTP.
extension DocumentRouteTests {
    @Test func damagedCatalogsAreListedWithTheirState() async throws {
        let log = RecordedLog()
        try await withServer(Logger(label: "test") { _ in log }) { server in
            let good = server.folder.path + "/goods"
            let broken = server.folder.path + "/broken"
            try FileManager.default.copyItem(atPath: good, toPath: broken)
            try Data("no manifest".utf8).write(to: URL(fileURLWithPath: broken + "/generations/1/manifest-1"))
            func get(_ path: String) async throws -> (status: Int, body: String) {
                try await server.client.execute(uri: path, method: .get) {
                    (Int($0.status.code), String(buffer: $0.body))
                }
            }
            for path in ["/v1/broken", "/v1/broken/search?q=a", "/v1/broken/documents/first"] {
                let response = try await get(path)
                #expect(response.status == 500)
                #expect(response.body.contains(#""code":"index_unreadable""#))
                #expect(!response.body.contains(server.folder.path))
            }
            let list = try await get("/v1")
            #expect(list.status == 200)
            #expect(list.body.contains(#"{"documents":1,"name":"goods","state":"ready"}"#))
            #expect(list.body.contains(#"{"name":"broken","problem":"the catalog cannot be opened"#))
            #expect(list.body.contains(#""state":"unreadable"}"#))
            #expect(try await server.found("first") == 1)
            // Once, with the reason, whatever the number of requests.
            #expect(log.lines.withLock { $0.count } == 1)
            #expect(log.lines.withLock { $0.first }?.contains("checksum") == true)
        }
    }
}
