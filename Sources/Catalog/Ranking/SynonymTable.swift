import Analyzer
import Indexer

/// A profile's synonyms in the terms of one analyzer, to be found in queries.
///
/// Shape: by the first term of what is replaced, so that a query costs what it has and not what there are rules. The
/// words of a list share what may stand for them, so that a table takes up as much as the profile.
struct SynonymTable: Sendable {
    /// A word or phrase of a profile.
    struct Entry: Sendable {
        /// As the analyzer has it.
        var phrase: QueryPhrase
        /// As the profile has it.
        var text: String
    }

    /// A phrase that others may stand for.
    private struct Rule: Sendable {
        var from: Entry
        /// With `from` itself where they stand for each other.
        var to: [Entry]
    }

    /// A stretch of a query for which something else may stand.
    struct Match {
        /// The terms of the query's phrase, by their numbers.
        var terms: Range<Int>
        /// The words of the profile that they are.
        var from: Entry
        /// Whether the last of them is only the beginning of the profile's word.
        var isUnfinished: Bool
        /// What may stand for them, with themselves where they stand for each other.
        var to: [Entry]
    }

    /// What a synonym counts beside the words themselves.
    static let weight: Float = 0.8
    /// Fewer letters are the beginning of too many words.
    private static let shortestBeginning = 3

    private var rules: [String: [Rule]] = [:]
    /// The first terms, ascending: a query's last word may only be a beginning of one.
    private var firsts: [String] = []

    /// Complexity: O(words of the lists).
    init(_ synonyms: [Synonyms], _ analyzer: TextAnalyzer) {
        for one in synonyms {
            let to = Self.entries(one.words ?? one.to ?? [], analyzer)
            for from in one.words == nil ? Self.entries(one.from ?? [], analyzer) : to {
                guard to.contains(where: { $0.phrase.terms != from.phrase.terms }) else { continue }
                rules[from.phrase.terms[0].term, default: []].append(Rule(from: from, to: to))
            }
        }
        firsts = rules.keys.sorted()
    }

    /// Those that have a term.
    private static func entries(_ texts: [String], _ analyzer: TextAnalyzer) -> [Entry] {
        texts.compactMap { text in
            var phrase = QueryUnits(text, analyzer).phrase
            guard let start = phrase.terms.first?.position else { return nil }
            phrase.terms = phrase.terms.map { Query.PhraseTerm($0.term, at: $0.position - start) }
            return Entry(phrase: phrase, text: text)
        }
    }

    /// All stretches of a query's phrase that have synonyms. If the last word is `unfinished`, it stands for every word
    /// that begins like it. Complexity: O(terms · rules with the same first term).
    func matches(in phrase: [Query.PhraseTerm], unfinished: Bool) -> [Match] {
        let isUnfinished = unfinished && (phrase.last?.term.utf8.count ?? 0) >= Self.shortestBeginning
        var found: [Match] = []
        for start in phrase.indices {
            let isLast = isUnfinished && start == phrase.count - 1
            let candidates = isLast ? rules(beginning: phrase[start].term) : rules[phrase[start].term] ?? []
            for rule in candidates {
                let from = rule.from.phrase.terms
                guard let end = Self.end(of: from, in: phrase, start, isUnfinished) else { continue }
                found.append(
                    Match(
                        terms: start..<end, from: rule.from,
                        isUnfinished: from[from.count - 1].term != phrase[end - 1].term, to: rule.to))
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
