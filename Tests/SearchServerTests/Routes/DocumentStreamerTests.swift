import Catalog
import Hummingbird
import Logging
import Synchronization
import Testing

@testable import SearchServer

/// Uploads of lines, without a network.
extension DocumentRouteTests {
    /// A body of lines in pieces of 4,000 bytes, which may break off within its last line.
    private final class LineBody: Sendable {
        struct CutOff: Error {}

        private let rest: Mutex<ArraySlice<UInt8>>
        private let cutsOff: Bool
        private let error: any Error
        /// True when the reader has seen the end.
        let isAtEnd = Mutex(false)

        init(lines: Int, cutsOff: Bool = false, error: any Error = CutOff()) {
            let text = (0..<lines).map { #"{"id": "n\#($0)", "title": "upload"}"# }.joined(separator: "\n")
            rest = Mutex(Array(text.utf8)[...].dropLast(cutsOff ? 5 : 0))
            self.cutsOff = cutsOff
            self.error = error
        }

        private func next() throws -> ByteBuffer? {
            let piece = rest.withLock { rest in
                defer { rest = rest.dropFirst(4000) }
                return rest.prefix(4000)
            }
            if !piece.isEmpty { return ByteBuffer(bytes: piece) }
            isAtEnd.withLock { $0 = true }
            if cutsOff { throw error }
            return nil
        }

        var request: Request {
            Request(
                head: .init(
                    method: .post, scheme: "http", authority: "localhost", path: "/v1/goods/documents?refresh=true"),
                body: .init(asyncSequence: AsyncThrowingStream { try self.next() }))
        }
    }

    /// A writer of a response that keeps what it is given.
    private struct KeepingWriter: ResponseBodyWriter {
        final class Kept: Sendable {
            let text = Mutex("")
        }

        let kept = Kept()

        mutating func write(_ buffer: ByteBuffer) async throws { kept.text.withLock { $0 += String(buffer: buffer) } }
        consuming func finish(_: HTTPFields?) async throws {}
    }

    /// Returns the result lines of an upload; checks that its body was read to its end before the response begins.
    private func results(
        _ body: LineBody, _ server: TestServer, _ spool: ResultSpool
    ) async throws -> [Substring] {
        let writer = try server.store.writer("goods")
        let quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        let streamer = try DocumentStreamer(
            body.request, WriteParameters(body.request), writer, quiet, results: spool)
        let response = try await streamer.response()
        // From here on a client may read as slowly as it likes.
        #expect(body.isAtEnd.withLock { $0 })
        #expect(response.status == .ok)
        let out = KeepingWriter()
        let kept = out.kept
        let length = response.body.contentLength
        try await response.body.write(out)
        let text = kept.text.withLock { $0 }
        #expect(text.utf8.count == length)
        return text.split(separator: "\n")
    }

    /// A client may send everything before it reads anything: results wait in memory, or in a file.
    @Test(arguments: [1 << 30, 1 << 12])
    func theBodyIsReadBeforeTheResponseBegins(_ memoryLimit: Int) async throws {
        try await withServer { server in
            let spool = ResultSpool(in: server.folder.path, memoryLimit: memoryLimit)
            let lines = try await results(LineBody(lines: 5000), server, spool)
            #expect(lines.count == 5000)
            for (i, line) in lines.enumerated() where line != #"{"id":"n\#(i)","result":"created"}"# {
                Issue.record("line \(i) is \(line)")
            }
        }
    }

    @Test func linesBeforeACutAreWritten() async throws {
        try await withServer { server in
            let lines = try await results(
                LineBody(lines: 2600, cutsOff: true), server, ResultSpool(in: server.folder.path))
            #expect(lines.count == 2600)
            #expect(lines.dropLast().allSatisfy { $0.contains(#""result":"created""#) })
            let last = try #require(lines.last)
            #expect(last.contains(#""code":"bad_body""#))
            #expect(last.contains(#""line":2600"#))
            #expect(try await server.send(.get, "/documents/n2598").status == 200)
            #expect(try await server.send(.get, "/documents/n2599").status == 404)
        }
    }

    @Test(arguments: [(RequestBodyError.tooSlow, "body_too_slow"), (.shuttingDown, "shutting_down")])
    func slowBodiesAreToldApartFromThoseCutOff(_ error: RequestBodyError, _ code: String) async throws {
        try await withServer { server in
            let lines = try await results(
                LineBody(lines: 3, cutsOff: true, error: error), server, ResultSpool(in: server.folder.path))
            #expect(lines.count == 3)
            #expect(lines.last?.contains(#""code":"\#(code)""#) == true)
        }
    }

    @Test func aBodyWithoutACompleteLineIsAProblem() async throws {
        try await withServer { server in
            await #expect {
                _ = try await self.results(
                    LineBody(lines: 1, cutsOff: true), server, ResultSpool(in: server.folder.path))
            } throws: { ($0 as? Problem)?.code == "bad_body" }
        }
    }

    /// Each change that is made has its result, even when the disk does not take the results.
    @Test func uploadsEndWhenResultsCannotBeKept() async throws {
        try await withServer { server in
            let spool = ResultSpool(in: server.folder.path + "/none", memoryLimit: 1 << 12)
            let body = LineBody(lines: 5000)
            let lines = try await results(body, server, spool)
            let created = lines.count - 1
            #expect((1..<4999).contains(created))
            #expect(lines.prefix(created).allSatisfy { $0.contains(#""result":"created""#) })
            #expect(lines.last?.contains(#""code":"writing_stopped""#) == true)
            #expect(lines.last?.contains(#""line":\#(created + 1)"#) == true)
            #expect(try await server.found("upload") == created)
        }
    }

    @Test func uploadsHaveALimitOfResults() async throws {
        try await withServer { server in
            let spool = ResultSpool(in: server.folder.path, memoryLimit: 1 << 12, maxBytes: 50_000)
            let lines = try await results(LineBody(lines: 5000), server, spool)
            let created = lines.count - 1
            #expect((1..<4999).contains(created))
            #expect(lines.last?.contains(#""code":"too_many_results""#) == true)
            #expect(lines.last?.contains(#""line":\#(created + 1)"#) == true)
            #expect(try await server.found("upload") == created)
        }
    }
}
