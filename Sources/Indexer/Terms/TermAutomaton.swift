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
            while walk.find(in: &block) {
                if !walk.text.starts(with: beginning) { continue }
                let info = block.info(block.place - 1)
                if block.failed { return false }
                if !body(walk.text, walk.state, info, &walk.automaton) { return true }
            }
            if block.failed || walk.failed { return false }
        }
        return true
    }
}

/// The bytes that were read last, and the states of an automaton on the way through them.
private struct AutomatonWalk<Automaton: TermAutomaton>: ~Copyable {
    var automaton: Automaton
    private var bytes = GrowableBuffer<UInt8>(capacity: 256)
    /// By number of bytes: the state behind them, where a character ends.
    private var states = GrowableBuffer<Automaton.State>(capacity: 257)
    /// Bytes for which there is room.
    private var room = 256
    /// Where each text of the block at hand ends, if it is a plain one.
    private var ends = GrowableBuffer<UInt16>(capacity: TermDictionaryWriter.blockSize)
    private var isPlain = false
    /// After how many bytes nothing can match any more; `.max` when something can.
    private(set) var dead = Int.max
    /// Whether a term shares more bytes with the one before than that has.
    private(set) var failed = false

    init(_ automaton: Automaton) {
        self.automaton = automaton
        states.append(automaton.start)
        if !automaton.canMatch(automaton.start) { dead = 0 }
    }

    var isDead: Bool { dead < .max }
    /// What was read; whole only when it is not dead.
    var text: UnsafeBufferPointer<UInt8> { bytes.elements }
    /// The state behind the last whole character.
    var state: Automaton.State { states.base[boundary(bytes.count)] }

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

    /// Reads on in a block up to the next term that is looked for; false when there is none.
    ///
    /// Most terms are leapt over, because they begin like one that cannot match, all in one step; most others are given
    /// up after a byte or two. The first term of a block, blocks with long ones and characters of several bytes go
    /// another way.
    mutating func find(in block: inout TermBlock) -> Bool {
        while true {
            if block.place == 1 { isPlain = readEnds(block) }
            if block.place > 0, isPlain { return findPlain(in: &block) }
            if block.place > 0 { block.leap(sharing: dead) }
            guard let (shared, rest) = block.nextText() else { return false }
            guard readNext(shared, rest, isFirst: block.place == 1) else {
                failed = true
                return false
            }
            if !isDead, accepts(bytes.count) { return true }
        }
    }

    /// Sums up where the texts of a block end; false when it is no whole block, or some of them are long.
    private mutating func readEnds(_ block: borrowing TermBlock) -> Bool {
        guard block.count == TermDictionaryWriter.blockSize else { return false }
        sumUpHighNibbles(of: block.lengths, into: ends.base)
        return block.hasShortTexts
    }

    /// The same behind the first term of a block without long ones.
    private mutating func findPlain(in block: inout TermBlock) -> Bool {
        let ends = ends.base
        let texts = block.texts.base
        let limit = block.texts.count
        var place = block.place
        // What the texts' ends are counted from.
        let base = block.texts.offset &- Int(ends[place &- 1])
        while place < block.count {
            // Those that share less than what is known to lead nowhere.
            let open = lowNibbles(below: min(dead, 16), of: block.lengths) & (UInt32.max &<< UInt32(place))
            if open == 0 { break }
            place = open.trailingZeroBitCount
            let shared = Int(block.lengths.load(fromByteOffset: place, as: UInt8.self) & 15)
            let start = base &+ Int(ends[place &- 1])
            let end = base &+ Int(ends[place])
            guard end <= limit, shared <= bytes.count else {
                failed = true
                return false
            }
            place &+= 1
            read(shared, UnsafeRawBufferPointer(start: texts + start, count: end &- start))
            if dead == .max, accepts(bytes.count) {
                block.stand(at: place, end)
                return true
            }
        }
        block.stand(at: block.count, limit)
        return false
    }

    /// Whether so many bytes are a text that is looked for.
    private func accepts(_ count: Int) -> Bool {
        boundary(count) == count && automaton.accepts(states.base[count])
    }

