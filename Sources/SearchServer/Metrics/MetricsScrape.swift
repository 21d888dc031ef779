import Kernels

/// The samples of a text that `MetricsText` has written, for those who show or judge them.
///
/// ```swift
/// let scrape = MetricsScrape(text)
/// scrape.sum("quire_jobs_total", ["outcome": "refused"])   // of all pools
/// scrape.quantile(0.99, of: "quire_request_seconds", ["route": "GET /v1/{catalog}/search"])
/// ```
package struct MetricsScrape: Sendable {
    /// A sample.
    package struct Sample: Sendable {
        /// The name, of histograms with `_bucket`, `_sum` or `_count`.
        package var name: String
        /// The labels.
        package var labels: [String: String]
        /// The value.
        package var value: Double
    }

    /// The samples, in the order of the text.
    package let samples: [Sample]

    /// Reads a text. Lines that are no samples are skipped. Complexity: O(bytes).
    package init(_ text: String) {
        samples = text.split(separator: "\n").compactMap { Self.sample($0) }
    }

    /// Returns the samples of a metric that have some labels.
    package func all(_ name: String, _ labels: [String: String] = [:]) -> [Sample] {
        samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
    }

    /// Returns the sum of the samples of a metric that have some labels; 0 if there are none.
    package func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
        all(name, labels).reduce(0) { $0 + $1.value }
    }

    /// Returns the upper bound of the bucket in which a quantile of a histogram lies, in seconds: infinity above the
    /// last bound, nil without samples.
    package func quantile(_ share: Double, of name: String, _ labels: [String: String] = [:]) -> Double? {
        var counts: [Double: Double] = [:]
        for sample in all(name + "_bucket", labels) {
            guard let text = sample.labels["le"] else { continue }
            counts[Double(text) ?? .infinity, default: 0] += sample.value
        }
        guard let total = counts[.infinity], total > 0 else { return nil }
        return counts.filter { $0.value >= share * total }.keys.min()
    }

    /// The sample of a line; nil for other lines.
    private static func sample(_ line: Substring) -> Sample? {
        guard !line.hasPrefix("#"), let space = line.lastIndex(of: " "),
            let value = Double(line[line.index(after: space)...])
        else { return nil }
        let series = line[..<space]
        guard let brace = series.firstIndex(of: "{"), series.hasSuffix("}") else {
            return Sample(name: String(series), labels: [:], value: value)
        }
        let labels = self.labels(series[series.index(after: brace)...].dropLast())
        return Sample(name: String(series[..<brace]), labels: labels, value: value)
    }

    /// The labels of a list such as `route="GET /v1",status="200"`, with `\\`, `\"` and `\n` in their values resolved.
    private static func labels(_ list: Substring) -> [String: String] {
        var labels: [String: String] = [:]
        var (name, value, isQuoted, isEscaped) = ("", "", false, false)
        for character in list {
            if isEscaped {
                value.append(character == "n" ? "\n" : character)
                isEscaped = false
            } else if isQuoted, character == "\\" {
                isEscaped = true
            } else if isQuoted, character == "\"" {
                labels[name] = value
                (name, value, isQuoted) = ("", "", false)
            } else if isQuoted {
                value.append(character)
            } else if character == "\"" {
                isQuoted = true
            } else if character != "=", character != "," {
                name.append(character)
            }
        }
        return labels
    }
}
