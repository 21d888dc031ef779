import Kernels

/// Documents of a segment that were found before the search began, a bit each; without scores.
///
/// Lists of few documents are united once, because a window costs every list something, whatever is in it.
final class SetStream: DocumentStream {
    let scope: SegmentScope
    private(set) var cost = 0
    private let bits: UnsafeMutablePointer<UInt64>
    /// Words of the segment.
    private let words: Int

    /// An empty set. Complexity: O(documents / 64).
    init(_ scope: SegmentScope) {
        self.scope = scope
        words = (scope.documents + 63) / 64
        bits = .allocate(capacity: words)
        bits.update(repeating: 0, count: words)
    }

    deinit { bits.deallocate() }

    /// Inserts a list's documents, each of which lies in the segment; `memory` is nobody else's meanwhile.
    func insert(_ list: PostingsList, _ memory: BlockMemory) -> Bool {
        if list.info.documentFrequency == 1 {
            guard Int(list.info.singleDocument) < scope.documents else { return false }
            setBit(bits, Int(list.info.singleDocument))
            return true
        }
        var cursor = PostingsCursor(list, memory: memory)
        for block in 0..<list.blockCount {
            cursor.open(block)
            cursor.decode()
            for slot in 0..<cursor.count { setBit(bits, Int(cursor.documents[slot])) }
        }
        return !cursor.failed
    }

    /// Counts what was inserted; to be called before the first window.
    func finish() { cost = countBits(bits, words: words) }

    var widestWindow: Int { SegmentScope.widestWindow }

    func nextWindow(from base: Int) -> Int? {
        var word = base / 64
        while word < words {
            if bits[word] != 0 { return scope.window(of: UInt32(truncatingIfNeeded: word * 64)) }
            word &+= 1
        }
        return nil
    }

    /// Words of the window that begins at `base`, at most as many as the segment has from there on.
    private func words(_ base: Int) -> Int { min(scope.words, words - base / 64) }

    func match(_ base: Int, into target: UnsafeMutablePointer<UInt64>) {
        uniteBits(target, bits + base / 64, words: words(base))
    }

    func restrict(_ base: Int, _ target: UnsafeMutablePointer<UInt64>) {
        let own = words(base)
        _ = intersectBits(target, bits + base / 64, words: own)
        (target + own).update(repeating: 0, count: scope.words - own)
    }

    func matches(_ base: Int, into list: CandidateList) { list.take(bits + base / 64, words: words(base)) }

    func filter(_ base: Int, _ list: CandidateList) { list.keep(bits + base / 64, words: words(base)) }

    func count(_ base: Int) -> Int { countBits(bits + base / 64, words: words(base)) }

    // What it matches has no score of its own; a constant one is laid over it.

    func bound(_ base: Int) -> Double { 0 }

    func collect(_ base: Int, need: Double, into list: CandidateList) {
        list.count = 0
        if need <= 0 { matches(base, into: list) }
    }

    func refine(_ base: Int, _ list: CandidateList, isRequired: Bool, need: Double) {
        if isRequired { filter(base, list) }
        list.drop(below: need)
    }
}
