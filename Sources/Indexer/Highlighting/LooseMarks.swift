import Analyzer

/// Finds in a text where the words of a phrase stand near each other, the last perhaps only begun.
struct LooseMarks: Sendable {
    /// What can take a place.
    private struct Group: Sendable, Equatable {
        var terms: Set<String>
        /// What a term may begin with instead of being one of these.
        var prefix: String?

        func has(_ term: String) -> Bool {
            terms.contains(term) || prefix.map { term.utf8.starts(with: $0.utf8) } ?? false
        }
    }

    private let groups: [Group]
    private let search: SpanSearch

    /// A loose phrase.
    init(_ phrase: LoosePhrase) {
        let places = phrase.places.map { (Group(terms: Set($0.terms)), $0.position) }
        self.init(places, slop: phrase.slop)
    }

    /// A phrase with a beginning at its end.
    init(_ terms: [Query.PhraseTerm], prefix: Query.PhraseTerm) {
        let places = terms.prefix(LoosePhrase.mostPlaces - 1).map { (Group(terms: [$0.term]), $0.position) }
        self.init(places + [(Group(terms: [], prefix: prefix.term), prefix.position)], slop: 0)
    }

    private init(_ places: [(group: Group, position: Int)], slop: Int) {
        var groups: [Group] = []
        let ordered = places.sorted { $0.position < $1.position }.prefix(LoosePhrase.mostPlaces)
        let numbered = ordered.map { place in
            if !groups.contains(place.group) { groups.append(place.group) }
            return SpanSearch.Place(offset: place.position, group: groups.firstIndex(of: place.group) ?? 0)
        }
        self.groups = groups
        search = SpanSearch(numbered, slop: slop)
    }

    /// Marks the tokens of each narrowest choice, as `LoosePhrase` tells them.
    ///
    /// Complexity: O(tokens · places² · log tokens).
    func mark(_ tokens: borrowing TokenBuffer, _ isMarked: inout [Bool]) {
        var candidates = [[(position: Int, token: Int)]](repeating: [], count: groups.count)
        for token in 0..<tokens.count {
            let term = String(decoding: tokens.term(token), as: UTF8.self)
            for (number, group) in groups.enumerated() where group.has(term) {
                candidates[number].append((Int(tokens.position[token]), token))
            }
        }
        for number in candidates.indices { candidates[number].sort { $0.position < $1.position } }
        var search = search
        let places = search.places
        for (i, place) in places.enumerated() {
            search.beginnings[i] = candidates[place.group].map { $0.position - place.offset }
        }
        search.forEach { _, chosen in
            for (place, number) in zip(places, chosen) { isMarked[candidates[place.group][number].token] = true }
        }
    }
}
