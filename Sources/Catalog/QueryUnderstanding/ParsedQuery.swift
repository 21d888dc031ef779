import Segments

/// A query string parsed into its parts: free words, quoted phrases, parts in named fields, beginnings of words
/// (`harr*`) and similar words (`harri~1`), OR groups and exclusions.
///
/// ```swift
/// let parsed = try ParsedQuery("red \"running shoes\"~2 brand:acme -kids") { $0.field == "brand" }
/// parsed.free      // "red"
/// parsed.phrases   // [Part("running shoes", .near(2))]
/// parsed.required  // [Part("acme", in: "brand")]
/// parsed.excluded  // [Part("kids")]
/// ```
struct ParsedQuery: Sendable, Equatable {
    /// The way in which a document has a part's words.
    enum Match: Sendable, Hashable {
        /// As they were typed, one after the other.
        case exact
        /// One after the other, the last of which may be longer: `harr*`, `"harry pot*"`.
        case beginning
        /// A word of up to so many edits: `harri~1`.
        case similar(edits: Int)
        /// In any order, at most so many words apart from where they were typed: `"red shoes"~3`.
        case near(Int)
    }

    /// A word or a quoted phrase, in a named field or in any.
    struct Part: Sendable, Hashable {
        /// The name of the field as it was typed; nil for any field.
        var field: String?
        /// The word, or the phrase without its quotes.
        var text: String
        /// The way in which a document has the words.
        var match: Match

        init(_ text: String, in field: String? = nil, _ match: Match = .exact) {
            self.field = field
            self.text = text
            self.match = match
        }

        /// The part as it could have been typed, in quotes if it is several words, near each other, or `isQuoted`.
        func typed(isQuoted: Bool = false) -> String {
            var isQuoted = isQuoted || text.contains(where: \.isWhitespace)
            if case .near = match { isQuoted = true }
            let quote = isQuoted ? "\"" : ""
            let star = match == .beginning ? "*" : ""
            let suffix =
                switch match {
                case .exact, .beginning: ""
                case .similar(let number), .near(let number): "~\(number)"
                }
            return (field.map { $0 + ":" } ?? "") + quote + text + star + quote + suffix
        }
    }

    /// The free words, separated by single blanks.
    private(set) var free = ""
    /// The quoted phrases, each of which is required.
    private(set) var phrases: [Part] = []
    /// The parts in named fields, the beginnings of words and the similar words, each of which is required.
    private(set) var required: [Part] = []
    /// The OR groups: one part of each group is required.
    private(set) var choices: [[Part]] = []
    /// The parts after a minus sign, none of which may occur.
    private(set) var excluded: [Part] = []

    /// True if the query has nothing but free words.
    var isFree: Bool { !free.isEmpty && phrases.isEmpty && required.isEmpty && choices.isEmpty && excluded.isEmpty }

    /// The query with its quoted phrases as free words.
    var unquoted: ParsedQuery {
        var unquoted = self
        unquoted.free = ([free] + phrases.map(\.text)).filter { !$0.isEmpty }.joined(separator: " ")
        unquoted.phrases = []
        return unquoted
    }

    /// Parses a query string. Syntax that makes no sense is taken as words: a quote that is never closed, a minus sign
    /// within a word, OR without an operand on both sides, and a colon after a name for whose part `isField` returns
    /// false: no field of that name can contain it. Never fails.
    ///
    /// Errors: those of `isField`. Complexity: O(characters), and one call of `isField` for each colon.
    init(_ q: String, isField: (Part) throws(IndexError) -> Bool) throws(IndexError) {
        self.init(try Self.tokens(q, isField))
    }

    /// Parses a query string for a catalog without fields.
    init(_ q: String) {
        let tokens = try? Self.tokens(q) { _ in false }
        self.init(tokens ?? [])
    }

