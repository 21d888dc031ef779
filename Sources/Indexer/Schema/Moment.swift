/// Dates and times as they are written (ISO 8601), as milliseconds since the beginning of 1970, UTC.
///
/// What is left out makes a period: `2021` is the year, `2021-03` the month, `2021-03-04` the day, `2021-03-04T05:06`
/// the minute, with `:07` the second, with `.250` the millisecond. Without a zone (`Z`, `+08:00`) it is UTC. Years are
/// 0000 to 9999 of the Gregorian calendar, extended backwards.
enum Moment {
    /// The period that a text names, its end left out; nil when it names none.
    static func period(_ text: UnsafeBufferPointer<UInt8>) -> Range<Int64>? {
        var reader = Reader(text: text)
        guard let year = reader.number(4) else { return nil }
        guard reader.take("-") else { return reader.isAtEnd ? days(year, 1, 1)..<days(year + 1, 1, 1) : nil }
        guard let month = reader.number(2), 1...12 ~= month else { return nil }
        guard reader.take("-") else {
            let next = month == 12 ? days(year + 1, 1, 1) : days(year, month + 1, 1)
            return reader.isAtEnd ? days(year, month, 1)..<next : nil
        }
        guard let day = reader.number(2), day >= 1, day <= length(year, month) else { return nil }
        let start = days(year, month, day)
        if reader.isAtEnd { return start..<(start + 86_400_000) }
        guard reader.take("T") || reader.take(" ") || reader.take("t") else { return nil }
        return time(&reader, start)
    }

    private static func time(_ reader: inout Reader, _ day: Int64) -> Range<Int64>? {
        guard let hour = reader.number(2), hour < 24, reader.take(":"), let minute = reader.number(2), minute < 60
        else {
            return nil
        }
        var start = day + Int64(hour * 3600 + minute * 60) * 1000
        var length: Int64 = 60_000
        if reader.take(":") {
            // A leap second is the first of the next minute.
            guard let second = reader.number(2), second <= 60 else { return nil }
            start += Int64(second) * 1000
            length = 1000
            if reader.take(".") || reader.take(",") {
                guard let part = reader.fraction() else { return nil }
                start += part
                length = 1
            }
        }
        guard let zone = reader.zone() else { return nil }
        start -= zone
        return reader.isAtEnd ? start..<(start + length) : nil
    }

    private static func length(_ year: Int, _ month: Int) -> Int {
        let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    /// Milliseconds from 1970 to the beginning of a day: years are counted from March, so that a leap day is the last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let marchYear = month > 2 ? year : year - 1
        let era = marchYear >= 0 ? marchYear / 400 : (marchYear - 399) / 400
        let inEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = era * 146_097 + inEra * 365 + inEra / 4 - inEra / 100 + dayOfYear - 719_468
        return Int64(days) * 86_400_000
    }

    /// A day of the calendar.
    private struct Day {
        var year: Int
        var month: Int
        var day: Int
    }

    /// The day of a moment, counted from 1970; the opposite of `days`.
    private static func day(_ number: Int64) -> Day {
        // Days since the first of March of the year 0.
        let shifted = Int(number) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let inEra = shifted - era * 146_097
        let year = (inEra - inEra / 1460 + inEra / 36_524 - inEra / 146_096) / 365
        let dayOfYear = inEra - (365 * year + year / 4 - year / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        return Day(
            year: year + era * 400 + (month <= 2 ? 1 : 0), month: month, day: dayOfYear - (153 * march + 2) / 5 + 1)
    }

    /// The whole days from 1970 to a moment.
    private static func dayNumber(_ moment: Int64) -> Int64 {
        let days = moment / 86_400_000
        return moment % 86_400_000 < 0 ? days - 1 : days
    }

    /// The number of the period of some unit that a moment lies in.
    static func number(of moment: Int64, _ unit: CalendarUnit) -> Int {
        let days = dayNumber(moment)
        switch unit {
        case .day: return Int(days)
        case .month:
            let day = day(days)
            return day.year * 12 + day.month - 1
        case .year: return day(days).year
        }
    }

    /// Where the period of some unit with a number begins.
    static func start(of number: Int, _ unit: CalendarUnit) -> Int64 {
        switch unit {
        case .day: return Int64(number) * 86_400_000
        case .month:
            let year = number >= 0 ? number / 12 : (number - 11) / 12
            return days(year, number - year * 12 + 1, 1)
        case .year: return days(number, 1, 1)
        }
    }

    /// A moment as a text that names the longest period which begins then, up to a day: `2021-03-04`, or
    /// `2021-03-04T05:06:07.250Z`.
    static func text(_ moment: Int64) -> String {
        let days = dayNumber(moment)
        let day = day(days)
        func digits(_ number: Int, _ count: Int) -> String {
            let text = String(abs(number))
            return (number < 0 ? "-" : "") + String(repeating: "0", count: max(count - text.utf8.count, 0)) + text
        }
        let date = "\(digits(day.year, 4))-\(digits(day.month, 2))-\(digits(day.day, 2))"
        let rest = Int(moment - days * 86_400_000)
        if rest == 0 { return date }
        let time = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { digits($0, 2) }.joined(separator: ":")
        return date + "T" + time + (rest % 1000 == 0 ? "" : "." + digits(rest % 1000, 3)) + "Z"
    }

    /// Walks the characters of a date.
    private struct Reader {
        let text: UnsafeBufferPointer<UInt8>
        var at = 0

        var isAtEnd: Bool { at == text.count }

        mutating func take(_ sign: Unicode.Scalar) -> Bool {
            guard at < text.count, UInt32(text[at]) == sign.value else { return false }
            at += 1
            return true
        }

        /// A number of exactly so many digits.
        mutating func number(_ digits: Int) -> Int? {
            guard at + digits <= text.count else { return nil }
            var value = 0
            for byte in text[at..<(at + digits)] {
                guard byte &- 0x30 < 10 else { return nil }
                value = value * 10 + Int(byte &- 0x30)
            }
            at += digits
            return value
        }

        /// Digits behind the seconds, as milliseconds, rounded down.
        mutating func fraction() -> Int64? {
            var value: Int64 = 0
            var digits = 0
            while at < text.count, text[at] &- 0x30 < 10 {
                if digits < 3 { value = value * 10 + Int64(text[at] &- 0x30) }
                digits += 1
                at += 1
            }
            guard 1...9 ~= digits else { return nil }
            for _ in min(digits, 3)..<3 { value *= 10 }
            return value
        }

        /// Milliseconds that the zone is ahead of UTC.
        mutating func zone() -> Int64? {
            if isAtEnd || take("Z") || take("z") { return 0 }
            let isAhead = take("+")
            guard isAhead || take("-"), let hours = number(2), hours < 24 else { return nil }
            _ = take(":")
            var minutes = 0
            if !isAtEnd {
                guard let some = number(2), some < 60 else { return nil }
                minutes = some
            }
            let offset = Int64(hours * 60 + minutes) * 60_000
            return isAhead ? offset : -offset
        }
    }
}

/// A period of the calendar, which begins at midnight UTC.
public enum CalendarUnit: String, Sendable, CaseIterable {
    case day, month, year
}

extension Field {
    /// A moment, in milliseconds since 1970, as date fields write it: `2021-03-04`, or `2021-03-04T05:06:07Z`.
    public static func dateText(_ milliseconds: Double) -> String {
        Moment.text(Int64(exactly: milliseconds.rounded()) ?? 0)
    }
}
