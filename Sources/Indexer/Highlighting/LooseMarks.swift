import Analyzer

/// Finds in a text where the words of a phrase stand near each other, the last perhaps only begun.
struct LooseMarks: Sendable {
    private struct Place: Sendable, Equatable {
        var terms: Set<String>
        /// What its term may begin with instead of being one of these.
        var prefix: String?
        var position: Int
    }

    /// Places that are looked for.
    private static let mostPlaces = 64

    private let places: [Place]
    private let slop: Int

    /// A loose phrase.
    init(_ phrase: LoosePhrase) {
        let all = phrase.places.sorted { $0.position < $1.position }
        places = all.prefix(Self.mostPlaces).map { Place(terms: Set($0.terms), position: $0.position) }
        slop = phrase.slop
    }

    /// A phrase with a beginning at its end.
    init(_ terms: [Query.PhraseTerm], prefix: Query.PhraseTerm) {
        let whole = terms.prefix(Self.mostPlaces - 1).map { Place(terms: [$0.term], position: $0.position) }
        places = whole + [Place(terms: [], prefix: prefix.term, position: prefix.position)]
        slop = 0
    }

    /// Marks the tokens of each narrowest choice, as `LoosePhrase` tells them.
    ///
    /// Complexity: O(tokens · places + beginnings · places · log tokens).
    func mark(_ tokens: borrowing TokenBuffer, _ isMarked: inout [Bool]) {
        var candidates = [[(beginning: Int, token: Int)]](repeating: [], count: places.count)
        for token in 0..<tokens.count {
            let term = String(decoding: tokens.term(token), as: UTF8.self)
            for (number, place) in places.enumerated() where Self.fits(term, place) {
                candidates[number].append((Int(tokens.position[token]) - place.position, token))
            }
        }
        if candidates.contains(where: \.isEmpty) { return }
        for number in candidates.indices { candidates[number].sort { $0.beginning < $1.beginning } }
        for first in Set(candidates.joined().map(\.beginning)) {
            for token in choice(from: first, candidates) ?? [] { isMarked[token] = true }
        }
    }

    private static func fits(_ term: String, _ place: Place) -> Bool {
        place.terms.contains(term) || place.prefix.map { term.utf8.starts(with: $0.utf8) } ?? false
    }

    /// The tokens of the narrowest choice that begins just there; nil when there is none that is narrow enough.
    private func choice(from first: Int, _ candidates: [[(beginning: Int, token: Int)]]) -> [Int]? {
        var chosen: [Int] = []
        var taken: [Int] = []
        var least = Int.max
        for (number, place) in places.enumerated() {
            let own = candidates[number]
            var low = 0
            var high = own.count
            while low < high {
                let middle = (low + high) / 2
                if own[middle].beginning < first { low = middle + 1 } else { high = middle }
            }
            let last = (0..<number).filter { places[$0].terms == place.terms && places[$0].prefix == place.prefix }
                .map { taken[$0] }.max()
            while low < own.count, let last, own[low].beginning + place.position <= last { low += 1 }
            guard low < own.count, own[low].beginning - first <= slop else { return nil }
            taken.append(own[low].beginning + place.position)
            chosen.append(own[low].token)
            least = min(least, own[low].beginning)
        }
        return least == first ? chosen : nil
    }
}
