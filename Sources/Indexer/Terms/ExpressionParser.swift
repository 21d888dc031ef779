/// Reads a regular expression.
///
/// Grammar: choice = sequence ("|" sequence)*; sequence = piece*; piece = atom ("*" | "+" | "?" | "{n}" | "{n,}" |
/// "{n,m}")?; atom = "(" choice ")" | "[" "^"? (range | class)+ "]" | "." | class | "\" sign | character.
struct ExpressionParser {
    /// Longest expression, in characters.
    static let longest = 1000
    /// Most parentheses inside each other.
    static let deepest = 50
    /// The most often that something can be said to be repeated.
    static let mostRepeats = 1000

    private let text: [Unicode.Scalar]
    private var at = 0
    private var depth = 0

    /// The pattern of an expression.
    ///
    /// Errors: `request` with the place.
    static func parse(_ text: String) throws(IndexError) -> PatternNode {
        var parser = ExpressionParser(text: Array(text.unicodeScalars))
        guard parser.text.count <= longest else {
            throw .request(problem: "the expression has \(parser.text.count) characters; give at most \(longest)")
        }
        let node = try parser.choice()
        if parser.at < parser.text.count { throw parser.problem("a ) without its (") }
        return node
    }

    private var next: Unicode.Scalar? { at < text.count ? text[at] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        at += 1
        return true
    }

    private func problem(_ what: String) -> IndexError {
        .request(problem: "the expression cannot be read at character \(min(at, text.count) + 1): \(what)")
    }

    private mutating func choice() throws(IndexError) -> PatternNode {
        var nodes = [try sequence()]
        while take("|") { nodes.append(try sequence()) }
        return nodes.count == 1 ? nodes[0] : .choice(nodes)
    }

    private mutating func sequence() throws(IndexError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" { nodes.append(try piece()) }
        return nodes.isEmpty ? .empty : nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    private mutating func piece() throws(IndexError) -> PatternNode {
        let atom = try atom()
        switch next {
        case "*":
            at += 1
            return .repeated(atom, least: 0, most: nil)
        case "+":
            at += 1
            return .repeated(atom, least: 1, most: nil)
        case "?":
            at += 1
            return .repeated(atom, least: 0, most: 1)
        case "{":
            at += 1
            return try repeats(of: atom)
        default: return atom
        }
    }

    private mutating func repeats(of atom: PatternNode) throws(IndexError) -> PatternNode {
        let least = try number()
        var most: Int? = least
        if take(",") { most = next == "}" ? nil : try number() }
        guard take("}") else { throw problem("a } is missing") }
        guard least <= most ?? least else { throw problem("the second number is smaller than the first") }
        return .repeated(atom, least: least, most: most)
    }

    private mutating func number() throws(IndexError) -> Int {
        var value: Int?
        while let scalar = next, let digit = Int("\(scalar)"), scalar.isASCII {
            value = (value ?? 0) * 10 + digit
            at += 1
            if value ?? 0 > Self.mostRepeats { throw problem("a number above \(Self.mostRepeats)") }
        }
        guard let value else { throw problem("a number is missing") }
        return value
    }

    private mutating func atom() throws(IndexError) -> PatternNode {
        guard let scalar = next else { throw problem("it ends too early") }
        at += 1
        switch scalar {
        case "(":
            depth += 1
            guard depth <= Self.deepest else {
                throw problem("more than \(Self.deepest) parentheses inside each other")
            }
            let node = try choice()
            guard take(")") else { throw problem("a ) is missing") }
            depth -= 1
            return node
        case "[": return .character(try set())
        case ".": return .any
        case "\\": return .character(try escaped())
        case "*", "+", "?", "{":
            at -= 1
            throw problem("nothing to repeat before \(scalar); put a backslash before the sign if you mean it")
        default: return .scalar(scalar)
        }
    }

    /// What a backslash and the next character stand for.
    private mutating func escaped() throws(IndexError) -> [ClosedRange<UInt32>] {
        guard let scalar = next else { throw problem("a backslash at the end") }
        at += 1
        let digits: [ClosedRange<UInt32>] = [0x30...0x39]
        let words: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
        let blanks: [ClosedRange<UInt32>] = [0x9...0xD, 0x20...0x20]
        switch scalar {
        case "d": return digits
        case "D": return CharacterRanges.complement(digits)
        case "w": return words
        case "W": return CharacterRanges.complement(words)
        case "s": return blanks
        case "S": return CharacterRanges.complement(blanks)
        case "n": return [0xA...0xA]
        case "t": return [0x9...0x9]
        case _ where scalar.isASCII && (scalar.properties.isAlphabetic || Int("\(scalar)") != nil):
            at -= 1
            throw problem("\\\(scalar) means nothing here")
        default: return [scalar.value...scalar.value]
        }
    }

    /// What follows an opening bracket.
    private mutating func set() throws(IndexError) -> [ClosedRange<UInt32>] {
        let isOpposite = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        while !take("]") {
            let first = try member()
            // A hyphen at the end stands for itself.
            guard next == "-", at + 1 < text.count, text[at + 1] != "]" else {
                ranges += first
                continue
            }
            at += 1
            let last = try member()
            guard first.count == 1, last.count == 1, first[0].count == 1, last[0].count == 1,
                first[0].lowerBound <= last[0].lowerBound
            else { throw problem("no range") }
            ranges.append(first[0].lowerBound...last[0].lowerBound)
        }
        guard !ranges.isEmpty else { throw problem("an empty [ ]") }
        let all = CharacterRanges.union(ranges)
        return isOpposite ? CharacterRanges.complement(all) : all
    }

    private mutating func member() throws(IndexError) -> [ClosedRange<UInt32>] {
        guard let scalar = next else { throw problem("a ] is missing") }
        at += 1
        return scalar == "\\" ? try escaped() : [scalar.value...scalar.value]
    }
}