    /// Reads the next term, given how many bytes it shares with the one before; false when it cannot share as many.
    private mutating func readNext(_ shared: Int, _ rest: UnsafeRawBufferPointer, isFirst: Bool) -> Bool {
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

    /// Where the last whole character of so many bytes ends.
    private func boundary(_ count: Int) -> Int {
        if count == 0 || bytes.base[count &- 1] < 0x80 { return count }
        var start = count &- 1
        while start > 0, count &- start < 4, bytes.base[start] & 0xC0 == 0x80 { start &-= 1 }
        let last = UnsafeBufferPointer(start: bytes.base + start, count: count &- start)
        guard let scalar = Self.scalar(last) else { return start }
        return UTF8.width(scalar) == count &- start ? count : start
    }

    /// Reads what follows some of the bytes, up to where nothing can match any more.
    @inline(__always)
    private mutating func read(_ shared: Int, _ rest: UnsafeRawBufferPointer) {
        let isPlain = (shared == 0 || bytes.base[shared &- 1] < 0x80) && shared &+ rest.count <= room
        guard isPlain, let source = rest.baseAddress else { return readPieces(shared, rest, from: 0) }
        let text = bytes.base
        let states = states.base
        var state = states[shared]
        var from = 0
        dead = .max
        while from < rest.count {
            let byte = source.load(fromByteOffset: from, as: UInt8.self)
            if byte >= 0x80 { return readPieces(shared, rest, from: from) }
            text[shared &+ from] = byte
            from &+= 1
            state = automaton.step(state, UInt32(byte))
            states[shared &+ from] = state
            if !automaton.canMatch(state) {
                dead = shared &+ from
                break
            }
        }
        bytes.count = shared &+ from
    }

    /// The same for characters of several bytes, and piece by piece: most long terms are given up before their end.
    @inline(never)
    private mutating func readPieces(_ shared: Int, _ rest: UnsafeRawBufferPointer, from start: Int) {
        dead = .max
        var from = start
        bytes.count = shared &+ start
        while from < rest.count, !isDead {
            let step = min(rest.count &- from, 128)
            if room < bytes.count &+ step { reserve(2 &* room) }
            let known = bytes.count
            UnsafeMutableRawPointer(bytes.base + known).copyMemory(from: rest.baseAddress! + from, byteCount: step)
            bytes.count = known &+ step
            readOn(from: boundary(known))
            from &+= step
        }
    }

    /// Reads what is in `bytes` from a character's start on.
    private mutating func readOn(from start: Int) {
        var end = start
        var state = states.base[end]
        while end < bytes.count {
            if bytes.base[end] < 0x80 {
                state = automaton.step(state, UInt32(bytes.base[end]))
                end &+= 1
                states.base[end] = state
                if !automaton.canMatch(state) { return stop(at: end) }
                continue
            }
            guard let scalar = Self.scalar(UnsafeBufferPointer(rebasing: bytes.elements[end...])) else {
                // The rest of it may follow; what is no character leads nowhere.
                if let wrong = endOfWrong(end) { stop(at: wrong) }
                return
            }
            let next = end &+ UTF8.width(scalar)
            state = automaton.step(state, scalar.value)
            states.base[next] = state
            if !automaton.canMatch(state) { return stop(at: next) }
            end = next
        }
    }

    /// Nothing that begins with so many of the bytes can match.
    private mutating func stop(at count: Int) {
        dead = count
        bytes.count = count
    }

    /// Where it is clear that what is in `bytes` from a place on is no character; nil while the rest of one may follow.
    private func endOfWrong(_ start: Int) -> Int? {
        let lead = bytes.base[start]
        guard 0xC2...0xF4 ~= lead else { return start &+ 1 }
        let end = start &+ (lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2)
        var place = start &+ 1
        while place < min(end, bytes.count), bytes.base[place] & 0xC0 == 0x80 { place &+= 1 }
        if place == end { return end }
        return place < bytes.count ? place &+ 1 : nil
    }

    @inline(never)
    private mutating func reserve(_ bytes: Int) {
        room = bytes
        self.bytes.reserve(bytes)
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
