import Glibc
import Kernels

/// Reads a text character by character and knows all along whether it may still become one that is looked for.
protocol TermAutomaton {
    /// What was read so far.
    associatedtype State: BitwiseCopyable
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
    /// those that begin with some bytes, until it answers false or `isOver` true, which is asked now and then. False
    /// when the dictionary is damaged. `body` may make the automaton one that reads in the same way and accepts less.
    ///
    /// Blocks whose terms all begin in a way that leads nowhere are leapt over by the index of first bytes alone, terms
    /// by how many bytes they share with the one before. Complexity: O(blocks) for the index, O(terms with the
    /// beginning) at worst.
    func forEachTerm<Automaton: TermAutomaton>(
        _ automaton: Automaton, beginning: [UInt8], isOver: () -> Bool = { false },
        _ body: (UnsafeBufferPointer<UInt8>, Automaton.State, TermInfo, inout Automaton) -> Bool
    ) -> Bool {
        var walk = AutomatonWalk(automaton)
        guard let first = beginning.withUnsafeBufferPointer({ block(of: $0) }) else { return false }
        if walk.isDead { return true }
        // The greatest first bytes of a term with the beginning.
        let greatest = beginning.withUnsafeBufferPointer { termPrefix($0) } | UInt64.max >> UInt64(beginning.count * 8)
        var number = max(first, 0)
        while number < blockCount, prefix(number) <= greatest {
            let (mask, dead) = walk.deadBeginning
            while number + 1 < blockCount, prefix(number) & mask == dead, prefix(number + 1) & mask == dead {
                number += 1
            }
            let this = number
            number += 1
            if number < blockCount, !walk.mayMatch(from: prefix(this), to: prefix(number)) { continue }
            if this & 63 == 63, isOver() { return true }
            var block = TermBlock(self, this)
            while let (shared, rest) = block.nextText() {
                guard walk.read(shared, rest, isFirst: block.place == 1) else { return false }
                if walk.accepts, walk.text.starts(with: beginning) {
                    let info = block.info(block.place - 1)
                    if block.failed { return false }
                    if !body(walk.text, walk.state, info, &walk.automaton) { return true }
                }
                block.leap(sharing: walk.dead)
            }
            if block.failed { return false }
        }
        return true
    }
}

/// The bytes that were read last, and the states of an automaton on the way through them.
private struct AutomatonWalk<Automaton: TermAutomaton>: ~Copyable {
    var automaton: Automaton
    private var bytes = GrowableBuffer<UInt8>(capacity: 256)
    /// By number of bytes: where the last whole character ends, and, for such ends, the state there.
    private var ends = GrowableBuffer<Int>(capacity: 257)
    private var states = GrowableBuffer<Automaton.State>(capacity: 257)
    /// Bytes for which there is room.
    private var room = 256
    /// After how many bytes nothing can match any more; `.max` when something can.
    private(set) var dead = Int.max

    init(_ automaton: Automaton) {
        self.automaton = automaton
        ends.append(0)
        states.append(automaton.start)
        if !automaton.canMatch(automaton.start) { dead = 0 }
    }

    var isDead: Bool { dead < .max }
    /// What was read; whole only when it is not dead.
    var text: UnsafeBufferPointer<UInt8> { bytes.elements }
    /// The state behind the last whole character.
    var state: Automaton.State { states.base[ends.base[bytes.count]] }
    /// Whether what was read is looked for.
    var accepts: Bool {
        !isDead && ends.base[bytes.count] == bytes.count && automaton.accepts(states.base[bytes.count])
    }

    /// The first eight bytes of what was read.
    private var now: UInt64 {
        @inline(__always) get { UnsafeRawPointer(bytes.base).loadUnaligned(as: UInt64.self).bigEndian }
    }

    /// How the first eight bytes of a term begin that cannot match; those of no term when it takes more to know.
    var deadBeginning: (mask: UInt64, bytes: UInt64) {
        if dead == 0 || dead > 8 { return (0, 1) }
        let mask = UInt64.max &<< UInt64(64 &- dead &* 8)
        return (mask, now & mask)
    }

