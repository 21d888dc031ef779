import Segments

/// A selection of terms of a field: a pattern or a keyword range in a form that can be run against dictionaries.
enum TermSelection {
    /// The listed terms, ascending by their bytes and distinct.
    case listed([[UInt8]])
    /// The terms with a prefix.
    case prefix([UInt8])
    /// The terms between two bounds, either of which may be missing.
    case range(lower: TermBound?, upper: TermBound?)
    /// The terms that an automaton accepts. It memoizes states, so the selection must stay on one thread.
    case automaton(PatternAutomaton)

    /// A bound of a range.
    struct TermBound {
        var term: [UInt8]
        /// True if the bound itself is in the range.
        var isIncluded: Bool
    }

    /// The selection of a pattern.
    ///
    /// Errors: `request` for a pattern that cannot be parsed, is too long or too complex.
    init(_ pattern: TermPattern) throws(IndexError) {
        switch pattern {
        case .any(let terms):
            self = .listed(Set(terms.map { Array($0.utf8) }).sorted { $0.lexicographicallyPrecedes($1) })
        case .prefix(let text): self = .prefix(Array(text.utf8))
        case .wildcard(let text):
            guard text.unicodeScalars.count <= ExpressionParser.longest else {
                throw .request(
                    problem: "the pattern has more than \(ExpressionParser.longest) characters; use a shorter one")
            }
            self = .automaton(try PatternAutomaton(.wildcard(text)))
        case .expression(let text): self = .automaton(try PatternAutomaton(ExpressionParser.parse(text)))
        }
    }

    /// The selection of a range of keywords.
    ///
    /// Errors: `request` for bounds that are not texts.
    init(_ range: ValueRange, _ field: String) throws(IndexError) {
        func bound(_ bound: ValueRange.Bound?) throws(IndexError) -> TermBound? {
            guard let bound else { return nil }
            guard case .text(let text) = bound.value else {
                throw .request(problem: "\"\(field)\" has texts, which cannot be compared with numbers")
            }
            return TermBound(term: Array(text.utf8), isIncluded: bound.isIncluded)
        }
        self = .range(lower: try bound(range.lower), upper: try bound(range.upper))
    }

    /// Calls `body` with the info of each selected term of a dictionary, until it returns false or the deadline passes.
    /// Returns false if the dictionary is corrupt.
    ///
    /// Call `checkComplexity` afterwards. Complexity: O(log terms) per listed term, O(selected terms) for prefixes and
    /// ranges, O(terms) at worst for an automaton.
    func forEachTerm(_ terms: TermDictionary, _ budget: SearchBudget, _ body: (TermInfo) -> Bool) -> Bool {
        switch self {
        case .listed(let listed):
            for term in listed {
                switch term.withUnsafeBufferPointer({ terms.find($0) }) {
                case .found(let info, _): if !body(info) { return true }
                case .absent: break
                case .corrupt: return false
                }
            }
            return true
        case .prefix(let prefix):
            var cursor = TermCursor(terms)
            var hasTerm = prefix.withUnsafeBufferPointer { cursor.seek($0) }
            while hasTerm, cursor.term.starts(with: prefix), body(cursor.info) {
                hasTerm = cursor.next()
            }
            return !cursor.failed
        case .range(let lower, let upper): return Self.forEachTerm(terms, lower, upper, body)
        case .automaton(let automaton):
            return terms.forEachTerm(automaton, beginning: automaton.beginning, isOver: budget.isLate) {
                _, _, info, _ in body(info)
            }
        }
    }

    /// Calls `body` for the terms between two bounds.
    private static func forEachTerm(
        _ terms: TermDictionary, _ lower: TermBound?, _ upper: TermBound?, _ body: (TermInfo) -> Bool
    ) -> Bool {
        var cursor = TermCursor(terms)
        var hasTerm = (lower?.term ?? []).withUnsafeBufferPointer { cursor.seek($0) }
        if hasTerm, let lower, !lower.isIncluded, cursor.term.elementsEqual(lower.term) { hasTerm = cursor.next() }
        while hasTerm {
            if let upper {
                let isPastUpper = upper.term.withUnsafeBufferPointer { precedes($0, cursor.term) }
                if isPastUpper || !upper.isIncluded && cursor.term.elementsEqual(upper.term) { break }
            }
            hasTerm = body(cursor.info) && cursor.next()
        }
        return !cursor.failed
    }

    /// Throws if the pattern turned out to be too complex for the terms it was run against, so that terms may be
    /// missing.
    ///
    /// Errors: `request`.
    func checkComplexity() throws(IndexError) {
        if case .automaton(let automaton) = self, automaton.isTooComplex {
            throw .request(problem: "the pattern is too complex for the terms of the field; use a simpler one")
        }
    }
}

extension TermPattern {
    /// A description of what is wrong with the pattern; nil for one that can be searched for.
    package var problem: String? {
        do throws(IndexError) {
            _ = try TermSelection(self)
            return nil
        } catch {
            if case .request(let problem) = error { return problem }
            return "\(error)"
        }
    }
}
