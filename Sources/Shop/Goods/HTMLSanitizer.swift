/// Cleans the HTML that describes goods: tags and attributes of an allow-list stay, everything else becomes text or is
/// dropped.
///
/// The result is well-formed: tags are closed in the order of their opening, attributes are quoted, and every `<`, `>`,
/// `&` and `"` that is no markup is escaped. Elements such as `script` are dropped with their contents. Cleaning a
/// cleaned text changes nothing.
struct HTMLSanitizer {
    private static let allowed: [String: Set<String>] = [
        "p": [], "br": [], "hr": [], "b": [], "strong": [], "i": [], "em": [], "u": [], "s": [], "sub": [], "sup": [],
        "ul": [], "ol": ["start"], "li": [], "h2": [], "h3": [], "h4": [], "blockquote": [], "pre": [], "code": [],
        "div": [], "span": [], "table": [], "thead": [], "tbody": [], "tr": [], "td": ["colspan", "rowspan"],
        "th": ["colspan", "rowspan"], "a": ["href", "title"], "img": ["src", "alt", "width", "height"],
    ]
    private static let void: Set<String> = ["br", "hr", "img"]
    /// Elements whose contents are no text for people.
    private static let dropped: Set<String> = [
        "script", "style", "iframe", "object", "embed", "svg", "math", "template", "noscript", "textarea", "title",
        "xmp", "noembed", "noframes", "plaintext", "select", "head",
    ]

    private let text: [Character]
    private var position = 0
    private var output = ""
    private var open: [String] = []

    private init(_ text: String) {
        // A NUL and the other control characters make parsers differ; none is needed.
        self.text = text.unicodeScalars.filter { $0 == "\n" || $0 == "\t" || $0.value >= 32 }.map(Character.init)
    }

    /// Returns a text without what is not allowed. Complexity: O(length), but for contents that are dropped.
    static func clean(_ html: String) -> String {
        var sanitizer = HTMLSanitizer(html)
        sanitizer.run()
        return sanitizer.output
    }

    private mutating func run() {
        while position < text.count {
            if text[position] == "<" {
                readMarkup()
            } else {
                output += Self.escaped(text[position], text, at: position)
                position += 1
            }
        }
        while let tag = open.popLast() { output += "</\(tag)>" }
    }

    // MARK: Markup

    private mutating func readMarkup() {
        if starts(with: "<!--") {
            skip(past: "-->")
        } else if starts(with: "<!") || starts(with: "<?") {
            skip(past: ">")
        } else if starts(with: "</") {
            position += 2
            let name = readName()
            skip(past: ">")
            close(name)
        } else if position + 1 < text.count, text[position + 1].isASCII, text[position + 1].isLetter {
            position += 1
            let name = readName()
            let attributes = readAttributes()
            begin(name, attributes)
        } else {
            output += "&lt;"
            position += 1
        }
    }

    private mutating func begin(_ name: String, _ attributes: [(String, String)]) {
        if Self.dropped.contains(name) { return skipContents(of: name) }
        guard let permitted = Self.allowed[name] else { return }
        output += "<" + name
        for (attribute, value) in attributes where permitted.contains(attribute) {
            guard let value = Self.checked(attribute, value) else { continue }
            output += " \(attribute)=\"\(value)\""
        }
        if name == "a" { output += " rel=\"nofollow noopener\"" }
        output += ">"
        if !Self.void.contains(name) { open.append(name) }
    }

    private mutating func close(_ name: String) {
        guard let index = open.lastIndex(of: name) else { return }
        while open.count > index { output += "</\(open.removeLast())>" }
    }

    private mutating func skipContents(of name: String) {
        let end = Array("</" + name)
        while position < text.count {
            let isEnd =
                position + end.count <= text.count
                && zip(text[position..<(position + end.count)], end).allSatisfy { $0.lowercased() == String($1) }
            if isEnd { return skip(past: ">") }
            position += 1
        }
    }

    private mutating func readName() -> String {
        var name = ""
        while position < text.count, !" \n\t/>".contains(text[position]) {
            name += text[position].lowercased()
            position += 1
        }
        return name
    }

    /// Reads the attributes of a tag up to its end. A repeated attribute counts once, the first time.
    private mutating func readAttributes() -> [(String, String)] {
        var attributes: [(String, String)] = []
        while position < text.count, text[position] != ">" {
            if " \n\t/".contains(text[position]) {
                position += 1
                continue
            }
            var name = ""
            repeat {
                name += text[position].lowercased()
                position += 1
            } while position < text.count && !" \n\t/>=".contains(text[position])
            skipBlanks()
            var value = ""
            if position < text.count, text[position] == "=" {
                position += 1
                skipBlanks()
                value = readValue()
            }
            if !attributes.contains(where: { $0.0 == name }) { attributes.append((name, value)) }
        }
        position += 1
        return attributes
    }

