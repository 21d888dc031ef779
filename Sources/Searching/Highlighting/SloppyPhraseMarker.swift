import Analyzer

/// A marker of the occurrences of a sloppy phrase in an analyzed text.
struct SloppyPhraseMarker: Sendable {
    /// The distinct sets of terms that can fill a place of the phrase, in the order of the places.
    private let groups: [Set<String>]
    private let search: SpanSearch

    /// A marker for a sloppy phrase; places beyond `SloppyPhrase.maxPlaces` are ignored.
    init(_ phrase: SloppyPhrase) {
        var groups: [Set<String>] = []
        let ordered = phrase.places.sorted { $0.position < $1.position }.prefix(SloppyPhrase.maxPlaces)
        let searched = ordered.map { place in
            let terms = Set(place.terms)
            if !groups.contains(terms) { groups.append(terms) }
            return SpanSearch.Place(offset: place.position, group: groups.firstIndex(of: terms) ?? 0)
        }
        self.groups = groups
        search = SpanSearch(searched, slop: phrase.slop)
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
