import Kernels
import TestSupport
import Testing

@testable import Indexer

/// A lexicon behind a pointer: the compiler (6.3.1) crashes where a test module destroys one itself, because its slots
/// have a private type.
private final class Words {
    private let lexicon = UnsafeMutablePointer<Lexicon>.allocate(capacity: 1)

    init() { lexicon.initialize(to: Lexicon()) }

    deinit {
        lexicon.deinitialize(count: 1)
        lexicon.deallocate()
    }

    var count: Int { lexicon.pointee.count }
    var sorted: [[UInt8]] { lexicon.pointee.sorted().map { term(Int($0)) } }

    func term(_ id: Int) -> [UInt8] { Array(lexicon.pointee.term(id)) }

    func intern(_ word: [UInt8], hash: UInt64? = nil) -> UInt32 {
        word.withUnsafeBufferPointer { bytes in
            let start = bytes.baseAddress!
            return lexicon.pointee.intern(start, bytes.count, hash: hash ?? hash64(start, bytes.count))
        }
    }

    func find(_ word: [UInt8], hash: UInt64? = nil) -> UInt32? {
        word.withUnsafeBufferPointer { bytes in
            let start = bytes.baseAddress!
            return lexicon.pointee.find(start, bytes.count, hash: hash ?? hash64(start, bytes.count))
        }
    }
}

@Suite struct LexiconTests {
    /// Words that differ only after eight bytes, in length or in zero bytes, and random ones: enough of them to grow
    /// the table twice.
    private static func words() -> [[UInt8]] {
        var random = SplitMix64(seed: 3)
        var words: Set<[UInt8]> = [[0], [0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0]]
        let stem = Array("samebeginning".utf8)
        for length in 1...stem.count { words.insert(Array(stem.prefix(length))) }
        while words.count < 3000 {
            let start = random.chance(50) ? Array(stem.prefix(random.below(stem.count))) : []
            let suffix = (0...random.below(40)).map { _ in
                UInt8(random.chance(50) ? random.below(3) : random.below(256))
            }
            words.insert(start + suffix)
        }
        return words.shuffled(using: &random)
    }

    @Test func termNumbersAreDenseAndStable() {
        let words = Self.words()
        let lexicon = Words()
        for round in 0..<2 {
            for (number, word) in words.enumerated() {
                let id = lexicon.intern(word)
                #expect(id == UInt32(number), "round \(round)")
            }
        }
        #expect(lexicon.count == words.count)
        for (number, word) in words.enumerated() {
            let (found, bytes) = (lexicon.find(word), lexicon.term(number))
            #expect(found == UInt32(number))
            #expect(bytes == word)
            let other = word + [7, 7, 7]
            let missing = lexicon.find(other)
            #expect(missing == words.firstIndex(of: other).map { UInt32($0) })
        }
    }

    /// All keys have the same hash: the table must still distinguish them, by slot or by comparison.
    @Test func collidingHashesAreDistinguished() {
        let words = Array(Self.words().prefix(300))
        let lexicon = Words()
        for (number, word) in words.enumerated() {
            let id = lexicon.intern(word, hash: 42)
            #expect(id == UInt32(number))
        }
        for (number, word) in words.enumerated() {
            let found = lexicon.find(word, hash: 42)
            #expect(found == UInt32(number))
        }
    }

    @Test func sortsByBytes() {
        let words = Self.words()
        let lexicon = Words()
        for word in words { _ = lexicon.intern(word) }
        #expect(lexicon.sorted == words.sorted { $0.lexicographicallyPrecedes($1) })
    }
}
