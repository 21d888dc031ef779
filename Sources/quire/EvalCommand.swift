import ArgumentParser
import Catalog
import FoundationEssentials

/// `quire eval`: measures the rankings of a catalog, or compares two profiles or catalogs, with judged queries or with
/// what shoppers asked and clicked.
///
/// The figures go to standard output as a table or JSON, and with `--html` also to a page with charts. Exit code 65 for
/// files of queries or judgments that are not valid.
///
/// ```sh
/// quire eval --queries queries.tsv --judgments qrels.tsv --profile new.json --against catalog --html report.html
/// quire eval --from-log 7 --against new.json
/// ```
struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Measure the rankings of a catalog with judged queries.",
        discussion: """
            The queries' file has a query's name, a tab and its text on each line; the judgments' file has the query's \
            name, anything, a document's id and a whole grade (0 for not relevant), as TREC's tools write them. With \
            --against or --against-catalog, two rankings are compared query by query; p is how likely chance alone \
            makes such a difference. With --from-log, the queries are those that shoppers asked most on the last days, \
            weighted by their searches, and what they clicked (grade 1), put into a cart (2) or ordered (3) is \
            relevant; no server is needed.
            """)

    @OptionGroup var options: CatalogOptions

    @Option(help: "The file of queries.", completion: .file())
    var queries: String?

    @Option(help: "The file of judgments.", completion: .file())
    var judgments: String?

    @Option(help: "Weigh by the demand that servers logged on so many last days, instead of judged queries.")
    var fromLog: Int?

    @Option(help: "A profile to search by instead of the catalog's.", completion: .file())
    var profile: String?

    @Option(help: "A second profile to compare with; \"catalog\" is the catalog's own.", completion: .file())
    var against: String?

    @Option(help: "A second catalog of the same documents to compare with, by its own profile.")
    var againstCatalog: String?

    @Flag(help: "Compare with the same queries while their last words are being typed (prefix=last).")
    var unfinished = false

    @Option(help: "Write a report with charts to this HTML file.", completion: .file())
    var html: String?

    @Option(
        name: .customLong("run"), help: "Write the rankings to this file, as TREC's tools read them.",
        completion: .file())
    var runFile: String?

    @Option(help: "How many of the queries that differ most to list.")
    var list = 10

    @Flag(help: "Print the figures as JSON.")
    var json = false

    func run() throws {
        guard let queries, let judgments else { return try compareDemand() }
        let judged = try JudgedQueries(queries: queries, judgments: judgments)
        let base = try options.folder.open(options.catalog)
        let first = try searcher(base, profile)
        var rankings = [(name: profile ?? options.catalog, searcher: first, isUnfinished: false)]
        if unfinished { rankings.append(("unfinished", first, true)) }
        if let against {
            rankings.append((against, try searcher(base, against == "catalog" ? nil : against), false))
        }
        if let againstCatalog { rankings.append((againstCatalog, try options.folder.open(againstCatalog), false)) }
        let report = EvaluationReport(
            catalog: options.catalog, names: rankings.map(\.name),
            evaluations: try rankings.map { try Evaluation($0.searcher, judged, isUnfinished: $0.isUnfinished) })
        if let html { try write(report.page(listing: max(list, 50)), html) }
        if let runFile { try write(report.run, runFile) }
        if json { return try Terminal.printJSON(report.figures(listing: list)) }
        print(report.table(listing: list))
    }

    /// Compares rankings by the demand in the log.
    private func compareDemand() throws {
        let base = try options.folder.open(options.catalog)
        var rankings = [(name: profile ?? options.catalog, searcher: try searcher(base, profile))]
        if let against { rankings.append((against, try searcher(base, against == "catalog" ? nil : against))) }
        if let againstCatalog { rankings.append((againstCatalog, try options.folder.open(againstCatalog))) }
        let days = fromLog ?? 1
        let reports = DemandReports(DemandFolder(options.data), keptDays: days, writes: false)
        let window: DemandWindow
        do { window = try reports.window(of: options.catalog, days: days, now: LogDay.now) } catch {
            throw CatalogError.storage(error)
        }
        let comparison = try DemandComparison(window, rankings)
        if json { return try Terminal.printJSON(comparison.figures(listing: list)) }
        print(comparison.table(listing: list))
    }

    func validate() throws {
        guard (queries != nil) == (judgments != nil), (queries != nil) != (fromLog != nil) else {
            throw ValidationError("Use --queries with --judgments, or --from-log.")
        }
        guard (1...3650).contains(fromLog ?? 1) else { throw ValidationError("--from-log must be from 1 to 3650.") }
        if fromLog != nil, unfinished || html != nil || runFile != nil {
            throw ValidationError("--unfinished, --html and --run are for judged queries.")
        }
        if [against != nil, againstCatalog != nil, unfinished].count(where: { $0 }) > 1 {
            throw ValidationError("Use one of --against, --against-catalog and --unfinished.")
        }
        if list < 0 { throw ValidationError("--list must not be negative.") }
    }

    /// Writes a text to a file.
    private func write(_ text: String, _ path: String) throws {
        do { try Data(text.utf8).write(to: URL(filePath: path)) } catch {
            throw CatalogError.evaluation(
                path: path, line: 0, problem: "the file cannot be written; check that its folder exists")
        }
    }

    /// The searcher of the catalog by the profile of a file; by its own profile for nil.
    private func searcher(_ base: CatalogSearcher, _ profile: String?) throws -> CatalogSearcher {
        guard let profile else { return base }
        return base.with(try SearchProfile(json: try readFile(profile), path: profile, schema: base.reader.schema))
    }
}
