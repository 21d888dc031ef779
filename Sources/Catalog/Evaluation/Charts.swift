import Searching

/// Charts as self-contained SVG.
enum Charts {
    /// A named series of numbers, drawn in one color.
    struct Series {
        /// The name in the legend.
        var name: String
        /// One value for each group of a chart.
        var values: [Double]
    }

    private static let width = 640.0
    private static let height = 220.0
    private static let left = 44.0
    private static let bottom = 34.0
    private static let top = 10.0

    /// Returns a chart of grouped bars: one group for each name in `groups`, with a bar for each series. Values are
    /// labeled with `places` decimal places.
    static func bars(_ series: [Series], groups: [String], title: String, places: Int) -> String {
        let maxValue = max(series.flatMap(\.values).max() ?? 0, 1e-9)
        let step = (width - left) / Double(max(groups.count, 1))
        let barWidth = step * 0.8 / Double(max(series.count, 1))
        var body = axis(maxValue, places: places)
        for (group, name) in groups.enumerated() {
            for (seriesIndex, series) in series.enumerated() {
                let value = series.values[group]
                let x = left + step * (Double(group) + 0.1) + barWidth * Double(seriesIndex)
                let barHeight = value / maxValue * (height - bottom - top)
                body += """
                    <rect class="s\(seriesIndex)" x="\(fixed(x, 1))" y="\(fixed(height - bottom - barHeight, 1))" \
                    width="\(fixed(barWidth, 1))" height="\(fixed(barHeight, 1))">\
                    <title>\(escaped(series.name)) \(escaped(name)): \(fixed(value, places))</title></rect>
                    """
            }
            let middle = left + step * (Double(group) + 0.5)
            body += "<text x=\"\(fixed(middle, 1))\" y=\"\(fixed(height - 16, 1))\" class=\"m\">\(escaped(name))</text>"
        }
        return figure(title, body, series.map(\.name))
    }

    /// Returns a chart with one thin bar for each value, up or down from zero, in the given order.
    static func differences(_ values: [(name: String, value: Double)], title: String) -> String {
        let maxMagnitude = max(values.map { abs($0.value) }.max() ?? 0, 1e-9)
        let middle = (height - bottom + top) / 2
        let step = (width - left) / Double(max(values.count, 1))
        var body = axis(maxMagnitude, places: 2, middle: middle)
        for (i, (name, value)) in values.enumerated() {
            let barHeight = abs(value) / maxMagnitude * (middle - top)
            let y = value > 0 ? middle - barHeight : middle
            body += """
                <rect class="\(value > 0 ? "up" : "down")" x="\(fixed(left + step * Double(i), 2))" \
                y="\(fixed(y, 1))" width="\(fixed(max(step * 0.9, 0.4), 2))" height="\(fixed(barHeight, 1))">\
                <title>\(escaped(name)): \(value > 0 ? "+" : "")\(fixed(value, 3))</title></rect>
                """
        }
        return figure(title, body, [])
    }

    /// The lines and labels of the vertical axis, from 0 to `maxValue`, or to both sides of zero at `middle`.
    private static func axis(_ maxValue: Double, places: Int, middle: Double? = nil) -> String {
        let zero = middle ?? height - bottom
        func mark(_ y: Double, _ value: Double) -> String {
            "<line x1=\"\(left)\" x2=\"\(width)\" y1=\"\(fixed(y, 1))\" y2=\"\(fixed(y, 1))\"/>"
                + "<text x=\"\(left - 6)\" y=\"\(fixed(y + 4, 1))\" class=\"e\">\(fixed(value, places))</text>"
        }
        let ends =
            mark(top, maxValue)
            + (middle == nil ? mark((top + zero) / 2, maxValue / 2) : mark(height - bottom, -maxValue))
        return mark(zero, 0) + ends
    }

    /// A chart with its caption, and a legend of the names if there are several.
    private static func figure(_ title: String, _ body: String, _ names: [String]) -> String {
        let legend = names.enumerated().map { "<span class=\"key s\($0)\"></span>\(escaped($1))" }
        return """
            <figure><figcaption>\(escaped(title)) \(names.count > 1 ? legend.joined(separator: " ") : "")</figcaption>
            <svg viewBox="0 0 \(fixed(width, 0)) \(fixed(height, 0))" role="img" \
            aria-label="\(escaped(title))">\(body)</svg></figure>

            """
    }

    private static func escaped(_ text: String) -> String { Highlighter.escaped(text) }
}

/// Returns a number with `places` digits after the point; NaN, infinities and numbers with too many digits as Swift
/// writes them.
func fixed(_ value: Double, _ places: Int) -> String {
    let scale = (0..<places).reduce(1) { value, _ in value * 10 }
    guard let number = Int(exactly: (abs(value) * Double(scale)).rounded()) else { return "\(value)" }
    let sign = value < 0 && number > 0 ? "-" : ""
    if places == 0 { return sign + "\(number)" }
    let digits = String(number % scale)
    return sign + "\(number / scale)." + String(repeating: "0", count: places - digits.count) + digits
}
