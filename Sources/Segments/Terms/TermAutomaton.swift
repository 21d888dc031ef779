import Kernels

/// An automaton that reads a text character by character (Unicode scalars) and reports after each of them whether the
/// text may still become a match.
package protocol TermAutomaton {
    /// The progress through a text. States are values: reading can be resumed from any of them.
    associatedtype State: BitwiseCopyable
    /// The state before the first character.
    var start: State { get }
    /// Returns the state after one more character.
    func step(_ state: State, _ scalar: UInt32) -> State
    /// True if some continuation of the text may match. False must be final: no continuation may match then.
    func canMatch(_ state: State) -> Bool
    /// True if the text read so far matches.
    func accepts(_ state: State) -> Bool
}

extension TermDictionary {
    /// Calls `body` with each term that begins with `beginning` and that an automaton accepts, in ascending order,
    /// until `body` returns false. `body` gets the term's bytes (valid during the call), the automaton's state after
    /// them, the term's info, and the automaton, which it may replace by one with the same states that accepts less.
    /// `isOver` is called about once in 64 blocks and ends the walk when it returns true.
    ///
    /// Returns false if the dictionary is corrupt. Terms that are not UTF-8 are never matched.
    ///
    /// Blocks in which no term can match are skipped by means of the index alone, terms by the number of bytes that
    /// they share with the one before. Complexity: O(blocks) for the index, O(terms with the prefix) at worst.
    package func forEachTerm<Automaton: TermAutomaton>(
        _ automaton: Automaton, beginning: [UInt8], isOver: () -> Bool = { false },
        _ body: (UnsafeBufferPointer<UInt8>, Automaton.State, TermInfo, inout Automaton) -> Bool
    ) -> Bool {
        var walk = AutomatonWalk(automaton)
        guard let first = beginning.withUnsafeBufferPointer({ block(of: $0) }) else { return false }
        if walk.isDead { return true }
        // The maximum of the first eight bytes of a term with the prefix.
        let maximum = beginning.withUnsafeBufferPointer { termPrefix($0) } | UInt64.max >> UInt64(beginning.count * 8)
        var next = max(first, 0)
        while next < blockCount, prefix(next) <= maximum {
            let (mask, deadPrefix) = walk.deadPrefix
            while next + 1 < blockCount, prefix(next) & mask == deadPrefix, prefix(next + 1) & mask == deadPrefix {
                next += 1
            }
            let current = next
            next += 1
            if next < blockCount, !walk.mayMatch(from: prefix(current), to: prefix(next)) { continue }
            if current & 63 == 63, isOver() { return true }
            var block = TermBlock(self, current)
            while walk.find(in: &block) {
                if !walk.text.starts(with: beginning) { continue }
                let info = block.info(block.textsRead - 1)
                if block.failed { return false }
                if !body(walk.text, walk.state, info, &walk.automaton) { return true }
            }
            if block.failed || walk.failed { return false }
        }
        return true
    }
}

/// The bytes that an automaton read last, and its states on the way: terms that share a prefix with them resume there.
private struct AutomatonWalk<Automaton: TermAutomaton>: ~Copyable {
    var automaton: Automaton
    private var bytes = GrowableBuffer<UInt8>(capacity: 256)
    /// By number of bytes: the state after them. Valid where a character ends.
    private var states = GrowableBuffer<Automaton.State>(capacity: 257)
    /// The capacity of `bytes` and, but for the start, of `states`.
    private var capacity = 256
    /// The ends of the texts of the current block, as prefix sums of their suffix lengths.
    private var ends = GrowableBuffer<UInt16>(capacity: TermDictionaryWriter.blockSize)
    /// True if `ends` is valid: the current block is full and has only short texts.
    private var isPlain = false
    /// The number of bytes after which no continuation can match; `.max` while one can.
    private(set) var deadLength = Int.max
    /// True if a term claims to share more bytes with the one before than that has.
    private(set) var failed = false

    init(_ automaton: Automaton) {
        self.automaton = automaton
        states.append(automaton.start)
        if !automaton.canMatch(automaton.start) { deadLength = 0 }
    }

    /// True if no term that begins with the bytes that were read can match.
    var isDead: Bool { deadLength < .max }
    /// The bytes that were read: the whole term, unless it is dead.
    var text: UnsafeBufferPointer<UInt8> { bytes.elements }
    /// The state after the last whole character.
    var state: Automaton.State { states.base[boundary(bytes.count)] }

