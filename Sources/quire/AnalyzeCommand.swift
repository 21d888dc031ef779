import Analyzer
import ArgumentParser

/// `quire analyze`: what an analyzer makes of a text.
struct AnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze", abstract: "Show the tokens that an analyzer makes of a text.")

    @Argument(help: "The text.")
    var text: [String]

    @Option(help: "The analyzer: \(TextAnalyzer.all.map(\.name).joined(separator: " or ")).")
    var analyzer = "default"

    @Flag(help: "Print the tokens as JSON.")
    var json = false

    private struct Token: Encodable {
        var term: String
        var start: Int
        var end: Int
        var position: Int
        var span: Int
        var kind: String
    }

    func validate() throws {
        if TextAnalyzer.named(analyzer) == nil {
            let known = TextAnalyzer.all.map(\.name).joined(separator: ", ")
            throw ValidationError("There is no analyzer \"\(analyzer)\"; there are: \(known).")
        }
    }

    func run() throws {
        guard let analyzer = TextAnalyzer.named(analyzer) else { return }
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
                let places =
                    token.span > 1 ? "\(token.position)-\(token.position + token.span - 1)" : "\(token.position)"
                return [places, "\(token.start)..<\(token.end)", token.kind, token.term]
            }
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            print((cells + [row[3]]).joined(separator: "  "))
        }
    }
}
