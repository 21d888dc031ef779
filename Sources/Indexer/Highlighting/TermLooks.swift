/// Tells the terms that a query looks for by their looks, while one text is marked.
struct TermLooks {
    /// What terms look like.
    enum Look: Sendable {
        case pattern(TermPattern)
        case fuzzy(FuzzyTerm)
    }

    private var terms: Set<[UInt8]> = []
    private var prefixes: [[UInt8]] = []
    private var patterns: [PatternAutomaton] = []
    private var words: [(automaton: LevenshteinAutomaton, prefix: [UInt8])] = []

    /// Patterns that cannot be read look like nothing: the search has refused them.
    init(_ looks: [Look]) {
        for look in looks {
            switch look {
            case .pattern(.any(let some)): for term in some { terms.insert(Array(term.utf8)) }
            case .pattern(.prefix(let text)): prefixes.append(Array(text.utf8))
            case .pattern(.wildcard(let text)): insert { () throws(IndexError) in .wildcard(text) }
            case .pattern(.expression(let text)):
                insert { () throws(IndexError) in try ExpressionParser.parse(text) }
            case .fuzzy(let fuzzy):
                guard let automaton = LevenshteinAutomaton(fuzzy.word, edits: fuzzy.edits) else { continue }
                var prefix = ""
                prefix.unicodeScalars.append(contentsOf: fuzzy.word.unicodeScalars.prefix(fuzzy.prefix))
                words.append((automaton, Array(prefix.utf8)))
            }
        }
    }

    private mutating func insert(_ node: () throws(IndexError) -> PatternNode) {
        if let node = try? node(), let automaton = try? PatternAutomaton(node) { patterns.append(automaton) }
    }

    /// Whether there is nothing to look for.
    var isEmpty: Bool { terms.isEmpty && prefixes.isEmpty && patterns.isEmpty && words.isEmpty }

    /// Whether a term is looked for.
    func contains(_ term: UnsafeBufferPointer<UInt8>) -> Bool {
        if !terms.isEmpty, terms.contains(Array(term)) { return true }
        if prefixes.contains(where: { term.starts(with: $0) }) { return true }
        if patterns.isEmpty, words.isEmpty { return false }
        let text = String(decoding: term, as: UTF8.self)
        return patterns.contains { $0.accepts(text) }
            || words.contains { term.starts(with: $0.prefix) && $0.automaton.accepts(text) }
    }
}

extension TermAutomaton {
    /// Whether it accepts a text.
    fileprivate func accepts(_ text: String) -> Bool {
        var state = start
        for scalar in text.unicodeScalars {
            state = step(state, scalar.value)
            if !canMatch(state) { return false }
        }
        return accepts(state)
    }
}
