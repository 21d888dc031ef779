import Glibc

/// How good one ranking is, or many on average.
public struct Measures: Sendable, Equatable, Codable {
    /// Normalised discounted cumulative gain of the first ten: gain 2^grade − 1, discount log2(rank + 1), the ideal
    /// order taken from all judged documents. Source: Järvelin and Kekäläinen, 2002, in the form of Burges et al.,
    /// 2005.
    public var ndcg10 = 0.0
    /// One over the rank of the first relevant document, if it is among the first ten.
    public var mrr10 = 0.0
    /// The share of relevant documents among the first hundred.
    public var recall100 = 0.0
    /// Whether the first hit is relevant.
    public var success1 = 0.0
    /// Whether one of the first three is.
    public var success3 = 0.0
    /// Whether nothing was found.
    public var empty = 0.0

    /// Nothing.
    public init() {}

    /// Measures a ranking, best first, by the grades of documents; those without a grade are not relevant.
    public init(_ ranking: [String], _ grades: [String: Int]) {
        func gain(_ grade: Int) -> Double {
            grade > 0 ? pow(2, Double(min(grade, JudgedQueries.grades.upperBound))) - 1 : 0
        }
        func discounted(_ grades: some Sequence<Int>) -> Double {
            var sum = 0.0
            for (place, grade) in grades.prefix(10).enumerated() { sum += gain(grade) / log2(Double(place) + 2) }
            return sum
        }
        let found = ranking.map { grades[$0] ?? 0 }
        let ideal = discounted(grades.values.sorted(by: >))
        let relevant = grades.values.count { $0 > 0 }
        ndcg10 = ideal > 0 ? discounted(found) / ideal : 0
        mrr10 = found.prefix(10).firstIndex { $0 > 0 }.map { 1 / Double($0 + 1) } ?? 0
        recall100 = relevant > 0 ? Double(found.prefix(100).count { $0 > 0 }) / Double(relevant) : 0
        success1 = found.first ?? 0 > 0 ? 1 : 0
        success3 = found.prefix(3).contains { $0 > 0 } ? 1 : 0
        empty = ranking.isEmpty ? 1 : 0
    }

    /// The mean of several.
    public init(mean all: [Measures]) {
        func mean(_ path: KeyPath<Measures, Double>) -> Double {
            all.isEmpty ? 0 : all.reduce(0) { $0 + $1[keyPath: path] } / Double(all.count)
        }
        ndcg10 = mean(\.ndcg10)
        mrr10 = mean(\.mrr10)
        recall100 = mean(\.recall100)
        success1 = mean(\.success1)
        success3 = mean(\.success3)
        empty = mean(\.empty)
    }
}

/// Whether one ranking is better than another on the same queries.
public struct PairedTest: Sendable, Equatable {
    /// Mean of the differences.
    public var difference: Double
    /// How likely a mean so far from 0 is when chance alone decides the sign of each difference.
    public var p: Double
    /// Queries on which the first is better.
    public var wins: Int
    /// Queries on which it is worse.
    public var losses: Int

    /// A randomisation test with `rounds` random assignments of signs, the same for the same differences.
    ///
    /// Source: Smucker, Allan and Carterette, "A comparison of statistical significance tests for information retrieval
    /// evaluation", 2007.
    public init(_ differences: [Double], rounds: Int = 10_000) {
        let sum = differences.reduce(0, +)
        difference = differences.isEmpty ? 0 : sum / Double(differences.count)
        wins = differences.count { $0 > 1e-9 }
        losses = differences.count { $0 < -1e-9 }
        let moved = differences.filter { abs($0) > 1e-12 }
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        var extreme = 0
        for _ in 0..<rounds {
            var random = 0.0
            var bits: UInt64 = 0
            for (place, one) in moved.enumerated() {
                if place % 64 == 0 {
                    // xorshift64*
                    state ^= state >> 12
                    state ^= state << 25
                    state ^= state >> 27
                    bits = state &* 0x2545_F491_4F6C_DD1D
                }
                random += bits & 1 == 0 ? one : -one
                bits >>= 1
            }
            if abs(random) >= abs(sum) - 1e-12 { extreme += 1 }
        }
        p = Double(extreme + 1) / Double(rounds + 1)
    }
}
