import ArgumentParser
import Catalog
import Indexer
import Segments

/// `quire index`: loads files into a catalog with an `IndexJob`.
///
/// It builds a new index, which replaces the old one in one step, with the schema of `--schema` or an inferred one;
/// with `--append` or `--update` it adds to the existing one, through the server of the data folder if one runs
/// (`IndexUpload`). Exit codes: 64 when an inferred schema would replace a given one, 65 for input that is not valid
/// (nothing is indexed then), 66 for a missing file, 75 while another process writes the catalog.
///
/// ```sh
/// quire index books.jsonl.gz
/// quire index --schema schema.json --profile profile.json books.jsonl.gz more.csv
/// quire index --update prices.jsonl
/// ```
struct IndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index", abstract: "Build a catalog from files, all of it or nothing.",
        discussion: """
            Reads NDJSON (one JSON object a line), CSV and TSV, gzipped or not; `-` is standard input. A new catalog \
            replaces the old one in one step when everything is read. Without --schema its schema is inferred from \
            the first records; `quire schema` prints that one for editing. --append adds to it instead, and --update \
            also replaces documents whose keys are there. While a server runs, these two validate the files and send \
            their documents to it, each of which is taken on its own. A mapping fits columns to fields:
              {"set": {"id": "{file}:{name}"}, "rename": {"summary": "description"},
               "split": {"author": ";"}, "ignore": ["month"]}
            """)

    @Argument(help: "Files to read.")
    var files: [String]

    @OptionGroup var options: CatalogOptions

    @Option(help: "The schema's file (JSON). By default the schema is inferred.")
    var schema: String?

    @Option(help: "The search profile's file (JSON): weights, facets, orders, display.")
    var profile: String?

    @Option(help: "The mapping's file (JSON) for columns that are not named like the schema's fields.")
    var mapping: String?

    @Option(help: "The files' format: ndjson, csv or tsv. By default each file's name tells.")
    var format: FormatName?

    @Option(help: "Megabytes of memory for the segment being built (16 to 3072).")
    var memory = 256

    @Option(help: "Merge to at most this many segments at the end.")
    var mergeTo: Int?

    @Flag(help: "Add to the catalog instead of replacing it.")
    var append = false

    @Flag(help: "Add to the catalog, in the place of documents with the same keys.")
    var update = false

    @Flag(help: "Leave out records that cannot be used, and say which.")
    var skipBad = false

    @Flag(help: "Print a summary as JSON.")
    var json = false

    /// The names of the formats on the command line.
    enum FormatName: String, ExpressibleByArgument, CaseIterable {
        case ndjson, csv, tsv
    }

    func validate() throws {
        guard [append, update, schema != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError(
                "Give at most one of --schema FILE for a new catalog, and --append and --update for more documents.")
        }
        guard (16...3072).contains(memory) else { throw ValidationError("--memory must be from 16 to 3072 megabytes.") }
        guard mergeTo ?? 1 >= 1 else { throw ValidationError("--merge-to must be at least 1.") }
    }

    func run() async throws {
        let job = try job()
        if append || update, let service = await LocalService.running(options.folder) {
            return try await IndexUpload(job, options, json: json).run(service)
        }
        let bar = ProgressBar()
        defer { bar.clear() }
        let start = ContinuousClock.now
        let summary: IndexJob.Summary
        do {
            summary = try job.run(options.catalog, in: options.folder) { progress in
                if progress.phase == .inferring, let inferred = progress.inferred { Self.report(inferred) }
                bar.show(progress)
            }
        } catch {
            bar.clear()
            if job.infersSchema, case .badRecords = error {
                Terminal.printStatus(
                    "quire: the schema is inferred from the first records; if it is wrong for later ones, write "
                        + "it to a file by `quire schema`, correct it, and give it by --schema")
            }
            throw error
        }
        bar.clear()
        report(summary, ContinuousClock.now - start)
        if json { try Terminal.printJSON(summary) }
    }

    /// The job of the options.
    private func job() throws -> IndexJob {
        var job = IndexJob(files: files, schema: try schema.map { try Schema(contentsOf: $0) })
        job.infersSchema = schema == nil && !append && !update
        if let profile { job.profile = (try readFile(profile), profile) }
        if let mapping { job.mapping = try Mapping(contentsOf: mapping) }
        job.format = format.flatMap { InputFormat(rawValue: $0.rawValue) }
        job.memoryLimit = memory << 20
        job.skipsBadRecords = skipBad
        job.updates = update
        job.mergeTo = mergeTo
        return job
    }

    /// Writes the decisions of an inference to standard error, a line for each group of members.
    static func report(_ inferred: InferredSchema) {
        let count = "\(Terminal.grouped(inferred.records)) record\(inferred.records == 1 ? "" : "s")"
        Terminal.printStatus("quire: a schema inferred from \(count):")
        for decision in inferred.decisions { Terminal.printStatus("inferred: \(decision)") }
    }

    /// Writes the skipped records and repairs to standard error.
    static func reportSkipped(_ skipped: Int, _ problems: [String], repairs: Int) {
        for problem in problems { Terminal.printStatus("quire: skipped: \(problem)") }
        if skipped > problems.count {
            Terminal.printStatus("quire: skipped \(skipped - problems.count) more records")
        }
        if repairs > 0 { Terminal.printStatus("quire: replaced \(repairs) ill-formed characters by U+FFFD") }
    }

    /// Writes the skipped records and repairs to standard error, and without `--json` one line about the result.
    private func report(_ summary: IndexJob.Summary, _ elapsed: Duration) {
        Self.reportSkipped(summary.skipped, summary.problems, repairs: summary.repairs)
        guard !json else { return }
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        let indexed = summary.added + summary.updated
        let rate = Terminal.grouped(Int(Double(indexed) / max(seconds, 1e-3)))
        let updated = summary.updated == 0 ? "" : ", \(Terminal.grouped(summary.updated)) of them replaced"
        let total = indexed == summary.documents ? "" : " (\(Terminal.grouped(summary.documents)) in all)"
        print(
            "\(options.catalog): \(Terminal.grouped(indexed)) documents\(updated)\(total) in \(summary.segments) "
                + "segment\(summary.segments == 1 ? "" : "s"), generation \(summary.generation); \(rate) documents/s")
    }
}
