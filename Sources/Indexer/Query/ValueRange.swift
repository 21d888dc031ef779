/// The values between two bounds, each of which may be missing.
///
/// Numbers are compared as numbers, whatever type the field has: 3.5 is a bound of whole numbers too. Dates are
/// compared with texts such as `2021-03`, which names a whole month: the range has all of it or nothing. Texts are
/// compared by their bytes. True is 1, false 0.
public struct ValueRange: Sendable, Equatable {
    /// A value to compare with.
    public enum Value: Sendable, Equatable {
        case integer(Int64)
        case float(Double)
        case text(String)
    }

    /// An end of the range.
    public struct Bound: Sendable, Equatable {
        /// The value.
        public var value: Value
        /// Whether the value itself is in the range.
        public var isIncluded: Bool

        /// A bound that is in the range unless told otherwise.
        public init(_ value: Value, isIncluded: Bool = true) {
            self.value = value
            self.isIncluded = isIncluded
        }
    }

    /// Nothing below; nil when there is no least value.
    public var lower: Bound?
    /// Nothing above; nil when there is no greatest value.
    public var upper: Bound?

    /// The values from `lower` to `upper`.
    public init(lower: Bound? = nil, upper: Bound? = nil) {
        self.lower = lower
        self.upper = upper
    }
}

extension ValueRange {
    /// The sort keys of the numbers of a field that lie in the range; nil when none can.
    ///
    /// Errors: `request` for bounds that are no numbers, or no dates.
    func keys(_ name: String, _ codec: NumberCodec) throws(IndexError) -> ClosedRange<UInt64>? {
        var least: UInt64 = 0
        var greatest = UInt64.max
        if let lower {
            guard let key = try Self.least(lower, codec, name) else { return nil }
            least = key
        }
        if let upper {
            guard let key = try Self.greatest(upper, codec, name) else { return nil }
            greatest = key
        }
        return least <= greatest ? least...greatest : nil
    }

    /// The least key that is not below a bound.
    private static func least(_ bound: Bound, _ codec: NumberCodec, _ name: String) throws(IndexError) -> UInt64? {
        let nearest = try nearest(bound.value, codec, name)
        guard let key = nearest.key else { return 0 }
        if nearest.isEqual, bound.isIncluded { return key - (nearest.width - 1) }
        return key == .max ? nil : key + 1
    }

    /// The greatest key that is not above a bound.
    private static func greatest(_ bound: Bound, _ codec: NumberCodec, _ name: String) throws(IndexError) -> UInt64? {
        let nearest = try nearest(bound.value, codec, name)
        guard let key = nearest.key else { return nil }
        if !nearest.isEqual || bound.isIncluded { return key }
        return key < nearest.width ? nil : key - nearest.width
    }

    /// The greatest number of a field that is not above a value.
    fileprivate struct Nearest {
        /// Its key; nil when all numbers are above the value.
        var key: UInt64?
        /// Whether it is the value.
        var isEqual: Bool
        /// How many keys the value stands for, up to this one.
        var width: UInt64 = 1
    }

    private static func nearest(_ value: Value, _ codec: NumberCodec, _ name: String) throws(IndexError) -> Nearest {
        switch (value, codec) {
        case (.text(let text), .date):
            var text = text
            guard let period = text.withUTF8({ Moment.period($0) }) else {
                throw .request(
                    problem:
                        "\"\(text.prefix(40))\" is no date to compare \"\(name)\" with; write 2021-03-04, for example")
            }
            let width = UInt64(period.upperBound - period.lowerBound)
            return Nearest(key: SortKey.of(period.upperBound - 1), isEqual: true, width: width)
        case (.text(let text), _):
            throw .request(problem: "\"\(text.prefix(40))\" is no number to compare \"\(name)\" with")
        case (.float(let number), _) where number.isNaN:
            throw .request(problem: "\"\(name)\" cannot be compared with what is no number")
        case (.float(let number), _): return nearest(number, codec)
        case (.integer(let number), .float):
            var near = Double(number)
            // The nearest double may be above the number; the one before it is not.
            if near >= 0x1p63 || Int64(near) > number { near = near.nextDown }
            return Nearest(key: SortKey.of(near), isEqual: Int64(near) == number)
        case (.integer(let number), .decimal(let digits)):
            let (units, isTooMuch) = number.multipliedReportingOverflow(by: Int64(NumberCodec.power(digits)))
            if !isTooMuch { return Nearest(key: SortKey.of(units), isEqual: true) }
            return Nearest(key: number > 0 ? SortKey.of(Int64.max) : nil, isEqual: false)
        case (.integer(let number), _): return Nearest(key: SortKey.of(number), isEqual: true)
        }
    }

    fileprivate static func nearest(_ number: Double, _ codec: NumberCodec) -> Nearest {
        switch codec {
        case .float: Nearest(key: SortKey.of(number), isEqual: true)
        case .decimal(let digits): nearest(number, NumberCodec.power(digits))
        case .integer, .boolean, .date: nearest(number, 1)
        }
    }

    /// The greatest whole number of parts, `power` of which are one, that is not above a number.
    private static func nearest(_ number: Double, _ power: Double) -> Nearest {
        let scaled = number * power
        if scaled < -0x1p63 { return Nearest(key: nil, isEqual: false) }
        if scaled >= 0x1p63 { return Nearest(key: SortKey.of(Int64.max), isEqual: false) }
        var parts = Int64(scaled.rounded(.down))
        if power > 1, abs(scaled) < 0x1p53 {
            // Rounding may have moved it to its neighbour.
            while Double(parts) / power > number { parts -= 1 }
            while Double(parts + 1) / power <= number { parts += 1 }
        }
        return Nearest(key: SortKey.of(parts), isEqual: Double(parts) / power == number)
    }
}

extension NumberCodec {
    /// The least key of the numbers that are not below one, which is a number.
    func leastKey(from number: Double) -> UInt64 {
        let nearest = ValueRange.nearest(number, self)
        guard let key = nearest.key else { return 0 }
        return nearest.isEqual || key == .max ? key : key + 1
    }
}
