import ArgumentParser
import Catalog

/// The options of every command that works on one catalog: the data folder and the name.
struct CatalogOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "The folder that holds the catalogs.")
    var data = "quire-data"

    @Option(name: .shortAndLong, help: "The catalog's name.")
    var catalog = "books"

    /// The data folder.
    var folder: DataFolder { DataFolder(data) }
}
