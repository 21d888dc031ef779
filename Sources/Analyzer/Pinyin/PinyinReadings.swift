import Kernels

/// The pinyin readings of Chinese characters, and the words that decide between them.
///
/// A reading is a syllable without tone, ü written v. Immutable, so that all threads may share it; built from the
/// generated tables on first use. Source: the generated tables, made from CC-CEDICT.
final class PinyinReadings: Sendable {
    static let shared = PinyinReadings()

    /// The readings of a character, the most used first: `count` readings from the number `first` on, of which the
    /// first `common` apply where no word decides.
    struct Readings {
        var first: Int
        var common: Int
        var count: Int
    }

    /// The length of the longest word of the table, in characters.
    static let longestWord = 8

    /// All syllables, ascending.
    let syllables: [String]
    /// The bytes of the syllables back to back, and the offset of each; one offset more for the end.
    private let syllableBytes: [UInt8]
    private let syllableStarts: [Int]
    /// The syllable of each reading, as an index into `syllables`; the readings of one character are adjacent.
    private let syllableOfReading: [UInt16]
    /// The readings of the characters from `firstIdeograph` on; a `count` of 0 for a character without any.
    private let ideographs: [Readings]
    /// The readings of the characters of other blocks.
    private let otherCharacters: [UInt32: Readings]
    /// The readings that words decide on, by the hash of the word: three bits per character, from the lowest on, with
    /// the index of the reading among those of the character.
    private let words: [UInt64: UInt32]
    /// The length in characters of the longest word that may begin with two characters, by a hash of the two.
    private let longestByPair: [UInt8]

    /// The block of CJK Unified Ideographs.
    private static let firstIdeograph: UInt32 = 0x4E00
    private static let ideographCount = 0x5200
    /// The binary logarithm of the size of `longestByPair`.
    private static let pairBits: UInt64 = 16

    /// Parses the generated tables, in which `ba,pa=钯` gives a character a common and another reading.
    private init() {
        var names: Set<Substring> = []
        let lines = "\(characterReadings)".split(separator: " ").map {
            line -> (readings: [[Substring]], characters: Substring) in
            let sides = line.split(separator: "=")
            let readings = sides[0].split(separator: ",").map { $0.split(separator: "/") }
            for name in readings.joined() { names.insert(name) }
            return (readings, sides[1])
        }
        syllables = names.sorted().map(String.init)
        syllableBytes = syllables.flatMap { Array($0.utf8) }
        syllableStarts = syllables.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.utf8.count) }
        let indexOfSyllable = Dictionary(uniqueKeysWithValues: syllables.enumerated().map { ($1, UInt16($0)) })
        var syllableOfReading: [UInt16] = []
        var characters: [UInt32: Readings] = [:]
        for (readings, members) in lines {
            let indices = readings.joined().compactMap { indexOfSyllable[String($0)] }
            let entry = Readings(first: syllableOfReading.count, common: readings[0].count, count: indices.count)
            syllableOfReading += indices
            for scalar in members.unicodeScalars { characters[scalar.value] = entry }
        }
        self.syllableOfReading = syllableOfReading
        ideographs = (0..<UInt32(Self.ideographCount)).map {
            characters[Self.firstIdeograph + $0] ?? Readings(first: 0, common: 0, count: 0)
        }
        otherCharacters = characters.filter {
            Int($0.key) - Int(Self.firstIdeograph) >= Self.ideographCount || $0.key < 0x4E00
        }
        var longestByPair = [UInt8](repeating: 0, count: 1 << Self.pairBits)
        var words: [UInt64: UInt32] = [:]
        for item in "\(wordReadings)".split(separator: " ") {
            let digits = item.utf8.reversed().prefix { $0 < 0x80 }.reversed()
            let word = item.dropLast(digits.count)
            // One digit for each character of several readings.
            var choices = digits.makeIterator()
            var packed: UInt32 = 0
            for (i, scalar) in word.unicodeScalars.enumerated() where (characters[scalar.value]?.count ?? 0) > 1 {
                packed |= UInt32(choices.next().map { $0 - 0x30 } ?? 0) << UInt32(i * 3)
            }
            words[Self.hash(word.utf8)] = packed
            let scalars = Array(word.unicodeScalars)
            if scalars.count < 2 { continue }
            let pair = Self.pair(scalars[0].value, scalars[1].value)
            longestByPair[pair] = max(longestByPair[pair], UInt8(scalars.count))
        }
        self.words = words
        self.longestByPair = longestByPair
    }

    /// The key of a word in `words`. A text that is no word may have the same one, with negligible probability.
    private static func hash(_ word: Substring.UTF8View) -> UInt64 {
        Array(word).withUnsafeBufferPointer { $0.baseAddress.map { start in hash64(start, word.count) } ?? 0 }
    }

    /// Returns the readings of a character; nil when it has none. Complexity: O(1).
    func readings(of scalar: UInt32) -> Readings? {
        let index = Int(scalar) - Int(Self.firstIdeograph)
        guard index >= 0, index < Self.ideographCount else { return otherCharacters[scalar] }
        let readings = ideographs[index]
        return readings.count > 0 ? readings : nil
    }

    /// Calls `body` with the bytes of the syllable of a reading.
    func withSyllable(_ reading: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        let syllable = Int(syllableOfReading[reading])
        syllableBytes.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[syllableStarts[syllable]..<syllableStarts[syllable + 1]]))
        }
    }

    /// Returns the first letter of the syllable of a reading.
    func initial(_ reading: Int) -> UInt8 { syllableBytes[syllableStarts[Int(syllableOfReading[reading])]] }

    /// Returns an upper bound of the length, in characters, of the words that begin with two characters; 0 when there
    /// are none.
    func longestWord(_ a: UInt32, _ b: UInt32) -> Int { Int(longestByPair[Self.pair(a, b)]) }

    /// The index of two characters in `longestByPair`; different pairs may share one.
    private static func pair(_ a: UInt32, _ b: UInt32) -> Int {
        Int(
            truncatingIfNeeded: foldedProduct(UInt64(a) &<< 32 | UInt64(b), 0xD6E8_FEB8_6659_FD93) & (1 << pairBits - 1)
        )
    }

    /// Returns the readings that a word decides on, three bits per character from the lowest on; nil when the word is
    /// not in the table. Shape: `count` is in bytes. Complexity: O(count).
    func word(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt32? { words[hash64(bytes, count)] }
}
