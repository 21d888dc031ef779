import Analyzer

/// The runs of a query's words and characters that could be whole titles.
///
/// ```swift
/// QueryShingles("Harry Potter book", minShare: 0.4).all.map(\.text)
/// // ["harry potter book", "harry potter", "potter book"]
/// ```
struct QueryShingles {
    /// The runs, longest first by the number of words; without duplicates.
    private(set) var all: [Shingle] = []

    /// A run of a query's words and characters.
    struct Shingle {
        /// The run as an analyzer of whole texts writes it.
        var text: String
        /// Its share of the query's characters, 1 for the whole query.
        var share: Float
        /// What the query has before and after the run; empty for the whole query.
        var rest: [String]
    }

    /// The maximum number of words and characters of a query that may contain a title.
    private static let maxPieces = 40

    /// The runs that have at least two characters, or are the whole query, and a share of at least `minShare`. A query
    /// of more than 40 words and characters has none.
    ///
    /// Complexity: O(pieces²) runs, each of which is copied.
    init(_ text: String, _ analyzer: TextAnalyzer = .whole, minShare: Float) {
        var tokens = TokenBuffer()
        analyzer.analyze(text, into: &tokens)
        guard tokens.count > 0 else { return }
        // A piece is a word, or a single character of a script that does not separate words by blanks.
        let whole = Array(String(decoding: tokens.term(0), as: UTF8.self))
        var pieces: [(start: Int, end: Int)] = []
        var i = 0
        while i < whole.count {
            var end = i + 1
            if whole[i].isPartOfWord {
                while end < whole.count, whole[end].isPartOfWord { end += 1 }
            }
            pieces.append((i, end))
            i = end < whole.count && whole[end] == " " ? end + 1 : end
        }
        guard pieces.count <= Self.maxPieces else { return }
        var seen: Set<String> = []
        for size in (1...max(pieces.count, 1)).reversed() where size <= pieces.count {
            for first in 0...(pieces.count - size) {
                let shingle = whole[pieces[first].start..<pieces[first + size - 1].end]
                let share = Float(shingle.count) / Float(whole.count)
                let isAtEnd = first == 0 || first + size == pieces.count
                guard shingle.count >= 2 || isAtEnd, share >= minShare else { continue }
                let text = String(shingle)
                guard seen.insert(text).inserted else { continue }
                let others = [whole[..<pieces[first].start], whole[pieces[first + size - 1].end...]]
                let rest = others.map { String($0).trimmed }.filter { !$0.isEmpty }
                all.append(Shingle(text: text, share: size == pieces.count ? 1 : share, rest: rest))
            }
        }
    }
}

extension Character {
    /// True if it is a letter or digit of a script that separates words by blanks.
    fileprivate var isPartOfWord: Bool { unicodeScalars.first.map(TextAnalyzer.isPartOfWord) ?? false }
}
