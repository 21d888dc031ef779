import Glibc

/// The quality measures of a ranking, or their means over several rankings. All are from 0 to 1.
public struct Measures: Sendable, Equatable, Codable {
    /// Normalized discounted cumulative gain of the first ten: gain 2^grade − 1, discount log2(rank + 1), the ideal
    /// order taken from all judged documents. Source: Järvelin and Kekäläinen, 2002, in the form of Burges et al.,
    /// 2005.
    public var ndcg10 = 0.0
    /// The reciprocal rank of the first relevant document; 0 if it is not among the first ten.
    public var mrr10 = 0.0
    /// The share of the relevant documents that are among the first hundred.
    public var recall100 = 0.0
    /// 1 if the first hit is relevant, otherwise 0.
    public var success1 = 0.0
    /// 1 if one of the first three hits is relevant, otherwise 0.
    public var success3 = 0.0
    /// 1 if the ranking is empty, otherwise 0.
    public var empty = 0.0

    /// Creates measures that are all 0.
    public init() {}

    /// Measures a ranking of document keys, best first, by the grades of documents. Documents without a grade are not
    /// relevant.
    public init(_ ranking: [String], _ grades: [String: Int]) {
        func gain(_ grade: Int) -> Double {
            grade > 0 ? pow(2, Double(min(grade, JudgedQueries.grades.upperBound))) - 1 : 0
        }
        func discounted(_ grades: some Sequence<Int>) -> Double {
            var sum = 0.0
            for (i, grade) in grades.prefix(10).enumerated() { sum += gain(grade) / log2(Double(i) + 2) }
            return sum
        }
        let ranked = ranking.map { grades[$0] ?? 0 }
        let ideal = discounted(grades.values.sorted(by: >))
        let relevant = grades.values.count { $0 > 0 }
        ndcg10 = ideal > 0 ? discounted(ranked) / ideal : 0
        mrr10 = ranked.prefix(10).firstIndex { $0 > 0 }.map { 1 / Double($0 + 1) } ?? 0
        recall100 = relevant > 0 ? Double(ranked.prefix(100).count { $0 > 0 }) / Double(relevant) : 0
        success1 = ranked.first ?? 0 > 0 ? 1 : 0
        success3 = ranked.prefix(3).contains { $0 > 0 } ? 1 : 0
        empty = ranking.isEmpty ? 1 : 0
    }

    /// Creates the means of several measures, all 0 for none.
    public init(mean measures: [Measures]) {
        func mean(_ path: KeyPath<Measures, Double>) -> Double {
            measures.isEmpty ? 0 : measures.reduce(0) { $0 + $1[keyPath: path] } / Double(measures.count)
        }
        ndcg10 = mean(\.ndcg10)
        mrr10 = mean(\.mrr10)
        recall100 = mean(\.recall100)
        success1 = mean(\.success1)
        success3 = mean(\.success3)
        empty = mean(\.empty)
    }
}

/// A paired significance test of two rankings of the same queries.
public struct PairedTest: Sendable, Equatable {
    /// The mean of the differences.
    public var difference: Double
    /// The p-value: the probability of a mean at least so far from 0 if the sign of each difference is random.
    public var p: Double
    /// The number of queries on which the first ranking is better.
    public var wins: Int
    /// The number of queries on which it is worse.
    public var losses: Int

    /// Runs a randomization test with `rounds` random assignments of signs. The same differences always have the same
    /// result. Complexity: O(rounds · differences).
    ///
    /// Source: Smucker, Allan and Carterette, "A comparison of statistical significance tests for information retrieval
    /// evaluation", 2007.
    public init(_ differences: [Double], rounds: Int = 10_000) {
        let sum = differences.reduce(0, +)
        difference = differences.isEmpty ? 0 : sum / Double(differences.count)
        wins = differences.count { $0 > 1e-9 }
        losses = differences.count { $0 < -1e-9 }
        let nonzero = differences.filter { abs($0) > 1e-12 }
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        var extreme = 0
        for _ in 0..<rounds {
            var random = 0.0
            var bits: UInt64 = 0
            for (i, difference) in nonzero.enumerated() {
                if i % 64 == 0 {
                    // xorshift64*
                    state ^= state >> 12
                    state ^= state << 25
                    state ^= state >> 27
                    bits = state &* 0x2545_F491_4F6C_DD1D
                }
                random += bits & 1 == 0 ? difference : -difference
                bits >>= 1
            }
            if abs(random) >= abs(sum) - 1e-12 { extreme += 1 }
        }
        p = Double(extreme + 1) / Double(rounds + 1)
    }
}
