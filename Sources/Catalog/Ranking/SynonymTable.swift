import Analyzer
import Indexer

/// A profile's synonyms in the terms of one analyzer, to be found in queries.
///
/// Shape: by the first term of what is replaced, so that a query costs what it has and not what there are rules.
struct SynonymTable: Sendable {
    /// A phrase that another may stand for.
    private struct Rule: Sendable {
        var from: [Query.PhraseTerm]
        var to: [Query.PhraseTerm]
        /// As the profile has them.
        var text: String
    }

    /// A stretch of a query for which something else may stand.
    struct Match {
        /// The terms of the query's phrase, by their numbers.
        var terms: Range<Int>
        /// What may stand for them.
        var to: [Query.PhraseTerm]
        /// The rule, for people.
        var text: String
    }

    /// What a synonym counts beside the words themselves.
    static let weight: Float = 0.8

    private var rules: [String: [Rule]] = [:]
    /// The first terms, ascending: a query's last word may only be a beginning of one.
    private var firsts: [String] = []

    init(_ synonyms: [Synonyms], _ analyzer: TextAnalyzer) {
        for (from, to) in synonyms.flatMap(\.pairs) {
            let rule = Rule(from: Self.phrase(from, analyzer), to: Self.phrase(to, analyzer), text: "\(from) → \(to)")
            guard let first = rule.from.first, !rule.to.isEmpty, rule.from.map(\.term) != rule.to.map(\.term) else {
                continue
            }
            rules[first.term, default: []].append(rule)
        }
        firsts = rules.keys.sorted()
    }

    private static func phrase(_ text: String, _ analyzer: TextAnalyzer) -> [Query.PhraseTerm] {
        let phrase = QueryUnits(text, analyzer, dropsStopWords: false).phrase
        let start = phrase.first?.position ?? 0
        return phrase.map { Query.PhraseTerm($0.term, at: $0.position - start) }
    }

    /// All stretches of a query's phrase that have synonyms. If the last word is `unfinished`, it stands for every word
    /// that begins like it. Complexity: O(terms · rules with the same first term).
    func matches(in phrase: [Query.PhraseTerm], unfinished: Bool) -> [Match] {
        var found: [Match] = []
        for start in phrase.indices {
            let isLast = unfinished && start == phrase.count - 1
            let candidates = isLast ? rules(beginning: phrase[start].term) : rules[phrase[start].term] ?? []
            for rule in candidates {
                guard let end = Self.end(of: rule.from, in: phrase, start, unfinished) else { continue }
                found.append(Match(terms: start..<end, to: rule.to, text: rule.text))
            }
        }
        return found
    }

    private func rules(beginning: String) -> [Rule] {
        var low = 0
        var high = firsts.count
        while low < high {
            let middle = (low + high) / 2
            if firsts[middle] < beginning { low = middle + 1 } else { high = middle }
        }
        return firsts[low...].prefix { $0.hasPrefix(beginning) }.flatMap { rules[$0] ?? [] }
    }

    /// Where a rule's terms end in a phrase that has them from `start` on; nil if it does not.
    private static func end(
        of from: [Query.PhraseTerm], in phrase: [Query.PhraseTerm], _ start: Int, _ unfinished: Bool
    ) -> Int? {
        guard start + from.count <= phrase.count else { return nil }
        for (i, wanted) in from.enumerated() {
            let here = phrase[start + i]
            guard here.position - phrase[start].position == wanted.position else { return nil }
            let isLast = unfinished && start + i == phrase.count - 1
            guard here.term == wanted.term || isLast && wanted.term.hasPrefix(here.term) else { return nil }
        }
        return start + from.count
    }
}
