/// The values between two bounds, each of which may be missing.
///
/// Numbers are compared as numbers, whatever type the field has: 3.5 is a bound of whole numbers too. Texts are
/// compared by their bytes.
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
    /// Errors: `request` for bounds that are no numbers.
    func keys(_ field: Field) throws(IndexError) -> ClosedRange<UInt64>? {
        let isFloat = field.type == .float
        var least: UInt64 = 0
        var greatest = UInt64.max
        if let lower {
            guard let key = try Self.least(lower, isFloat, field.name) else { return nil }
            least = key
        }
        if let upper {
            guard let key = try Self.greatest(upper, isFloat, field.name) else { return nil }
            greatest = key
        }
        return least <= greatest ? least...greatest : nil
    }

    /// The least key that is not below a bound.
    private static func least(_ bound: Bound, _ isFloat: Bool, _ name: String) throws(IndexError) -> UInt64? {
        let (key, isBelow, isEqual) = try nearest(bound.value, isFloat, name)
        // `key` stands for the greatest number that is not above the bound's, if there is one.
        guard let key else { return 0 }
        if isEqual, bound.isIncluded { return key }
        return isBelow || isEqual ? (key == .max ? nil : key + 1) : key
    }

    /// The greatest key that is not above a bound.
    private static func greatest(_ bound: Bound, _ isFloat: Bool, _ name: String) throws(IndexError) -> UInt64? {
        let (key, _, isEqual) = try nearest(bound.value, isFloat, name)
        guard let key else { return nil }
        if isEqual, !bound.isIncluded { return key == 0 ? nil : key - 1 }
        return key
    }

    /// The key of the greatest number of a field's type that is not above a value; nil when all are above it.
    private static func nearest(
        _ value: Value, _ isFloat: Bool, _ name: String
    ) throws(IndexError) -> (key: UInt64?, isBelow: Bool, isEqual: Bool) {
        switch value {
        case .text(let text):
            throw .request(problem: "\"\(text.prefix(40))\" is no number to compare \"\(name)\" with")
        case .float(let number) where number.isNaN:
            throw .request(problem: "\"\(name)\" cannot be compared with what is no number")
        case .integer(let number) where !isFloat: return (SortKey.of(number), false, true)
        case .float(let number) where isFloat: return (SortKey.of(number), false, true)
        case .float(let number):
            if number < -0x1p63 { return (nil, false, false) }
            if number >= 0x1p63 { return (SortKey.of(Int64.max), true, false) }
            let whole = number.rounded(.down)
            return (SortKey.of(Int64(whole)), whole < number, whole == number)
        case .integer(let number):
            var near = Double(number)
            // The nearest double may be above the number; the one before it is not.
            if near >= 0x1p63 || Int64(near) > number { near = near.nextDown }
            return (SortKey.of(near), Int64(near) < number, Int64(near) == number)
        }
    }
}
