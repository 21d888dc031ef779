import Kernels

/// A writer of metrics in the text format of Prometheus, version 0.0.4.
///
/// ```swift
/// var text = MetricsText()
/// text.add(.jobsWaiting, [([("pool", "searches")], 3)])
/// ```
struct MetricsText {
    /// The labels of a sample, in the order in which they are written.
    typealias Labels = [(name: String, value: String)]

    /// The text so far.
    private(set) var text = ""

    /// The upper bounds of the buckets, in seconds.
    private static let bounds = LatencyBuckets.bounds.map { "\($0 / .seconds(1))" } + ["+Inf"]

    /// Adds a metric with all of its samples; nothing without samples.
    mutating func add(_ name: MetricName, _ samples: [(labels: Labels, value: Int)]) {
        if samples.isEmpty { return }
        begin(name)
        for sample in samples { line(name.rawValue, sample.labels, "\(sample.value)") }
    }

    /// Adds a metric that has one sample; nothing if its value is unknown.
    mutating func add(_ name: MetricName, _ value: Int?) {
        if let value { add(name, [([], value)]) }
    }

    /// Adds a histogram, in seconds, with all of its distributions; nothing without any.
    mutating func add(_ name: MetricName, _ samples: [(labels: Labels, times: LatencyBuckets)]) {
        if samples.isEmpty { return }
        begin(name)
        for (labels, times) in samples {
            var count = 0
            for (bound, more) in zip(Self.bounds, times.counts) {
                count += more
                line(name.rawValue + "_bucket", labels + [("le", bound)], "\(count)")
            }
            line(name.rawValue + "_sum", labels, "\(times.sum / .seconds(1))")
            line(name.rawValue + "_count", labels, "\(count)")
        }
    }

    private mutating func begin(_ name: MetricName) {
        text += "# HELP \(name.rawValue) \(name.help)\n# TYPE \(name.rawValue) \(name.type)\n"
    }

    private mutating func line(_ name: String, _ labels: Labels, _ value: String) {
        text += name
        var separator = "{"
        for (label, value) in labels {
            text += "\(separator)\(label)=\"\(Self.escaped(value))\""
            separator = ","
        }
        text += labels.isEmpty ? " \(value)\n" : "} \(value)\n"
    }

    /// A label's value with the characters escaped that the format requires.
    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
