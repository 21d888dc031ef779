/// A scanner for the values of parameters that have a grammar: names, values, quoted or not, ranges, lists and options.
///
/// Methods that expect something throw a problem with the position if it does not follow.
struct RequestScanner {
    /// The code of the problems it throws.
    let code: String
    /// The parameter that they name.
    let parameter: String
    /// The hint that they give: a summary of the grammar.
    let hint: String
    /// The characters that end a value that is not quoted.
    let signs: String
    private let text: [Character]
    /// The index of the next character.
    private var offset = 0

    /// The maximum length of a value, in bytes.
    static let maxBytes = 8000

    /// Creates a scanner at the start of a value.
    ///
    /// Errors: `{parameter}_too_long`.
    init(_ text: String, code: String, parameter: String, hint: String, signs: String) throws(RequestProblem) {
        guard text.utf8.count <= Self.maxBytes else {
            throw RequestProblem(
                parameter + "_too_long", parameter, "the value has \(text.utf8.count) bytes",
                hint: "use at most \(Self.maxBytes) bytes")
        }
        self.text = Array(text)
        self.code = code
        self.parameter = parameter
        self.hint = hint
        self.signs = signs
    }

    /// True at the end of the text.
    var isAtEnd: Bool { offset == text.count }

    /// True if no value can begin here: at the end, or at one of the `signs`.
    var isAtSign: Bool { isAtEnd || signs.contains(text[offset]) }

    /// Returns true if a token follows.
    func isNext(_ token: String) -> Bool {
        var next = offset
        for character in token {
            guard next < text.count, text[next] == character else { return false }
            next += 1
        }
        return true
    }

    /// Consumes a token if it follows. Returns false if it does not.
    mutating func consume(_ token: String) -> Bool {
        guard isNext(token) else { return false }
        offset += token.count
        return true
    }

    /// Consumes a word and the blanks after it, if it follows and is not the prefix of a longer word.
    mutating func consume(word: String) -> Bool {
        let start = offset
        if consume(word), isAtSign || isNext(" ") {
            skipBlanks()
            return true
        }
        offset = start
        return false
    }

    /// Skips blanks and tabs.
    mutating func skipBlanks() {
        while offset < text.count, text[offset] == " " || text[offset] == "\t" { offset += 1 }
    }

    /// Scans the name of a field: letters, digits, `_`, `-` and dots.
    mutating func name() throws(RequestProblem) -> String {
        let start = offset
        while offset < text.count, text[offset].isLetter || text[offset].isNumber || "_-.".contains(text[offset]) {
            offset += 1
        }
        if start == offset { throw problem("expected a field's name") }
        return String(text[start..<offset])
    }

    /// Scans a value: between backticks, or up to a sign or two dots, without the blanks at its ends.
    mutating func value() throws(RequestProblem) -> String {
        skipBlanks()
        if consume("`") { return try quotedValue() }
        let start = offset
        while !isAtSign, !isNext("`"), !isNext("..") { offset += 1 }
        let value = String(text[start..<offset]).trimmed
        guard !value.isEmpty else { throw problem("expected a value") }
        return value
    }

    /// Scans a value that has a `*` or a `?`; nil, at the same place, for anything else.
    mutating func wildcard() -> String? {
        var ahead = self
        guard let value = try? ahead.value(), value.contains(where: { "*?".contains($0) }), !ahead.isNext("..") else {
            return nil
        }
        self = ahead
        return value
    }

    /// Scans a value after its opening backtick.
    private mutating func quotedValue() throws(RequestProblem) -> String {
        var value = ""
        while offset < text.count {
            let character = text[offset]
            offset += 1
            if character == "`" { return value }
            if character == "\\", offset < text.count, text[offset] == "`" || text[offset] == "\\" {
                value.append(text[offset])
                offset += 1
            } else {
                value.append(character)
            }
        }
        throw problem("the backtick that opens the value is not closed")
    }

    /// Scans a range: `10..50`, `10..`, `..50`; `..<` excludes the upper bound.
    mutating func range() throws(RequestProblem) -> Filter.Condition {
        skipBlanks()
        let lower = isNext("..") ? nil : Filter.Bound(try value())
        guard consume("..") else { throw problem("expected two dots, as in 10..20") }
        let isIncluded = !consume("<")
        skipBlanks()
        let upper = isAtSign ? nil : Filter.Bound(try value(), isIncluded: isIncluded)
        guard lower != nil || upper != nil else { throw problem("expected a bound before or after the dots") }
        return .range(lower: lower, upper: upper)
    }

    /// Scans items between commas, up to the end. With `allowsNone`, empty items are skipped. `items` is their name in
    /// problems.
    mutating func list<Item>(
        of items: String, allowsNone: Bool, _ item: (inout RequestScanner) throws(RequestProblem) -> Item
    ) throws(RequestProblem) -> [Item] {
        var parsed: [Item] = []
        repeat {
            skipBlanks()
            if !allowsNone || !isAtEnd && !isNext(",") { parsed.append(try item(&self)) }
            skipBlanks()
        } while consume(",")
        guard isAtEnd else { throw problem("expected a comma between \(items)") }
        return parsed
    }

    /// Scans options between semicolons, in parentheses, if a parenthesis follows.
    mutating func options(_ option: (inout RequestScanner) throws(RequestProblem) -> Void) throws(RequestProblem) {
        skipBlanks()
        guard consume("(") else { return }
        repeat {
            skipBlanks()
            try option(&self)
            skipBlanks()
        } while consume(";")
        guard consume(")") else { throw problem("expected ; or )") }
    }

    /// The problem at the current position.
    func problem(_ description: String) -> RequestProblem {
        RequestProblem(code, parameter, "at character \(offset + 1): \(description)", hint: hint)
    }
}

extension String {
    /// The text without blanks, tabs, line breaks and ideographic spaces at both ends.
    var trimmed: String {
        func isBlank(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar {
            case " ", "\t", "\n", "\r", "\u{3000}": true
            default: false
            }
        }
        guard let first = unicodeScalars.firstIndex(where: { !isBlank($0) }),
            let last = unicodeScalars.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(self[first...last])
    }
}
