/// The channel model of spelling correction: how improbable it is that one word was meant and another one typed.
///
/// The weighted edit distance of Damerau and Levenshtein: substitutions, insertions, deletions and transpositions of
/// neighbors. Errors that hands make often cost less: a neighbor on the keyboard, a doubled letter, one vowel for
/// another or left out; errors at the first letter, which people look at, cost more.
enum TypingErrors {
    /// The natural logarithm of the probability of one usual error.
    private static let logEdit = -5.0
    /// That of a blank that is missing or in the wrong place.
    static let logBlank = -4.5
    /// That of the most usual error.
    static let logCheapest = logEdit * min(doubled, extra, missing, swapped, vowel, neighbor, other)

    /// The weights of errors: half of a doubled letter too much or left out, any other letter too much or left out,
    /// neighbors swapped; a vowel for another one or left out, a neighbor on the keyboard, any other letter.
    private static let doubled = 0.8
    private static let extra = 1.1
    private static let missing = 0.9
    private static let swapped = 0.9
    private static let vowel = 0.8
    private static let neighbor = 0.9
    private static let other = 1.1
    /// The factor of an error at the first letter, at least 1.
    private static let atFirst = 1.3

    /// Returns the logarithm of the probability that `typed` was typed for `intended`; 0 for the same word.
    ///
    /// Complexity: O(letters²).
    static func logProbability(_ typed: String, for intended: String) -> Double {
        typed == intended ? 0 : logEdit * distance(Array(typed.utf8), Array(intended.utf8))
    }

    /// The sum of the weights of the cheapest edits that turn one word into another.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Double {
        var rows = [[Double]](repeating: [Double](repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in 0...a.count {
            for j in 0...b.count where i + j > 0 {
                var best = Double.infinity
                let first = i <= 1 && j <= 1 ? atFirst : 1
                if i > 0 { best = min(best, rows[i - 1][j] + first * weight(extra: a, i - 1)) }
                if j > 0 { best = min(best, rows[i][j - 1] + first * weight(missing: b, j - 1)) }
                if i > 0, j > 0 {
                    best = min(
                        best, rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : first * weight(a[i - 1], b[j - 1])))
                }
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    best = min(best, rows[i - 2][j - 2] + swapped)
                }
                rows[i][j] = best
            }
        }
        return rows[a.count][b.count]
    }

    /// The weight of a letter of the typed word that the intended one lacks.
    private static func weight(extra word: [UInt8], _ i: Int) -> Double { isDoubled(word, i) ? doubled : extra }

    /// The weight of a letter of the intended word that was left out, which happens more often.
    private static func weight(missing word: [UInt8], _ i: Int) -> Double {
        isDoubled(word, i) ? doubled : vowels.contains(word[i]) ? vowel : missing
    }

    /// True if a letter stands beside the same one.
    private static func isDoubled(_ word: [UInt8], _ i: Int) -> Bool {
        i > 0 && word[i] == word[i - 1] || i + 1 < word.count && word[i] == word[i + 1]
    }

    /// The weight of one letter in the place of another.
    private static func weight(_ a: UInt8, _ b: UInt8) -> Double {
        if vowels.contains(a), vowels.contains(b) { return vowel }
        return neighbors[a]?.contains(b) ?? false ? neighbor : other
    }

    private static let vowels = Set("aeiouy".utf8)

    /// The letters beside each letter on a QWERTY keyboard.
    private static let neighbors: [UInt8: Set<UInt8>] = {
        let rows = ["qwertyuiop", "asdfghjkl", "zxcvbnm"].map { Array($0.utf8) }
        var neighbors: [UInt8: Set<UInt8>] = [:]
        for (r, row) in rows.enumerated() {
            for (c, letter) in row.enumerated() {
                for (other, columns) in [(r, [c - 1, c + 1]), (r - 1, [c, c + 1]), (r + 1, [c - 1, c])]
                where rows.indices.contains(other) {
                    for column in columns where rows[other].indices.contains(column) {
                        neighbors[letter, default: []].insert(rows[other][column])
                    }
                }
            }
        }
        return neighbors
    }()
}
