import Kernels
import Segments

/// A stream of the documents of many postings lists, united as bits before the first window. Scores are 0.
///
/// Short lists are united once, because each list of a `UnionStream` costs time in every window, whatever it contains.
/// Memory: a bit per document of the segment. Usage: `insert` each list, then `finish`, then use it as a stream.
final class TermSetStream: UnscoredStream {
    let scope: SegmentScope
    private(set) var cost = 0
    private let bits: UnsafeMutablePointer<UInt64>
    /// The number of 64-bit words of the segment's bits.
    private let words: Int

    /// An empty set. Complexity: O(documents / 64).
    init(_ scope: SegmentScope) {
        self.scope = scope
        words = (scope.documents + 63) / 64
        bits = .allocate(capacity: words)
        bits.update(repeating: 0, count: words)
    }

    deinit { bits.deallocate() }

    /// Adds the documents of a list; returns false if the list is corrupt. `memory` must not be in use elsewhere during
    /// the call. Complexity: O(postings).
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

    /// Counts the documents; to be called after the last list and before the first window. Complexity: O(documents /
    /// 64).
    func finish() { cost = countBits(bits, words: words) }

    func nextWindow(from base: Int) -> Int? {
        var word = base / 64
        while word < words {
            if bits[word] != 0 { return scope.window(of: UInt32(truncatingIfNeeded: word * 64)) }
            word &+= 1
        }
        return nil
    }

    /// The number of words of the window at `base`; fewer in the last window of the segment.
    private func words(_ base: Int) -> Int { min(scope.words, words - base / 64) }

    func match(_ base: Int, into target: UnsafeMutablePointer<UInt64>) {
        uniteBits(target, bits + base / 64, words: words(base))
    }

    func restrict(_ base: Int, _ target: UnsafeMutablePointer<UInt64>) {
        let present = words(base)
        _ = intersectBits(target, bits + base / 64, words: present)
        (target + present).update(repeating: 0, count: scope.words - present)
    }

    func matches(_ base: Int, into list: CandidateList) { list.fill(from: bits + base / 64, words: words(base)) }

    func filter(_ base: Int, _ list: CandidateList) { list.keep(bits + base / 64, words: words(base)) }

    func count(_ base: Int) -> Int { countBits(bits + base / 64, words: words(base)) }
}
