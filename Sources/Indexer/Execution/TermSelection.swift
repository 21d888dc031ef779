import Kernels

/// Which terms of a field are looked for, where there may be many.
enum TermSelection {
    /// Some, ascending by their bytes.
    case some([[UInt8]])
    /// Those with a beginning.
    case prefix([UInt8])
    /// Those between two, either of which may be missing.
    case range(lower: TermBound?, upper: TermBound?)
    case automaton(PatternAutomaton)

    /// An end of a range.
    struct TermBound {
        var term: [UInt8]
        var isIncluded: Bool
    }

    /// Errors: `request` for a pattern that cannot be read.
    init(_ pattern: TermPattern) throws(IndexError) {
        switch pattern {
        case .any(let terms):
            self = .some(Set(terms.map { Array($0.utf8) }).sorted { $0.lexicographicallyPrecedes($1) })
        case .prefix(let text): self = .prefix(Array(text.utf8))
        case .wildcard(let text):
            guard text.unicodeScalars.count <= ExpressionParser.longest else {
                throw .request(
                    problem: "a pattern of more than \(ExpressionParser.longest) characters; give a shorter one")
            }
            self = .automaton(try PatternAutomaton(.wildcard(text)))
        case .expression(let text): self = .automaton(try PatternAutomaton(ExpressionParser.parse(text)))
        }
    }

    /// Errors: `request` for bounds that are no texts.
    init(_ range: ValueRange, _ field: String) throws(IndexError) {
        func bound(_ bound: ValueRange.Bound?) throws(IndexError) -> TermBound? {
            guard let bound else { return nil }
            guard case .text(let text) = bound.value else {
                throw .request(problem: "\"\(field)\" holds texts, which cannot be compared with numbers")
            }
            return TermBound(term: Array(text.utf8), isIncluded: bound.isIncluded)
        }
        self = .range(lower: try bound(range.lower), upper: try bound(range.upper))
    }

    /// Calls `body` with what is known of each selected term of a dictionary, until it answers false or time runs out.
    /// False when the dictionary's bytes are damaged.
    ///
    /// Complexity: O(log terms) for each of some terms; else O(terms that are selected), for an automaton at worst
    /// O(terms).
    func forEachTerm(_ terms: TermDictionary, _ budget: SearchBudget, _ body: (TermInfo) -> Bool) -> Bool {
        switch self {
        case .some(let all):
            for term in all {
                switch term.withUnsafeBufferPointer({ terms.find($0) }) {
                case .found(let info, _): if !body(info) { return true }
                case .absent: break
                case .damaged: return false
                }
            }
            return true
        case .prefix(let prefix):
            var cursor = TermCursor(terms)
            var isThere = prefix.withUnsafeBufferPointer { cursor.seek($0) }
            while isThere, cursor.term.starts(with: prefix), body(cursor.info) {
                isThere = cursor.next()
            }
            return !cursor.failed
        case .range(let lower, let upper): return Self.forEachTerm(terms, lower, upper, body)
        case .automaton(let automaton):
            return terms.forEachTerm(automaton, beginning: automaton.beginning, isOver: budget.isLate) {
                _, _, info, _ in body(info)
            }
        }
    }

    private static func forEachTerm(
        _ terms: TermDictionary, _ lower: TermBound?, _ upper: TermBound?, _ body: (TermInfo) -> Bool
    ) -> Bool {
        var cursor = TermCursor(terms)
        var isThere = (lower?.term ?? []).withUnsafeBufferPointer { cursor.seek($0) }
        if isThere, let lower, !lower.isIncluded, cursor.term.elementsEqual(lower.term) { isThere = cursor.next() }
        while isThere {
            if let upper {
                let isBehind = upper.term.withUnsafeBufferPointer { precedes($0, cursor.term) }
                if isBehind || !upper.isIncluded && cursor.term.elementsEqual(upper.term) { break }
            }
            isThere = body(cursor.info) && cursor.next()
        }
        return !cursor.failed
    }

    /// Errors: `request` when the pattern turned out to be too complex for these terms.
    func checkComplexity() throws(IndexError) {
        if case .automaton(let automaton) = self, automaton.isTooComplex {
            throw .request(problem: "the pattern is too complex for the terms it is looked for in; use a simpler one")
        }
    }
}
