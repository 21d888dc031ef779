/// Evaluations of one or two profiles for people and programs.
public struct EvaluationReport: Sendable {
    /// The catalog's name.
    public let catalog: String
    /// The profiles' names.
    public let names: [String]
    /// One for each name, of the same queries.
    public let evaluations: [Evaluation]

    /// A report on one evaluation, or on two of the same queries.
    public init(catalog: String, names: [String], evaluations: [Evaluation]) {
        self.catalog = catalog
        self.names = names
        self.evaluations = evaluations
    }

    /// The figures of one profile.
    public struct Figures: Encodable, Sendable {
        var profile: String
        var queries: Int
        var measures: Measures
        var medianFound: Int
        var milliseconds: [String: Double]
    }

    /// A query on which two profiles differ.
    public struct Difference: Encodable, Sendable {
        var query: String
        var text: String
        var ndcg10: [Double]
    }

    /// All figures, for programs.
    public struct Summary: Encodable, Sendable {
        var catalog: String
        var profiles: [Figures]
        var difference: Double?
        var p: Double?
        var wins: Int?
        var losses: Int?
        var queries: [Difference]
    }

    /// The figures, with the `count` queries that differ most, or that are ranked worst.
    public func figures(listing count: Int) -> Summary {
        let test = evaluations.count > 1 ? evaluations[0].compared(with: evaluations[1]) : nil
        return Summary(
            catalog: catalog, profiles: zip(names, evaluations).map(Self.figures), difference: test?.difference,
            p: test?.p, wins: test?.wins, losses: test?.losses, queries: differences(count))
    }

    private static func figures(_ name: String, _ evaluation: Evaluation) -> Figures {
        Figures(
            profile: name, queries: evaluation.outcomes.count, measures: evaluation.mean,
            medianFound: evaluation.medianFound,
            milliseconds: [
                "p50": evaluation.latency(0.5).rounded(toPlaces: 3),
                "p95": evaluation.latency(0.95).rounded(toPlaces: 3),
                "p99": evaluation.latency(0.99).rounded(toPlaces: 3),
            ])
    }

    /// The queries that matter most: where two profiles differ most, or where one ranks worst.
    func differences(_ count: Int) -> [Difference] {
        let all = evaluations[0].outcomes.indices.map { i in
            let outcomes = evaluations.map { $0.outcomes[i] }
            return Difference(
                query: outcomes[0].query.id, text: outcomes[0].query.text,
                ndcg10: outcomes.map { $0.measures.ndcg10.rounded(toPlaces: 4) })
        }
        func weight(_ one: Difference) -> Double {
            one.ndcg10.count > 1 ? -abs(one.ndcg10[0] - one.ndcg10[1]) : one.ndcg10[0]
        }
        let sorted = all.enumerated().sorted { (weight($0.element), $0.offset) < (weight($1.element), $1.offset) }
        return sorted.prefix(count).map(\.element)
    }

    /// The figures as a table for a terminal.
    public func table(listing count: Int) -> String {
        var rows = [["", "nDCG@10", "MRR@10", "R@100", "S@1", "S@3", "empty", "found", "p50 ms", "p99 ms"]]
        for (name, evaluation) in zip(names, evaluations) {
            let mean = evaluation.mean
            rows.append(
                [name] + [mean.ndcg10, mean.mrr10, mean.recall100, mean.success1, mean.success3].map { fixed($0, 4) }
                    + [
                        "\(fixed(mean.empty * 100, 1)) %", "\(evaluation.medianFound)",
                        fixed(evaluation.latency(0.5), 2),
                        fixed(evaluation.latency(0.99), 2),
                    ])
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        var lines = ["\(catalog): \(evaluations[0].outcomes.count) queries"]
        for row in rows {
            let cells = zip(row, widths).enumerated().map { column, cell in
                let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + blanks : blanks + cell.0
            }
            lines.append(cells.joined(separator: "  "))
        }
        if evaluations.count > 1 {
            let test = evaluations[0].compared(with: evaluations[1])
            lines.append(
                "nDCG@10 \(test.difference < 0 ? "" : "+")\(fixed(test.difference, 4)), p = \(fixed(test.p, 4)): "
                    + "\(test.wins) queries better, \(test.losses) worse")
        }
        for one in differences(count) {
            lines.append("  \(one.ndcg10.map { fixed($0, 3) }.joined(separator: " → "))  \(one.query)  \(one.text)")
        }
        return lines.joined(separator: "\n")
    }

    /// A number with so many digits behind the point.
    func fixed(_ value: Double, _ places: Int) -> String {
        let scale = (0..<places).reduce(1) { value, _ in value * 10 }
        let number = Int((abs(value) * Double(scale)).rounded())
        let digits = String(number % scale)
        let fraction = String(repeating: "0", count: places - digits.count) + digits
        return (value < 0 && number > 0 ? "-" : "") + "\(number / scale)" + (places > 0 ? "." + fraction : "")
    }
}
