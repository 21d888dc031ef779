/// A pattern of characters: what wildcards and regular expressions mean.
indirect enum PatternNode: Equatable, Sendable {
    /// Nothing.
    case empty
    /// One character of some ranges, ascending and apart from each other.
    case character([ClosedRange<UInt32>])
    case sequence([PatternNode])
    case choice([PatternNode])
    /// A pattern again and again; without end when `most` is nil.
    case repeated(PatternNode, least: Int, most: Int?)

    /// Any character.
    static let any = PatternNode.character([0...0x10FFFF])

    /// One character.
    static func scalar(_ scalar: Unicode.Scalar) -> PatternNode { .character([scalar.value...scalar.value]) }

    /// A text in which `*` stands for any characters, `?` for one.
    static func wildcard(_ text: String) -> PatternNode {
        var nodes: [PatternNode] = []
        var isEscaped = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case _ where isEscaped: nodes.append(.scalar(scalar))
            case "*": nodes.append(.repeated(.any, least: 0, most: nil))
            case "?": nodes.append(.any)
            case "\\": break
            default: nodes.append(.scalar(scalar))
            }
            isEscaped = !isEscaped && scalar == "\\"
        }
        if isEscaped { nodes.append(.scalar("\\")) }
        return .sequence(nodes)
    }

    /// A text that everything matching begins with: the longest, unless that takes long to know.
    var beginning: String {
        var text = ""
        var steps = 256
        _ = appendBeginning(to: &text, &steps)
        return text
    }

    /// Appends what it begins with; false when something else may follow than what the next node begins with, and when
    /// no `steps` are left: repetitions inside each other multiply.
    private func appendBeginning(to text: inout String, _ steps: inout Int) -> Bool {
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
            for node in nodes where !node.appendBeginning(to: &text, &steps) { return false }
            return true
        case .choice(let nodes): return nodes.count == 1 && nodes[0].appendBeginning(to: &text, &steps)
        case .repeated(let node, let least, let most):
            for _ in 0..<min(least, 16) where !node.appendBeginning(to: &text, &steps) { return false }
            return least == most && least <= 16
        }
    }
}

/// Sets of characters as ranges.
enum CharacterRanges {
    /// Joins ranges of characters that touch, and puts them in order.
    static func union(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var all: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let last = all.last, range.lowerBound <= last.upperBound &+ 1 else {
                all.append(range)
                continue
            }
            all[all.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
        }
        return all
    }

    /// All characters but those of some ranges, which ascend and are apart from each other.
    static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var all: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { all.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { all.append(next...0x10FFFF) }
        return all
    }
}
