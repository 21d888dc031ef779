import Analyzer

/// The stretches of a query that could be titles: runs of its words and characters.
struct QueryStretches {
    /// As an analyzer of whole texts writes them, with their share of the query, longest first.
    private(set) var all: [(text: String, share: Float)] = []

    /// Longer queries name no title.
    private static let longest = 40

    /// Those with at least two characters and a share of at least `least`.
    init(_ text: String, _ analyzer: TextAnalyzer = .whole, least: Float) {
        var tokens = TokenBuffer()
        analyzer.analyze(text, into: &tokens)
        guard tokens.count > 0 else { return }
        // Pieces: a word, or a single character of a script without blanks, with the blank before it.
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
        guard pieces.count <= Self.longest else { return }
        var seen: Set<String> = []
        for size in (1...max(pieces.count, 1)).reversed() where size <= pieces.count {
            for first in 0...(pieces.count - size) {
                let stretch = whole[pieces[first].start..<pieces[first + size - 1].end]
                let share = Float(stretch.count) / Float(whole.count)
                guard stretch.count >= 2 || size == pieces.count, share >= least else { continue }
                let text = String(stretch)
                if seen.insert(text).inserted { all.append((text, size == pieces.count ? 1 : share)) }
            }
        }
    }
}

extension Character {
    /// Whether it is a letter or digit of a script that writes words with blanks between them.
    fileprivate var isPartOfWord: Bool { unicodeScalars.first.map(TextAnalyzer.isPartOfWord) ?? false }
}
