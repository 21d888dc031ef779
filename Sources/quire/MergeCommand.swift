import ArgumentParser
import Catalog
import Indexer

/// `quire merge`: fewer, larger segments.
struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Merge a catalog's segments; searches go on meanwhile.")

    @OptionGroup var options: CatalogOptions

    @Option(help: "At most this many segments are left.")
    var to = 1

    func validate() throws {
        guard to >= 1 else { throw ValidationError("--to must be at least 1.") }
    }

    func run() throws {
        let folder = try options.folder.index(options.catalog)
        do throws(IndexError) {
            let writer = try IndexWriter(folder, .current)
            let before = writer.segmentCount
            if before > to {
                try writer.merge(to: to)
                try writer.commit()
            }
            print("\(options.catalog): segments before \(before), now \(writer.segmentCount)")
        } catch {
            throw CatalogError.index(error)
        }
    }
}
