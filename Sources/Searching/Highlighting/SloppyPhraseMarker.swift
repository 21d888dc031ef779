import Analyzer

/// A marker of the occurrences of a sloppy phrase, or of a phrase that ends with a prefix, in an analyzed text.
struct SloppyPhraseMarker: Sendable {
    /// The terms that can fill a place of the phrase.
    private struct Group: Sendable, Equatable {
        var terms: Set<String>
        /// A prefix; terms that begin with it can fill the place as well.
        var prefix: String?

        func contains(_ term: String) -> Bool {
            terms.contains(term) || prefix.map { term.utf8.starts(with: $0.utf8) } ?? false
        }
    }

    /// The distinct groups, in the order of the places.
    private let groups: [Group]
    private let search: SpanSearch

    /// A marker for a sloppy phrase; places beyond `SloppyPhrase.maxPlaces` are ignored.
    init(_ phrase: SloppyPhrase) {
        let places = phrase.places.map { (Group(terms: Set($0.terms)), $0.position) }
        self.init(places, slop: phrase.slop)
    }

    /// A marker for an exact phrase whose last term is only a prefix.
    init(_ terms: [Query.PhraseTerm], prefix: Query.PhraseTerm) {
        let places = terms.prefix(SloppyPhrase.maxPlaces - 1).map { (Group(terms: [$0.term]), $0.position) }
        self.init(places + [(Group(terms: [], prefix: prefix.term), prefix.position)], slop: 0)
    }

    private init(_ places: [(group: Group, position: Int)], slop: Int) {
        var groups: [Group] = []
        let ordered = places.sorted { $0.position < $1.position }.prefix(SloppyPhrase.maxPlaces)
        let searched = ordered.map { place in
            if !groups.contains(place.group) { groups.append(place.group) }
            return SpanSearch.Place(offset: place.position, group: groups.firstIndex(of: place.group) ?? 0)
        }
        self.groups = groups
        search = SpanSearch(searched, slop: slop)
    }

    /// Marks the tokens of each narrowest assignment, as `SloppyPhrase` defines it. Marks that are set stay set.
    ///
    /// Complexity: O(tokens · places² · log tokens).
    func mark(_ tokens: borrowing TokenBuffer, _ isMarked: inout [Bool]) {
        var candidates = [[(position: Int, token: Int)]](repeating: [], count: groups.count)
        for token in 0..<tokens.count {
            let term = String(decoding: tokens.term(token), as: UTF8.self)
            for (i, group) in groups.enumerated() where group.contains(term) {
                candidates[i].append((Int(tokens.position[token]), token))
            }
        }
        for i in candidates.indices { candidates[i].sort { $0.position < $1.position } }
        var search = search
        let places = search.places
        for (i, place) in places.enumerated() {
            search.starts[i] = candidates[place.group].map { $0.position - place.offset }
        }
        search.forEach { _, chosen in
            for (place, index) in zip(places, chosen) { isMarked[candidates[place.group][index].token] = true }
        }
    }
}
