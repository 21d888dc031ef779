/// A recursive-descent parser of regular expressions.
///
///     choice   = sequence ("|" sequence)*
///     sequence = piece*
///     piece    = atom ("*" | "+" | "?" | "{n}" | "{n,}" | "{n,m}")?
///     atom     = "(" choice ")" | "[" "^"? (range | class)+ "]" | "." | class | "\" sign | character
///     class    = "\d" | "\D" | "\w" | "\W" | "\s" | "\S"
///
/// An expression is matched against a whole term; characters are Unicode scalars, `.` is any of them, and the classes
/// know ASCII only. `\n` and `\t` are the control characters. There are no anchors (`^` and `$` are ordinary
/// characters), back references or lazy repetitions.
///
/// ```swift
/// let automaton = try PatternAutomaton(ExpressionParser.parse("iphone 1[3-6]( pro)?"))
/// ```
package struct ExpressionParser {
    /// The maximum length of an expression, in characters.
    package static let longest = 1000
    /// The maximum number of nested parentheses.
    static let maxDepth = 50
    /// The maximum `n` and `m` of a repetition.
    static let maxRepetitions = 1000

    private let text: [Unicode.Scalar]
    /// The index of the next character.
    private var position = 0
    /// The number of parentheses that are open.
    private var depth = 0

    /// Parses an expression.
    ///
    /// Errors: `request` with the position of the first character that does not fit the grammar, counted from 1; also
    /// for more than `longest` characters. Complexity: O(characters).
    package static func parse(_ text: String) throws(IndexError) -> PatternNode {
        var parser = ExpressionParser(text: Array(text.unicodeScalars))
        guard parser.text.count <= longest else {
            throw .request(problem: "the expression has \(parser.text.count) characters; give at most \(longest)")
        }
        let node = try parser.choice()
        if parser.position < parser.text.count { throw parser.problem("a ) without its (") }
        return node
    }

    /// The next character; nil at the end.
    private var next: Unicode.Scalar? { position < text.count ? text[position] : nil }

    /// Consumes the next character and returns true if it is `scalar`.
    private mutating func consume(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    /// Returns the error for a problem at the current position.
    private func problem(_ what: String) -> IndexError {
        .request(problem: "the expression cannot be read at character \(min(position, text.count) + 1): \(what)")
    }

    private mutating func choice() throws(IndexError) -> PatternNode {
        var nodes = [try sequence()]
        while consume("|") { nodes.append(try sequence()) }
        return nodes.count == 1 ? nodes[0] : .choice(nodes)
    }

    private mutating func sequence() throws(IndexError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" { nodes.append(try piece()) }
        return nodes.isEmpty ? .empty : nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    private mutating func piece() throws(IndexError) -> PatternNode {
        let atom = try atom()
        if consume("*") { return .repeated(atom, minimum: 0, maximum: nil) }
        if consume("+") { return .repeated(atom, minimum: 1, maximum: nil) }
        if consume("?") { return .repeated(atom, minimum: 0, maximum: 1) }
        return consume("{") ? try repetition(of: atom) : atom
    }

    /// Parses the counts after an opening brace.
    private mutating func repetition(of atom: PatternNode) throws(IndexError) -> PatternNode {
        let minimum = try number()
        var maximum: Int? = minimum
        if consume(",") { maximum = next == "}" ? nil : try number() }
        guard consume("}") else { throw problem("a } is missing") }
        guard minimum <= maximum ?? minimum else { throw problem("the second number is smaller than the first") }
        return .repeated(atom, minimum: minimum, maximum: maximum)
    }

    /// Parses a decimal number of at most `maxRepetitions`.
    private mutating func number() throws(IndexError) -> Int {
        var value: Int?
        while let scalar = next, let digit = Int("\(scalar)"), scalar.isASCII {
            value = (value ?? 0) * 10 + digit
            position += 1
            if value ?? 0 > Self.maxRepetitions { throw problem("a number above \(Self.maxRepetitions)") }
        }
        guard let value else { throw problem("a number is missing") }
        return value
    }

    private mutating func atom() throws(IndexError) -> PatternNode {
        guard let scalar = next else { throw problem("it ends too early") }
        position += 1
        switch scalar {
        case "(":
            depth += 1
            guard depth <= Self.maxDepth else { throw problem("more than \(Self.maxDepth) nested parentheses") }
            let node = try choice()
            guard consume(")") else { throw problem("a ) is missing") }
            depth -= 1
            return node
        case "[": return .character(try bracketSet())
        case ".": return .any
        case "\\": return .character(try escape())
        case "*", "+", "?", "{":
            position -= 1
            throw problem("nothing to repeat before \(scalar); put a backslash before the sign if you mean it")
        default: return .scalar(scalar)
        }
    }

    /// Parses the character after a backslash: a class, a control character or a sign that stands for itself.
    private mutating func escape() throws(IndexError) -> [ClosedRange<UInt32>] {
        guard let scalar = next else { throw problem("a backslash at the end") }
        position += 1
        let digits: [ClosedRange<UInt32>] = [0x30...0x39]
        let wordCharacters: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
        let spaces: [ClosedRange<UInt32>] = [0x9...0xD, 0x20...0x20]
        switch scalar {
        case "d": return digits
        case "D": return CharacterRanges.complement(digits)
        case "w": return wordCharacters
        case "W": return CharacterRanges.complement(wordCharacters)
        case "s": return spaces
        case "S": return CharacterRanges.complement(spaces)
        case "n": return [0xA...0xA]
        case "t": return [0x9...0x9]
        case _ where scalar.isASCII && (scalar.properties.isAlphabetic || Int("\(scalar)") != nil):
            position -= 1
            throw problem("\\\(scalar) means nothing here")
        default: return [scalar.value...scalar.value]
        }
    }

    /// Parses a set of characters after its opening bracket. Returns ranges that ascend and do not touch.
    private mutating func bracketSet() throws(IndexError) -> [ClosedRange<UInt32>] {
        let isNegated = consume("^")
        var ranges: [ClosedRange<UInt32>] = []
        while !consume("]") {
            let first = try bracketMember()
            // A hyphen before the closing bracket stands for itself.
            guard next == "-", position + 1 < text.count, text[position + 1] != "]" else {
                ranges += first
                continue
            }
            position += 1
            let last = try bracketMember()
            guard first.count == 1, last.count == 1, first[0].count == 1, last[0].count == 1,
                first[0].lowerBound <= last[0].lowerBound
            else { throw problem("not a range") }
            ranges.append(first[0].lowerBound...last[0].lowerBound)
        }
        guard !ranges.isEmpty else { throw problem("an empty [ ]") }
        let union = CharacterRanges.union(ranges)
        return isNegated ? CharacterRanges.complement(union) : union
    }

    /// Parses a character or a class within brackets.
    private mutating func bracketMember() throws(IndexError) -> [ClosedRange<UInt32>] {
        guard let scalar = next else { throw problem("a ] is missing") }
        position += 1
        return scalar == "\\" ? try escape() : [scalar.value...scalar.value]
    }
}
