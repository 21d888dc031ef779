import Analyzer
import Searching

/// Queries for Chinese texts by their sound: 编成入门 finds 编程入门.
enum Homophones {
    /// The maximum number of pinyin readings of a run that are searched.
    private static let maxReadings = 8

    /// Returns one query for each run of at least two Chinese characters of a text: it matches what sounds like the
    /// run, without tones. Empty if the text has no such run. A document must match all of them.
    ///
    /// `siblings` are fields whose analyzer produces pinyin, as pairs of syllables.
    static func queries(_ text: String, _ siblings: SearchFields.Siblings) -> [Query] {
        runs(text, siblings.analyzer).compactMap { run in
            let choices = readings(run).flatMap { reading in
                siblings.fields.map { field -> Query in
                    .boosted(
                        .phrase(field: field.name, reading.enumerated().map { Query.PhraseTerm($1, at: $0) }),
                        field.weight)
                }
            }
            return choices.isEmpty ? nil : .disjunctionMax(of: choices)
        }
    }

    /// The runs of a text: for each position of a run, all pairs of syllables that can be read there.
    private static func runs(_ text: String, _ analyzer: TextAnalyzer) -> [[[String]]] {
        var tokens = TokenBuffer()
        analyzer.analyze(text, into: &tokens)
        var runs: [[[String]]] = []
        var lastPosition: UInt32?
        for i in 0..<tokens.count {
            let pair = String(decoding: tokens.term(i), as: UTF8.self)
            let position = tokens.position[i]
            if position == lastPosition {
                runs[runs.count - 1][runs[runs.count - 1].count - 1].append(pair)
            } else if let lastPosition, position == lastPosition + 1 {
                runs[runs.count - 1].append([pair])
            } else {
                runs.append([[pair]])
            }
            lastPosition = position
        }
        return runs
    }

    /// The readings of a run in which neighboring pairs agree on the syllable that they share, at most `maxReadings`.
    private static func readings(_ run: [[String]]) -> [[String]] {
        var readings = run[0].map { [$0] }
        for pairs in run.dropFirst() {
            readings = Array(
                readings.flatMap { reading in
                    pairs.filter { Self.agree(reading[reading.count - 1], $0) }.map { reading + [$0] }
                }.prefix(maxReadings))
        }
        return Array(readings.prefix(maxReadings))
    }

    /// True if the second syllable of a pair is the first one of the next pair.
    private static func agree(_ a: String, _ b: String) -> Bool {
        a.split(separator: "'").last == b.split(separator: "'").first
    }
}
