/// How the values of a field with a number column become sort keys, and sort keys numbers.
enum NumberCodec: Sendable, Equatable {
    case integer, float, boolean, date
    /// Amounts in units of 10 to the power of -`digits`: exact, unlike their parts in floating point.
    case decimal(digits: Int)

    /// Nil for a field without a number column.
    init?(_ field: Field) {
        switch field.type {
        case .integer: self = .integer
        case .float: self = .float
        case .boolean: self = .boolean
        case .date: self = .date
        case .price: self = .decimal(digits: Currency.digits(field.currency ?? ""))
        case .text, .keyword, .stored: return nil
        }
    }

    /// The key of a number by the bits of its member's kind.
    func key(bits: UInt64) -> UInt64 {
        switch self {
        case .float: return SortKey.of(Double(bitPattern: bits))
        case .decimal(let digits): return SortKey.of(Self.units(Double(bitPattern: bits), digits))
        case .integer, .boolean, .date: return SortKey.of(Int64(bitPattern: bits))
        }
    }

    /// The bits of a key's number, as its member's kind has them. Not for dates, which are texts.
    func bits(key: UInt64) -> UInt64 {
        switch self {
        case .float: return SortKey.float(key).bitPattern
        case .decimal: return number(key).bitPattern
        case .integer, .boolean, .date: return UInt64(bitPattern: SortKey.integer(key))
        }
    }

    /// A key's number.
    func number(_ key: UInt64) -> Double {
        switch self {
        case .float: SortKey.float(key)
        case .decimal(let digits): Double(SortKey.integer(key)) / Self.power(digits)
        case .integer, .boolean, .date: Double(SortKey.integer(key))
        }
    }

    /// Whether keys are those of whole numbers.
    var isWhole: Bool { self != .float }

    /// How many units an amount has, rounded; beyond what 64 bits hold, the most.
    static func units(_ amount: Double, _ digits: Int) -> Int64 {
        let units = (amount * power(digits)).rounded()
        return units >= 0x1p63 ? .max : units < -0x1p63 ? .min : units.isNaN ? 0 : Int64(units)
    }

    /// Ten to the power of a few.
    static func power(_ digits: Int) -> Double { [1, 10, 100, 1000, 10_000][digits] }
}

extension Field {
    /// Whether a text names a date, a time or a period in a way that date fields know.
    public static func isDate(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { Moment.period($0) != nil }
    }
}

/// Currencies by their codes (ISO 4217).
enum Currency {
    /// Whether a text has the form of a code.
    static func isCode(_ code: String) -> Bool { code.utf8.count == 3 && code.utf8.allSatisfy { 0x41...0x5A ~= $0 } }

    /// Digits behind the point of its amounts: two, but for those listed.
    static func digits(_ code: String) -> Int {
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
