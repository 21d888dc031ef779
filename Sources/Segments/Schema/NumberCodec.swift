/// The codec between the values of a number field and the sort keys in its column.
///
/// Sort keys are `UInt64` values that order like the numbers they stand for (see `SortKey`), so columns, filters and
/// sorting compare integers only.
package enum NumberCodec: Sendable, Equatable {
    case integer, float, boolean, date
    /// Amounts in units of 10 to the power of -`digits`: exact, unlike fractions in floating point.
    case decimal(digits: Int)

    /// Creates the codec of a field; nil for a field without a number column.
    package init?(_ field: Field) {
        switch field.type {
        case .integer: self = .integer
        case .float: self = .float
        case .boolean: self = .boolean
        case .date: self = .date
        case .price: self = .decimal(digits: Currency.digits(field.currency ?? ""))
        case .text, .keyword, .stored, .suggestion, .vocabulary: return nil
        }
    }

    /// Returns the sort key of a number, given by the bits of its member's kind.
    package func key(bits: UInt64) -> UInt64 {
        switch self {
        case .float: return SortKey.of(Double(bitPattern: bits))
        case .decimal(let digits): return SortKey.of(Self.units(Double(bitPattern: bits), digits))
        case .integer, .boolean, .date: return SortKey.of(Int64(bitPattern: bits))
        }
    }

    /// Returns the bits of a sort key's number in its member's kind. Not for dates, which are stored as text.
    package func bits(key: UInt64) -> UInt64 {
        switch self {
        case .float: return SortKey.float(key).bitPattern
        case .decimal: return number(key).bitPattern
        case .integer, .boolean, .date: return UInt64(bitPattern: SortKey.integer(key))
        }
    }

    /// Returns the number of a sort key; dates in milliseconds since 1970. Integers beyond 2^53 are rounded.
    package func number(_ key: UInt64) -> Double {
        switch self {
        case .float: SortKey.float(key)
        case .decimal(let digits): Double(SortKey.integer(key)) / Self.power(digits)
        case .integer, .boolean, .date: Double(SortKey.integer(key))
        }
    }

    /// True if the sort keys stand for whole numbers (of units).
    package var isWhole: Bool { self != .float }

    /// Returns an amount in whole units, rounded; amounts beyond 64 bits are clamped, NaN becomes 0.
    static func units(_ amount: Double, _ digits: Int) -> Int64 {
        let units = (amount * power(digits)).rounded()
        return units >= 0x1p63 ? .max : units < -0x1p63 ? .min : units.isNaN ? 0 : Int64(units)
    }

    /// Returns 10 to the power of `digits`, which must be in 0...4.
    package static func power(_ digits: Int) -> Double { [1, 10, 100, 1000, 10_000][digits] }
}

extension Field {
    /// True if a text is a date, a time or a period in a notation that date fields accept.
    package static func isDate(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { Timestamp.period($0) != nil }
    }
}

/// Properties of currencies by their codes (ISO 4217).
package enum Currency {
    /// True if a text has the form of a code: three capital letters.
    package static func isCode(_ code: String) -> Bool {
        code.utf8.count == 3 && code.utf8.allSatisfy { 0x41...0x5A ~= $0 }
    }

    /// Returns the number of digits after the decimal point of a currency's amounts: two for all codes that are not
    /// listed.
    package static func digits(_ code: String) -> Int {
        switch code {
        case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
            "XOF", "XPF":
            0
        case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND": 3
        case "CLF", "UYW": 4
        default: 2
        }
    }
}
