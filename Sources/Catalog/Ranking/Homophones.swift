import Analyzer
import Indexer

/// Runs of Chinese characters by their sound: 编成入门 for 编程入门.
enum Homophones {
    /// Shorter runs sound like too much else.
    private static let shortestRun = 3
    /// Ways to read a run that are looked for.
    private static let mostWays = 8

    /// Queries for texts that sound, without tones, like each run of at least three Chinese characters of a text; none
    /// if it has no such run. All of them must match.
    ///
    /// The analyzer of `siblings` makes pinyin.
    static func queries(_ text: String, _ siblings: SearchFields.Siblings) -> [Query] {
        runs(text, siblings.analyzer).filter { $0.count + 1 >= shortestRun }.compactMap { run in
            let choices = ways(run).flatMap { way in
                siblings.fields.map { field -> Query in
                    .boosted(
                        .phrase(field: field.name, way.enumerated().map { Query.PhraseTerm($1, at: $0) }), field.weight)
                }
            }
            if choices.isEmpty { return nil }
            return choices.count == 1 ? choices[0] : .best(choices, others: 0)
        }
    }

    /// The pairs of syllables of each run: for each place, all ways to read it.
    private static func runs(_ text: String, _ analyzer: TextAnalyzer) -> [[[String]]] {
        var tokens = TokenBuffer()
        analyzer.analyze(text, into: &tokens)
        var runs: [[[String]]] = []
        var last: UInt32?
        for i in 0..<tokens.count {
            let pair = String(decoding: tokens.term(i), as: UTF8.self)
            let place = tokens.position[i]
            if place == last {
                runs[runs.count - 1][runs[runs.count - 1].count - 1].append(pair)
            } else if let known = last, place == known + 1 {
                runs[runs.count - 1].append([pair])
            } else {
                runs.append([[pair]])
            }
            last = place
        }
        return runs
    }

    /// The ways to read a run whose neighbouring pairs agree on the syllable they share.
    private static func ways(_ run: [[String]]) -> [[String]] {
        var ways = run[0].map { [$0] }
        for choices in run.dropFirst() {
            ways = Array(
                ways.flatMap { way in
                    choices.filter { Self.agree(way[way.count - 1], $0) }.map { way + [$0] }
                }.prefix(mostWays))
        }
        return Array(ways.prefix(mostWays))
    }

    private static func agree(_ a: String, _ b: String) -> Bool {
        a.split(separator: "'").last == b.split(separator: "'").first
    }
}
