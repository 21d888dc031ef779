import Analyzer

/// The runs of a query's words and characters that could be whole titles.
///
/// ```swift
/// QueryShingles("Harry Potter book", minShare: 0.4).all.map(\.text)
/// // ["harry potter book", "harry potter", "potter book"]
/// ```
struct QueryShingles {
    /// The runs, longest first by the number of words. One that the query has twice is there twice.
    private(set) var all: [Shingle] = []
    /// The query as the analyzer writes it, in UTF-8.
    private var bytes: [UInt8] = []

    /// A run of a query's words and characters.
    struct Shingle {
        /// The run as an analyzer of whole texts writes it.
        let text: String
        /// The number of its characters.
        let characters: Int
        /// Its share of the query's characters, 1 for the whole query.
        let share: Float
        /// Its bytes in the query.
        fileprivate let range: Range<Int>
    }

    /// A word, or a single character of a script that does not separate words by blanks.
    private struct Piece {
        /// Its bytes, and the numbers of characters of the query before its ends.
        var bytes: Range<Int>
        var characters: Range<Int>
    }

    /// The maximum number of words and characters of a query that may contain a title.
    private static let maxPieces = 40

    /// The runs that have at least two characters, or are at an end of the query, and a share of at least `minShare`. A
    /// query of more than 40 words and characters has none.
    ///
    /// Complexity: O(pieces²) runs, each of which is copied.
    init(_ text: String, _ analyzer: TextAnalyzer = .whole, minShare: Float) {
        var tokens = TokenBuffer()
        analyzer.analyze(text, into: &tokens)
        guard tokens.count > 0 else { return }
        bytes = Array(tokens.term(0))
        let pieces = Self.pieces(String(decoding: bytes, as: UTF8.self))
        guard let last = pieces.last, pieces.count <= Self.maxPieces else { return }
        let total = Float(last.characters.upperBound)
        for size in (1...pieces.count).reversed() {
            for first in 0...(pieces.count - size) {
                let end = pieces[first + size - 1]
                let characters = end.characters.upperBound - pieces[first].characters.lowerBound
                let share = Float(characters) / total
                let isAtEnd = first == 0 || first + size == pieces.count
                guard characters >= 2 || isAtEnd, share >= minShare else { continue }
                let range = pieces[first].bytes.lowerBound..<end.bytes.upperBound
                all.append(
                    Shingle(
                        text: String(decoding: bytes[range], as: UTF8.self), characters: characters,
                        share: size == pieces.count ? 1 : share, range: range))
            }
        }
    }

    /// The words and characters of a text whose words are divided by single blanks.
    private static func pieces(_ text: String) -> [Piece] {
        var pieces: [Piece] = []
        var isInWord = false
        var (offset, count) = (0, 0)
        for character in text {
            let next = offset + character.utf8.count
            if character == " " {
                isInWord = false
            } else if isInWord, character.isPartOfWord, let word = pieces.popLast() {
                pieces.append(
                    Piece(bytes: word.bytes.lowerBound..<next, characters: word.characters.lowerBound..<(count + 1)))
            } else {
                pieces.append(Piece(bytes: offset..<next, characters: count..<(count + 1)))
                isInWord = character.isPartOfWord
            }
            (offset, count) = (next, count + 1)
        }
        return pieces
    }

    /// Returns the parts of the query before and after a run; nothing for the whole query.
    func rest(of shingle: Shingle) -> [String] {
        [bytes[..<shingle.range.lowerBound], bytes[shingle.range.upperBound...]].map {
            String(decoding: $0, as: UTF8.self).trimmed
        }.filter { !$0.isEmpty }
    }
}

extension Character {
    /// True if it is a letter or digit of a script that separates words by blanks.
    fileprivate var isPartOfWord: Bool { unicodeScalars.first.map(TextAnalyzer.isPartOfWord) ?? false }
}
