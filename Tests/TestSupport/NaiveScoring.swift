import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// BM25 written down a second time, from the formula in the paper and the rounding that Lucene's source shows.
struct NaiveScoring {
    /// The parameters of the formula.
    var k1: Float = 1.2
    var b: Float = 0.75

    /// The lengths that the 256 norm codes stand for, ascending: 24 exact ones, 16 more in steps of one, and from then
    /// on eight for every doubling of the step.
    static let lengths: [Int] = {
        var all = Array(0..<24)
        var next = 24
        var step = 1
        var left = 16
        while all.count < 256 {
            all.append(next)
            next += step
            left -= 1
            if left == 0 {
                step *= 2
                left = 8
            }
        }
        return all
    }()

    /// The maximum length of a norm code that is not above `length`.
    static func rounded(_ length: Int) -> Int {
        length < shortRounded.count ? shortRounded[length] : lengths.last { $0 <= length } ?? 0
    }

    private static let shortRounded: [Int] = (0..<2000).map { length in lengths.last { $0 <= length } ?? 0 }

    /// The inverse document frequency of a term.
    func idf(_ documentFrequency: Int, of documentCount: Int) -> Float {
        let ratio = (Double(documentCount - documentFrequency) + 0.5) / (Double(documentFrequency) + 0.5)
        return Float(log(1 + ratio))
    }

    /// The score of a term that occurs `frequency` times in a field of `length` tokens.
    func score(_ weight: Float, frequency: Int, length: Int, tokens: Int, documents: Int) -> Float {
        score(weight, frequency: Float(frequency), length: length, tokens: tokens, documents: documents)
    }

    /// The score for a fractional frequency, as sloppy phrases have.
    func score(_ weight: Float, frequency: Float, length: Int, tokens: Int, documents: Int) -> Float {
        let average = Float(Double(tokens) / Double(documents))
        let share = b * Float(Self.rounded(length)) / average
        let inverse: Float = 1 / (k1 * ((1 - b) + share))
        return weight - weight / (1 + frequency * inverse)
    }
}
