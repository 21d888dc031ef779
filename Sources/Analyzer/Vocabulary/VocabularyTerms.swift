import Kernels

/// The terms of a vocabulary: the words and numbers of a text, folded but not stemmed, and the beginnings of the words.
///
/// Characters of scripts without blanks are left out. A beginning of up to `longestPrefix` characters is a term of its
/// own, marked so that it differs from all words, so that the documents with any word that begins so are one postings
/// list.
///
/// ```swift
/// let vocabulary = VocabularyTerms(.standard)
/// vocabulary.forEachTerm("Deep learning", &tokens) { term in … }
/// // deep, learning, and the beginnings d, de, dee, l, le, lea
/// ```
public struct VocabularyTerms: Sendable {
    /// The analyzer that divides texts into the words.
    public let analyzer: TextAnalyzer

    /// The length up to which beginnings are terms, in characters.
    public static let longestPrefix = 3
    /// The byte before a beginning: no word contains it.
    private static let mark: UInt8 = 1

    /// The terms of texts that an analyzer divides into words; its stemmer and its stop words are not used.
    public init(_ analyzer: TextAnalyzer) {
        var options = analyzer.options
        options.tokens = .words
        options.stemmer = nil
        options.stopWords = nil
        self.analyzer = TextAnalyzer(analyzer.name, options)
    }

    /// Returns the term of the documents with a word that begins so; nil for a beginning that is too long.
    public static func term(prefix: [UInt8]) -> [UInt8]? {
        let characters = prefix.count { $0 & 0xC0 != 0x80 }
        return (1...longestPrefix).contains(characters) ? [mark] + prefix : nil
    }

    /// True if a term is a beginning rather than a word.
    public static func isPrefix(_ term: UnsafeBufferPointer<UInt8>) -> Bool { term.first == mark }

    /// Calls `body` with each term of a text; the same one may be passed several times.
    ///
    /// Complexity: O(bytes), without allocations once the buffer has grown.
    @inline(__always)
    public func forEachTerm(
        _ text: UnsafeBufferPointer<UInt8>, _ tokens: inout TokenBuffer, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        analyzer.analyze(text, into: &tokens)
        var prefix: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) =
            (Self.mark, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        for i in 0..<tokens.count {
            switch TokenKind(rawValue: tokens.kind[i]) {
            case .word, .number, .joined, .symbol, .isbn: break
            default: continue
            }
            let term = tokens.term(i)
            body(term)
            withUnsafeMutableBytes(of: &prefix) { bytes in
                var end = 0
                var characters = 0
                while end < term.count, characters < Self.longestPrefix {
                    repeat {
                        bytes[end + 1] = term[end]
                        end += 1
                    } while end < term.count && term[end] & 0xC0 == 0x80
                    characters += 1
                    body(UnsafeBufferPointer(rebasing: bytes.bindMemory(to: UInt8.self)[..<(end + 1)]))
                }
            }
        }
    }
}
