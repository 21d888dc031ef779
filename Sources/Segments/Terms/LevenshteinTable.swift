/// The transition table of a Levenshtein automaton that is independent of the word, for one maximum number of edits
/// (insertions, deletions, substitutions and transpositions of neighbors).
///
/// A state is a set of positions in the word, each with the number of edits after which it may have been reached, plus
/// the positions at which a transposition is half read. Positions are relative to the first one of the set, so that all
/// words, and all places within them, share the states. The next state depends only on the characteristic vector of the
/// character: a bit for each of the next `window` characters of the word, set where it is the same character. There is
/// one table for each number of edits; all are built when the first one is needed, and never freed. A table is
/// immutable and may be used by any thread.
///
/// Source: Mihov and Schulz, "Fast approximate search in large dictionaries", 2004.
final class LevenshteinTable: @unchecked Sendable {
    /// The number of characters of the word that determine a transition: the bits of a characteristic vector.
    static let window = 5
    /// The maximum number of edits.
    static let maxEdits = 2

    /// By state · 2^`window` + characteristic vector: the next state · 8 + how far the first position moves.
    let nextStates: UnsafePointer<UInt16>
    /// By state: the minimum number of edits of all its positions; `none` for the dead state, which has number 0.
    let minEdits: UnsafePointer<UInt8>
    /// By state · 8 + relative position: the minimum number of edits with which it was reached, or `none`.
    let minEditsByPosition: [UInt8]
    /// The state before the first character.
    let start: UInt16

    /// The tables, by maximum number of edits.
    static let all = (0...maxEdits).map(LevenshteinTable.init)

    /// Copies values to memory that is never freed.
    private static func allocated<T>(_ values: [T]) -> UnsafePointer<T> {
        let memory = UnsafeMutablePointer<T>.allocate(capacity: values.count)
        memory.initialize(from: values, count: values.count)
        return UnsafePointer(memory)
    }

    /// Stands for a position that was not reached.
    static let none: UInt8 = 255

    /// Builds the table: a breadth-first search over all states and characteristic vectors.
    private init(maxEdits: Int) {
        var states = [PositionSets()]
        var stateNumbers = [PositionSets(): 0]
        func stateNumber(_ sets: PositionSets) -> Int {
            if let stateNumber = stateNumbers[sets] { return stateNumber }
            stateNumbers[sets] = states.count
            states.append(sets)
            return states.count - 1
        }
        start = UInt16(stateNumber(PositionSets(start: maxEdits)))
        var next = [UInt16](repeating: 0, count: 1 << Self.window)
        var index = 1
        while index < states.count {
            for vector in 0..<(1 << Self.window) {
                var following = states[index].reading(UInt32(vector), maxEdits)
                let shift = following.normalize()
                next.append(UInt16(stateNumber(following) << 3 | shift))
            }
            index += 1
        }
        precondition(states.count < 1 << 13, "\(states.count) states")
        nextStates = Self.allocated(next)
        minEdits = Self.allocated(
            states.map { sets in
                (0...maxEdits).first { sets.reached[$0] | sets.transposing[$0] != 0 }.map { UInt8($0) } ?? Self.none
            })
        minEditsByPosition = states.flatMap { sets in
            (0..<8).map { position in
                (0...maxEdits).first { sets.reached[$0] >> UInt32(position) & 1 == 1 }.map { UInt8($0) } ?? Self.none
            }
        }
    }
}

/// A state before it has a number: sets of positions, each a bit mask by number of edits.
private struct PositionSets: Hashable {
    /// The positions that may have been reached.
    var reached: SIMD4<UInt32> = .zero
    /// The positions at which the second character of a transposition was read, and the first one must follow.
    var transposing: SIMD4<UInt32> = .zero

    init() {}

    /// The state before the first character: with e edits, up to e characters of the word are deleted.
    init(start maxEdits: Int) {
        for edits in 0...maxEdits { reached[edits] = 1 << UInt32(edits + 1) - 1 }
    }

    /// Returns the state after a character with the characteristic vector `vector`.
    func reading(_ vector: UInt32, _ maxEdits: Int) -> PositionSets {
        var next = PositionSets()
        next.reached[0] = (reached[0] & vector) << 1
        for edits in 0..<maxEdits {
            let fewer = reached[edits]
            let matched = (reached[edits + 1] & vector) << 1
            let transposed = (transposing[edits + 1] & vector) << 2
            // Insertion and substitution; then deletions after what was read.
            let deleted = next.reached[edits] | next.reached[edits] << 1
            next.reached[edits + 1] = matched | transposed | fewer | fewer << 1 | deleted
            next.transposing[edits + 1] = fewer & vector >> 1
        }
        return next
    }

    /// Makes positions relative to the first one. Returns the distance it moved.
    mutating func normalize() -> Int {
        var union: UInt32 = 0
        for edits in 0..<4 { union |= reached[edits] | transposing[edits] }
        if union == 0 { return 0 }
        let shift = UInt32(union.trailingZeroBitCount)
        for edits in 0..<4 {
            reached[edits] >>= shift
            transposing[edits] >>= shift
        }
        return Int(shift)
    }
}
