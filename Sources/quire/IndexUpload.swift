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
        var added: Int
        var updated: Int
        var failed: [String: Int]
        var skipped: Int
        var problems: [String]
        var repairs: Int
    }

    /// Validates the files, and sends their documents. Pipes and standard input are sent as they are read.
    ///
    /// Errors: those of the files; `ExitCode` 64 for a profile, 65 for records or documents that cannot be used, 74 for
    /// a full disk, 75 if the server did not take all documents for another reason.
    func run(_ service: LocalService) async throws {
        if job.profile != nil {
            Terminal.printStatus("quire: a server is running; give it the profile by `quire tune put profile FILE`")
            throw ExitCode(64)
        }
        let lines = try DocumentLines(job, options.catalog, in: options.folder)
        let checking = ProgressBar()
        defer { checking.clear() }
        try lines.check { checking.show("checking", documents: nil, share: lines.share) }
        let bar = ProgressBar()
        var results = ResultLines()
        try await service.upload("/v1/\(options.catalog)/documents?create=\(!job.updates)&refresh=true") {
            bar.show("sending", documents: lines.documents, share: lines.share)
            return try lines.next()
        } receive: { piece in
            results.append(piece)
        }
        bar.clear()
        try report(lines, results)
        guard let mergeTo = job.mergeTo else { return }
        bar.show("merging", documents: nil, share: nil, isStep: true)
        let _: MergeResult = try await service.send(.post, "/v1/\(options.catalog)/merge?to=\(mergeTo)")
    }

    private func report(_ lines: DocumentLines, _ results: ResultLines) throws {
        IndexCommand.reportSkipped(lines.skipped, lines.problems, repairs: lines.repairs)
        for failure in results.failures { Terminal.printStatus("quire: not taken: \(failure)") }
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
        if results.count < lines.documents {
            Terminal.printStatus(
                "quire: the server ended the upload: nothing is known of the last "
                    + "\(Terminal.grouped(lines.documents - results.count)) documents; give them again with --update")
            throw results.failed["line_too_long"] == nil ? ExitCode(75) : ExitCode(65)
        }
        if lines.isIncomplete {
            Terminal.printStatus("quire: too many records cannot be used; what follows them was not sent")
        }
        if let code = results.exitCode {
            let failed = results.failed.values.reduce(0, +)
            Terminal.printStatus("quire: \(Terminal.grouped(failed)) documents were not taken; the others were")
            if results.unusable < failed || !job.skipsBadRecords { throw code }
        }
        if lines.skipped > 0, !job.skipsBadRecords { throw ExitCode(65) }
    }
}
