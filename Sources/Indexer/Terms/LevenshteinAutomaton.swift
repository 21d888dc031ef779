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

    /// Edits that are allowed. Fewer may be allowed from some character on.
    var edits: Int
    private let length: Int
    /// A bit for each place, the one behind the word included.
    private let inside: UInt64
    /// Where each ASCII character stands in the word, as bits.
    private var places = [UInt64](repeating: 0, count: 128)
    /// The word's other characters, and where they stand.
    private var others: [(scalar: UInt32, places: UInt64)] = []

    /// What has been read so far: per number of edits the places of the word that may have been reached, and those that
    /// an exchange has half read.
    struct State: BitwiseCopyable {
        fileprivate var reached0: UInt64 = 0
        fileprivate var reached1: UInt64 = 0
        fileprivate var reached2: UInt64 = 0
        fileprivate var exchanging1: UInt64 = 0
        fileprivate var exchanging2: UInt64 = 0
    }

    /// Nil for a word that is empty or too long.
    init?(_ word: String, edits: Int) {
        let scalars = word.unicodeScalars.map(\.value)
        guard !scalars.isEmpty, scalars.count <= Self.longestWord, edits >= 0, edits <= Self.mostEdits else {
            return nil
        }
        self.edits = edits
        length = scalars.count
        inside = 1 << UInt64(length + 1) - 1
        for (place, scalar) in scalars.enumerated() {
            let bit = 1 << UInt64(place) as UInt64
            if scalar < 128 {
                places[Int(scalar)] |= bit
            } else if let known = others.firstIndex(where: { $0.scalar == scalar }) {
                others[known].places |= bit
            } else {
                others.append((scalar, bit))
            }
        }
    }

    /// Nothing has been read.
    var start: State {
        var state = State()
        state.reached0 = 1
        if edits > 0 { state.reached1 = 0b11 & inside }
        if edits > 1 { state.reached2 = 0b111 & inside }
        return state
    }

    /// Reads one character.
    @inline(__always)
    func step(_ state: State, _ scalar: UInt32) -> State {
        let here = scalar < 128 ? places[Int(scalar)] : otherPlaces(scalar)
        var next = State()
        next.reached0 = (state.reached0 & here) &<< 1
        if edits == 0 { return next }
        next.reached1 = after(state.reached1, here, state.reached0, state.exchanging1, next.reached0)
        next.exchanging1 = state.reached0 & (here &>> 1)
        if edits == 1 { return next }
        next.reached2 = after(state.reached2, here, state.reached1, state.exchanging2, next.reached1)
        next.exchanging2 = state.reached1 & (here &>> 1)
        return next
    }

    /// The places reached by reading one of the word's characters, by inserting or substituting one, by the second half
    /// of an exchange, and by leaving one out.
    @inline(__always)
    private func after(
        _ reached: UInt64, _ here: UInt64, _ fewer: UInt64, _ exchanging: UInt64, _ nextFewer: UInt64
    ) -> UInt64 {
        let matched = (reached & here) &<< 1
        let exchanged = (exchanging & here) &<< 2
        return (matched | fewer | fewer &<< 1 | exchanged | nextFewer | nextFewer &<< 1) & inside
    }

    private func otherPlaces(_ scalar: UInt32) -> UInt64 {
        for other in others where other.scalar == scalar { return other.places }
        return 0
    }

    /// Whether what follows can still make it a text within reach.
    @inline(__always)
    func canMatch(_ state: State) -> Bool {
        switch edits {
        case 0: state.reached0 != 0
        case 1: state.reached1 | state.exchanging1 != 0
        default: state.reached2 | state.exchanging2 != 0
        }
    }

    @inline(__always)
    func accepts(_ state: State) -> Bool { distance(state) != nil }

    /// The edits between the word and what has been read; nil when there are more than allowed.
    @inline(__always)
    func distance(_ state: State) -> Int? {
        let end = 1 &<< UInt64(length) as UInt64
        if state.reached0 & end != 0 { return 0 }
        if edits > 0, state.reached1 & end != 0 { return 1 }
        return edits > 1 && state.reached2 & end != 0 ? 2 : nil
    }
}
