import ArgumentParser
import Catalog
import FoundationEssentials

/// `quire tune`: reads and changes what the searches of a catalog are tuned by, without a rebuild. Running servers
/// follow within 250 milliseconds.
///
/// Exit codes: 64 for JSON that is not valid or does not fit the catalog (nothing is changed then), 66 for a missing
/// catalog, file or revision.
///
/// ```sh
/// quire tune show synonyms > synonyms.json
/// quire tune put synonyms synonyms.json
/// quire tune revisions
/// quire tune restore 7
/// ```
struct TuneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune", abstract: "Read and change the profile, the synonyms and the rules of a catalog.",
        discussion: "Nothing is rebuilt. Running servers follow at once; the newest 20 states are kept.",
        subcommands: [Show.self, Put.self, Revisions.self, Restore.self])

    /// `quire tune show PART`: prints a part as JSON that can be put again.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print a part of the tuning.")

        @OptionGroup var options: CatalogOptions

        @Argument(help: "The part: \(CatalogTuning.Part.names).")
        var part: CatalogTuning.Part

        func run() throws { printIndented(try options.tuning.current(part)) }
    }

    /// `quire tune put PART FILE`: replaces a part.
    struct Put: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Replace a part of the tuning by a file (JSON).")

        @OptionGroup var options: CatalogOptions

        @Argument(help: "The part: \(CatalogTuning.Part.names).")
        var part: CatalogTuning.Part

        @Argument(help: "The file.")
        var file: String

        @Option(help: "Change nothing unless this revision is the newest.")
        var ifRevision: Int?

        func run() throws {
            let json = try readFile(file)
            let revision = try options.tuning.put(
                part, json: json, expecting: ifRevision, who: TuningRevision.commandLine)
            print("\(options.catalog): revision \(revision.revision)")
        }
    }

    /// `quire tune revisions`: lists the kept revisions, newest first.
    struct Revisions: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the kept states, newest first.")

        @OptionGroup var options: CatalogOptions

        func run() throws {
            for revision in try options.tuning.revisions() {
                let time = Date(timeIntervalSince1970: Double(revision.time)).formatted(.iso8601)
                print("\(revision.revision)\t\(time)\t\(revision.change)\t\(revision.who)")
            }
        }
    }

    /// `quire tune restore REVISION`: makes an older state the newest again.
    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make an older state the newest again.")

        @OptionGroup var options: CatalogOptions

        @Argument(help: "The number of the revision.")
        var revision: Int

        func run() throws {
            let restored = try options.tuning.restore(revision, expecting: nil, who: TuningRevision.commandLine)
            print("\(options.catalog): revision \(restored.revision)")
        }
    }
}

extension CatalogOptions {
    /// The tuning of the catalog. Errors: `unknown` if it does not exist.
    fileprivate var tuning: CatalogTuning {
        get throws { CatalogTuning(try folder.existingIndex(catalog)) }
    }
}

extension CatalogTuning.Part: ExpressibleByArgument {
    /// The names of the parts.
    fileprivate static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// Writes a value to standard output as indented JSON.
private func printIndented(_ value: some JSONWritable) {
    var json = JSONWriter(isIndented: true)
    value.write(to: &json)
    json.withBytes { print(String(decoding: $0, as: UTF8.self)) }
}
