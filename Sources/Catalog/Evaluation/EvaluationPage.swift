import Searching

extension EvaluationReport {
    /// Returns the report as one self-contained HTML page: measures, charts, and the `count` queries that differ most,
    /// or have the worst rankings, with the first documents of their rankings.
    package func page(listing count: Int) -> String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>\(Highlighter.escaped(catalog)): relevance</title>
        <style>\(Self.style)</style></head><body>
        <h1>\(Highlighter.escaped(catalog)) <small>\(evaluations[0].outcomes.count) judged queries</small></h1>
        \(figuresTable)\(comparison)\(charts)\(queriesTable(count))
        <footer>nDCG@10: gain 2^grade − 1, discount log2(rank + 1), ideal of all judged documents; documents without \
        a grade are not relevant. p: paired randomization test, 10,000 rounds. \(evaluations[0].leftOut) queries \
        without a relevant document are left out.</footer></body></html>

        """
    }

    private static let style = """
        :root{color-scheme:light dark;--a:#2f6fb2;--b:#e08a2b;--line:#8884}
        body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem}
        small,footer{color:#777;font-weight:normal}table{border-collapse:collapse;margin:1rem 0}
        th,td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid var(--line)}
        th:first-child,td:first-child,td.t{text-align:left}td.t{max-width:34rem}
        figure{display:inline-block;margin:0 1rem 1rem 0;width:min(520px,100%)}svg{width:100%;height:auto}
        svg line{stroke:var(--line)}svg text{font-size:11px;fill:currentColor}.m{text-anchor:middle}.e{text-anchor:end}
        .s0{fill:var(--a);background:var(--a)}.s1{fill:var(--b);background:var(--b)}
        .up{fill:#3a9d5d}.down{fill:#c8503c}.key{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 .8em}
        .rank b{color:#3a9d5d}.rank{font-size:13px;overflow-wrap:anywhere}
        """

    /// The measures of each profile.
    private var figuresTable: String {
        let headings =
            ["", "nDCG@10", "MRR@10", "recall@100", "success@1", "success@3", "no result", "found (median)"]
            + ["p50 ms", "p95 ms", "p99 ms"]
        let rows = zip(names, evaluations).map { name, evaluation in
            let mean = evaluation.mean
            let shares = [mean.ndcg10, mean.mrr10, mean.recall100, mean.success1, mean.success3].map { fixed($0, 4) }
            let times = [0.5, 0.95, 0.99].map { fixed(evaluation.latency($0), 2) }
            return [Highlighter.escaped(name)] + shares
                + ["\(fixed(mean.empty * 100, 1)) %", "\(evaluation.medianFound)"] + times
        }
        return Self.table(headings, rows)
    }

    /// An HTML table; the cells must be escaped.
    private static func table(_ headings: [String], _ rows: [[String]]) -> String {
        let head = headings.map { "<th>\($0)</th>" }.joined()
        let body = rows.map { "<tr>" + $0.map { "<td>\($0)</td>" }.joined() + "</tr>" }.joined(separator: "\n")
        return "<table><tr>\(head)</tr>\n\(body)</table>\n"
    }

    /// The result of the paired test, for two profiles.
    private var comparison: String {
        guard evaluations.count > 1 else { return "" }
        let test = evaluations[0].compared(with: evaluations[1])
        return """
            <p>nDCG@10 of <b>\(Highlighter.escaped(names[0]))</b> against <b>\(Highlighter.escaped(names[1]))</b>: \
            \(test.difference < 0 ? "" : "+")\(fixed(test.difference, 4)), p = \(fixed(test.p, 4)); \
            \(test.wins) queries better, \(test.losses) worse.</p>

            """
    }

    /// The charts of the measures, their distribution and the times, and of the differences of two profiles.
    private var charts: String {
        let measures = Charts.bars(
            zip(names, evaluations).map { name, evaluation in
                let mean = evaluation.mean
                return Charts.Series(
                    name: name, values: [mean.ndcg10, mean.mrr10, mean.recall100, mean.success1, mean.success3])
            }, groups: ["nDCG@10", "MRR@10", "recall@100", "success@1", "success@3"], title: "Measures", places: 2)
        let spread = Charts.bars(
            zip(names, evaluations).map { name, evaluation in
                var bins = [Double](repeating: 0, count: 10)
                for outcome in evaluation.outcomes { bins[min(Int(outcome.measures.ndcg10 * 10), 9)] += 1 }
                return Charts.Series(name: name, values: bins)
            }, groups: (0..<10).map { ".\($0)" }, title: "Queries by nDCG@10", places: 0)
        let times = Charts.bars(
            zip(names, evaluations).map { name, evaluation in
                Charts.Series(name: name, values: [0.5, 0.9, 0.95, 0.99, 1].map(evaluation.latency))
            }, groups: ["p50", "p90", "p95", "p99", "max"], title: "Milliseconds", places: 1)
        return measures + spread + times + differencesChart
    }

    private var differencesChart: String {
        guard evaluations.count > 1 else { return "" }
        let differences = zip(evaluations[0].outcomes, evaluations[1].outcomes).map { a, b in
            (name: a.query.text, value: a.measures.ndcg10 - b.measures.ndcg10)
        }
        let differing = differences.filter { abs($0.value) > 1e-9 }.sorted { $0.value > $1.value }
        return Charts.differences(differing, title: "nDCG@10, \(differing.count) queries that differ")
    }

    /// The queries that matter most, with the first five documents of each ranking.
    private func queriesTable(_ count: Int) -> String {
        let headings = ["query"] + names.map { "nDCG@10 " + Highlighter.escaped($0) } + ["ranked first, grades in bold"]
        let rows = worst(count).map { queryIndex in
            let outcomes = evaluations.map { $0.outcomes[queryIndex] }
            let scores = outcomes.map { fixed($0.measures.ndcg10, 3) }
            let ranked = outcomes.map { outcome in
                outcome.ranking.prefix(5).map { key in
                    let grade = outcome.query.grades[key].map { " <b>\($0)</b>" } ?? ""
                    return Highlighter.escaped(key) + grade
                }.joined(separator: " · ")
            }
            return [Highlighter.escaped(outcomes[0].query.text)] + scores
                + ["<div class=\"rank\">\(ranked.joined(separator: "<br>"))</div>"]
        }
        if rows.isEmpty { return "" }
        let title = evaluations.count > 1 ? "Queries that differ most" : "Queries ranked worst"
        return "<h2>\(title)</h2>\n" + Self.table(headings, rows)
    }
}
