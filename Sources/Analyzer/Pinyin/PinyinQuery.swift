/// Latin letters read as pinyin: all ways to cut them into syllables.
public enum PinyinQuery {
    /// The ways to cut a word of Latin letters wholly into at least `least` syllables, fewest syllables first, at
    /// most `limit`; `'` and blanks cut, ü is v.
    ///
    /// `xian` is xian and xi'an, `fangan` fang'an and fan'gan. Complexity: O(letters · longest syllable) for the graph
    /// and O(limit) ways.
    public static func syllables(of word: String, least: Int = 1, limit: Int = 8) -> [[String]] {
        let pieces = word.lowercased().replacing("ü", with: "v").split { $0 == "'" || $0 == "’" || $0.isWhitespace }
        var ways: [[String]] = [[]]
        for piece in pieces {
            let cuts = cuts(Array(piece.utf8), limit)
            ways = Array(ways.flatMap { way in cuts.map { way + $0 } }.prefix(limit * 4))
        }
        return Array(ways.filter { $0.count >= max(least, 1) }.sorted { $0.count < $1.count }.prefix(limit))
    }

    /// Longest syllable: zhuang, chuang, shuang.
    private static let longest = 6

    private static let known: Set<String> = Set(
        PinyinReadings.shared.syllables.filter { $0.utf8.count > 1 || "aeo".contains($0) })

    private static func cuts(_ letters: [UInt8], _ limit: Int) -> [[String]] {
        guard !letters.isEmpty, letters.count <= 64 else { return [] }
        // The ways from each place to the end, shortest first.
        var ways = [[[String]]](repeating: [], count: letters.count + 1)
        ways[letters.count] = [[]]
        for place in (0..<letters.count).reversed() {
            for size in (1...longest).reversed() where place + size <= letters.count && !ways[place + size].isEmpty {
                let syllable = String(decoding: letters[place..<place + size], as: UTF8.self)
                if known.contains(syllable) { ways[place] += ways[place + size].map { [syllable] + $0 } }
            }
            ways[place] = Array(ways[place].sorted { $0.count < $1.count }.prefix(limit))
        }
        return ways[0]
    }

    /// The terms of a way's neighbouring syllables, as the `pinyin` analyzer makes them.
    public static func pairs(_ syllables: [String]) -> [String] {
        syllables.count == 1 ? syllables : zip(syllables, syllables.dropFirst()).map { "\($0)'\($1)" }
    }
}
