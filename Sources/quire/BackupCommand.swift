import ArgumentParser
import Catalog
import Indexer

/// `quire backup`: a copy of a catalog as it is now.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy a catalog as it is now; servers go on meanwhile.",
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
        let report: BackupReport
        if Terminal.resolved(target).hasPrefix(Terminal.resolved(index.path) + "/") {
            throw CatalogError.index(
                .foreign(path: target, problem: "it lies in the catalog itself; give a folder elsewhere"))
        }
        do throws(IndexError) {
            report = try index.backUp(to: target)
        } catch {
            throw CatalogError.index(error)
        }
        try report.tell("\(options.catalog): copied to", json: json)
    }
}

/// `quire restore`: a backup becomes a catalog.
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a catalog of a backup, after checking it.",
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
        let report: BackupReport
        do {
            let problems = try backup.check().problems
            guard problems.isEmpty else {
                for problem in problems { Terminal.tell("quire: \(problem)") }
                Terminal.tell("quire: the backup is damaged; nothing was restored")
                throw ExitCode(69)
            }
            report = try backup.backUp(to: target.path)
        } catch let error as IndexError {
            throw CatalogError.index(error)
        }
        try report.tell("\(options.catalog): restored to", json: json)
    }
}

extension BackupReport {
    fileprivate func tell(_ what: String, json: Bool) throws {
        if json { return try Terminal.printJSON(self) }
        print(
            "\(what) \(path): \(Terminal.grouped(documents)) documents, generation \(generation), "
                + "\(linked) files linked, \(copied) copied (\(Terminal.megabytes(copiedBytes)))")
    }
}
