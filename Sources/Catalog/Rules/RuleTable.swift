import Analyzer
import Segments

/// The rules of a catalog, for lookup by the words of a query.
///
/// Shape: hash tables from runs of terms to rules, so that the cost of a query depends on its terms and not on the
/// number of rules. A run is looked up where a pattern begins with its first term, once for each length that such
/// patterns have.
///
/// ```swift
/// let table = RuleTable(rules, schema, .standard)
/// let effects = table.effects(of: SearchRequest("三体"), at: now)   // nil if no rule is about the query
/// ```
struct RuleTable: Sendable {
    /// Patterns by their terms.
    private struct Runs: Sendable {
        /// The numbers of terms of the patterns by the first term, distinct.
        private var lengths: [String: [Int]] = [:]
        /// The rules by all terms of a pattern.
        private var rules: [String: [Int]] = [:]

        var isEmpty: Bool { rules.isEmpty }

        mutating func add(_ terms: [String], _ rule: Int) {
            if lengths[terms[0]]?.contains(terms.count) != true { lengths[terms[0], default: []].append(terms.count) }
            rules[RuleTable.key(terms[...]), default: []].append(rule)
        }

        /// Adds the rules of the patterns that terms have from an index on.
        func find(_ terms: [String], from start: Int, into found: inout [Int]) {
            for length in lengths[terms[start]] ?? [] where start + length <= terms.count {
                found += rules[RuleTable.key(terms[start..<(start + length)])] ?? []
            }
        }
    }

    /// A rule that does not fit the schema, and is left out.
    struct Unfit: Sendable, Equatable {
        /// The index of the rule in the list, and its id.
        var index: Int
        var id: String
        /// The member that does not fit, and the reason.
        var problem: RequestProblem

        /// The problem as one of a list of rules, `parameter`.
        func problem(of parameter: String) -> RequestProblem {
            RequestProblem(
                "bad_rules", parameter, "at [\(index)].\(problem.param), rule \"\(id)\": \(problem.detail)",
                hint: "nothing was changed; \(problem.hint)")
        }
    }

    /// The analyzer of the patterns.
    let analyzer: TextAnalyzer
    private var rules: [CompiledRule] = []
    /// The rules that do not fit the schema.
    private(set) var unfit: [Unfit] = []
    /// The rules by all terms of a query; those for browsing have the empty key.
    private var whole: [String: [Int]] = [:]
    private var contained = Runs()
    private var beginnings = Runs()
    /// The rules for all queries with a filter, by the first part of that.
    private var filtered: [String: [Int]] = [:]
    /// The times at which a rule begins or ends, ascending.
    private let boundaries: [Int64]

    /// Compiles rules for a schema and the analyzer of the titles. Those that do not fit are left out.
    ///
    /// Complexity: O(rules + words of their patterns).
    init(_ list: [Rule], _ schema: Schema, _ analyzer: TextAnalyzer) {
        self.analyzer = analyzer
        var boundaries: Set<Int64> = []
        for rule in list { boundaries.formUnion([rule.interval.lowerBound, rule.interval.upperBound]) }
        self.boundaries = boundaries.subtracting([.min, .max]).sorted()
        for (i, rule) in list.enumerated() {
            do throws(RequestProblem) { try add(try CompiledRule(rule, schema)) } catch {
                unfit.append(Unfit(index: i, id: rule.id, problem: error))
            }
        }
    }

    /// Adds a rule. Errors: a pattern without a word.
    private mutating func add(_ compiled: CompiledRule) throws(RequestProblem) {
        let index = rules.count
        guard let query = compiled.rule.query else {
            rules.append(compiled)
            filtered[Self.key(compiled.condition[0]), default: []].append(index)
            return
        }
        func terms(_ texts: [String]?, _ member: String) throws(RequestProblem) -> [[String]] {
            var all: [[String]] = []
            for (i, text) in (texts ?? []).enumerated() {
                let terms = self.terms(text)
                if terms.isEmpty, !(member == "is" && text.trimmed.isEmpty) {
                    throw RequestProblem(
                        "bad_pattern", "query.\(member)[\(i)]", "\"\(text.prefix(40))\" has no word",
                        hint: "use words, or an empty text of \"is\" for browsing")
                }
                all.append(terms)
            }
            return all
        }
        let wholes = try terms(query.is, "is")
        let contained = try terms(query.contains, "contains")
        let beginnings = try terms(query.prefix, "prefix")
        rules.append(compiled)
        for terms in wholes { whole[Self.key(terms[...]), default: []].append(index) }
        for terms in contained { self.contained.add(terms, index) }
        for terms in beginnings { self.beginnings.add(terms, index) }
    }

    /// True if there are no rules.
    var isEmpty: Bool { rules.isEmpty }

    /// Returns the first time after another one at which a rule begins or ends; nil if there is none.
    func boundary(after time: Int64) -> Int64? { boundaries.first { $0 > time } }

    /// Returns what the rules that are about a request do to it at a time; nil if there are none.
    ///
    /// Complexity: O(terms of the query) if no rule is about it.
    func effects(of request: SearchRequest, at time: Int64) -> RuleEffects? {
        guard request.appliesRules, !isEmpty else { return nil }
        let parts = request.filter?.parts ?? []
        var found: [Int] = []
        if !filtered.isEmpty {
            for part in parts { found += filtered[Self.key(part)] ?? [] }
        }
        if !whole.isEmpty || !contained.isEmpty || !beginnings.isEmpty {
            let isBlank = request.q.trimmed.isEmpty
            let terms = isBlank ? [] : self.terms(request.q)
            if isBlank || !terms.isEmpty { found += whole[Self.key(terms[...])] ?? [] }
            if !terms.isEmpty { beginnings.find(terms, from: 0, into: &found) }
            if !contained.isEmpty {
                for start in terms.indices { contained.find(terms, from: start, into: &found) }
            }
        }
        if found.isEmpty { return nil }
        let matching = Set(found).sorted().map { rules[$0] }.filter { $0.counts(at: time, parts) }
        return matching.isEmpty ? nil : RuleEffects(matching)
    }

    /// The terms of a text, in order.
    private func terms(_ text: String) -> [String] { AnalyzedQuery(text, analyzer).phrase.terms.map(\.term) }

    private static func key(_ terms: ArraySlice<String>) -> String { terms.joined(separator: "\u{0}") }

    private static func key(_ part: Filter) -> String { "\(part)" }
}
