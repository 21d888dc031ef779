import Catalog
import Hummingbird
import Logging
import Storage

/// Writes the changes of a body of lines, of any length, and responds with one result line for each, in order.
///
/// The response begins when the body has ended, so that a client may send all of it before it reads. Memory: the
/// longest line, a batch of changes, and 1 MB of results; more results wait in a file. Not thread-safe.
final class DocumentStreamer {
    private let parameters: WriteParameters
    private var writer: any ChangeTarget
    private var collector: ChangeCollector
    /// Opens the catalog again when it has got another schema; nil if it cannot get one.
    private let reopen: (@Sendable () async throws -> any ChangeTarget)?
    private var body: BodyReader
    private var lines = LineSplitter()
    private var results: ResultSpool
    private var isAtEnd = false
    /// The problem that ended reading before the end of the body.
    private var readProblem: Problem?
    /// True if at least one batch was written.
    private var hasWritten = false
    /// The error of the server that was logged last.
    private var loggedCause: CatalogError?
    private let request: Request
    private let logger: Logger
    private var json = JSONWriter()

    /// The maximum number of changes in a batch.
    private static let maxBatchChanges = 1000
    /// The approximate maximum size of a batch, in bytes.
    private static let maxBatchBytes = 256 << 10

    /// Prepares to read the body of a request, and to keep its results in `results`. `reopen` returns the writer of the
    /// catalog when the generation that `writer` writes is not searched any more.
    ///
    /// Errors: the problem of a schema that cannot be read from JSON.
    init(
        _ request: Request, _ parameters: WriteParameters, _ writer: any ChangeTarget, _ logger: Logger,
        results: ResultSpool, reopen: (@Sendable () async throws -> any ChangeTarget)? = nil
    ) throws {
        self.results = results
        self.reopen = reopen
        body = try BodyReader(request)
        self.request = request
        self.logger = logger
        self.parameters = parameters
        self.writer = writer
        do throws(CatalogError) {
            collector = try writer.collector(onlyNew: parameters.create)
        } catch {
            throw Problem(writing: error)
        }
    }

    /// Reads the body to its end, writes its changes, and returns the response.
    ///
    /// Errors: the problem that kept every change from being written.
    func response() async throws -> Response {
        var firstFailure: Problem?
        while !isAtEnd {
            let failure = try await writeBatch()
            firstFailure = firstFailure ?? failure
            await spillResults()
        }
        if let readProblem {
            append(ChangeResult(line: collector.line + 1, code: readProblem.code, readProblem.detail))
            // A client may read nothing before it has sent everything.
            await body.skip()
        }
        // If everything failed, the status reports it.
        if !hasWritten, var problem = readProblem ?? firstFailure {
            // It was logged with its batch.
            problem.cause = nil
            throw problem
        }
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"],
            body: results.body())
    }

    /// Reads and writes one batch. Returns the problem that kept it from being written, if any, and logs its cause.
    private func writeBatch() async throws -> Problem? {
        await readBatch()
        let changes = collector.drain()
        // Only the last batch waits until it is visible: the earlier ones become visible with it.
        let isLast = parameters.refresh && isAtEnd
        if changes.isEmpty, !isLast { return nil }
        let (batchResults, failure) = try await write(changes, refresh: isLast)
        if failure == nil, !changes.isEmpty { hasWritten = true }
        for result in batchResults { append(result) }
        let problem = failure.map { Problem(writing: $0) }
        log(problem?.cause)
        return problem
    }

    /// Writes changes; when the catalog has got another schema meanwhile, as that has them.
    private func write(
        _ changes: CollectedChanges, refresh: Bool
    ) async throws -> (results: [ChangeResult], failure: CatalogError?) {
        let outcome = await writer.write(changes, refresh: refresh)
        guard case .index(.rebuilt)? = outcome.failure, let fresh = try await reopen?(),
            let translated = changes.translated(to: fresh.schema)
        else { return outcome }
        writer = fresh
        do throws(CatalogError) {
            collector = try fresh.collector(onlyNew: parameters.create, after: collector.line)
        } catch {
            throw Problem(writing: error)
        }
        return await fresh.write(translated, refresh: refresh)
    }

    /// Collects the changes of a batch. A line that is too long and a body that breaks off end the reading: the changes
    /// before are written, and the result of the next line tells why.
    private func readBatch() async {
        if readProblem != nil {
            isAtEnd = true
            return
        }
        while collector.count < Self.maxBatchChanges, collector.byteCount < Self.maxBatchBytes {
            do {
                guard let piece = try await body.next() else {
                    lines.finish { collector.add(line: $0) }
                    isAtEnd = true
                    return
                }
                try lines.append(piece) { collector.add(line: $0) }
            } catch let problem as Problem {
                return stop(problem)
            } catch {
                logger.notice(
                    "an upload was cut off",
                    metadata: ["path": "\(request.uri.path)", "lines": "\(collector.line)", "error": "\(error)"])
                return stop(Problem((error as? RequestBodyError) ?? .cutOff))
            }
        }
    }

    /// Ends the reading because of a problem.
    private func stop(_ problem: Problem) {
        readProblem = problem
        isAtEnd = true
    }

    /// Moves results from memory to a file if there are many. When that is impossible, or the results are too many, no
    /// more lines are read, so that each change that is made has its result.
    private func spillResults() async {
        do {
            try await results.spill()
            guard !isAtEnd, results.isFull else { return }
            readProblem = Problem(
                .contentTooLarge, "too_many_results", "the results of the lines before need too much space",
                hint: "send the line with this number and those after it again")
        } catch {
            guard !isAtEnd, let cause = error as? StorageError else { return }
            let failure = Problem(writing: .storage(cause))
            log(failure.cause)
            readProblem = failure
        }
    }

    /// Logs an error of the server, unless it is the one that was logged last.
    private func log(_ cause: CatalogError?) {
        guard let cause, cause != loggedCause else { return }
        loggedCause = cause
        logger.requestFailed(request, cause)
    }

    /// Appends a result as a line of JSON.
    private func append(_ result: ChangeResult) {
        json.removeAll()
        result.write(to: &json)
        json.withBytes { results.append($0) }
    }
}
