import ArgumentParser
import Catalog
import Indexer
import Segments

/// `quire reindex`: builds another generation of a catalog while it is searched and changed, compares it, and makes it
/// the one that is searched.
///
/// It works through the server of the data folder, or alone. A rebuild that was interrupted goes on when the same
/// command is given again. Exit codes: 1 if the generations differ, or documents were refused; 65, 66, 74, 75 as usual.
///
/// ```sh
/// quire reindex books --schema schema.json --verify --swap
/// quire reindex books --rollback
/// curl -s https://shop.example/export | quire reindex books --from - --swap
/// ```
struct ReindexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex", abstract: "Rebuild a catalog while it is searched and changed.",
        discussion: """
            Builds another generation from the catalog's own rows, or from documents: one JSON object a line, with \
            `_version` if the shop has versions. Changes that arrive meanwhile are applied to both. --swap makes the \
            new one searched; the old one goes on taking changes, so that --rollback loses none, until --drop, or the \
            next rebuild, removes it. Without options that say how to build, --verify and --swap use what is there.

            An export taken before the rebuild begins lacks later changes. If the catalog changes meanwhile, run \
            --begin, with --schema and --profile if they are new, then export, then --from without them.
            """)

    @Argument(help: "The catalog's name.")
    var catalog: String

    @Option(name: .shortAndLong, help: "The folder that holds the catalogs.")
    var data = "quire-data"

    @Option(help: "A file of documents, gzipped or not; `-` is standard input. By default the catalog's own rows.")
    var from: String?

    @Flag(help: "Begin a generation that waits for the documents of --from, and end.")
    var begin = false

    @Option(help: "The new schema's file (JSON). By default the schema stays.")
    var schema: String?

    @Option(help: "The new search profile's file (JSON). By default the profile stays.")
    var profile: String?

    @Flag(help: "Compare all documents of both generations: those that are missing, extra or stale.")
    var verify = false

    @Option(help: "With --verify: a file of queries, to compare the rankings of both generations by.")
    var queries: String?

    @Option(help: "The judgments of the queries.")
    var judgments: String?

    @Flag(help: "Search the new generation from now on; with --verify only if it does not differ.")
    var swap = false

    @Flag(help: "Search the generation again that the last rebuild replaced.")
    var rollback = false

    @Flag(help: "Remove the generation that is not searched.")
    var drop = false

    @Flag(help: "Print the generations, and the differences, as JSON.")
    var json = false

    func validate() throws {
        let builds = from != nil || schema != nil || profile != nil
        if (queries == nil) != (judgments == nil) || queries != nil && !verify {
            throw ValidationError("--queries and --judgments belong together, and to --verify.")
        }
        if rollback || drop, builds || begin || verify || swap || rollback && drop {
            throw ValidationError("--rollback and --drop stand alone.")
        }
        if begin, from != nil || verify || swap {
            throw ValidationError("--begin goes with --schema and --profile alone; give --from afterwards.")
        }
    }

    func run() async throws {
        let command = self
        try await LocalService.run(DataFolder(data)) { try await command.run($0) }
    }

    private func run(_ service: LocalService) async throws {
        let path = "/v1/\(catalog)/rebuild"
        if rollback { return try report(try await service.send(.post, path + "/rollback")) }
        if drop { return try report(try await service.send(.delete, path)) }
        if begin { return try report(try await service.send(.post, path + "?from=documents", body: try plan())) }
        var generations: Generations = try await service.send(.get, path)
        let isReady = generations.other.map { $0.stage == "ready" && !$0.previous } ?? false
        if let other = generations.other, other.stage == "failed", !other.previous, verify || swap {
            Terminal.printStatus("quire: generation \(other.generation) cannot be used: \(other.problem ?? "")")
            throw ExitCode(74)
        }
        let waits = generations.other?.waits ?? false
        if waits, from == nil, schema == nil, profile == nil {
            Terminal.printStatus("quire: a generation waits for documents: give them by --from, or remove it by --drop")
            throw ExitCode(65)
        }
        if from != nil || schema != nil || profile != nil || !isReady {
            generations = try await build(service, path, isBegun: waits)
        }
        if !isReady, let other = generations.other, other.refused > 0 {
            if swap { Terminal.printStatus("quire: nothing was swapped; --swap alone does so without them") }
            throw ExitCode(1)
        }
        if verify, try await !isEqual(service, path) { throw ExitCode(1) }
        if let queries, let judgments { try compareRankings(JudgedQueries(queries: queries, judgments: judgments)) }
        if swap { generations = try await service.send(.post, path + "/swap") }
        try report(generations)
    }

    /// The generations of a catalog, as `GET /v1/{catalog}/rebuild` returns them.
    private struct Generations: Codable {
        struct Other: Codable {
            var generation: Int
            var stage: String
            var documents: Int
            var behind: Int
            var previous: Bool
            var refused: Int
            var refusal: String?
            var problem: String?
            var source: String?
            var rows: Int?
            var rowsRead: Int?

            /// True if it waits for documents of a source.
            var waits: Bool { stage == "filling" && source == "documents" }

            enum CodingKeys: String, CodingKey {
                case generation, stage, documents, behind, previous, refused, refusal, problem, source, rows
                case rowsRead = "rows_read"
            }
        }

        var generation: Int
        var other: Other?
    }

    // MARK: - Building

    /// Builds the other generation, and returns when it is ready. One that was begun is filled, unless the options name
    /// another schema or profile.
    private func build(_ service: LocalService, _ path: String, isBegun: Bool) async throws -> Generations {
        var generations = Generations(generation: 0)
        if !isBegun || from == nil || schema != nil || profile != nil {
            let query = from == nil ? "rows" : "documents"
            generations = try await service.send(.post, path + "?from=\(query)", body: try plan())
        }
        if let from {
            try await upload(from, service, path)
            generations = try await service.send(.post, path + "/finish")
        }
        let bar = ProgressBar()
        while let other = generations.other, other.stage == "filling" {
            bar.show("reading", documents: other.rowsRead, share: other.rows.map { (other.rowsRead ?? 0, $0) })
            try await Task.sleep(for: .milliseconds(100))
            generations = try await service.send(.get, path)
        }
        bar.clear()
        guard let other = generations.other, other.stage == "ready" else {
            Terminal.printStatus(
                "quire: the rebuild has stopped: \(generations.other?.problem ?? "it was removed"); give the same "
                    + "command again to go on with it")
            throw ExitCode(74)
        }
        if other.refused > 0 {
            Terminal.printStatus(
                "quire: \(other.refused) documents do not fit the schema, such as \(other.refusal ?? "")")
            if !json { Terminal.printStatus("quire: they are missing in the new generation") }
        }
        return generations
    }

    /// The body of the request that begins a generation.
    private func plan() throws -> [UInt8] {
        var plan: [String] = []
        if let schema { plan.append("\"schema\": \(text(try Schema(contentsOf: schema).json))") }
        if let profile { plan.append("\"profile\": \(text(try readFile(profile)))") }
        return Array("{\(plan.joined(separator: ", "))}".utf8)
    }

    private func text(_ json: [UInt8]) -> String { String(decoding: json, as: UTF8.self) }

    /// Sends the documents of a file, and prints those that were not taken.
    private func upload(_ file: String, _ service: LocalService, _ path: String) async throws {
        let source = try LineSource(file)
        let bar = ProgressBar()
        var results = ResultLines()
        try await service.upload(path + "/documents") {
            bar.show("sending", documents: nil, share: source.share)
            return try source.next()
        } receive: { piece in
            results.append(piece)
        }
        bar.clear()
        if let code = results.exitCode {
            for failure in results.failures { Terminal.printStatus("quire: \(file): \(failure)") }
            Terminal.printStatus(
                "quire: \(results.failures.count) documents or more were not taken; give the command again")
            throw code
        }
    }

    // MARK: - Comparing

    /// Compares both generations, and prints how they differ.
    private func isEqual(_ service: LocalService, _ path: String) async throws -> Bool {
        let differences: DocumentDifferences = try await service.send(.post, path + "/verify")
        try differences.report(catalog, json: json)
        return differences.isEmpty
    }

    /// Prints how well both generations rank judged queries.
    private func compareRankings(_ judged: JudgedQueries) throws {
        let folder = DataFolder(data)
        guard let other = try folder.openStandby(catalog) else { return }
        let searchers = [("old", try folder.open(catalog)), ("new", other)]
        let report = EvaluationReport(
            catalog: catalog, names: searchers.map(\.0),
            evaluations: try searchers.map { try Evaluation($0.1, judged, isUnfinished: false) })
        if json { return try Terminal.printJSON(report.figures(listing: 10)) }
        print(report.table(listing: 10))
    }

    private func report(_ generations: Generations) throws {
        if json { return try Terminal.printJSON(generations) }
        var line = "\(catalog): generation \(generations.generation) is searched"
        if let other = generations.other {
            let role = other.previous ? "the one before" : "the new one"
            line += "; \(other.generation), \(role), has \(Terminal.grouped(other.documents)) documents and is "
            line += other.stage == "ready" ? "ready" : other.stage
        }
        print(line)
    }
}
