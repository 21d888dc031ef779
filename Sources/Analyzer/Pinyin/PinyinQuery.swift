/// Segmentation of Latin letters into pinyin syllables, for queries on fields of the `pinyin` analyzer.
///
/// ```swift
/// PinyinQuery.syllables(of: "xian")    // [["xian"], ["xi", "an"]]
/// PinyinQuery.pairs(["yin", "hang"])   // ["yin'hang"], a term of 银行
/// ```
public enum PinyinQuery {
    /// Returns the segmentations of a whole word into at least `least` syllables, those with the fewest syllables
    /// first, `limit` of them at most; empty when the word is not pinyin.
    ///
    /// `'` and blanks separate syllables, v and ü are the same letter, case does not matter: `xian` is xian and xi'an,
    /// `fangan` fang'an and fan'gan. Pieces of more than 64 letters are not segmented. Complexity: O(letters · longest
    /// syllable) for the graph and O(limit) segmentations.
    public static func syllables(of word: String, least minimum: Int = 1, limit: Int = 8) -> [[String]] {
        let pieces = word.lowercased().replacing("ü", with: "v").split { $0 == "'" || $0 == "’" || $0.isWhitespace }
        var segmentations: [[String]] = [[]]
        for piece in pieces {
            let suffixes = segment(Array(piece.utf8), limit)
            segmentations = Array(segmentations.flatMap { prefix in suffixes.map { prefix + $0 } }.prefix(limit * 4))
        }
        return Array(segmentations.filter { $0.count >= max(minimum, 1) }.sorted { $0.count < $1.count }.prefix(limit))
    }

    /// The length of the longest syllables in letters: zhuang, chuang, shuang.
    private static let maxSyllableLength = 6

    /// The syllables of the readings of characters, without single consonants.
    private static let knownSyllables: Set<String> = Set(
        PinyinReadings.shared.syllables.filter { $0.utf8.count > 1 || "aeo".contains($0) })

    /// Returns at most `limit` segmentations of a piece without separators, by dynamic programming from its end.
    private static func segment(_ letters: [UInt8], _ limit: Int) -> [[String]] {
        guard !letters.isEmpty, letters.count <= 64 else { return [] }
        // The segmentations of every suffix, by its start; those with the fewest syllables first.
        var segmentations = [[[String]]](repeating: [], count: letters.count + 1)
        segmentations[letters.count] = [[]]
        for start in (0..<letters.count).reversed() {
            for size in (1...maxSyllableLength).reversed()
            where start + size <= letters.count && !segmentations[start + size].isEmpty {
                let syllable = String(decoding: letters[start..<start + size], as: UTF8.self)
                if knownSyllables.contains(syllable) {
                    segmentations[start] += segmentations[start + size].map { [syllable] + $0 }
                }
            }
            segmentations[start] = Array(segmentations[start].sorted { $0.count < $1.count }.prefix(limit))
        }
        return segmentations[0]
    }

    /// Returns the bigrams of a segmentation, which are the terms that the `pinyin` analyzer produces; a single
    /// syllable is returned as it is.
    public static func pairs(_ syllables: [String]) -> [String] {
        syllables.count == 1 ? syllables : zip(syllables, syllables.dropFirst()).map { "\($0)'\($1)" }
    }
}
