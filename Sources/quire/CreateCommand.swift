import ArgumentParser
import Catalog
import Segments

/// `quire create`: creates a catalog without documents, which changes over HTTP can fill.
///
/// Exit codes: 64 if the catalog exists, 65 if the schema or the profile is not valid.
struct CreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a catalog without documents, to be filled over HTTP.",
        discussion: "The catalog must not exist. Files are better read by `quire index`.")

    @OptionGroup var options: CatalogOptions

    @Option(help: "The schema's file (JSON).")
    var schema: String

    @Option(help: "The search profile's file (JSON): weights, facets, orders, display.")
    var profile: String?

    func run() throws {
        try IndexJob.create(
            options.catalog, in: options.folder, schema: Schema(contentsOf: schema),
            profile: profile.map { (try readFile($0), $0) })
        print("\(options.catalog): created without documents; `quire keys add NAME` creates a key for changes")
    }
}
