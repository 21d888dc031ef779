import Kernels

/// How Chinese characters are read: syllables without tones, ü written v.
///
/// Source: the generated tables, made from CC-CEDICT.
final class PinyinReadings: Sendable {
    static let shared = PinyinReadings()

    /// The readings of a character, most used first; the first `common` of them count where no word decides.
    struct Readings {
        var first: Int
        var common: Int
        var count: Int
    }

    /// Longest word of the table, in characters.
    static let longestWord = 8

    /// All syllables, ascending.
    let syllables: [String]
    /// The bytes of all of them, one behind the other, and where each begins; one place more.
    private let letters: [UInt8]
    private let starts: [Int]
    /// Numbers of syllables, those of one character side by side.
    private let list: [UInt16]
    /// Of the characters from `firstIdeograph` on, side by side; a `count` of 0 for none.
    private let ideographs: [Readings]
    /// Of all others.
    private let others: [UInt32: Readings]
    /// By hash of a word: three bits a character, the number of its reading.
    private let words: [UInt64: UInt32]
    /// By hash of two characters: the longest word that may begin with them, in characters.
    private let longest: [UInt8]

    /// The block of CJK Unified Ideographs.
    private static let firstIdeograph: UInt32 = 0x4E00
    private static let ideographCount = 0x5200
    private static let pairBits: UInt64 = 16

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
        letters = syllables.flatMap { Array($0.utf8) }
        starts = syllables.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.utf8.count) }
        let numbers = Dictionary(uniqueKeysWithValues: syllables.enumerated().map { ($1, UInt16($0)) })
        var list: [UInt16] = []
        var characters: [UInt32: Readings] = [:]
        for (readings, members) in lines {
            let all = readings.joined().compactMap { numbers[String($0)] }
            let entry = Readings(first: list.count, common: readings[0].count, count: all.count)
            list += all
            for scalar in members.unicodeScalars { characters[scalar.value] = entry }
        }
        self.list = list
        ideographs = (0..<UInt32(Self.ideographCount)).map {
            characters[Self.firstIdeograph + $0] ?? Readings(first: 0, common: 0, count: 0)
        }
        others = characters.filter { Int($0.key) - Int(Self.firstIdeograph) >= Self.ideographCount || $0.key < 0x4E00 }
        var longest = [UInt8](repeating: 0, count: 1 << Self.pairBits)
        var words: [UInt64: UInt32] = [:]
        for item in "\(wordReadings)".split(separator: " ") {
            let digits = item.utf8.reversed().prefix { $0 < 0x80 }.reversed()
            let word = item.dropLast(digits.count)
            var numbers = digits.makeIterator()
            var packed: UInt32 = 0
            for (place, scalar) in word.unicodeScalars.enumerated() where (characters[scalar.value]?.count ?? 0) > 1 {
                packed |= UInt32(numbers.next().map { $0 - 0x30 } ?? 0) << UInt32(place * 3)
            }
            words[Self.hash(word.utf8)] = packed
            let scalars = Array(word.unicodeScalars)
            if scalars.count < 2 { continue }
            let pair = Self.pair(scalars[0].value, scalars[1].value)
            longest[pair] = max(longest[pair], UInt8(scalars.count))
        }
        self.words = words
        self.longest = longest
    }

    private static func hash(_ word: Substring.UTF8View) -> UInt64 {
        Array(word).withUnsafeBufferPointer { $0.baseAddress.map { start in hash64(start, word.count) } ?? 0 }
    }

    /// The readings of a character; nil when it has none.
    func readings(of scalar: UInt32) -> Readings? {
        let place = Int(scalar) - Int(Self.firstIdeograph)
        guard place >= 0, place < Self.ideographCount else { return others[scalar] }
        let readings = ideographs[place]
        return readings.count > 0 ? readings : nil
    }

    /// Calls `body` with the bytes of the syllable of a reading.
    func withSyllable(_ reading: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        let number = Int(list[reading])
        letters.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[starts[number]..<starts[number + 1]])) }
    }

    /// The first letter of the syllable of a reading.
    func initial(_ reading: Int) -> UInt8 { letters[starts[Int(list[reading])]] }

    /// No word that begins with these two characters is longer, in characters; 0 when there is none.
    func longestWord(_ a: UInt32, _ b: UInt32) -> Int { Int(longest[Self.pair(a, b)]) }

    private static func pair(_ a: UInt32, _ b: UInt32) -> Int {
        Int(
            truncatingIfNeeded: foldedProduct(UInt64(a) &<< 32 | UInt64(b), 0xD6E8_FEB8_6659_FD93) & (1 << pairBits - 1)
        )
    }

    /// The readings that a word decides on, three bits a character; nil when it is not in the table.
    func word(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt32? { words[hash64(bytes, count)] }
}
