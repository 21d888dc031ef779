import Analyzer
import Foundation

/// Analyses each line of a file as one text and prints, for each round, nanoseconds and tokens.
///
/// `AnalysisSpeed ANALYZER ROUNDS FILE`
@main
enum AnalysisSpeed {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let analyzer = TextAnalyzer.named(arguments[1]), let rounds = Int(arguments[2])
        else {
            let names = TextAnalyzer.all.map(\.name).joined(separator: ", ")
            FileHandle.standardError.write(
                Data("usage: AnalysisSpeed ANALYZER ROUNDS FILE\nanalyzers: \(names)\n".utf8))
            exit(64)
        }
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: arguments[3])))
        let lines = bytes.split(separator: 0x0A).map { $0.startIndex..<$0.endIndex }
        var tokens = TokenBuffer()
        let clock = ContinuousClock()
        for _ in 0..<rounds {
            var count = 0
            let start = clock.now
            bytes.withUnsafeBufferPointer { all in
                for line in lines {
                    analyzer.analyze(UnsafeBufferPointer(rebasing: all[line]), into: &tokens)
                    count += tokens.count
                }
            }
            let elapsed = (clock.now - start).components
            print(elapsed.seconds * 1_000_000_000 + elapsed.attoseconds / 1_000_000_000, count)
        }
    }
}
