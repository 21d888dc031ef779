import Catalog
import FoundationEssentials
import Hummingbird

/// Writes the changes of a body of any length, and answers with a line for each, in order.
///
/// Memory: the longest line, a batch of changes, and 64 KB of results. The answer begins when these are full, or the
/// body has ended: whoever sends more than some thousand lines reads while sending. Not for several tasks at once.
final class DocumentStreamer: @unchecked Sendable {
    private let parameters: WriteParameters
    private let writer: CatalogWriter
    private let collector: ChangeCollector
    private var body: RequestBody.AsyncIterator
    private var lines = LineCutter()
    private var results = ByteBuffer()
    private var isAtEnd = false
    /// What keeps the rest of the body from being read.
    private var refusal: Problem?
    /// Whether any batch was written.
    private var hasWritten = false
    private let encoder: JSONEncoder

    /// Changes that are written together at most, and bytes of them about.
    private static let mostChanges = 1000
    private static let mostBytes = 256 << 10
    /// Bytes of results that are sent together.
    private static let mostResults = 64 << 10

    init(_ request: Request, _ parameters: WriteParameters, _ writer: CatalogWriter) throws {
        self.parameters = parameters
        self.writer = writer
        do throws(CatalogError) { collector = try writer.collector() } catch { throw Problem(writing: error) }
        body = request.body.makeAsyncIterator()
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    /// Does what the body says; what does not fit in memory is done while the answer is sent.
    ///
    /// Errors: a problem, as long as nothing was answered.
    func response() async throws -> Response {
        var first: CatalogError?
        while !isAtEnd, results.readableBytes < Self.mostResults {
            let failure = try await writeSome()
            first = first ?? failure
        }
        // What fails as a whole is told by the status.
        if isAtEnd, !hasWritten, let problem = refusal ?? first.map({ Problem(writing: $0) }) { throw problem }
        let headers: HTTPFields = [.contentType: "application/x-ndjson", .cacheControl: "no-store"]
        if isAtEnd { return Response(status: .ok, headers: headers, body: .init(byteBuffer: results)) }
        return Response(
            status: .ok, headers: headers,
            body: .init { [self] out in
                while true {
                    try await out.write(results)
                    results.clear()
                    if isAtEnd { break }
                    while !isAtEnd, results.readableBytes < Self.mostResults { _ = try await writeSome() }
                }
                try await out.finish(nil)
            })
    }

    /// Reads and writes one batch; answers what kept it from being written. At a line that cannot be read the body
    /// ends: what came before is written and answered, then the line.
    private func writeSome() async throws -> CatalogError? {
        while collector.count < Self.mostChanges, collector.byteCount < Self.mostBytes {
            guard let piece = try await body.next(isolation: nil) else {
                lines.finish { collector.add(line: $0) }
                isAtEnd = true
                break
            }
            do throws(Problem) {
                try lines.take(piece) { collector.add(line: $0) }
            } catch {
                refusal = error
                isAtEnd = true
                break
            }
        }
        defer {
            if let refusal { append(ChangeResult(line: collector.line + 1, code: refusal.code, refusal.detail)) }
        }
        let changes = collector.take()
        // Only the last batch has to wait until it is seen: what came before is seen with it.
        let isLast = parameters.refresh && isAtEnd
        if changes.isEmpty, !isLast { return nil }
        let (answers, failure) = await writer.write(changes, refresh: isLast)
        if failure == nil { hasWritten = true }
        for answer in answers { append(answer) }
        return failure
    }

    private func append(_ result: ChangeResult) {
        // Strings and numbers always encode.
        if let line = try? encoder.encode(result) { results.writeBytes(line) }
        results.writeInteger(UInt8(ascii: "\n"))
    }
}
