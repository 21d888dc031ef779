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
                position: Int(buffer.position[i]), kind: TokenKind(rawValue: buffer.kind[i]).map { "\($0)" } ?? "?")
        }
        if json { return try Terminal.printJSON(tokens) }
        print("position\tbytes\tkind\tterm")
        for token in tokens {
            print("\(token.position)\t\(token.start)..<\(token.end)\t\(token.kind)\t\(token.term)")
        }
    }
}
