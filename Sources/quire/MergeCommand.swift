import ArgumentParser
import Catalog

/// `quire merge`: merges the segments of a catalog to at most `--to`, and commits.
///
/// It works through the server of the data folder, or alone; searches and changes go on.
struct MergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Merge a catalog's segments; searches and changes go on meanwhile.")

    @OptionGroup var options: CatalogOptions

    @Option(help: "At most this many segments are left.")
    var to = 1

    @Flag(help: "Print the numbers of segments as JSON.")
    var json = false

    func validate() throws {
        guard to >= 1 else { throw ValidationError("--to must be at least 1.") }
    }

    func run() async throws {
        let (catalog, to, json) = (options.catalog, to, json)
        try await LocalService.run(options.folder) { service in
            let report: MergeResult = try await service.send(.post, "/v1/\(catalog)/merge?to=\(to)")
            if json { return try Terminal.printJSON(report) }
            print("\(catalog): segments before \(report.before), now \(report.after)")
        }
    }
}
