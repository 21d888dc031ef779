/// Recognises texts at most a few edits away from a word: insertions, deletions, substitutions and exchanges of
/// neighbours, none of which touches what another changed.
///
/// Reading a character takes two look-ups: where it stands in the word, and what follows in the `LevenshteinTable`.
struct LevenshteinAutomaton: TermAutomaton {
    /// Longest word, in characters.
    static let longest = 60
    /// The most edits.
    static let mostEdits = LevenshteinTable.mostEdits

    /// Edits that are allowed. Fewer may be allowed from some character on.
    var edits: Int
    private let word: LevenshteinWord
    private let table: LevenshteinTable
    private let next: UnsafePointer<UInt16>
    private let leastEdits: UnsafePointer<UInt8>
    private let places: UnsafePointer<UInt64>

    /// What has been read so far: a state of the table, and the place of the word that it counts from.
    struct State: BitwiseCopyable {
        fileprivate var number: UInt16
        fileprivate var base: UInt16
    }

    /// Nil for a word that is empty or too long.
    init?(_ word: String, edits: Int) {
        let scalars = word.unicodeScalars.map(\.value)
        guard !scalars.isEmpty, scalars.count <= Self.longest, (0...Self.mostEdits).contains(edits) else {
            return nil
        }
        self.edits = edits
        self.word = LevenshteinWord(scalars)
        table = LevenshteinTable.all[edits]
        places = UnsafePointer(self.word.places)
        next = table.nextStates
        leastEdits = table.leastEditsOfStates
    }

    /// Nothing has been read.
    var start: State { State(number: table.start, base: 0) }

    /// Reads one character.
    @inline(__always)
    func step(_ state: State, _ scalar: UInt32) -> State {
        let all = scalar < 128 ? places[Int(scalar)] : word.otherPlaces(scalar)
        let here = Int(truncatingIfNeeded: all &>> UInt64(state.base)) & (1 << LevenshteinTable.window - 1)
        let entry = next[Int(state.number) &<< LevenshteinTable.window | here]
        return State(number: entry &>> 3, base: state.base &+ (entry & 7))
    }

    /// Whether what follows can still make it a text within reach.
    @inline(__always)
    func canMatch(_ state: State) -> Bool { Int(leastEdits[Int(state.number)]) <= edits }

    @inline(__always)
    func accepts(_ state: State) -> Bool { distance(state) != nil }

    /// The edits between the word and what has been read; nil when there are more than allowed.
    @inline(__always)
    func distance(_ state: State) -> Int? {
        let place = word.length - Int(state.base)
        guard 0..<8 ~= place else { return nil }
        let found = Int(table.edits[Int(state.number) << 3 | place])
        return found <= edits ? found : nil
    }
}

/// Where the characters of a word stand in it, as bits.
private final class LevenshteinWord {
    let length: Int
    /// Of each ASCII character.
    let places: UnsafeMutablePointer<UInt64>
    /// Of the others.
    private var others: [(scalar: UInt32, places: UInt64)] = []

    init(_ scalars: [UInt32]) {
        length = scalars.count
        places = .allocate(capacity: 128)
        places.initialize(repeating: 0, count: 128)
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

    deinit { places.deallocate() }

    func otherPlaces(_ scalar: UInt32) -> UInt64 {
        for other in others where other.scalar == scalar { return other.places }
        return 0
    }
}
