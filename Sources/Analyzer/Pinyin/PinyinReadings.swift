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
    /// The bytes of each.
    let syllableBytes: [[UInt8]]
    /// Numbers of syllables, those of one character side by side.
    private let list: [UInt16]
    private let characters: [UInt32: Readings]
    /// By hash of a word: three bits a character, the number of its reading.
    private let words: [UInt64: UInt32]

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
        syllableBytes = syllables.map { Array($0.utf8) }
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
        self.characters = characters
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
        }
        self.words = words
    }

    private static func hash(_ word: Substring.UTF8View) -> UInt64 {
        Array(word).withUnsafeBufferPointer { $0.baseAddress.map { start in hash64(start, word.count) } ?? 0 }
    }

    /// The readings of a character; nil when it has none.
    func readings(of scalar: UInt32) -> Readings? { characters[scalar] }

    /// The number of the syllable of a reading.
    func syllable(_ reading: Int) -> UInt16 { list[reading] }

    /// The readings that a word decides on, three bits a character; nil when it is not in the table.
    func word(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt32? { words[hash64(bytes, count)] }
}
