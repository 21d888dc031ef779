/// A shopper's query taken apart: free words, quoted phrases, fields that are named, choices, and what must not be
/// there.
struct QueryText {
    /// A word or a quoted stretch, to be looked for in a field if one is named.
    struct Part: Equatable {
        var field: String?
        var text: String

        init(_ text: String, in field: String? = nil) {
            self.field = field
            self.text = text
        }
    }

    /// Words that stand for themselves, with single blanks.
    private(set) var free = ""
    /// Quoted stretches: each must stand as it is.
    private(set) var phrases: [String] = []
    /// What must be there besides, each in its field.
    private(set) var named: [Part] = []
    /// What OR stands between: of each list one must be there.
    private(set) var choices: [[Part]] = []
    /// What followed a minus sign after a blank: none of it may be there.
    private(set) var excluded: [Part] = []

    /// The same with quoted phrases as free words.
    var unquoted: QueryText {
        var text = self
        text.free = ([free] + phrases).filter { !$0.isEmpty }.joined(separator: " ")
        text.phrases = []
        return text
    }

    /// Reads a query. What cannot be meant stands for itself: a quote that is never closed, a minus sign within a word,
    /// OR without something on both sides, and a colon behind what names no field that could have such a text, which
    /// `isField` tells.
    init(_ q: String, isField: (_ name: String, _ text: String) -> Bool = { _, _ in false }) {
        let tokens = Self.tokens(q, isField)
        var place = 0
        while place < tokens.count {
            var choice = [tokens[place].part]
            while tokens[place].isOperand, place + 2 < tokens.count, tokens[place + 1].isOr, tokens[place + 2].isOperand
            {
                choice.append(tokens[place + 2].part)
                place += 2
            }
            if choice.count > 1 { choices.append(choice) } else { take(tokens[place]) }
            place += 1
        }
    }

    private mutating func take(_ token: Token) {
        if token.isExcluded {
            excluded.append(token.part)
        } else if token.part.field != nil {
            named.append(token.part)
        } else if token.isQuoted {
            phrases.append(token.part.text)
        } else {
            free += (free.isEmpty ? "" : " ") + token.part.text
        }
    }

    private struct Token {
        var part: Part
        var isQuoted = false
        var isExcluded = false

        var isOr: Bool { !isQuoted && !isExcluded && part == Part("OR") }
        var isOperand: Bool { !isOr && !isExcluded }
    }

    private static func tokens(_ q: String, _ isField: (String, String) -> Bool) -> [Token] {
        let straight = String(q.map { "“”„«»".contains($0) ? "\"" : $0 })
        let pieces = straight.split(separator: "\"", omittingEmptySubsequences: false)
        var tokens: [Token] = []
        // What stands right before a quote: a minus sign, a field.
        var isExcluded = false
        var field: String?
        for (number, piece) in pieces.enumerated() {
            if number % 2 == 1, number < pieces.count - 1 {
                tokens.append(Token(part: Part(String(piece), in: field), isQuoted: true, isExcluded: isExcluded))
                (isExcluded, field) = (false, nil)
                continue
            }
            let words = piece.split(whereSeparator: \.isWhitespace)
            for (place, word) in words.enumerated() {
                let isBeforeQuote =
                    place == words.count - 1 && number + 1 < pieces.count - 1 && word.endIndex == piece.endIndex
                if isBeforeQuote, let (minus, name) = lead(word),
                    name.map({ isField($0, String(pieces[number + 1])) }) ?? true
                {
                    (isExcluded, field) = (minus, name)
                } else {
                    tokens.append(token(word, isField))
                }
            }
        }
        return tokens
    }

    /// A minus sign, a field with its colon or both, as they may stand before a quote; nil for any other word.
    private static func lead(_ word: Substring) -> (isExcluded: Bool, field: String?)? {
        if word == "-" { return (true, nil) }
        guard let last = word.last, isColon(last) else { return nil }
        let isExcluded = word.first == "-"
        let name = word.dropFirst(isExcluded ? 1 : 0).dropLast()
        return name.isEmpty ? nil : (isExcluded, String(name))
    }

    private static func token(_ word: Substring, _ isField: (String, String) -> Bool) -> Token {
        let isExcluded = word.count > 1 && word.first == "-"
        let rest = isExcluded ? word.dropFirst() : word
        if let colon = rest.firstIndex(where: isColon) {
            let name = String(rest[..<colon])
            let text = String(rest[rest.index(after: colon)...])
            if !name.isEmpty, !text.isEmpty, isField(name, text) {
                return Token(part: Part(text, in: name), isExcluded: isExcluded)
            }
        }
        return Token(part: Part(String(rest)), isExcluded: isExcluded)
    }

    private static func isColon(_ character: Character) -> Bool { character == ":" || character == "：" }
}
