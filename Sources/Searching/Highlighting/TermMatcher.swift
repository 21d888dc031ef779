import Segments

/// A matcher of terms against the patterns and fuzzy terms of a query, for one text.
///
/// Patterns are compiled once per matcher. Not `Sendable`: automata memoize their states.
struct TermMatcher {
    /// A clause that selects terms by their spelling.
    enum Rule: Sendable {
        case pattern(TermPattern)
        case fuzzy(FuzzyTerm)
    }

    private var terms: Set<[UInt8]> = []
    private var prefixes: [[UInt8]] = []
    private var patterns: [PatternAutomaton] = []
    private var fuzzyTerms: [(automaton: LevenshteinAutomaton, prefix: [UInt8])] = []

    /// A matcher for any of the rules. Invalid patterns match nothing, because the search has refused them already.
    init(_ rules: [Rule]) {
        for rule in rules {
            switch rule {
            case .pattern(.any(let listed)): for term in listed { terms.insert(Array(term.utf8)) }
            case .pattern(.prefix(let text)): prefixes.append(Array(text.utf8))
            case .pattern(.wildcard(let text)): insert { () throws(IndexError) in .wildcard(text) }
            case .pattern(.expression(let text)): insert { () throws(IndexError) in try ExpressionParser.parse(text) }
            case .fuzzy(let fuzzy):
                guard let automaton = LevenshteinAutomaton(fuzzy.word, edits: fuzzy.edits) else { continue }
                var prefix = ""
                prefix.unicodeScalars.append(contentsOf: fuzzy.word.unicodeScalars.prefix(fuzzy.prefix))
                fuzzyTerms.append((automaton, Array(prefix.utf8)))
            }
        }
    }

    /// Compiles a pattern and adds it, unless that fails.
    private mutating func insert(_ node: () throws(IndexError) -> PatternNode) {
        if let node = try? node(), let automaton = try? PatternAutomaton(node) { patterns.append(automaton) }
    }

    /// True if no term can match.
    var isEmpty: Bool { terms.isEmpty && prefixes.isEmpty && patterns.isEmpty && fuzzyTerms.isEmpty }

    /// Returns true if a term matches one of the rules.
    func contains(_ term: UnsafeBufferPointer<UInt8>) -> Bool {
        if !terms.isEmpty, terms.contains(Array(term)) { return true }
        if prefixes.contains(where: { term.starts(with: $0) }) { return true }
        if patterns.isEmpty, fuzzyTerms.isEmpty { return false }
        let text = String(decoding: term, as: UTF8.self)
        return patterns.contains { $0.accepts(text) }
            || fuzzyTerms.contains { term.starts(with: $0.prefix) && $0.automaton.accepts(text) }
    }
}

extension TermAutomaton {
    /// Returns true if the automaton accepts a text as a whole. Complexity: O(characters).
    fileprivate func accepts(_ text: String) -> Bool {
        var state = start
        for scalar in text.unicodeScalars {
            state = step(state, scalar.value)
            if !canMatch(state) { return false }
        }
        return accepts(state)
    }
}
