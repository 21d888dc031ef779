import Kernels

/// Reads a text character by character and knows all along whether it can still become one that is within a few edits
/// of a word: insertions, deletions, substitutions and exchanges of two neighbours, each of them one edit.
///
/// No stretch is edited twice (optimal string alignment): `ca` is three edits from `abc`. Shape: the word has at most
/// `longestWord` characters. Complexity: O(edits) a character. Source: Wu and Manber, "Fast text searching allowing
/// errors", 1992, for sets of places as bits; Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau
/// edit distances", 2003, for exchanges.
struct LevenshteinAutomaton: TermAutomaton {
    /// Longer words are not corrected.
    static let longestWord = 60
    /// The most edits.
    static let mostEdits = 2

    /// Edits that are allowed.
    let edits: Int
    private let length: Int
    /// The word's distinct characters, and for each the places where it stands, as bits.
    private var characters: [UInt32] = []
    private var places: [UInt64] = []

    /// What has been read so far: per number of edits the places of the word that may have been reached, and those that
    /// an exchange has half read.
    struct State {
        fileprivate var reached: SIMD4<UInt64> = .zero
        fileprivate var exchanging: SIMD4<UInt64> = .zero
    }

    /// Nil for a word that is empty or too long.
    init?(_ word: String, edits: Int) {
        let scalars = word.unicodeScalars.map(\.value)
        guard !scalars.isEmpty, scalars.count <= Self.longestWord, edits >= 0, edits <= Self.mostEdits else {
            return nil
        }
        self.edits = edits
        length = scalars.count
        for (place, scalar) in scalars.enumerated() {
            if let known = characters.firstIndex(of: scalar) {
                places[known] |= 1 << UInt64(place)
            } else {
                characters.append(scalar)
                places.append(1 << UInt64(place))
            }
        }
    }

    /// Nothing has been read.
    var start: State {
        var state = State()
        state.reached[0] = 1
        for edit in 0..<edits { state.reached[edit + 1] = state.reached[edit] | state.reached[edit] << 1 }
        return state
    }

    /// Reads one character.
    func step(_ state: State, _ scalar: UInt32) -> State {
        var here: UInt64 = 0
        for i in characters.indices where characters[i] == scalar { here = places[i] }
        let inside = 1 << UInt64(length + 1) - 1 as UInt64
        var next = State()
        next.reached[0] = (state.reached[0] & here) << 1
        for edit in 1..<(edits + 1) {
            let fewer = state.reached[edit - 1]
            let matched = (state.reached[edit] & here) << 1
            let exchanged = (state.exchanging[edit] & here) << 2
            let deleted = next.reached[edit - 1] | next.reached[edit - 1] << 1
            next.reached[edit] = (matched | fewer | fewer << 1 | exchanged | deleted) & inside
            next.exchanging[edit] = fewer & (here >> 1)
        }
        return next
    }

    /// Whether what follows can still make it a text within reach.
    func canMatch(_ state: State) -> Bool { state.reached[edits] | state.exchanging[edits] != 0 }

    func accepts(_ state: State) -> Bool { distance(state) != nil }

    /// The edits between the word and what has been read; nil when there are more than allowed.
    func distance(_ state: State) -> Int? {
        (0...edits).first { state.reached[$0] >> UInt64(length) & 1 == 1 }
    }
}
