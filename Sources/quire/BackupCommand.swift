import ArgumentParser
import Catalog
import Indexer
import Segments

/// `quire backup`: copies the newest state of a catalog, with its acknowledged changes, to a new folder.
///
/// A server may write at the same time. On the same disk, immutable files are shared by hard links.
///
/// ```sh
/// quire backup --catalog books /backups/books-monday
/// quire restore --catalog books-again /backups/books-monday
/// ```
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy a catalog as it is now; servers go on meanwhile.",
        discussion: """
            The copy holds all changes that were acknowledged before. On the disk of the catalog it takes hardly any \
            time or space: files that never change are shared by hard links. Copy it to another disk to survive the \
            loss of this one.
            """)

    @OptionGroup var options: CatalogOptions

    @Argument(help: "A new folder for the copy.")
    var target: String

    @Flag(help: "Print the report as JSON.")
    var json = false

    func run() throws {
        let index = try options.folder.existingIndex(options.catalog)
        if Terminal.resolved(target).hasPrefix(Terminal.resolved(index.path) + "/") {
            throw CatalogError.index(
                .foreign(path: target, problem: "it is inside the catalog; use a folder outside of it"))
        }
        let report = try indexing { () throws(IndexError) in try index.backUp(to: target) }
        try report.printSummary("\(options.catalog): copied to", json: json)
    }
}

/// `quire restore`: creates a catalog from a backup, after checking it.
///
/// Exit codes: 64 if the catalog exists, 69 if the backup is corrupt (nothing is restored then).
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Make a catalog of a backup, after checking it.",
        discussion: "The catalog must not exist: give --catalog another name, or move the old one's folder away.")

    @OptionGroup var options: CatalogOptions

    @Argument(help: "The folder that `quire backup` made.")
    var source: String

    @Flag(help: "Print the report as JSON.")
    var json = false

    func run() throws {
        let target = try options.folder.index(options.catalog)
        if try options.folder.catalogs().contains(options.catalog) {
            throw CatalogError.exists(options.catalog, path: target.path)
        }
        let backup = IndexFolder(source)
        let problems = try indexing { () throws(IndexError) in try backup.check().problems }
        guard problems.isEmpty else {
            for problem in problems { Terminal.printStatus("quire: \(problem)") }
            Terminal.printStatus("quire: the backup is corrupt; nothing was restored")
            throw ExitCode(69)
        }
        let report = try indexing { () throws(IndexError) in try backup.backUp(to: target.path) }
        try report.printSummary("\(options.catalog): restored to", json: json)
    }
}

extension BackupReport {
    /// Writes the result to standard output; `action` precedes the path of the copy.
    fileprivate func printSummary(_ action: String, json: Bool) throws {
        if json { return try Terminal.printJSON(self) }
        print(
            "\(action) \(path): \(Terminal.grouped(documents)) documents, generation \(generation), "
                + "\(linked) files linked, \(copied) copied (\(Terminal.megabytes(copiedBytes)))")
    }
}
