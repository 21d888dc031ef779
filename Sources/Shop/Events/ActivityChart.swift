/// A chart of daily activity as SVG: the active accounts of each day and of thirty days, and the share of newcomers who
/// were back on the next day.
package struct ActivityChart: Sendable {
    private static let (width, height, margin) = (960.0, 400.0, 56.0)

    private let days: [Statistics.Activity]

    /// Creates the chart of days, of which there is at least one.
    package init(_ days: [Statistics.Activity]) { self.days = days }

    /// The chart as a document.
    package var svg: String {
        let most = max(days.map(\.mau).max() ?? 0, 1)
        // The last days have no next day that has ended.
        let shares = days.prefix { $0.returned["1"] != nil }.map { day in
            day.newcomers > 0 ? Double(day.returned["1"] ?? 0) / Double(day.newcomers) : 0
        }
        let lines = [
            ("#1d6fb8", "DAU", days.map { Double($0.dau) / Double(most) }),
            ("#7a3fa0", "MAU (30 d)", days.map { Double($0.mau) / Double(most) }),
            ("#c25b12", "D1 retention (%)", shares),
        ]
        var parts = grid(most)
        for (index, (color, name, values)) in lines.enumerated() {
            parts.append(
                "<polyline fill='none' stroke='\(color)' stroke-width='2' points='\(points(values))'/>"
                    + text(Self.margin + 8 + Double(index) * 150, 24, name, "fill='\(color)' font-weight='600'"))
        }
        return """
            <svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 \(Int(Self.width)) \(Int(Self.height))' \
            font-family='sans-serif' font-size='12'>
            <rect width='100%' height='100%' fill='#fff'/>
            \(parts.joined(separator: "\n"))
            </svg>

            """
    }

    /// The scales: accounts at the left, percent at the right, days below.
    private func grid(_ most: Int) -> [String] {
        var parts: [String] = []
        for step in 0...4 {
            let share = Double(step) / 4, y = y(share)
            parts.append(
                "<path d='M\(Self.margin) \(y)H\(Self.width - Self.margin)' stroke='#ddd'/>"
                    + text(Self.margin - 8, y + 4, "\(most * step / 4)", "text-anchor='end'")
                    + text(Self.width - Self.margin + 8, y + 4, "\(step * 25) %", "fill='#c25b12'"))
        }
        let every = max(1, (days.count + 9) / 10)
        for index in stride(from: 0, to: days.count, by: every) {
            parts.append(text(x(index), Self.height - 20, String(days[index].day.dropFirst(5)), "text-anchor='middle'"))
        }
        return parts
    }

    private func points(_ values: [Double]) -> String {
        values.enumerated().map { "\(x($0)),\(y($1))" }.joined(separator: " ")
    }

    private func x(_ index: Int) -> Double {
        let step = (Self.width - 2 * Self.margin) / Double(max(1, days.count - 1))
        return (Self.margin + Double(index) * step).rounded()
    }

    private func y(_ share: Double) -> Double {
        (Self.height - 44 - share * (Self.height - 100)).rounded()
    }

    private func text(_ x: Double, _ y: Double, _ text: String, _ attributes: String) -> String {
        "<text x='\(x)' y='\(y)' \(attributes)>\(text)</text>"
    }
}
