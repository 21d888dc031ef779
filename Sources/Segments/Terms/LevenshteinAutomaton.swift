/// An automaton that accepts the texts within a few edits of a word: insertions, deletions, substitutions and
/// transpositions of neighboring characters, where no edit touches what another one changed (optimal string alignment).
///
/// Characters are Unicode scalars. A step takes two lookups: the positions of the character in the word, and the
/// transition in the `LevenshteinTable`. The pointers into the word are valid as long as the automaton, which owns
/// them.
///
/// ```swift
/// guard let automaton = LevenshteinAutomaton("keyboard", edits: 2) else { return }
/// let isIntact = dictionary.forEachTerm(automaton, beginning: Array("k".utf8)) { term, state, info, _ in
///     print(automaton.distance(state) ?? 0, info.documentFrequency)
///     return true
/// }
/// ```
package struct LevenshteinAutomaton: TermAutomaton {
    /// The maximum length of a word, in characters: a bit each in a 64-bit mask.
    static let maxLength = 60
    /// The maximum of `edits`.
    package static let mostEdits = LevenshteinTable.maxEdits

    /// The maximum number of edits of an accepted text. It may be lowered between two steps.
    package var edits: Int
    private let word: LevenshteinWord
    private let table: LevenshteinTable
    // Copies of the pointers in `table` and `word`.
    private let nextStates: UnsafePointer<UInt16>
    private let minEdits: UnsafePointer<UInt8>
    private let asciiMasks: UnsafePointer<UInt64>

    /// The progress through a text: a state of the table, and the position in the word to which it is relative.
    package struct State: BitwiseCopyable {
        fileprivate var number: UInt16
        fileprivate var base: UInt16
    }

    /// Creates an automaton for a word; nil if the word is empty or has more than 60 characters, or if `edits` is not
    /// 0...2.
    ///
    /// Complexity: O(characters); the first automaton of a process builds the tables.
    package init?(_ word: String, edits: Int) {
        let scalars = word.unicodeScalars.map(\.value)
        guard !scalars.isEmpty, scalars.count <= Self.maxLength, (0...Self.mostEdits).contains(edits) else {
            return nil
        }
        self.edits = edits
        self.word = LevenshteinWord(scalars)
        table = LevenshteinTable.all[edits]
        asciiMasks = UnsafePointer(self.word.asciiMasks)
        nextStates = table.nextStates
        minEdits = table.minEdits
    }

    /// The state before the first character.
    package var start: State { State(number: table.start, base: 0) }

    /// Returns the state after one more character. Complexity: O(1); O(distinct characters of the word) outside ASCII.
    @inline(__always)
    package func step(_ state: State, _ scalar: UInt32) -> State {
        let mask = scalar < 128 ? asciiMasks[Int(scalar)] : word.otherMask(scalar)
        let vector = Int(truncatingIfNeeded: mask &>> UInt64(state.base)) & (1 << LevenshteinTable.window - 1)
        let entry = nextStates[Int(state.number) &<< LevenshteinTable.window | vector]
        return State(number: entry &>> 3, base: state.base &+ (entry & 7))
    }

    /// True if some continuation of the text may be accepted.
    @inline(__always)
    package func canMatch(_ state: State) -> Bool { Int(minEdits[Int(state.number)]) <= edits }

    /// True if the text read so far is within `edits` edits of the word.
    @inline(__always)
    package func accepts(_ state: State) -> Bool { distance(state) != nil }

    /// Returns the number of edits between the word and the text read so far; nil if it exceeds `edits`.
    @inline(__always)
    package func distance(_ state: State) -> Int? {
        let offset = word.length - Int(state.base)
        guard 0..<8 ~= offset else { return nil }
        let distance = Int(table.minEditsByPosition[Int(state.number) << 3 | offset])
        return distance <= edits ? distance : nil
    }
}

/// The positions of each character in a word, as bit masks: bit i is character i of the word.
private final class LevenshteinWord {
    let length: Int
    /// By ASCII character.
    let asciiMasks: UnsafeMutablePointer<UInt64>
    /// The masks of the other characters.
    private var otherMasks: [(scalar: UInt32, mask: UInt64)] = []

    init(_ scalars: [UInt32]) {
        length = scalars.count
        asciiMasks = .allocate(capacity: 128)
        asciiMasks.initialize(repeating: 0, count: 128)
        for (position, scalar) in scalars.enumerated() {
            let bit = 1 << UInt64(position) as UInt64
            if scalar < 128 {
                asciiMasks[Int(scalar)] |= bit
            } else if let index = otherMasks.firstIndex(where: { $0.scalar == scalar }) {
                otherMasks[index].mask |= bit
            } else {
                otherMasks.append((scalar, bit))
            }
        }
    }

    deinit { asciiMasks.deallocate() }

    /// Returns the mask of a character outside ASCII. Complexity: O(distinct characters of the word).
    func otherMask(_ scalar: UInt32) -> UInt64 {
        for other in otherMasks where other.scalar == scalar { return other.mask }
        return 0
    }
}
