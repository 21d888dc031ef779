import Foundation
import Searching

/// The semantics of ranges, patterns and edit distances, in the plainest code.
enum NaiveValues {
    /// Returns true if a range contains a number.
    static func contains(_ range: ValueRange, _ number: NaiveNumber) -> Bool {
        if case .timestamp(let timestamp) = number { return contains(range, timestamp) }
        func satisfies(_ bound: ValueRange.Bound?, _ order: (Int) -> Bool) -> Bool {
            guard let bound else { return true }
            let order = order(compare(number, bound.value))
            return order || bound.isIncluded && compare(number, bound.value) == 0
        }
        return satisfies(range.lower) { $0 > 0 } && satisfies(range.upper) { $0 < 0 }
    }

    /// A negative number, 0 or a positive number if the number is less than, equal to or greater than the value.
    private static func compare(_ number: NaiveNumber, _ value: ValueRange.Value) -> Int {
        switch (number, value) {
        case (.integer(let a), .integer(let b)): a < b ? -1 : a > b ? 1 : 0
        case (.float(let a), .float(let b)): a < b ? -1 : a > b ? 1 : 0
        case (.integer(let a), .float(let b)): exact(a, b)
        case (.float(let a), .integer(let b)): -exact(b, a)
        case (.hundredths(let a), .integer(let b)):
            Int128(a) < Int128(b) * 100 ? -1 : Int128(a) > Int128(b) * 100 ? 1 : 0
        case (.hundredths(let a), .float(let b)): Double(a) / 100 < b ? -1 : Double(a) / 100 > b ? 1 : 0
        case (.timestamp, _), (_, .text): preconditionFailure("a number is compared with something else")
        }
    }

    /// Returns true if a range of dates contains a date: a bound that names a period includes all of it or nothing.
    private static func contains(_ range: ValueRange, _ timestamp: Int64) -> Bool {
        if let lower = range.lower {
            let period = period(lower.value)
            if timestamp < (lower.isIncluded ? period.lowerBound : period.upperBound) { return false }
        }
        if let upper = range.upper {
            let period = period(upper.value)
            if timestamp >= (upper.isIncluded ? period.upperBound : period.lowerBound) { return false }
        }
        return true
    }

