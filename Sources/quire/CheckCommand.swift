import ArgumentParser
import Catalog
import Indexer

/// `quire check`: verifies the whole index and reports every problem on standard error.
///
/// It compares checksums, the order of terms and postings, sums, keys, and, without `--quick`, every stored document
/// with what was indexed of it. It only reads, so a server may run at the same time. Exit codes: 1 if anything is
/// wrong, 66 if the catalog does not exist.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read a catalog in full and compare checksums, order, sums, keys and documents.",
        discussion: "A server may be at work meanwhile. The exit code is 1 when anything is wrong.")

    @OptionGroup var options: CatalogOptions

    @Flag(help: "Print the report as JSON.")
    var json = false

    @Flag(help: "Do not compare the stored documents with what was indexed of them.")
    var quick = false

    /// The report of `--json`.
    private struct Report: Encodable {
        var problems: [String]
        var segments: Int
        var documents: Int
        var deletedDocuments: Int
        var comparedDocuments: Int
        var uncommittedChanges: Int
        var bytes: Int
        var terms: Int
        var postings: Int
    }

    func run() throws {
        let folder = try options.folder.index(options.catalog)
        let report: CheckReport
        do { report = try folder.check(comparingDocuments: !quick) } catch { throw CatalogError.index(error) }
        if json {
            try Terminal.printJSON(
                Report(
                    problems: report.problems, segments: report.segments, documents: report.documents,
                    deletedDocuments: report.deleted, comparedDocuments: report.comparedDocuments,
                    uncommittedChanges: report.uncommittedChanges, bytes: report.bytes, terms: report.terms,
                    postings: report.postings))
        } else {
            for problem in report.problems { Terminal.printStatus("quire: \(problem)") }
            print(
                "\(options.catalog): \(report.segments) segment\(report.segments == 1 ? "" : "s"), "
                    + "\(Terminal.grouped(report.documents)) documents, "
                    + "\(Terminal.megabytes(report.bytes)), \(Terminal.grouped(report.terms)) terms, "
                    + "\(Terminal.grouped(report.postings)) postings: "
                    + (report.problems.isEmpty ? "clean" : "\(report.problems.count) problems"))
            if report.uncommittedChanges > 0 {
                print("\(Terminal.grouped(report.uncommittedChanges)) changes in the log wait for the next commit")
            }
        }
        if !report.problems.isEmpty { throw ExitCode(1) }
    }
}
