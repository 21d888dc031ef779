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
        var leftOut: Int
    }

    /// The figures, with the `count` queries that differ most, or that are ranked worst.
    public func figures(listing count: Int) -> Summary {
        let test = evaluations.count > 1 ? evaluations[0].compared(with: evaluations[1]) : nil
        return Summary(
            catalog: catalog, profiles: zip(names, evaluations).map(Self.figures), difference: test?.difference,
            p: test?.p, wins: test?.wins, losses: test?.losses, queries: differences(count),
            leftOut: evaluations[0].leftOut)
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

    /// The queries that matter most, see `worst`.
    func differences(_ count: Int) -> [Difference] {
        worst(count).map { number in
            let outcomes = evaluations.map { $0.outcomes[number] }
            return Difference(
                query: outcomes[0].query.id, text: outcomes[0].query.text,
                ndcg10: outcomes.map { $0.measures.ndcg10.rounded(toPlaces: 4) })
        }
    }

    /// Where two profiles differ most, or where one ranks worst: numbers of queries.
    func worst(_ count: Int) -> [Int] {
        func weight(_ number: Int) -> Double {
            let values = evaluations.map { $0.outcomes[number].measures.ndcg10 }
            return values.count > 1 ? -abs(values[0] - values[1]) : values[0]
        }
        let sorted = evaluations[0].outcomes.indices.map { (weight: weight($0), number: $0) }.sorted { $0 < $1 }
        return sorted.prefix(count).map(\.number)
    }

    /// The figures as a table for a terminal.
    public func table(listing count: Int) -> String {
        var rows = [["", "nDCG@10", "MRR@10", "R@100", "S@1", "S@3", "empty", "found", "p50 ms", "p99 ms"]]
        for (name, evaluation) in zip(names, evaluations) {
            let mean = evaluation.mean
            rows.append(
                [printable(name)]
                    + [mean.ndcg10, mean.mrr10, mean.recall100, mean.success1, mean.success3].map { fixed($0, 4) }
                    + [
                        "\(fixed(mean.empty * 100, 1)) %", "\(evaluation.medianFound)",
                        fixed(evaluation.latency(0.5), 2),
                        fixed(evaluation.latency(0.99), 2),
                    ])
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let leftOut = evaluations[0].leftOut
        var lines = [
            "\(catalog): \(evaluations[0].outcomes.count) queries"
                + (leftOut > 0 ? ", \(leftOut) without a relevant document left out" : "")
        ]
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
            let measures = one.ndcg10.map { fixed($0, 3) }.joined(separator: " → ")
            lines.append("  \(measures)  \(printable(one.query))  \(printable(one.text))")
        }
        return lines.joined(separator: "\n")
    }
}

/// A text as it may be written to a terminal: what would move the cursor, change colours or turn the direction of
/// writing is a question mark.
public func printable(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.unicodeScalars.map { scalar in
                switch scalar.value {
                case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: "?"
                default: scalar
                }
            }))
}
