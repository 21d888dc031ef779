import Glibc
import Segments

/// A day of the calendar in UTC, by which demand is logged, counted and forgotten.
package struct LogDay: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number of days since 1970-01-01.
    package let number: Int

    /// Creates a day from the number of days since 1970-01-01.
    package init(number: Int) { self.number = number }

    /// Creates the day of a time in milliseconds since 1970.
    package init(of milliseconds: Int) { number = Timestamp.number(of: Int64(milliseconds), .day) }

    /// Reads a day such as `2026-11-29`; nil for other texts.
    init?(_ text: Substring) {
        var text = String(text)
        guard let period = text.withUTF8({ Timestamp.period($0) }) else { return nil }
        number = Timestamp.number(of: period.lowerBound, .day)
        guard description == text else { return nil }
    }

    /// The day as `2026-11-29`.
    package var description: String { Field.dateText(Double(Timestamp.start(of: number, .day))) }

    /// The day some days later.
    package func advanced(by days: Int) -> LogDay { LogDay(number: number + days) }

    package static func < (left: LogDay, right: LogDay) -> Bool { left.number < right.number }

    /// The time of the machine's clock, in milliseconds since 1970.
    package static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
