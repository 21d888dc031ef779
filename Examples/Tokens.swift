import Analyzer

/// Prints the tokens that an analyzer makes of a text, with their positions and byte ranges.
func tokens() {
    var tokens = TokenBuffer()
    TextAnalyzer.standard.analyze("C++ and 紅樓夢", into: &tokens)
    for i in 0..<tokens.count {
        print(tokens.position[i], String(decoding: tokens.term(i), as: UTF8.self), tokens.kind[i])
    }
}
