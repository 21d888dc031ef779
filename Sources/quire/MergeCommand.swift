import ArgumentParser
import Catalog
import Indexer
import Segments

/// `quire merge`: merges the segments of a catalog to at most `--to`, and commits.
///
/// It locks the catalog: exit code 75 while another process writes it. Searches continue with the old segments.
struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Merge a catalog's segments; searches go on meanwhile.")

    @OptionGroup var options: CatalogOptions

    @Option(help: "At most this many segments are left.")
    var to = 1

    @Flag(help: "Print the numbers of segments as JSON.")
    var json = false

    /// The numbers of segments, for `--json`.
    private struct Report: Encodable {
        var before: Int
        var after: Int
    }

    func validate() throws {
        guard to >= 1 else { throw ValidationError("--to must be at least 1.") }
    }

    func run() throws {
        let folder = try options.folder.index(options.catalog)
        let report = try indexing { () throws(IndexError) in try merge(folder) }
        if json { return try Terminal.printJSON(report) }
        print("\(options.catalog): segments before \(report.before), now \(report.after)")
    }

    /// Merges and commits, unless the catalog has few enough segments. After an error it is unchanged.
    private func merge(_ folder: IndexFolder) throws(IndexError) -> Report {
        let writer = try IndexWriter(folder, .current)
        let before = writer.segmentCount
        guard before > to else { return Report(before: before, after: before) }
        do throws(IndexError) {
            try writer.merge(to: to)
            try writer.commit()
        } catch {
            // The first error is the one to report; the next writer removes the remaining files.
            try? writer.discard()
            throw error
        }
        return Report(before: before, after: writer.segmentCount)
    }
}
