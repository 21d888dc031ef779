/// A query string parsed into its parts: free words, quoted phrases, parts in named fields, OR groups and exclusions.
///
/// ```swift
/// let parsed = ParsedQuery("red \"running shoes\" brand:acme -kids") { name, _ in name == "brand" }
/// parsed.free      // "red"
/// parsed.phrases   // ["running shoes"]
/// parsed.fielded   // [Part("acme", in: "brand")]
/// parsed.excluded  // [Part("kids")]
/// ```
struct ParsedQuery: Sendable, Equatable {
    /// A word or a quoted phrase, in a named field or in any.
    struct Part: Sendable, Hashable {
        /// The name of the field as it was typed; nil for any field.
        var field: String?
        /// The word, or the phrase without its quotes.
        var text: String

        init(_ text: String, in field: String? = nil) {
            self.field = field
            self.text = text
        }
    }

    /// The free words, separated by single blanks.
    private(set) var free = ""
    /// The quoted phrases, each of which is required.
    private(set) var phrases: [String] = []
    /// The parts in named fields, each of which is required.
    private(set) var fielded: [Part] = []
    /// The OR groups: one part of each group is required.
    private(set) var choices: [[Part]] = []
    /// The parts after a minus sign, none of which may occur.
    private(set) var excluded: [Part] = []

    /// True if the query has nothing but free words.
    var isFree: Bool { !free.isEmpty && phrases.isEmpty && fielded.isEmpty && choices.isEmpty && excluded.isEmpty }

    /// The query with its quoted phrases as free words.
    var unquoted: ParsedQuery {
        var unquoted = self
        unquoted.free = ([free] + phrases).filter { !$0.isEmpty }.joined(separator: " ")
        unquoted.phrases = []
        return unquoted
    }

    /// Parses a query string. Syntax that makes no sense is taken as words: a quote that is never closed, a minus sign
    /// within a word, OR without an operand on both sides, and a colon after a name for which `isField` returns false:
    /// no field of that name can contain the text. Never fails.
    ///
    /// Complexity: O(characters), and one call of `isField` for each colon.
    init(_ q: String, isField: (_ name: String, _ text: String) -> Bool = { _, _ in false }) {
        let tokens = Self.tokens(q, isField)
        var i = 0
        while i < tokens.count {
            var choice = [tokens[i].part]
            while tokens[i].isOperand, i + 2 < tokens.count, tokens[i + 1].isOr, tokens[i + 2].isOperand {
                choice.append(tokens[i + 2].part)
                i += 2
            }
            if choice.count > 1 { choices.append(choice) } else { add(tokens[i]) }
            i += 1
        }
    }

    /// The query as it could have been typed.
    var text: String {
        func text(_ part: Part) -> String {
            let words = part.text.contains(where: \.isWhitespace) ? "\"\(part.text)\"" : part.text
            return part.field.map { "\($0):\(words)" } ?? words
        }
        let parts =
            [free] + phrases.map { "\"\($0)\"" } + fielded.map(text)
            + choices.map { $0.map(text).joined(separator: " OR ") } + excluded.map { "-" + text($0) }
        return parts.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// Removes the free words.
    mutating func removeFreeWords() { free = "" }

    /// Replaces the free words by others.
    mutating func replaceFreeWords(by words: [String]) { free = words.joined(separator: " ") }

    private mutating func add(_ token: Token) {
        if token.isExcluded {
            excluded.append(token.part)
        } else if token.part.field != nil {
            fielded.append(token.part)
        } else if token.isQuoted {
            phrases.append(token.part.text)
        } else {
            free += (free.isEmpty ? "" : " ") + token.part.text
        }
    }

    /// A part with the syntax around it.
    private struct Token {
        var part: Part
        var isQuoted = false
        var isExcluded = false

        var isOr: Bool { !isQuoted && !isExcluded && part == Part("OR") }
        var isOperand: Bool { !isOr && !isExcluded }
    }

    /// Splits a query string at blanks and quotes.
    private static func tokens(_ q: String, _ isField: (String, String) -> Bool) -> [Token] {
        let straight = String(q.map { "“”„«»".contains($0) ? "\"" : $0 })
        let pieces = straight.split(separator: "\"", omittingEmptySubsequences: false)
        var tokens: [Token] = []
        // The prefix right before a quote: a minus sign, a field.
        var isExcluded = false
        var field: String?
        for (pieceIndex, piece) in pieces.enumerated() {
            if pieceIndex % 2 == 1, pieceIndex < pieces.count - 1 {
                tokens.append(Token(part: Part(String(piece), in: field), isQuoted: true, isExcluded: isExcluded))
                (isExcluded, field) = (false, nil)
                continue
            }
            let words = piece.split(whereSeparator: \.isWhitespace)
            for (wordIndex, word) in words.enumerated() {
                let isBeforeQuote =
                    wordIndex == words.count - 1 && pieceIndex + 1 < pieces.count - 1 && word.endIndex == piece.endIndex
                if isBeforeQuote, let (minus, name) = quotePrefix(word),
                    name.map({ isField($0, String(pieces[pieceIndex + 1])) }) ?? true
                {
                    (isExcluded, field) = (minus, name)
                } else {
                    tokens.append(token(word, isField))
                }
            }
        }
        return tokens
    }

    /// A minus sign, a field with its colon or both, as they may precede a quote; nil for any other word.
    private static func quotePrefix(_ word: Substring) -> (isExcluded: Bool, field: String?)? {
        if word == "-" { return (true, nil) }
        guard let last = word.last, isColon(last) else { return nil }
        let isExcluded = word.first == "-"
        let name = word.dropFirst(isExcluded ? 1 : 0).dropLast()
        return name.isEmpty ? nil : (isExcluded, String(name))
    }

    /// A word outside of quotes, with its minus sign and field.
    private static func token(_ word: Substring, _ isField: (String, String) -> Bool) -> Token {
        let isExcluded = word.count > 1 && word.first == "-"
        let body = isExcluded ? word.dropFirst() : word
        if let colon = body.firstIndex(where: isColon) {
            let name = String(body[..<colon])
            let text = String(body[body.index(after: colon)...])
            if !name.isEmpty, !text.isEmpty, isField(name, text) {
                return Token(part: Part(text, in: name), isExcluded: isExcluded)
            }
        }
        return Token(part: Part(String(body)), isExcluded: isExcluded)
    }

    private static func isColon(_ character: Character) -> Bool { character == ":" || character == "：" }
}
