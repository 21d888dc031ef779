import Analyzer
import Searching

/// A profile's synonyms in the terms of one analyzer, for lookup by the terms of a query.
///
/// Shape: rules by the first term of the phrase that is replaced, so that the cost of a query depends on its terms and
/// not on the number of rules. The words of a list share their replacements: a table takes up as much as the profile.
///
/// ```swift
/// let table = SynonymTable(profile.synonyms, .english)   // {"from": ["handset"], "to": ["mobile phone"]}
/// table.matches(in: AnalyzedQuery("red handset", .english).phrase.terms, unfinished: false)
/// // one match: terms 1..<2, to "mobile phone"
/// ```
struct SynonymTable: Sendable {
    /// A word or phrase of a profile's list.
    struct Entry: Sendable {
        /// Its terms; their positions start at 0.
        var phrase: QueryPhrase
        /// The text in the profile.
        var text: String
    }

    /// A phrase and its replacements.
    private struct Rewrite: Sendable {
        var from: Entry
        /// Contains `from` itself if the words of the list replace each other.
        var to: [Entry]
    }

    /// A run of the query's terms that has synonyms.
    struct Match {
        /// The indexes of the terms in the query's phrase.
        var terms: Range<Int>
        /// The entry of the profile that the terms match.
        var from: Entry
        /// True if the last term is only a prefix of the entry's last term.
        var isUnfinished: Bool
        /// The replacements, with `from` itself if the words of the list replace each other.
        var to: [Entry]
    }

    /// The weight of a synonym relative to the words themselves.
    static let weight: Float = 0.8
    /// The minimum length of an unfinished word, in bytes: a shorter prefix is common to too many words.
    private static let minPrefixLength = 3

    /// The rules by the first term of `from`.
    private var rules: [String: [Rewrite]] = [:]
    /// The keys of `rules`, ascending, for lookup by prefix.
    private var firstTerms: [String] = []

    /// Analyzes the lists of a profile. Entries without a term, and rules that replace a phrase only by itself, are
    /// dropped. Complexity: O(words of the lists).
    init(_ synonyms: [Synonyms], _ analyzer: TextAnalyzer) {
        for list in synonyms {
            let to = Self.entries(list.words ?? list.to ?? [], analyzer)
            for from in list.words == nil ? Self.entries(list.from ?? [], analyzer) : to {
                guard to.contains(where: { $0.phrase.terms != from.phrase.terms }) else { continue }
                rules[from.phrase.terms[0].term, default: []].append(Rewrite(from: from, to: to))
            }
        }
        firstTerms = rules.keys.sorted()
    }

    /// The entries of a list that have at least one term.
    private static func entries(_ texts: [String], _ analyzer: TextAnalyzer) -> [Entry] {
        texts.compactMap { text in
            var phrase = AnalyzedQuery(text, analyzer).phrase
            guard let start = phrase.terms.first?.position else { return nil }
            phrase.terms = phrase.terms.map { Query.PhraseTerm($0.term, at: $0.position - start) }
            return Entry(phrase: phrase, text: text)
        }
    }

    /// Returns all runs of a query's terms that have synonyms, by their first terms. If the last term is `unfinished`,
    /// it matches every term of which it is a prefix. Complexity: O(terms · rules with the same first term).
    func matches(in phrase: [Query.PhraseTerm], unfinished: Bool) -> [Match] {
        let isUnfinished = unfinished && (phrase.last?.term.utf8.count ?? 0) >= Self.minPrefixLength
        var matches: [Match] = []
        for start in phrase.indices {
            let isLast = isUnfinished && start == phrase.count - 1
            let candidates = isLast ? rules(prefix: phrase[start].term) : rules[phrase[start].term] ?? []
            for rule in candidates {
                let from = rule.from.phrase.terms
                guard let end = Self.end(of: from, in: phrase, start, isUnfinished) else { continue }
                matches.append(
                    Match(
                        terms: start..<end, from: rule.from,
                        isUnfinished: from[from.count - 1].term != phrase[end - 1].term, to: rule.to))
            }
        }
        return matches
    }

    /// The rules whose first term has a prefix.
    private func rules(prefix: String) -> [Rewrite] {
        var low = 0
        var high = firstTerms.count
        while low < high {
            let middle = (low + high) / 2
            if firstTerms[middle] < prefix { low = middle + 1 } else { high = middle }
        }
        return firstTerms[low...].prefix { $0.hasPrefix(prefix) }.flatMap { rules[$0] ?? [] }
    }

    /// The end index of a rule's terms in a phrase that has them from `start` on, at the same distances; nil if it does
    /// not have them.
    private static func end(
        of from: [Query.PhraseTerm], in phrase: [Query.PhraseTerm], _ start: Int, _ unfinished: Bool
    ) -> Int? {
        guard start + from.count <= phrase.count else { return nil }
        for (i, expected) in from.enumerated() {
            let actual = phrase[start + i]
            guard actual.position - phrase[start].position == expected.position else { return nil }
            let isLast = unfinished && start + i == phrase.count - 1
            guard actual.term == expected.term || isLast && expected.term.hasPrefix(actual.term) else { return nil }
        }
        return start + from.count
    }
}
