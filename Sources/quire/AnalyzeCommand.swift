import Analyzer
import ArgumentParser
import Segments

/// `quire analyze`: shows the tokens of a text, for understanding why a query matches or does not.
///
/// Analyzers are the predefined ones, or with `--schema` also those that a schema declares.
///
/// ```sh
/// quire analyze --analyzer english 'Running iPhone15'
/// ```
struct AnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze", abstract: "Show the tokens that an analyzer makes of a text.")

    @Argument(help: "The text.")
    var text: [String]

    @Option(help: "The analyzer: \(TextAnalyzer.all.map(\.name).joined(separator: ", ")), or one of a schema.")
    var analyzer = "default"

    @Option(help: "The file of a schema (JSON) that declares analyzers of its own.", completion: .file())
    var schema: String?

    @Flag(help: "Print the tokens as JSON.")
    var json = false

    /// A token of `--json`: its range in bytes of the text, and the positions that it takes up.
    private struct Token: Encodable {
        var term: String
        var start: Int
        var end: Int
        var position: Int
        var span: Int
        var kind: String
    }

    func run() throws {
        let declaring = try schema.map { try Schema(contentsOf: $0) }
        guard let analyzer = declaring?.analyzer(analyzer) ?? TextAnalyzer.named(analyzer) else {
            let names = (declaring?.analyzers.keys.sorted() ?? []) + TextAnalyzer.all.map(\.name)
            throw ValidationError(
                "There is no analyzer \"\(analyzer)\"; the analyzers are: \(names.joined(separator: ", ")).")
        }
        var buffer = TokenBuffer()
        analyzer.analyze(text.joined(separator: " "), into: &buffer)
        let tokens = (0..<buffer.count).map { i in
            let range = buffer.sourceRange(of: i)
            return Token(
                term: String(decoding: buffer.term(i), as: UTF8.self), start: range.lowerBound, end: range.upperBound,
                position: Int(buffer.position[i]), span: Int(buffer.span[i]),
                kind: TokenKind(rawValue: buffer.kind[i]).map { "\($0)" } ?? "?")
        }
        if json { return try Terminal.printJSON(tokens) }
        let rows =
            [["position", "bytes", "kind", "term"]]
            + tokens.map { token in
                let positions =
                    token.span > 1 ? "\(token.position)-\(token.position + token.span - 1)" : "\(token.position)"
                return [positions, "\(token.start)..<\(token.end)", token.kind, token.term]
            }
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            print((cells + [row[3]]).joined(separator: "  "))
        }
    }
}
