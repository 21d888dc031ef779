/// What becomes of the edits between a word and a text with every character of the text, for all words at once.
///
/// A state is the set of places of the word that may have been reached with so many edits, and of those where an
/// exchange of neighbours is half read; places are told from the first of them on, so that words and places within them
/// have states in common. Which state follows depends only on where the character stands in the next `window` places of
/// the word. Made once for each number of edits.
///
/// Source: Mihov and Schulz, "Fast approximate search in large dictionaries", 2004.
final class LevenshteinTable: @unchecked Sendable {
    /// Places of the word that tell what follows.
    static let window = 5
    /// The most edits.
    static let mostEdits = 2

    /// By state and by where the character stands: the next state times 8, and how far the first place moves.
    let nextStates: UnsafePointer<UInt16>
    /// By state: the fewest edits with which anything was reached; more than any for the dead state, which is 0.
    let leastEditsOfStates: UnsafePointer<UInt8>
    /// By state and place: the fewest edits with which the place was reached.
    let edits: [UInt8]
    /// The state in which nothing was read.
    let start: UInt16

    /// Tables by the number of edits. They are never freed.
    static let all = (0...mostEdits).map(LevenshteinTable.init)

    private static func kept<T>(_ values: [T]) -> UnsafePointer<T> {
        let memory = UnsafeMutablePointer<T>.allocate(capacity: values.count)
        memory.initialize(from: values, count: values.count)
        return UnsafePointer(memory)
    }

    /// No number of edits.
    static let none: UInt8 = 255

    private init(edits most: Int) {
        var states = [Places()]
        var known = [Places(): 0]
        func number(_ places: Places) -> Int {
            if let number = known[places] { return number }
            known[places] = states.count
            states.append(places)
            return states.count - 1
        }
        start = UInt16(number(Places(start: most)))
        var next = [UInt16](repeating: 0, count: 1 << Self.window)
        var state = 1
        while state < states.count {
            for here in 0..<(1 << Self.window) {
                var following = states[state].reading(UInt32(here), most)
                let shift = following.normalize()
                next.append(UInt16(number(following) << 3 | shift))
            }
            state += 1
        }
        precondition(states.count < 1 << 13, "\(states.count) states")
        nextStates = Self.kept(next)
        leastEditsOfStates = Self.kept(
            states.map { places in
                (0...most).first { places.reached[$0] | places.exchanging[$0] != 0 }.map { UInt8($0) } ?? Self.none
            })
        edits = states.flatMap { places in
            (0..<8).map { place in
                (0...most).first { places.reached[$0] >> UInt32(place) & 1 == 1 }.map { UInt8($0) } ?? Self.none
            }
        }
    }
}

/// By number of edits the places that may have been reached, and those that an exchange has half read, a bit each.
private struct Places: Hashable {
    var reached: SIMD4<UInt32> = .zero
    var exchanging: SIMD4<UInt32> = .zero

    init() {}

    /// Nothing was read: some places may have been left out.
    init(start most: Int) {
        for edits in 0...most { reached[edits] = 1 << UInt32(edits + 1) - 1 }
    }

    /// The places after a character that stands in those of `here`.
    func reading(_ here: UInt32, _ most: Int) -> Places {
        var next = Places()
        next.reached[0] = (reached[0] & here) << 1
        for edits in 0..<most {
            let fewer = reached[edits]
            let matched = (reached[edits + 1] & here) << 1
            let exchanged = (exchanging[edits + 1] & here) << 2
            // Inserted, substituted, and left out behind what was read.
            let left = next.reached[edits] | next.reached[edits] << 1
            next.reached[edits + 1] = matched | exchanged | fewer | fewer << 1 | left
            next.exchanging[edits + 1] = fewer & here >> 1
        }
        return next
    }

    /// Tells places from the first on; answers how far that moved.
    mutating func normalize() -> Int {
        var all: UInt32 = 0
        for edits in 0..<4 { all |= reached[edits] | exchanging[edits] }
        if all == 0 { return 0 }
        let shift = UInt32(all.trailingZeroBitCount)
        for edits in 0..<4 {
            reached[edits] >>= shift
            exchanging[edits] >>= shift
        }
        return Int(shift)
    }
}
