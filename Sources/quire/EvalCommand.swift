import ArgumentParser
import Catalog

/// `quire eval`: how good the rankings are, by judged queries.
struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Measure the rankings of a catalog with judged queries.",
        discussion: """
            The queries' file has a query's name, a tab and its text on each line; the judgments' file has the query's \
            name, anything, a document's id and a whole grade (0 for not relevant), as TREC's tools write them. With \
            --against, two profiles are compared query by query; p is how likely chance alone makes such a difference.
            """)

    @OptionGroup var options: CatalogOptions

    @Option(help: "The file of queries.", completion: .file())
    var queries: String

    @Option(help: "The file of judgments.", completion: .file())
    var judgments: String

    @Option(help: "A profile to search by instead of the catalog's.", completion: .file())
    var profile: String?

    @Option(help: "A second profile to compare with; \"catalog\" is the catalog's own.", completion: .file())
    var against: String?

    @Option(help: "How many of the queries that differ most to list.")
    var list = 10

    @Flag(help: "Print the figures as JSON.")
    var json = false

    func run() throws {
        let judged = try JudgedQueries(queries: queries, judgments: judgments)
        let base = try options.folder.open(options.catalog)
        let first = try Evaluation(try searcher(base, profile), judged)
        let second = try against.map { try Evaluation(try searcher(base, $0 == "catalog" ? nil : $0), judged) }
        let report = EvaluationReport(
            catalog: options.catalog, names: [profile ?? "catalog", against].compactMap(\.self),
            evaluations: [first, second].compactMap(\.self))
        if json { return try Terminal.printJSON(report.figures(listing: list)) }
        print(report.table(listing: list))
    }

    private func searcher(_ base: CatalogSearcher, _ profile: String?) throws -> CatalogSearcher {
        guard let profile else { return base }
        return base.with(try SearchProfile(json: try read(profile), path: profile, schema: base.reader.schema))
    }
}