    private init(_ tokens: [Token]) {
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
        let parts =
            [free] + phrases.map { $0.typed(isQuoted: true) } + required.map { $0.typed() }
            + choices.map { $0.map { $0.typed() }.joined(separator: " OR ") } + excluded.map { "-" + $0.typed() }
        return parts.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// Removes the free words.
    mutating func removeFreeWords() { free = "" }

    /// Replaces the free words by others.
    mutating func replaceFreeWords(by words: [String]) { free = words.joined(separator: " ") }

    private mutating func add(_ token: Token) {
        if token.isExcluded {
            excluded.append(token.part)
        } else if token.isQuoted, token.part.field == nil {
            phrases.append(token.part)
        } else if token.part.field != nil || token.part.match != .exact {
            required.append(token.part)
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
    private static func tokens(_ q: String, _ isField: (Part) throws(IndexError) -> Bool) throws(IndexError) -> [Token]
    {
        let straight = String(q.map { "“”„«»".contains($0) ? "\"" : $0 })
        let pieces = straight.split(separator: "\"", omittingEmptySubsequences: false)
        var tokens: [Token] = []
        // The prefix right before a quote: a minus sign, a field.
        var isExcluded = false
        var field: String?
        for (pieceIndex, piece) in pieces.enumerated() {
            if pieceIndex % 2 == 1, pieceIndex < pieces.count - 1 {
                tokens.append(Token(part: phrase(piece, in: field), isQuoted: true, isExcluded: isExcluded))
                (isExcluded, field) = (false, nil)
                continue
            }
            var words = piece.split(whereSeparator: \.isWhitespace)
            // Right after a phrase: the distance of its words.
            if pieceIndex > 0, pieceIndex % 2 == 0, tokens.last?.part.match == .exact, let first = words.first,
                first.startIndex == piece.startIndex, let distance = Self.distance(first), distance <= maxDistance
            {
                tokens[tokens.count - 1].part.match = .near(distance)
                words.removeFirst()
            }
            for (wordIndex, word) in words.enumerated() {
                let isBeforeQuote =
                    wordIndex == words.count - 1 && pieceIndex + 1 < pieces.count - 1 && word.endIndex == piece.endIndex
                if isBeforeQuote, let (minus, name) = quotePrefix(word),
                    try name.map({ name throws(IndexError) in try isField(phrase(pieces[pieceIndex + 1], in: name)) })
                        ?? true
                {
                    (isExcluded, field) = (minus, name)
                } else {
                    tokens.append(try token(word, isField))
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
    private static func token(
        _ word: Substring, _ isField: (Part) throws(IndexError) -> Bool
    ) throws(IndexError) -> Token {
        let isExcluded = word.count > 1 && word.first == "-"
        let body = isExcluded ? word.dropFirst() : word
        if let colon = body.firstIndex(where: isColon) {
            let name = String(body[..<colon])
            let part = Self.part(body[body.index(after: colon)...], in: name)
            if !name.isEmpty, !part.text.isEmpty, try isField(part) { return Token(part: part, isExcluded: isExcluded) }
        }
        return Token(part: part(body, in: nil), isExcluded: isExcluded)
    }

    /// A word, without the star after the beginning of one, or the tilde after a similar one: `harr*`, `harri~`,
    /// `harri~2`. Titles have such signs, too, so that little may stand before a star, and only letters before a tilde.
    private static func part(_ word: Substring, in field: String?) -> Part {
        let stem = word.prefix { $0.isLetter || $0.isNumber || "-'’".contains($0) }
        let letters = stem.count { $0.isLetter || $0.isNumber }
        if word == stem + "*", letters >= minBeginning { return Part(String(stem), in: field, .beginning) }
        let isLatin = stem.allSatisfy { $0.isLetter && $0.unicodeScalars.allSatisfy { $0.value < 0x250 } }
        if isLatin, stem.count >= minSimilar, let edits = word == stem + "~" ? 1 : distance(word.dropFirst(stem.count)),
            1...maxEdits ~= edits
        {
            return Part(String(stem), in: field, .similar(edits: edits))
        }
        return Part(String(word), in: field)
    }

    /// A quoted phrase, without the star after the beginning of its last word.
    private static func phrase(_ quoted: Substring, in field: String?) -> Part {
        let last = quoted.split(whereSeparator: \.isWhitespace).last ?? ""
        let letters = last.count { $0.isLetter || $0.isNumber }
        guard letters >= minBeginning, last.last == "*", last.endIndex == quoted.endIndex else {
            return Part(String(quoted), in: field)
        }
        return Part(String(quoted.dropLast()), in: field, .beginning)
    }

    /// The number after a tilde; nil for anything else.
    private static func distance(_ word: Substring) -> Int? {
        guard word.first == "~", word.count <= 3 else { return nil }
        let digits = word.dropFirst()
        return digits.allSatisfy { $0.isASCII && $0.isNumber } ? Int(digits) : nil
    }

    /// The minimum number of letters and digits of the beginning of a word, and of a word that others are similar to.
    private static let minBeginning = 2
    private static let minSimilar = 3
    /// The maximum number of edits of a similar word.
    private static let maxEdits = 2
    /// The maximum distance of the words of a phrase.
    private static let maxDistance = 50

    private static func isColon(_ character: Character) -> Bool { character == ":" || character == "：" }
}
