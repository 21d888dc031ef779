import ArgumentParser
import Catalog

/// Where a command finds its catalog.
struct CatalogOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "The folder that holds the catalogs.")
    var data = "quire-data"

    @Option(name: .shortAndLong, help: "The catalog's name.")
    var catalog = "books"

    var folder: DataFolder { DataFolder(data) }
}
