/// The syntax tree of a wildcard pattern or a regular expression; `PatternAutomaton` compiles it.
///
/// Characters are Unicode scalars.
package indirect enum PatternNode: Equatable, Sendable {
    /// The empty text.
    case empty
    /// One character out of ranges that ascend and do not touch.
    case character([ClosedRange<UInt32>])
    /// The patterns one after the other.
    case sequence([PatternNode])
    /// Any one of the patterns.
    case choice([PatternNode])
    /// A pattern repeated `minimum` to `maximum` times; without limit when `maximum` is nil.
    case repeated(PatternNode, minimum: Int, maximum: Int?)

    /// Any one character.
    static let any = PatternNode.character([0...0x10FFFF])

    /// Returns the pattern of one given character.
    static func scalar(_ scalar: Unicode.Scalar) -> PatternNode { .character([scalar.value...scalar.value]) }

    /// Returns the pattern of a wildcard text: `*` matches any number of characters, `?` exactly one, and a backslash
    /// makes the next character literal. Every text is valid. Complexity: O(characters).
    ///
    /// ```swift
    /// let automaton = try PatternAutomaton(.wildcard("usb-? *"))
    /// ```
    package static func wildcard(_ text: String) -> PatternNode {
        var nodes: [PatternNode] = []
        var isEscaped = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case _ where isEscaped: nodes.append(.scalar(scalar))
            case "*": nodes.append(.repeated(.any, minimum: 0, maximum: nil))
            case "?": nodes.append(.any)
            case "\\": break
            default: nodes.append(.scalar(scalar))
            }
            isEscaped = !isEscaped && scalar == "\\"
        }
        if isEscaped { nodes.append(.scalar("\\")) }
        return .sequence(nodes)
    }

    /// A literal prefix of every text that the pattern matches, found in at most 256 steps; empty if the pattern begins
    /// with a choice or a set of characters.
    var prefix: String {
        var text = ""
        var steps = 256
        _ = appendPrefix(to: &text, &steps)
        return text
    }

    /// Appends the literal prefix of this node to `text`. Returns false if the prefix of the following node must not be
    /// appended, because this node matches more than one text, or if no `steps` remain: nested repetitions multiply.
    private func appendPrefix(to text: inout String, _ steps: inout Int) -> Bool {
        steps -= 1
        if steps < 0 { return false }
        switch self {
        case .empty: return true
        case .character(let ranges):
            guard ranges.count == 1, ranges[0].count == 1, let scalar = Unicode.Scalar(ranges[0].lowerBound) else {
                return false
            }
            text.unicodeScalars.append(scalar)
            return true
        case .sequence(let nodes):
            for node in nodes where !node.appendPrefix(to: &text, &steps) { return false }
            return true
        case .choice(let nodes): return nodes.count == 1 && nodes[0].appendPrefix(to: &text, &steps)
        case .repeated(let node, let minimum, let maximum):
            for _ in 0..<min(minimum, 16) where !node.appendPrefix(to: &text, &steps) { return false }
            return minimum == maximum && minimum <= 16
        }
    }
}

/// Set operations on characters, as ascending ranges of scalar values.
enum CharacterRanges {
    /// Returns ranges in ascending order, those that overlap or touch merged. Complexity: O(n log n).
    static func union(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var merged: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let last = merged.last, range.lowerBound <= last.upperBound &+ 1 else {
                merged.append(range)
                continue
            }
            merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
        }
        return merged
    }

    /// Returns all characters outside of some ranges, which ascend and do not touch.
    static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { gaps.append(next...0x10FFFF) }
        return gaps
    }
}
