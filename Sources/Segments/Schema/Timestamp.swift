/// Parsing and formatting of dates and times (ISO 8601), in milliseconds since 1970-01-01T00:00Z.
///
/// A text with parts left out names a period: `2021` is the year, `2021-03` the month, `2021-03-04` the day,
/// `2021-03-04T05:06` the minute, with `:07` the second, with `.250` the millisecond. Without a zone (`Z`, `+08:00`) a
/// time is in UTC. Years are 0000 to 9999 of the proleptic Gregorian calendar.
package enum Timestamp {
    /// Returns the half-open period that a text names; nil when it is not a date. Complexity: O(bytes); allocates
    /// nothing.
    package static func period(_ text: UnsafeBufferPointer<UInt8>) -> Range<Int64>? {
        var reader = Reader(text: text)
        guard let year = reader.number(4) else { return nil }
        guard reader.skip("-") else { return reader.isAtEnd ? days(year, 1, 1)..<days(year + 1, 1, 1) : nil }
        guard let month = reader.number(2), 1...12 ~= month else { return nil }
        guard reader.skip("-") else {
            let next = month == 12 ? days(year + 1, 1, 1) : days(year, month + 1, 1)
            return reader.isAtEnd ? days(year, month, 1)..<next : nil
        }
        guard let day = reader.number(2), day >= 1, day <= length(year, month) else { return nil }
        let start = days(year, month, day)
        if reader.isAtEnd { return start..<(start + 86_400_000) }
        guard reader.skip("T") || reader.skip(" ") || reader.skip("t") else { return nil }
        return time(&reader, start)
    }

    /// Parses hour, minute, second and zone after a day that starts at `day`.
    private static func time(_ reader: inout Reader, _ day: Int64) -> Range<Int64>? {
        guard let hour = reader.number(2), hour < 24, reader.skip(":"), let minute = reader.number(2), minute < 60
        else {
            return nil
        }
        var start = day + Int64(hour * 3600 + minute * 60) * 1000
        var length: Int64 = 60_000
        if reader.skip(":") {
            // A leap second is the first second of the next minute.
            guard let second = reader.number(2), second <= 60 else { return nil }
            start += Int64(second) * 1000
            length = 1000
            if reader.skip(".") || reader.skip(",") {
                guard let milliseconds = reader.fraction() else { return nil }
                start += milliseconds
                length = 1
            }
        }
        guard let zone = reader.zone() else { return nil }
        start -= zone
        return reader.isAtEnd ? start..<(start + length) : nil
    }

    /// Returns the number of days of a month.
    private static func length(_ year: Int, _ month: Int) -> Int {
        let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    /// Returns the milliseconds from 1970 to the start of a day. Years are counted from March, so that a leap day is
    /// the last day of its year.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let marchYear = month > 2 ? year : year - 1
        let era = marchYear >= 0 ? marchYear / 400 : (marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return Int64(days) * 86_400_000
    }

    /// A day of the calendar.
    private struct Day {
        var year: Int
        var month: Int
        var day: Int
    }

    /// Returns the calendar day of a day number, counted from 1970; the inverse of `days`.
    private static func day(_ number: Int64) -> Day {
        // Days since 0000-03-01.
        let daysSinceMarch0 = Int(number) + 719_468
        let era = (daysSinceMarch0 >= 0 ? daysSinceMarch0 : daysSinceMarch0 - 146_096) / 146_097
        let dayOfEra = daysSinceMarch0 - era * 146_097
        let year = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return Day(
            year: year + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    /// Returns the number of whole days from 1970 to a time in milliseconds, rounded down.
    private static func dayNumber(_ milliseconds: Int64) -> Int64 {
        let days = milliseconds / 86_400_000
        return milliseconds % 86_400_000 < 0 ? days - 1 : days
    }

    /// Returns the number of the calendar period that contains a time in milliseconds: days since 1970, months since
    /// year 0, or the year.
    package static func number(of milliseconds: Int64, _ unit: CalendarUnit) -> Int {
        let days = dayNumber(milliseconds)
        switch unit {
        case .day: return Int(days)
        case .month:
            let day = day(days)
            return day.year * 12 + day.month - 1
        case .year: return day(days).year
        }
    }

    /// Returns the start of the calendar period with a number, in milliseconds since 1970; the inverse of
    /// `number(of:_:)`.
    package static func start(of number: Int, _ unit: CalendarUnit) -> Int64 {
        switch unit {
        case .day: return Int64(number) * 86_400_000
        case .month:
            let year = number >= 0 ? number / 12 : (number - 11) / 12
            return days(year, number - year * 12 + 1, 1)
        case .year: return days(number, 1, 1)
        }
    }

    /// Returns a time in milliseconds as the text of the longest period that starts then, up to a day: `2021-03-04`, or
    /// `2021-03-04T05:06:07.250Z`.
    static func text(_ milliseconds: Int64) -> String {
        let days = dayNumber(milliseconds)
        let day = day(days)
        func digits(_ number: Int, _ count: Int) -> String {
            let text = String(abs(number))
            return (number < 0 ? "-" : "") + String(repeating: "0", count: max(count - text.utf8.count, 0)) + text
        }
        let date = "\(digits(day.year, 4))-\(digits(day.month, 2))-\(digits(day.day, 2))"
        let timeOfDay = Int(milliseconds - days * 86_400_000)
        if timeOfDay == 0 { return date }
        let time = [timeOfDay / 3_600_000, timeOfDay / 60_000 % 60, timeOfDay / 1000 % 60]
            .map { digits($0, 2) }.joined(separator: ":")
        return date + "T" + time + (timeOfDay % 1000 == 0 ? "" : "." + digits(timeOfDay % 1000, 3)) + "Z"
    }

    /// A cursor over the bytes of a date.
    private struct Reader {
        let text: UnsafeBufferPointer<UInt8>
        var position = 0

        var isAtEnd: Bool { position == text.count }

        /// Skips an ASCII character; false when another one is next.
        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard position < text.count, UInt32(text[position]) == character.value else { return false }
            position += 1
            return true
        }

        /// Parses a number of exactly `digits` digits.
        mutating func number(_ digits: Int) -> Int? {
            guard position + digits <= text.count else { return nil }
            var value = 0
            for byte in text[position..<(position + digits)] {
                guard byte &- 0x30 < 10 else { return nil }
                value = value * 10 + Int(byte &- 0x30)
            }
            position += digits
            return value
        }

        /// Parses the digits after the seconds, one to nine, as milliseconds, rounded down.
        mutating func fraction() -> Int64? {
            var value: Int64 = 0
            var digits = 0
            while position < text.count, text[position] &- 0x30 < 10 {
                if digits < 3 { value = value * 10 + Int64(text[position] &- 0x30) }
                digits += 1
                position += 1
            }
            guard 1...9 ~= digits else { return nil }
            for _ in min(digits, 3)..<3 { value *= 10 }
            return value
        }

        /// Parses a zone; returns the milliseconds that it is ahead of UTC, 0 for none.
        mutating func zone() -> Int64? {
            if isAtEnd || skip("Z") || skip("z") { return 0 }
            let isAhead = skip("+")
            guard isAhead || skip("-"), let hours = number(2), hours < 24 else { return nil }
            _ = skip(":")
            var minutes = 0
            if !isAtEnd {
                guard let parsed = number(2), parsed < 60 else { return nil }
                minutes = parsed
            }
            let offset = Int64(hours * 60 + minutes) * 60_000
            return isAhead ? offset : -offset
        }
    }
}

/// A calendar period, which starts at midnight UTC.
public enum CalendarUnit: String, Sendable, CaseIterable {
    case day, month, year
}

extension Field {
    /// Returns a time in milliseconds since 1970 in the notation of date fields: `2021-03-04`, or
    /// `2021-03-04T05:06:07Z`.
    package static func dateText(_ milliseconds: Double) -> String {
        Timestamp.text(Int64(exactly: milliseconds.rounded()) ?? 0)
    }
}
