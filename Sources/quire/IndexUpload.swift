import ArgumentParser
import Catalog
import Indexer

/// The part of `quire index --append` and `--update` beside a running server, which writes the catalog: the documents
/// are sent to it.
struct IndexUpload {
    private let job: IndexJob
    private let options: CatalogOptions
    private let json: Bool

    /// Prepares the upload of a job.
    init(_ job: IndexJob, _ options: CatalogOptions, json: Bool) {
        self.job = job
        self.options = options
        self.json = json
    }

    /// The result of an upload.
    private struct Summary: Encodable {
        var added = 0
        var updated = 0
        var failed = 0
        var skipped = 0
        var problems: [String] = []
        var repairs = 0
    }

    /// Sends the documents of the files. Files are read before, so that nothing is sent of such as cannot be used.
    ///
    /// Errors: those of the files; `ExitCode` 64 for a profile, 65 if the server refuses a document.
    func run(_ service: LocalService) async throws {
        if job.profile != nil {
            Terminal.printStatus("quire: a server is running; give it the profile by `quire tune put profile FILE`")
            throw ExitCode(64)
        }
        if !job.files.contains("-") { try DocumentLines(job, options.catalog, in: options.folder).check() }
        let lines = try DocumentLines(job, options.catalog, in: options.folder)
        let (bar, job) = (ProgressBar(), job)
        var results = ResultLines()
        try await service.upload("/v1/\(options.catalog)/documents?create=\(!job.updates)&refresh=true") {
            bar.show("sending", documents: lines.documents, share: lines.share)
            return try lines.next()
        } receive: { piece in
            results.append(piece)
        }
        if let mergeTo = job.mergeTo {
            bar.show("merging", documents: nil, share: nil, isStep: true)
            let _: MergeResult = try await service.send(.post, "/v1/\(options.catalog)/merge?to=\(mergeTo)")
        }
        bar.clear()
        try report(lines, results)
    }

    private func report(_ lines: DocumentLines, _ results: ResultLines) throws {
        IndexCommand.reportSkipped(lines.skipped, lines.problems, repairs: lines.repairs)
        for line in results.failures { Terminal.printStatus("quire: not taken: \(line)") }
        if json {
            try Terminal.printJSON(
                Summary(
                    added: results.created, updated: results.updated, failed: results.failed, skipped: lines.skipped,
                    problems: lines.problems, repairs: lines.repairs))
        } else {
            print(
                "\(options.catalog): \(Terminal.grouped(results.created)) documents added, "
                    + "\(Terminal.grouped(results.updated)) replaced, through the running server")
        }
        guard results.failed > 0 else { return }
        Terminal.printStatus("quire: \(Terminal.grouped(results.failed)) documents were not taken, the others were")
        if !job.skipsBadRecords { throw ExitCode(65) }
    }
}
