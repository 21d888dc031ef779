import Kernels

/// Reads a text character by character and knows all along whether it may still become one that is looked for.
protocol TermAutomaton {
    /// What was read so far.
    associatedtype State
    /// Nothing was read.
    var start: State { get }
    /// Reads one character.
    func step(_ state: State, _ scalar: UInt32) -> State
    /// Whether what follows can still make it a text that is looked for.
    func canMatch(_ state: State) -> Bool
    /// Whether what was read is one.
    func accepts(_ state: State) -> Bool
}

extension TermDictionary {
    /// Calls `body` with each term that an automaton accepts, the state it is left in and the term's documents; of
    /// those that begin with some bytes, until it answers false. False when the dictionary is damaged.
    ///
    /// Terms are read in order, and the states of characters that a term shares with the one before are kept. Stretches
    /// that share a beginning which can lead nowhere are leapt over. Complexity: O(terms with the beginning) at worst.
    func forEachTerm<Automaton: TermAutomaton>(
        _ automaton: Automaton, beginning: [UInt8],
        _ body: (UnsafeBufferPointer<UInt8>, Automaton.State, TermInfo) -> Bool
    ) -> Bool {
        var cursor = TermCursor(self)
        // The characters of the current term: where each ends, and the state behind it.
        var ends: [Int] = []
        var states: [Automaton.State] = []
        var known: [UInt8] = []
        var isThere = beginning.withUnsafeBufferPointer { cursor.seek($0) }
        while isThere, cursor.term.starts(with: beginning) {
            let term = cursor.term
            var shared = 0
            while shared < min(known.count, term.count), known[shared] == term[shared] { shared += 1 }
            while let end = ends.last, end > shared {
                ends.removeLast()
                states.removeLast()
            }
            var place = ends.last ?? 0
            var state = states.last ?? automaton.start
            var isDead = !automaton.canMatch(state)
            while place < term.count, !isDead {
                guard let (scalar, length) = Self.scalar(term, place) else { break }
                place += length
                state = automaton.step(state, scalar)
                isDead = !automaton.canMatch(state)
                ends.append(place)
                states.append(state)
            }
            if isDead {
                // Everything that begins like this is out of reach.
                var next = Array(term[..<place])
                while let last = next.popLast() {
                    if last == 0xFF { continue }
                    next.append(last + 1)
                    break
                }
                known = Array(term[..<place])
                isThere = !next.isEmpty && next.withUnsafeBufferPointer { cursor.seek($0) }
                continue
            }
            if place == term.count, automaton.accepts(state), !body(term, state, cursor.info) { break }
            known = Array(term)
            isThere = cursor.next()
        }
        return !cursor.failed
    }

    /// The character at a place, and its bytes; nil when they are none.
    private static func scalar(_ term: UnsafeBufferPointer<UInt8>, _ place: Int) -> (UInt32, Int)? {
        var bytes = term[place...].makeIterator()
        var decoder = UTF8()
        guard case .scalarValue(let scalar) = decoder.decode(&bytes) else { return nil }
        return (scalar.value, UTF8.width(scalar))
    }
}