    /// Whether a term between two may match, going by the first eight bytes of both.
    @inline(__always)
    mutating func mayMatch(from low: UInt64, to high: UInt64) -> Bool {
        // All terms between them begin with what they have in common. A zero may be there or be the text's end.
        let zeros = (low &- 0x0101_0101_0101_0101) & ~low & 0x8080_8080_8080_8080
        let common = min((low ^ high).leadingZeroBitCount, zeros.leadingZeroBitCount) &>> 3
        let shared = min(min((low ^ now).leadingZeroBitCount &>> 3, common), bytes.count)
        if dead <= shared { return false }
        return withUnsafeBytes(of: low.bigEndian) { first in
            read(shared, UnsafeRawBufferPointer(rebasing: first[shared..<common]))
            return !isDead
        }
    }

    /// Reads the next term, given how many bytes it shares with the one before; false when it cannot share as many.
    @inline(__always)
    mutating func read(_ shared: Int, _ rest: UnsafeRawBufferPointer, isFirst: Bool) -> Bool {
        // The first of a block is given as a whole.
        var known = shared
        if isFirst {
            while known < min(rest.count, bytes.count), rest[known] == bytes.base[known] { known &+= 1 }
        }
        if known >= dead { return true }
        guard known <= bytes.count else { return false }
        read(known, UnsafeRawBufferPointer(rebasing: rest[(known &- shared)...]))
        return true
    }

    /// Reads what follows some of the bytes, up to where nothing can match any more.
    @inline(__always)
    private mutating func read(_ shared: Int, _ rest: UnsafeRawBufferPointer) {
        let count = shared &+ rest.count
        if room < count {
            // Most long terms are given up before their end.
            if room < 1024 { reserve(1024) }
            if room < count { return readLong(shared, rest) }
        }
        let text = bytes.base
        let ends = ends.base
        let states = states.base
        var end = ends[shared]
        // What there was of a character.
        var place = shared
        var state = states[end]
        dead = .max
        while place < count {
            let byte = rest[place &- shared]
            if byte >= 0x80 || end < place {
                UnsafeMutableRawPointer(text + place)
                    .copyMemory(from: rest.baseAddress! + (place &- shared), byteCount: count &- place)
                return readWide(from: end, to: count)
            }
            text[place] = byte
            place &+= 1
            state = automaton.step(state, UInt32(byte))
            end = place
            ends[place] = place
            states[place] = state
            if !automaton.canMatch(state) {
                dead = place
                break
            }
        }
        bytes.count = place
    }

    /// Reads what is in `bytes` from a character's start on.
    private mutating func readWide(from start: Int, to count: Int) {
        var end = start
        var state = states.base[end]
        bytes.count = count
        while end < count {
            guard let scalar = Self.scalar(UnsafeBufferPointer(rebasing: bytes.elements[end...])) else {
                // A character that is cut short, or none.
                for depth in end &+ 1...count { ends.base[depth] = end }
                return
            }
            let next = end &+ UTF8.width(scalar)
            for depth in end &+ 1..<next { ends.base[depth] = end }
            state = automaton.step(state, scalar.value)
            ends.base[next] = next
            states.base[next] = state
            if !automaton.canMatch(state) {
                dead = next
                return
            }
            end = next
        }
    }

    /// Reads what follows some of the bytes piece by piece.
    @inline(never)
    private mutating func readLong(_ shared: Int, _ rest: UnsafeRawBufferPointer) {
        var from = 0
        while true {
            let step = min(rest.count &- from, 512)
            if room < shared &+ from &+ step { reserve(2 &* room) }
            read(shared &+ from, UnsafeRawBufferPointer(rebasing: rest[from..<(from &+ step)]))
            from &+= step
            if isDead || from == rest.count { return }
        }
    }

    @inline(never)
    private mutating func reserve(_ bytes: Int) {
        room = bytes
        self.bytes.reserve(bytes)
        ends.reserve(bytes + 1)
        states.reserve(bytes + 1)
    }

    /// The first character of some bytes; nil when there is none.
    private static func scalar(_ bytes: UnsafeBufferPointer<UInt8>) -> Unicode.Scalar? {
        var bytes = bytes.makeIterator()
        var decoder = UTF8()
        guard case .scalarValue(let scalar) = decoder.decode(&bytes) else { return nil }
        return scalar
    }
}
