import Segments

/// A range of values between two bounds, either of which may be missing.
///
/// Numbers are compared as numbers, whatever the type of the field: 3.5 is a valid bound for an integer field. Dates
/// are compared with texts such as `2021-03`, which names a whole month: the range contains all of it or nothing.
/// Keywords are compared by their bytes. True is 1, false is 0.
///
/// ```swift
/// // 2021-03-01 to the end of 2021, both included.
/// let range = ValueRange(lower: .init(.text("2021-03")), upper: .init(.text("2021")))
/// ```
public struct ValueRange: Sendable, Equatable {
    /// The value of a bound.
    public enum Value: Sendable, Equatable {
        /// A whole number, exact even beyond 2^53.
        case integer(Int64)
        /// A number; NaN is refused.
        case float(Double)
        /// A keyword, or a date.
        case text(String)
    }

    /// A bound of the range.
    public struct Bound: Sendable, Equatable {
        /// The value.
        public var value: Value
        /// True if the value itself is in the range.
        public var isIncluded: Bool

        /// A bound that by default is itself in the range.
        public init(_ value: Value, isIncluded: Bool = true) {
            self.value = value
            self.isIncluded = isIncluded
        }
    }

    /// The lower bound; nil for none.
    public var lower: Bound?
    /// The upper bound; nil for none.
    public var upper: Bound?

    /// The range from `lower` to `upper`. A lower bound above the upper one makes a range without values.
    public init(lower: Bound? = nil, upper: Bound? = nil) {
        self.lower = lower
        self.upper = upper
    }
}

extension ValueRange {
    /// The sort keys of the numbers of a field that lie in the range; nil when no number can.
    ///
    /// Errors: `request` for bounds that are not numbers or, for a date field, not dates.
    func keys(_ name: String, _ codec: NumberCodec) throws(IndexError) -> ClosedRange<UInt64>? {
        var minimum: UInt64 = 0
        var maximum = UInt64.max
        if let lower {
            guard let key = try Self.minimum(lower, codec, name) else { return nil }
            minimum = key
        }
        if let upper {
            guard let key = try Self.maximum(upper, codec, name) else { return nil }
            maximum = key
        }
        return minimum <= maximum ? minimum...maximum : nil
    }

    /// The minimum key that is not below a lower bound; nil when there is none.
    private static func minimum(_ bound: Bound, _ codec: NumberCodec, _ name: String) throws(IndexError) -> UInt64? {
        let nearest = try nearest(bound.value, codec, name)
        guard let key = nearest.key else { return 0 }
        if nearest.isEqual, bound.isIncluded { return key - (nearest.width - 1) }
        return key == .max ? nil : key + 1
    }

    /// The maximum key that is not above an upper bound; nil when there is none.
    private static func maximum(_ bound: Bound, _ codec: NumberCodec, _ name: String) throws(IndexError) -> UInt64? {
        let nearest = try nearest(bound.value, codec, name)
        guard let key = nearest.key else { return nil }
        if !nearest.isEqual || bound.isIncluded { return key }
        return key < nearest.width ? nil : key - nearest.width
    }

    /// The maximum number of a field that is not above a value.
    fileprivate struct Nearest {
        /// Its sort key; nil when all numbers are above the value.
        var key: UInt64?
        /// True if the number equals the value.
        var isEqual: Bool
        /// The number of keys that the value stands for, ending with `key`: a period of dates has many.
        var width: UInt64 = 1
    }

    /// The nearest number at or below a value, exact for every combination of types.
    ///
    /// Errors: `request` for a value that is not of the field's type, or NaN.
    private static func nearest(_ value: Value, _ codec: NumberCodec, _ name: String) throws(IndexError) -> Nearest {
        switch (value, codec) {
        case (.text(let text), .date):
            var text = text
            guard let period = text.withUTF8({ Timestamp.period($0) }) else {
                throw .request(
                    problem: "\"\(text.prefix(40))\" is not a date to compare \"\(name)\" with; write it as 2021-03-04")
            }
            let width = UInt64(period.upperBound - period.lowerBound)
            return Nearest(key: SortKey.of(period.upperBound - 1), isEqual: true, width: width)
        case (.text(let text), _):
            throw .request(problem: "\"\(text.prefix(40))\" is not a number to compare \"\(name)\" with")
        case (.float(let number), _) where number.isNaN:
            throw .request(problem: "\"\(name)\" cannot be compared with NaN")
        case (.float(let number), _): return nearest(number, codec)
        case (.integer(let number), .float):
            var near = Double(number)
            // The nearest double may be above the number; the one before that is not.
            if near >= 0x1p63 || Int64(near) > number { near = near.nextDown }
            return Nearest(key: SortKey.of(near), isEqual: Int64(near) == number)
        case (.integer(let number), .decimal(let digits)):
            let (units, isTooMuch) = number.multipliedReportingOverflow(by: Int64(NumberCodec.power(digits)))
            if !isTooMuch { return Nearest(key: SortKey.of(units), isEqual: true) }
            return Nearest(key: number > 0 ? SortKey.of(Int64.max) : nil, isEqual: false)
        case (.integer(let number), _): return Nearest(key: SortKey.of(number), isEqual: true)
        }
    }

    /// The nearest number at or below a floating-point number that is not NaN.
    fileprivate static func nearest(_ number: Double, _ codec: NumberCodec) -> Nearest {
        switch codec {
        case .float: Nearest(key: SortKey.of(number), isEqual: true)
        case .decimal(let digits): nearest(number, NumberCodec.power(digits))
        case .integer, .boolean, .date: nearest(number, 1)
        }
    }

    /// The maximum whole number of units, `power` of which make 1, that is not above a number.
    private static func nearest(_ number: Double, _ power: Double) -> Nearest {
        let scaled = number * power
        if scaled < -0x1p63 { return Nearest(key: nil, isEqual: false) }
        if scaled >= 0x1p63 { return Nearest(key: SortKey.of(Int64.max), isEqual: false) }
        var units = Int64(scaled.rounded(.down))
        if power > 1, abs(scaled) < 0x1p53 {
            // Rounding may have moved it to its neighbor.
            while Double(units) / power > number { units -= 1 }
            while Double(units + 1) / power <= number { units += 1 }
        }
        return Nearest(key: SortKey.of(units), isEqual: Double(units) / power == number)
    }
}

extension NumberCodec {
    /// The minimum sort key of the numbers that are not below `number`, which must not be NaN.
    func minKey(from number: Double) -> UInt64 {
        let nearest = ValueRange.nearest(number, self)
        guard let key = nearest.key else { return 0 }
        return nearest.isEqual || key == .max ? key : key + 1
    }
}
