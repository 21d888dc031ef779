/// Walks the text of a parameter: values, quoted or not, and ranges of them.
struct RequestScanner {
    /// The code, name and hint of the problems it finds.
    let code: String
    let parameter: String
    let hint: String
    /// Signs that end a value that is not quoted.
    let signs: String
    private let text: [Character]
    private var at = 0

    init(_ text: String, code: String, parameter: String, hint: String, signs: String) {
        self.text = Array(text)
        self.code = code
        self.parameter = parameter
        self.hint = hint
        self.signs = signs
    }

    /// Whether nothing is left.
    var isAtEnd: Bool { at == text.count }

    /// Whether a value cannot begin here.
    var isAtSign: Bool { isAtEnd || signs.contains(text[at]) }

    /// Whether a token is next.
    func isNext(_ token: String) -> Bool {
        var place = at
        for character in token {
            guard place < text.count, text[place] == character else { return false }
            place += 1
        }
        return true
    }

    /// Steps over a token if it is next.
    mutating func take(_ token: String) -> Bool {
        guard isNext(token) else { return false }
        at += token.count
        return true
    }

    /// Steps over a word and the blanks behind it, if it is next and no longer word begins there.
    mutating func take(word: String) -> Bool {
        let start = at
        if take(word), isAtSign || isNext(" ") {
            skipBlanks()
            return true
        }
        at = start
        return false
    }

    mutating func skipBlanks() {
        while at < text.count, text[at] == " " || text[at] == "\t" { at += 1 }
    }

    /// A field's name: letters, digits, `_`, `-` and dots.
    mutating func name() throws(RequestProblem) -> String {
        let start = at
        while at < text.count, text[at].isLetter || text[at].isNumber || "_-.".contains(text[at]) { at += 1 }
        if start == at { throw problem("expected a field's name") }
        return String(text[start..<at])
    }

    /// A value: between backticks, or up to a sign or two dots, without the blanks at its ends.
    mutating func value() throws(RequestProblem) -> String {
        skipBlanks()
        if take("`") { return try quotedValue() }
        let start = at
        while !isAtSign, !isNext("`"), !isNext("..") { at += 1 }
        let value = String(text[start..<at]).trimmed
        guard !value.isEmpty else { throw problem("expected a value") }
        return value
    }

    private mutating func quotedValue() throws(RequestProblem) -> String {
        var value = ""
        while at < text.count {
            let character = text[at]
            at += 1
            if character == "`" { return value }
            if character == "\\", at < text.count, text[at] == "`" || text[at] == "\\" {
                value.append(text[at])
                at += 1
            } else {
                value.append(character)
            }
        }
        throw problem("the backtick that opens the value is not closed")
    }

    /// A range: `10..50`, `10..`, `..50`; with `..<` the upper bound is not in it.
    mutating func range() throws(RequestProblem) -> Filter.Condition {
        skipBlanks()
        let lower = isNext("..") ? nil : Filter.Bound(try value())
        guard take("..") else { throw problem("expected two dots, as in 10..20") }
        let isIncluded = !take("<")
        skipBlanks()
        let upper = isAtSign ? nil : Filter.Bound(try value(), isIncluded: isIncluded)
        guard lower != nil || upper != nil else { throw problem("expected a bound before or behind the dots") }
        return .range(lower: lower, upper: upper)
    }

    /// Items between commas, up to the end; when `allowsNone`, items may be left out.
    mutating func list<Item>(
        of items: String, allowsNone: Bool,
        _ item: (inout RequestScanner) throws(RequestProblem) -> Item
    ) throws(RequestProblem) -> [Item] {
        var list: [Item] = []
        repeat {
            skipBlanks()
            if !allowsNone || !isAtEnd && !isNext(",") { list.append(try item(&self)) }
            skipBlanks()
        } while take(",")
        guard isAtEnd else { throw problem("expected a comma between \(items)") }
        return list
    }

    /// What stands in parentheses, if they open here: options between semicolons.
    mutating func options(
        _ option: (inout RequestScanner) throws(RequestProblem) -> Void
    ) throws(RequestProblem) {
        skipBlanks()
        guard take("(") else { return }
        repeat {
            skipBlanks()
            try option(&self)
            skipBlanks()
        } while take(";")
        guard take(")") else { throw problem("expected ; or )") }
    }

    /// The problem at this place.
    func problem(_ what: String) -> RequestProblem {
        RequestProblem(code, parameter, "at character \(at + 1): \(what)", hint: hint)
    }
}
