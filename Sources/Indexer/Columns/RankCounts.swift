import Kernels

/// How often each of some ranks was counted: a byte a rank, and a small table of those that had 256 and more.
///
/// In bytes, the counts of a large dictionary stay in the processor's second cache, and take a quarter of the time to
/// clear and to look through. Memory: a byte a rank, and 8 to 32 bytes for each that was counted 256 times.
struct RankCounts: ~Copyable {
    /// Number of ranks.
    let count: Int
    /// What was counted, of all ranks.
    private(set) var sum = 0
    /// Each count modulo 256.
    private let low: UnsafeMutablePointer<UInt8>
    /// Where the bytes are.
    let memory: RunMemory
    /// Open addressing: a rank and one more, and how often its byte went round.
    private var ranks = GrowableBuffer<UInt32>(capacity: 1)
    private var rounds = GrowableBuffer<UInt32>(capacity: 1)
    private var mask = -1
    private var used = 0

    /// Nothing was counted. `memory` is nobody else's meanwhile.
    init(ranks count: Int, _ memory: RunMemory = RunMemory()) {
        self.count = count
        self.memory = memory
        memory.clear(count)
        low = memory.base
    }

    /// The bytes of the counts, for loops that count: those write to it, call `noteRound` for a byte that has become 0
    /// again, and in the end `add`.
    var bytes: UnsafeMutablePointer<UInt8> { low }

    /// Notes that ranks were counted.
    mutating func add(_ counted: Int) { sum &+= counted }

    /// Notes that a rank's byte went round.
    @inline(never)
    mutating func noteRound(_ rank: Int) {
        if used &* 2 > mask { grow() }
        let place = place(of: rank)
        if ranks.base[place] == 0 {
            ranks.base[place] = UInt32(truncatingIfNeeded: rank &+ 1)
            used &+= 1
        }
        rounds.base[place] &+= 1
    }

    /// Where a rank is in the table, or could be.
    private func place(of rank: Int) -> Int {
        let wanted = UInt32(truncatingIfNeeded: rank &+ 1)
        var place = Int(wanted &* 0x9E37_79B1 &>> 7) & mask
        while ranks.base[place] != 0, ranks.base[place] != wanted { place = (place &+ 1) & mask }
        return place
    }

    private mutating func grow() {
        let known = (0..<(mask + 1)).filter { ranks.base[$0] != 0 }.map { (ranks.base[$0], rounds.base[$0]) }
        mask = max(mask * 2 + 1, 63)
        ranks.removeAll()
        ranks.append(repeating: 0, count: mask + 1)
        rounds.removeAll()
        rounds.append(repeating: 0, count: mask + 1)
        for (rank, times) in known {
            let place = place(of: Int(rank) - 1)
            ranks.base[place] = rank
            rounds.base[place] = times
        }
    }

    /// How often a rank was counted.
    subscript(rank: Int) -> Int {
        Int(low[rank]) + (used == 0 ? 0 : Int(rounds.base[place(of: rank)]) << 8)
    }

    /// How many ranks were counted at all.
    var distinct: Int {
        var found = countNonzeroBytes(low, count: count)
        forEachLarge { rank, _ in found += low[rank] == 0 ? 1 : 0 }
        return found
    }

    /// What was counted of the ranks in a range.
    func sum(_ range: Range<Int>) -> Int {
        if range == 0..<count { return sum }
        var sum = sumBytes(low + range.lowerBound, count: range.count)
        forEachLarge { rank, rounds in sum += range.contains(rank) ? rounds << 8 : 0 }
        return sum
    }

    /// Calls `body` with the ranks whose bytes went round.
    func forEachLarge(_ body: (Int, _ rounds: Int) -> Void) {
        if used == 0 { return }
        for place in 0...mask where ranks.base[place] != 0 {
            body(Int(ranks.base[place]) - 1, Int(rounds.base[place]))
        }
    }

    /// The first rank from one on, before `end`, whose byte is at least `least`; `end` when there is none.
    func next(atLeast least: UInt8, from start: Int, to end: Int) -> Int {
        firstByte(atLeast: least, in: low, from: start, to: end)
    }

    /// Whether a rank's byte went round.
    @inline(__always)
    func isLarge(_ rank: Int) -> Bool { used > 0 && rounds.base[place(of: rank)] > 0 }

    /// The ranks of a range whose bytes are 0 again, descending.
    func hiddenRanks(in range: Range<Int>) -> [Int] {
        var hidden: [Int] = []
        forEachLarge { rank, _ in if low[rank] == 0, range.contains(rank) { hidden.append(rank) } }
        return hidden.sorted(by: >)
    }
}
