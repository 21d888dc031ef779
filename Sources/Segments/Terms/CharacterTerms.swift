import Kernels

/// The terms of a dictionary that are one or two characters of scripts after the alphabets: the document frequencies of
/// single characters, and a filter that excludes most pairs which are not there.
///
/// A correction of Chinese characters asks for thousands of pairs, of which few occur: most are answered by one cache
/// line each. Memory: about two bytes a pair.
///
/// Immutable. Unchecked `Sendable` because of the filter's memory, which nothing writes to once it is there.
package final class CharacterTerms: @unchecked Sendable {
    /// The document frequencies of the terms of one character, by its code point.
    private let frequencies: [UInt32: Int]
    /// The filter of the terms of two characters, and its memory.
    private let pairs: KeyFilter
    private let memory: UnsafeMutableRawBufferPointer

    /// The first character that is considered, that of the CJK radicals.
    private static let first: Unicode.Scalar = "\u{2E80}"

    /// Collects the terms of a dictionary; nil if it is corrupt. Complexity: O(terms).
    init?(_ dictionary: TermDictionary) {
        var frequencies: [UInt32: Int] = [:]
        var hashes: [UInt64] = []
        var cursor = TermCursor(dictionary)
        var hasTerm = Array(String(Self.first).utf8).withUnsafeBufferPointer { cursor.seek($0) }
        while hasTerm {
            let term = cursor.term
            if term.count <= 8 {
                switch term.count(where: { $0 & 0xC0 != 0x80 }) {
                case 1:
                    let character = String(decoding: term, as: UTF8.self).unicodeScalars.first?.value ?? 0
                    frequencies[character] = cursor.info.documentFrequency
                case 2: if let start = term.baseAddress { hashes.append(hash64(start, term.count)) }
                default: break
                }
            }
            hasTerm = cursor.next()
        }
        if cursor.failed { return nil }
        var filter = KeyFilterWriter(keys: hashes.count)
        for hash in hashes { filter.insert(hash) }
        let bytes = filter.finish()
        memory = .allocate(byteCount: bytes.count, alignment: KeyFilter.blockBytes)
        memory.copyBytes(from: bytes.elements)
        guard let pairs = KeyFilter(UnsafeRawBufferPointer(memory)) else {
            memory.deallocate()
            return nil
        }
        self.pairs = pairs
        self.frequencies = frequencies
    }

    deinit { memory.deallocate() }

    /// Returns the number of documents that have a character as a term; 0 for characters of alphabets.
    package func frequency(_ character: Unicode.Scalar) -> Int { frequencies[character.value] ?? 0 }

    /// Returns false only if the pair of characters with a hash is no term. Complexity: O(1), one cache line.
    package func mayHavePair(_ hash: UInt64) -> Bool { pairs.mayContain(hash) ?? true }

    /// Returns the hash of two characters for `mayHavePair`.
    package static func hash(_ a: Unicode.Scalar, _ b: Unicode.Scalar) -> UInt64 {
        let first = bytes(a)
        let second = bytes(b)
        let word = first.word | second.word &<< UInt64(8 &* first.count)
        return withUnsafeBytes(of: word.littleEndian) { bytes in
            hash64(bytes.baseAddress!.assumingMemoryBound(to: UInt8.self), first.count &+ second.count)
        }
    }

    /// The UTF-8 bytes of a character, the first one lowest in the word, and their number.
    private static func bytes(_ character: Unicode.Scalar) -> (word: UInt64, count: Int) {
        var word: UInt64 = 0
        var count = 0
        for byte in UTF8.encode(character) ?? UTF8.encodedReplacementCharacter {
            word |= UInt64(byte) &<< UInt64(8 &* count)
            count &+= 1
        }
        return (word, count)
    }
}