    private mutating func readValue() -> String {
        guard position < text.count else { return "" }
        let quote = text[position]
        var value = ""
        if quote == "\"" || quote == "'" {
            position += 1
            while position < text.count, text[position] != quote { value.append(next()) }
            position += 1
        } else {
            while position < text.count, !" \n\t>".contains(text[position]) { value.append(next()) }
        }
        return Self.decoded(value)
    }

    private mutating func next() -> Character {
        defer { position += 1 }
        return text[position]
    }

    private mutating func skipBlanks() {
        while position < text.count, " \n\t".contains(text[position]) { position += 1 }
    }

    private func starts(with prefix: String) -> Bool {
        text[position...].prefix(prefix.count).elementsEqual(prefix)
    }

    private mutating func skip(past end: String) {
        while position < text.count, !starts(with: end) { position += 1 }
        position = min(position + end.count, text.count)
    }

    // MARK: Values

    /// Returns the value of an attribute as it may stand in the text; nil if it is not allowed.
    private static func checked(_ attribute: String, _ value: String) -> String? {
        switch attribute {
        case "href": if !isLink(value, schemes: ["http", "https", "mailto"]) { return nil }
        case "src": if !isLink(value, schemes: ["https", "http"]) { return nil }
        case "colspan", "rowspan", "start", "width", "height":
            guard let number = Int(value), (1...2000).contains(number) else { return nil }
        default: break
        }
        // By scalars: a quote and a combining mark after it are one character.
        return value.unicodeScalars.reduce(into: "") { $0 += escape(Character($1)) ?? String($1) }
    }

    /// True for an address of one of the schemes, or a path of this site.
    private static func isLink(_ value: String, schemes: [String]) -> Bool {
        // Browsers drop blanks and controls inside and before the scheme, and read a backslash as a slash.
        let plain = value.unicodeScalars.filter { $0.value > 32 && $0.value != 127 }
        guard plain.count == value.unicodeScalars.count else { return false }
        let bytes = value.utf8
        if bytes.contains(UInt8(ascii: "\\")) || bytes.starts(with: "//".utf8) { return false }
        if bytes.first == UInt8(ascii: "/") || bytes.first == UInt8(ascii: "#") { return true }
        let scheme = bytes.prefix { $0 != UInt8(ascii: ":") }
        return scheme.count < bytes.count && schemes.contains(String(decoding: scheme, as: UTF8.self).lowercased())
    }

    private static let named: [String: Character] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "colon": ":", "tab": "\t", "newline": "\n",
        "nbsp": "\u{A0}", "sol": "/", "lpar": "(", "rpar": ")", "bsol": "\\",
    ]

    /// Replaces the references in the value of an attribute by their characters, with and without semicolon.
    private static func decoded(_ value: String) -> String {
        var result = ""
        // Each scalar is a character of its own: a semicolon and a combining mark after it would be one.
        var rest = value.unicodeScalars.map(Character.init)[...]
        while let mark = rest.firstIndex(of: "&") {
            result.append(contentsOf: rest[..<mark])
            rest = rest[mark...]
            let (character, length) = reference(rest)
            result.append(character)
            rest = rest.dropFirst(length)
        }
        result.append(contentsOf: rest)
        return result
    }

    private static func reference(_ text: ArraySlice<Character>) -> (Character, Int) {
        var body = text.dropFirst()
        var length = 1
        func end(_ digits: ArraySlice<Character>) -> Int {
            length + digits.count + (body.dropFirst(digits.count).first == ";" ? 1 : 0)
        }
        if body.first == "#" {
            body = body.dropFirst()
            length = 2
            let isHex = body.first == "x" || body.first == "X"
            if isHex {
                body = body.dropFirst()
                length = 3
            }
            let digits = body.prefix { $0.isASCII && (isHex ? $0.isHexDigit : $0.isNumber) }
            let scalar = UInt32(String(digits), radix: isHex ? 16 : 10).flatMap(Unicode.Scalar.init)
            return digits.isEmpty ? ("&", 1) : (Character(scalar ?? "\u{FFFD}"), end(digits))
        }
        let name = body.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
        guard let character = named[String(name).lowercased()] else { return ("&", 1) }
        return (character, end(name))
    }

    private static func escape(_ character: Character) -> String? {
        switch character {
        case "<": "&lt;"
        case ">": "&gt;"
        case "&": "&amp;"
        case "\"": "&quot;"
        default: nil
        }
    }

    /// Returns a character of the text between tags, escaped; references such as `&amp;` stay.
    private static func escaped(_ character: Character, _ text: [Character], at index: Int) -> String {
        guard character == "&" else { return escape(character) ?? String(character) }
        let rest = text[(index + 1)...].prefix(12)
        guard let end = rest.firstIndex(of: ";") else { return "&amp;" }
        let name = rest[rest.startIndex..<end].drop { $0 == "#" }
        let isReference = !name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return isReference ? "&" : "&amp;"
    }
}