    /// The first eight bytes of those that were read, big endian.
    private var firstBytes: UInt64 {
        @inline(__always) get { UnsafeRawPointer(bytes.base).loadUnaligned(as: UInt64.self).bigEndian }
    }

    /// The prefix, among the first eight bytes of a term, that cannot match; a prefix of no term if it is not that
    /// short.
    var deadPrefix: (mask: UInt64, bytes: UInt64) {
        if deadLength == 0 || deadLength > 8 { return (0, 1) }
        let mask = UInt64.max &<< UInt64(64 &- deadLength &* 8)
        return (mask, firstBytes & mask)
    }

    /// Returns false if no term between two can match, given the first eight bytes of both: all terms between them
    /// begin with the bytes that the two have in common.
    @inline(__always)
    mutating func mayMatch(from low: UInt64, to high: UInt64) -> Bool {
        // A zero byte may belong to the term or follow its end, so the common bytes end before it.
        let zeros = (low &- 0x0101_0101_0101_0101) & ~low & 0x8080_8080_8080_8080
        let common = min((low ^ high).leadingZeroBitCount, zeros.leadingZeroBitCount) &>> 3
        let shared = min(min((low ^ firstBytes).leadingZeroBitCount &>> 3, common), bytes.count)
        if deadLength <= shared { return false }
        return withUnsafeBytes(of: low.bigEndian) { first in
            read(shared, UnsafeRawBufferPointer(rebasing: first[shared..<common]))
            return !isDead
        }
    }

    /// Reads on in a block up to the next term that matches. Returns false if there is none, and sets `failed` if the
    /// block is corrupt.
    ///
    /// Most terms are skipped in one step, because they begin like one that cannot match; most of the remaining ones
    /// are abandoned after a byte or two. The first term of a block, blocks with long texts and characters of several
    /// bytes take slower paths.
    mutating func find(in block: inout TermBlock) -> Bool {
        while true {
            if block.textsRead == 1 { isPlain = readEnds(block) }
            if block.textsRead > 0, isPlain { return findPlain(in: &block) }
            if block.textsRead > 0 { block.skip(sharing: deadLength) }
            guard let (shared, suffix) = block.nextText() else { return false }
            guard readNext(shared, suffix, isFirst: block.textsRead == 1) else {
                failed = true
                return false
            }
            if !isDead, accepts(bytes.count) { return true }
        }
    }

    /// Computes the ends of a block's texts. Returns false if the block is not full or has long texts.
    private mutating func readEnds(_ block: borrowing TermBlock) -> Bool {
        guard block.count == TermDictionaryWriter.blockSize else { return false }
        sumUpHighNibbles(of: block.lengths, into: ends.base)
        return block.hasShortTexts
    }

    /// The same as `find`, after the first term of a plain block.
    private mutating func findPlain(in block: inout TermBlock) -> Bool {
        let ends = ends.base
        let texts = block.texts.base
        let limit = block.texts.count
        var textsRead = block.textsRead
        // The offset to which the ends are relative.
        let base = block.texts.offset &- Int(ends[textsRead &- 1])
        while textsRead < block.count {
            // The texts that share less than `deadLength` bytes with the one before, and so may match.
            let candidates =
                lowNibbles(below: min(deadLength, 16), of: block.lengths) & (UInt32.max &<< UInt32(textsRead))
            if candidates == 0 { break }
            textsRead = candidates.trailingZeroBitCount
            let shared = Int(block.lengths.load(fromByteOffset: textsRead, as: UInt8.self) & 15)
            let start = base &+ Int(ends[textsRead &- 1])
            let end = base &+ Int(ends[textsRead])
            guard end <= limit, shared <= bytes.count else {
                failed = true
                return false
            }
            textsRead &+= 1
            read(shared, UnsafeRawBufferPointer(start: texts + start, count: end &- start))
            if deadLength == .max, accepts(bytes.count) {
                block.resume(at: textsRead, end)
                return true
            }
        }
        block.resume(at: block.count, limit)
        return false
    }

    /// Returns true if the first `count` bytes are a text that matches.
    private func accepts(_ count: Int) -> Bool {
        boundary(count) == count && automaton.accepts(states.base[count])
    }

    /// Reads the next term, given the bytes it shares with the one before. Returns false if that one has fewer.
    private mutating func readNext(_ shared: Int, _ suffix: UnsafeRawBufferPointer, isFirst: Bool) -> Bool {
        // The first term of a block is stored as a whole, so its shared bytes are counted here.
        var common = shared
        if isFirst {
            while common < min(suffix.count, bytes.count), suffix[common] == bytes.base[common] { common &+= 1 }
        }
        if common >= deadLength { return true }
        guard common <= bytes.count else { return false }
        read(common, UnsafeRawBufferPointer(rebasing: suffix[(common &- shared)...]))
        return true
    }