    /// The Gregorian calendar in UTC.
    static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0)!
        return calendar
    }()

    /// The milliseconds of the period that a year, a month or a day names, by Foundation's calendar.
    static func period(_ value: ValueRange.Value) -> Range<Int64> {
        guard case .text(let text) = value else { preconditionFailure("a date is compared with a number") }
        let parts = text.split(separator: "-").map { Int($0)! }
        let start = calendar.date(
            from: DateComponents(
                year: parts[0], month: parts.count > 1 ? parts[1] : 1, day: parts.count > 2 ? parts[2] : 1))!
        let unit: Calendar.Component = parts.count == 1 ? .year : parts.count == 2 ? .month : .day
        let end = calendar.date(byAdding: unit, value: 1, to: start)!
        func milliseconds(_ date: Date) -> Int64 { Int64(date.timeIntervalSince1970) * 1000 }
        return milliseconds(start)..<milliseconds(end)
    }

    /// Compares a whole number with a floating-point number, without rounding.
    private static func exact(_ a: Int64, _ b: Double) -> Int {
        if b >= 0x1p63 { return -1 }
        if b < -0x1p63 { return 1 }
        let whole = Int64(b.rounded(.towardZero))
        if a != whole { return a < whole ? -1 : 1 }
        let rest = b - b.rounded(.towardZero)
        return rest > 0 ? -1 : rest < 0 ? 1 : 0
    }

    /// Returns true if a bound comes after another.
    static func isAfter(_ a: ValueRange.Value, _ b: ValueRange.Value) -> Bool {
        switch a {
        case .integer(let number): compare(.integer(number), b) > 0
        case .float(let number): compare(.float(number), b) > 0
        case .text: period(a).lowerBound > period(b).lowerBound
        }
    }

    /// Returns true if a range contains a text.
    static func contains(_ range: ValueRange, _ term: TermBytes) -> Bool {
        func bytes(_ bound: ValueRange.Bound) -> TermBytes {
            guard case .text(let text) = bound.value else { preconditionFailure("a text is compared with a number") }
            return Array(text.utf8)
        }
        if let lower = range.lower {
            if term.lexicographicallyPrecedes(bytes(lower)) || !lower.isIncluded && term == bytes(lower) {
                return false
            }
        }
        if let upper = range.upper {
            if bytes(upper).lexicographicallyPrecedes(term) || !upper.isIncluded && term == bytes(upper) {
                return false
            }
        }
        return true
    }

    /// The terms that a pattern matches.
    static func terms(_ terms: [TermBytes], _ pattern: TermPattern) -> [TermBytes] {
        switch pattern {
        case .any(let listed):
            let listed = Set(listed.map { Array($0.utf8) })
            return terms.filter { listed.contains($0) }
        case .prefix(let text): return terms.filter { $0.starts(with: text.utf8) }
        case .wildcard(let text):
            let signs = wildcardSigns(Array(text.unicodeScalars)[...])
            return terms.filter { matches(signs[...], Array(String(decoding: $0, as: UTF8.self).unicodeScalars)[...]) }
        case .expression(let text):
            // ICU's engine has Unicode character classes, so they are replaced by ASCII ones.
            var plain = text
            for (sign, set) in [("\\w", "[A-Za-z0-9_]"), ("\\d", "[0-9]"), ("\\S", "[^\\t-\\r ]")] {
                plain = plain.replacing(sign, with: set)
            }
            let anchored = "\\A(?:" + plain + ")\\z"
            guard let expression = try? NSRegularExpression(pattern: anchored, options: .dotMatchesLineSeparators)
            else {
                preconditionFailure("no expression: \(text)")
            }
            return terms.filter {
                let term = String(decoding: $0, as: UTF8.self)
                return expression.firstMatch(in: term, range: NSRange(term.startIndex..., in: term)) != nil
            }
        }
    }

    private enum WildcardSign {
        case one, some
        case scalar(Unicode.Scalar)
    }

    private static func wildcardSigns(_ text: ArraySlice<Unicode.Scalar>) -> [WildcardSign] {
        guard let first = text.first else { return [] }
        if first == "\\", text.count > 1 {
            return [.scalar(text[text.startIndex + 1])] + wildcardSigns(text.dropFirst(2))
        }
        let sign: WildcardSign = first == "*" ? .some : first == "?" ? .one : .scalar(first)
        return [sign] + wildcardSigns(text.dropFirst())
    }

    /// Dynamic programming: `row[n]` is true if the signs so far match the first `n` characters of the text.
    private static func matches(_ signs: ArraySlice<WildcardSign>, _ text: ArraySlice<Unicode.Scalar>) -> Bool {
        let text = Array(text)
        var row = [true] + Array(repeating: false, count: text.count)
        for sign in signs {
            var next = Array(repeating: false, count: text.count + 1)
            for end in 0...text.count {
                switch sign {
                case .some: next[end] = row[end] || end > 0 && next[end - 1]
                case .one: next[end] = end > 0 && row[end - 1]
                case .scalar(let scalar): next[end] = end > 0 && row[end - 1] && text[end - 1] == scalar
                }
            }
            row = next
        }
        return row[text.count]
    }

    /// The number of insertions, deletions, substitutions and transpositions of neighbors between two words, no
    /// character being edited twice (optimal string alignment).
    static func edits(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var rows = [Array(0...b.count)]
        for i in 1..<(a.count + 1) {
            var row = [i]
            for j in 1..<(b.count + 1) {
                let substitution = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                var minimum = min(rows[i - 1][j] + 1, row[j - 1] + 1, substitution)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    minimum = min(minimum, rows[i - 2][j - 2] + 1)
                }
                row.append(minimum)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
