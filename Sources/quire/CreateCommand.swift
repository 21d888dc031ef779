import ArgumentParser
import Catalog

/// `quire create`: a catalog without documents.
struct CreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a catalog without documents, to be filled over HTTP.",
        discussion: "The catalog must not exist. Files are better read by `quire index`.")

    @OptionGroup var options: CatalogOptions

    @Option(help: "The schema's file (JSON).")
    var schema: String

    @Option(help: "The search profile's file (JSON): weights, facets, orders, display.")
    var profile: String?

    func run() throws {
        try IndexJob.create(
            options.catalog, in: options.folder, schema: readSchema(schema),
            profile: profile.map { (try read($0), $0) })
        print("\(options.catalog): made, without documents; `quire keys add NAME` makes a key to fill it")
    }
}
