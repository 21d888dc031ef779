import ArgumentParser
import Catalog
import Indexer

/// `quire check`: reads everything and says what is wrong.
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
        let found: CheckReport
        do { found = try folder.check(comparingDocuments: !quick) } catch { throw CatalogError.index(error) }
        if json {
            try Terminal.printJSON(
                Report(
                    problems: found.problems, segments: found.segments, documents: found.documents,
                    deletedDocuments: found.deleted, comparedDocuments: found.comparedDocuments,
                    uncommittedChanges: found.uncommittedChanges, bytes: found.bytes, terms: found.terms,
                    postings: found.postings))
        } else {
            for problem in found.problems { Terminal.tell("quire: \(problem)") }
            print(
                "\(options.catalog): \(found.segments) segment\(found.segments == 1 ? "" : "s"), "
                    + "\(Terminal.grouped(found.documents)) documents, "
                    + "\(Terminal.megabytes(found.bytes)), \(Terminal.grouped(found.terms)) terms, "
                    + "\(Terminal.grouped(found.postings)) postings: "
                    + (found.problems.isEmpty ? "clean" : "\(found.problems.count) problems"))
            if found.uncommittedChanges > 0 {
                print("\(Terminal.grouped(found.uncommittedChanges)) changes in the log wait for the next commit")
            }
        }
        if !found.problems.isEmpty { throw ExitCode(1) }
    }
}
