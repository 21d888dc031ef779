import Catalog
import FoundationEssentials
import Hummingbird
import Logging

/// Writes the changes of a body of lines, of any length, and responds with one result line for each, in order.
///
/// Memory: the longest line, a batch of changes, and 64 KB of results. The response begins when the results are full or
/// the body has ended: a client that sends more than a few thousand lines must read while it sends. `Sendable` because
/// only one task at a time uses it; it is not thread-safe.
final class DocumentStreamer: @unchecked Sendable {
    private let parameters: WriteParameters
    private let writer: CatalogWriter
    private let collector: ChangeCollector
    private var body: RequestBody.AsyncIterator
    private var lines = LineSplitter()
    private var results = ByteBuffer()
    private var isAtEnd = false
    /// The problem of a line at which reading stopped.
    private var readProblem: Problem?
    /// True if at least one batch was written.
    private var hasWritten = false
    /// The error of the server that was logged last.
    private var loggedCause: CatalogError?
    private let request: Request
    private let logger: Logger
    private let encoder: JSONEncoder

    /// The maximum number of changes in a batch.
    private static let maxBatchChanges = 1000
    /// The approximate maximum size of a batch, in bytes.
    private static let maxBatchBytes = 256 << 10
    /// The size of the results that are sent together, in bytes.
    private static let resultBytes = 64 << 10

    /// Prepares to read the body of a request.
    ///
    /// Errors: the problem of a schema that cannot be read from JSON.
    init(_ request: Request, _ parameters: WriteParameters, _ writer: CatalogWriter, _ logger: Logger) throws {
        self.request = request
        self.logger = logger
        self.parameters = parameters
        self.writer = writer
        do throws(CatalogError) { collector = try writer.collector() } catch { throw Problem(writing: error) }
        body = request.body.makeAsyncIterator()
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    /// Reads and writes the changes until the results are full, and returns the response. The remaining changes are
    /// written while the response is sent.
    ///
    /// Errors: the problem that kept every change from being written, if the whole body was read.
    func response() async throws -> Response {
        var firstFailure: Problem?
        while !isAtEnd, results.readableBytes < Self.resultBytes {
            let failure = try await writeBatch()
            firstFailure = firstFailure ?? failure
        }
        // If everything failed, the status reports it.
        if isAtEnd, !hasWritten, var problem = readProblem ?? firstFailure {
            // It was logged with its batch.
            problem.cause = nil
            throw problem
        }
        let headers: HTTPFields = [.contentType: "application/x-ndjson", .cacheControl: "no-store"]
        if isAtEnd { return Response(status: .ok, headers: headers, body: .init(byteBuffer: results)) }
        return Response(
            status: .ok, headers: headers,
            body: .init { [self] out in
                while true {
                    try await out.write(results)
                    results.clear()
                    if isAtEnd { break }
                    while !isAtEnd, results.readableBytes < Self.resultBytes { _ = try await writeBatch() }
                }
                try await out.finish(nil)
            })
    }

    /// Reads and writes one batch. Returns the problem that kept it from being written, if any, and logs its cause. A
    /// line that cannot be read ends the body: the changes before it are written, and its own result follows theirs.
    private func writeBatch() async throws -> Problem? {
        while collector.count < Self.maxBatchChanges, collector.byteCount < Self.maxBatchBytes {
            guard let piece = try await body.next(isolation: nil) else {
                lines.finish { collector.add(line: $0) }
                isAtEnd = true
                break
            }
            do throws(Problem) {
                try lines.append(piece) { collector.add(line: $0) }
            } catch {
                readProblem = error
                isAtEnd = true
                break
            }
        }
        defer {
            if let readProblem {
                append(ChangeResult(line: collector.line + 1, code: readProblem.code, readProblem.detail))
            }
        }
        let changes = collector.drain()
        // Only the last batch waits until it is visible: the earlier ones become visible with it.
        let isLast = parameters.refresh && isAtEnd
        if changes.isEmpty, !isLast { return nil }
        let (batchResults, failure) = await writer.write(changes, refresh: isLast)
        if failure == nil { hasWritten = true }
        for result in batchResults { append(result) }
        let problem = failure.map { Problem(writing: $0) }
        log(problem?.cause)
        return problem
    }

    /// Logs an error of the server, unless it is the one that was logged last.
    private func log(_ cause: CatalogError?) {
        guard let cause, cause != loggedCause else { return }
        loggedCause = cause
        logger.requestFailed(request, cause)
    }

    /// Appends a result line.
    private func append(_ result: ChangeResult) {
        // Strings and numbers always encode.
        if let line = try? encoder.encode(result) { results.writeBytes(line) }
        results.writeInteger(UInt8(ascii: "\n"))
    }
}
