import Analyzer
import CFuzzer
import Glibc

/// The built-in analyzers, one for each stemmer and list of stop words, and each form of tokens with the folds
/// inverted.
private let analyzers: [TextAnalyzer] =
    TextAnalyzer.all
    + Language.allCases.map { language in
        let stopWords = Language.withStopWords.contains(language) ? language : nil
        return TextAnalyzer("own", AnalyzerOptions(stemmer: language, stopWords: stopWords))
    }
    + TokenForm.allCases.map { form in
        TextAnalyzer(
            "own", AnalyzerOptions(tokens: form, simplifies: false, dropsDiacritics: false, foldsKana: true))
    }

/// Analyzes any bytes, repaired, with every analyzer: nothing may crash, and every token must have a valid range.
private func tryAnalyzer(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    let size = text.utf8.count
    var tokens = TokenBuffer()
    for analyzer in analyzers {
        analyzer.analyze(text, into: &tokens)
        var last: UInt32 = 0
        for i in 0..<tokens.count {
            let range = tokens.sourceRange(of: i)
            precondition(range.lowerBound >= 0 && range.upperBound <= size, "a token outside of its text")
            precondition(
                tokens.length[i] > 0 && tokens.length[i] <= TextAnalyzer.longestTerm, "a term of a wrong length")
            precondition(tokens.position[i] >= last && tokens.position[i] < tokens.endPosition, "positions in disorder")
            precondition(String(validating: tokens.term(i), as: UTF8.self) != nil, "a term that is no UTF-8")
            precondition(
                String(validating: tokens.foldedText(of: i), as: UTF8.self) != nil, "a folded text that is no UTF-8")
            last = tokens.position[i]
        }
    }
    return 0
}

@main
enum FuzzAnalyzer {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(LLVMFuzzerRunDriver(&count, &arguments, tryAnalyzer))
    }
}
