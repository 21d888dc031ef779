import ArgumentParser
import Catalog
import Indexer
import Segments

/// `quire schema`: prints the schema that `quire index` would infer from files, or its search profile, for editing.
///
/// Nothing is indexed. Exit codes: 65 for input that suggests no schema, 66 for a missing file.
///
/// ```sh
/// quire schema books.jsonl.gz > schema.json
/// quire schema --profile books.jsonl.gz > profile.json
/// quire index --schema schema.json --profile profile.json books.jsonl.gz
/// ```
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the schema that files suggest, without indexing them.",
        discussion: """
            Reads the first 2,000 records or 8 MB of each file. Edit what it prints, and give it to `quire index \
            --schema`; --profile prints the search profile that belongs to it.
            """)

    @Argument(help: "Files to read; `-` is standard input.")
    var files: [String]

    @Option(help: "The mapping's file (JSON), as for `quire index`.")
    var mapping: String?

    @Option(help: "The files' format: ndjson, csv or tsv. By default each file's name tells.")
    var format: IndexCommand.FormatName?

    @Flag(help: "Print the search profile instead.")
    var profile = false

    func run() throws {
        var job = IndexJob(files: files, schema: nil)
        if let mapping { job.mapping = try Mapping(contentsOf: mapping) }
        job.format = format.flatMap { InputFormat(rawValue: $0.rawValue) }
        let inferred = try job.inferredSchema()
        IndexCommand.report(inferred)
        if profile { return try Terminal.printJSON(inferred.profile) }
        print(inferred.schema.formatted)
    }
}