    /// Returns the number of bytes, at most `count`, that end with a whole character.
    private func boundary(_ count: Int) -> Int {
        if count == 0 || bytes.base[count &- 1] < 0x80 { return count }
        var start = count &- 1
        while start > 0, count &- start < 4, bytes.base[start] & 0xC0 == 0x80 { start &-= 1 }
        let last = UnsafeBufferPointer(start: bytes.base + start, count: count &- start)
        guard let scalar = Self.scalar(last) else { return start }
        return UTF8.width(scalar) == count &- start ? count : start
    }

    /// Keeps the first `shared` bytes and reads `suffix` after them, up to the first character after which nothing can
    /// match.
    @inline(__always)
    private mutating func read(_ shared: Int, _ suffix: UnsafeRawBufferPointer) {
        let isPlain = (shared == 0 || bytes.base[shared &- 1] < 0x80) && shared &+ suffix.count <= capacity
        guard isPlain, let source = suffix.baseAddress else { return readPieces(shared, suffix, from: 0) }
        let text = bytes.base
        let states = states.base
        var state = states[shared]
        var from = 0
        deadLength = .max
        while from < suffix.count {
            let byte = source.load(fromByteOffset: from, as: UInt8.self)
            if byte >= 0x80 { return readPieces(shared, suffix, from: from) }
            text[shared &+ from] = byte
            from &+= 1
            state = automaton.step(state, UInt32(byte))
            states[shared &+ from] = state
            if !automaton.canMatch(state) {
                deadLength = shared &+ from
                break
            }
        }
        bytes.count = shared &+ from
    }

    /// The same as `read`, for characters of several bytes and long texts: in pieces, because most long terms are
    /// abandoned before their end.
    @inline(never)
    private mutating func readPieces(_ shared: Int, _ suffix: UnsafeRawBufferPointer, from start: Int) {
        deadLength = .max
        var from = start
        bytes.count = shared &+ start
        while from < suffix.count, !isDead {
            let step = min(suffix.count &- from, 128)
            if capacity < bytes.count &+ step { reserve(2 &* capacity) }
            let oldCount = bytes.count
            UnsafeMutableRawPointer(bytes.base + oldCount).copyMemory(from: suffix.baseAddress! + from, byteCount: step)
            bytes.count = oldCount &+ step
            readOn(from: boundary(oldCount))
            from &+= step
        }
    }

    /// Reads the rest of `bytes` from an offset at which a character starts.
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
                // The rest of the character may follow; invalid UTF-8 matches nothing.
                if let invalid = endOfInvalid(end) { stop(at: invalid) }
                return
            }
            let next = end &+ UTF8.width(scalar)
            state = automaton.step(state, scalar.value)
            states.base[next] = state
            if !automaton.canMatch(state) { return stop(at: next) }
            end = next
        }
    }

    /// Records that nothing that begins with the first `count` bytes can match.
    private mutating func stop(at count: Int) {
        deadLength = count
        bytes.count = count
    }

    /// Returns the number of bytes after which those from `start` on are known not to be a character; nil while the
    /// rest of one may follow.
    private func endOfInvalid(_ start: Int) -> Int? {
        let lead = bytes.base[start]
        guard 0xC2...0xF4 ~= lead else { return start &+ 1 }
        let end = start &+ (lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2)
        var next = start &+ 1
        while next < min(end, bytes.count), bytes.base[next] & 0xC0 == 0x80 { next &+= 1 }
        if next == end { return end }
        return next < bytes.count ? next &+ 1 : nil
    }

    /// Makes room for `capacity` bytes and their states.
    @inline(never)
    private mutating func reserve(_ capacity: Int) {
        self.capacity = capacity
        self.bytes.reserve(capacity)
        states.reserve(capacity + 1)
    }

    /// Returns the first character of UTF-8 bytes; nil if they do not begin with a whole one.
    private static func scalar(_ bytes: UnsafeBufferPointer<UInt8>) -> Unicode.Scalar? {
        var bytes = bytes.makeIterator()
        var decoder = UTF8()
        guard case .scalarValue(let scalar) = decoder.decode(&bytes) else { return nil }
        return scalar
    }
}
