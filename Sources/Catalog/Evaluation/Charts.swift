import Indexer

/// Charts as SVG: numbers drawn, with nothing to load.
enum Charts {
    /// A named row of numbers, drawn in one colour.
    struct Series {
        var name: String
        var values: [Double]
    }

    private static let width = 640.0
    private static let height = 220.0
    private static let left = 44.0
    private static let bottom = 34.0
    private static let top = 10.0

    /// Groups of bars, one bar of each series in each group.
    static func bars(_ series: [Series], groups: [String], title: String, places: Int) -> String {
        let most = max(series.flatMap(\.values).max() ?? 0, 1e-9)
        let step = (width - left) / Double(max(groups.count, 1))
        let thick = step * 0.8 / Double(max(series.count, 1))
        var body = axis(most, places: places)
        for (group, name) in groups.enumerated() {
            for (number, one) in series.enumerated() {
                let value = one.values[group]
                let x = left + step * (Double(group) + 0.1) + thick * Double(number)
                let tall = value / most * (height - bottom - top)
                body += """
                    <rect class="s\(number)" x="\(fixed(x, 1))" y="\(fixed(height - bottom - tall, 1))" \
                    width="\(fixed(thick, 1))" height="\(fixed(tall, 1))">\
                    <title>\(escaped(one.name)) \(escaped(name)): \(fixed(value, places))</title></rect>
                    """
            }
            let middle = left + step * (Double(group) + 0.5)
            body += "<text x=\"\(fixed(middle, 1))\" y=\"\(fixed(height - 16, 1))\" class=\"m\">\(escaped(name))</text>"
        }
        return figure(title, body, series.map(\.name))
    }

    /// One thin bar for each number, up or down from zero, in the order given.
    static func differences(_ values: [(name: String, value: Double)], title: String) -> String {
        let most = max(values.map { abs($0.value) }.max() ?? 0, 1e-9)
        let middle = (height - bottom + top) / 2
        let step = (width - left) / Double(max(values.count, 1))
        var body = axis(most, places: 2, middle: middle)
        for (number, one) in values.enumerated() {
            let tall = abs(one.value) / most * (middle - top)
            let y = one.value > 0 ? middle - tall : middle
            body += """
                <rect class="\(one.value > 0 ? "up" : "down")" x="\(fixed(left + step * Double(number), 2))" \
                y="\(fixed(y, 1))" width="\(fixed(max(step * 0.9, 0.4), 2))" height="\(fixed(tall, 1))">\
                <title>\(escaped(one.name)): \(one.value > 0 ? "+" : "")\(fixed(one.value, 3))</title></rect>
                """
        }
        return figure(title, body, [])
    }

    private static func axis(_ most: Double, places: Int, middle: Double? = nil) -> String {
        let zero = middle ?? height - bottom
        func mark(_ y: Double, _ value: Double) -> String {
            "<line x1=\"\(left)\" x2=\"\(width)\" y1=\"\(fixed(y, 1))\" y2=\"\(fixed(y, 1))\"/>"
                + "<text x=\"\(left - 6)\" y=\"\(fixed(y + 4, 1))\" class=\"e\">\(fixed(value, places))</text>"
        }
        let ends = mark(top, most) + (middle == nil ? mark((top + zero) / 2, most / 2) : mark(height - bottom, -most))
        return mark(zero, 0) + ends
    }

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

/// A number with so many digits behind the point; one that is none, or has too many digits, as Swift writes it.
func fixed(_ value: Double, _ places: Int) -> String {
    let scale = (0..<places).reduce(1) { value, _ in value * 10 }
    guard let number = Int(exactly: (abs(value) * Double(scale)).rounded()) else { return "\(value)" }
    let sign = value < 0 && number > 0 ? "-" : ""
    if places == 0 { return sign + "\(number)" }
    let digits = String(number % scale)
    return sign + "\(number / scale)." + String(repeating: "0", count: places - digits.count) + digits
}
