/// A report on the evaluation of one profile, or on two profiles compared: as a table, an HTML page or JSON.
package struct EvaluationReport: Sendable {
    /// The catalog's name.
    package let catalog: String
    /// The names of the profiles.
    package let names: [String]
    /// One evaluation for each name, all of the same queries.
    package let evaluations: [Evaluation]

    /// Creates a report on one evaluation, or on two of the same queries.
    package init(catalog: String, names: [String], evaluations: [Evaluation]) {
        self.catalog = catalog
        self.names = names
        self.evaluations = evaluations
    }

    /// The measures of one profile.
    package struct Figures: Encodable, Sendable {
        var profile: String
        var queries: Int
        var measures: Measures
        var medianFound: Int
        var milliseconds: [String: Double]
    }

    /// A query with the nDCG@10 of each profile.
    package struct Difference: Encodable, Sendable {
        var query: String
        var text: String
        var ndcg10: [Double]
    }

    /// The report for programs.
    package struct Summary: Encodable, Sendable {
        var catalog: String
        var profiles: [Figures]
        var difference: Double?
        var p: Double?
        var wins: Int?
        var losses: Int?
        var queries: [Difference]
        var leftOut: Int
    }

    /// Returns the report for programs, with the `count` queries that differ most, or have the worst rankings.
    package func figures(listing count: Int) -> Summary {
        let test = evaluations.count > 1 ? evaluations[0].compared(with: evaluations[1]) : nil
        return Summary(
            catalog: catalog, profiles: zip(names, evaluations).map(Self.figures), difference: test?.difference,
            p: test?.p, wins: test?.wins, losses: test?.losses, queries: differences(count),
            leftOut: evaluations[0].leftOut)
    }

    /// The rankings of the first profile as a run of TREC's tools: query, Q0, document, rank, a score that falls with
    /// the rank, and the profile.
    package var run: String {
        let name = names[0].replacing(" ", with: "_")
        return evaluations[0].outcomes.flatMap { outcome in
            outcome.ranking.enumerated().map { rank, key in
                "\(outcome.query.id) Q0 \(key) \(rank + 1) \(outcome.ranking.count - rank) \(name)\n"
            }
        }.joined()
    }

    /// The measures of one profile for programs.
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

    /// Returns the `count` queries that matter most, see `worst`.
    func differences(_ count: Int) -> [Difference] {
        worst(count).map { queryIndex in
            let outcomes = evaluations.map { $0.outcomes[queryIndex] }
            return Difference(
                query: outcomes[0].query.id, text: outcomes[0].query.text,
                ndcg10: outcomes.map { $0.measures.ndcg10.rounded(toPlaces: 4) })
        }
    }

    /// Returns the indexes of the `count` queries on which two profiles differ most, or on which a single one has the
    /// lowest nDCG@10.
    func worst(_ count: Int) -> [Int] {
        func weight(_ queryIndex: Int) -> Double {
            let values = evaluations.map { $0.outcomes[queryIndex].measures.ndcg10 }
            return values.count > 1 ? -abs(values[0] - values[1]) : values[0]
        }
        let sorted = evaluations[0].outcomes.indices.map { (weight: weight($0), index: $0) }.sorted { $0 < $1 }
        return sorted.prefix(count).map(\.index)
    }

    /// Returns the report as a table for a terminal, with the `count` queries that matter most.
    package func table(listing count: Int) -> String {
        var rows = [["", "nDCG@10", "MRR@10", "R@100", "S@1", "S@3", "empty", "found", "p50 ms", "p99 ms"]]
        for (name, evaluation) in zip(names, evaluations) {
            let mean = evaluation.mean
            rows.append(
                [printable(name)]
                    + [mean.ndcg10, mean.mrr10, mean.recall100, mean.success1, mean.success3].map { fixed($0, 4) }
                    + [
                        "\(fixed(mean.empty * 100, 1)) %", "\(evaluation.medianFound)",
                        fixed(evaluation.latency(0.5), 2), fixed(evaluation.latency(0.99), 2),
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
        for difference in differences(count) {
            let measures = difference.ndcg10.map { fixed($0, 3) }.joined(separator: " → ")
            lines.append("  \(measures)  \(printable(difference.query))  \(printable(difference.text))")
        }
        return lines.joined(separator: "\n")
    }
}

/// Returns a text that is safe to write to a terminal: characters that move the cursor, change colors or reverse the
/// writing direction are replaced by question marks.
package func printable(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.unicodeScalars.map { scalar in
                switch scalar.value {
                case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: "?"
                default: scalar
                }
            }))
}
