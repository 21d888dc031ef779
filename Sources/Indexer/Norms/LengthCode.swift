/// Field lengths as one byte: exact up to 40, then with four significant bits, always rounded down.
///
/// The table is Lucene's (`SmallFloat.intToByte4`) and tantivy's, so that scores can be compared.
public enum LengthCode {
    /// Lengths below this are their own code.
    private static let exact = 255 - Int(longToInt4(UInt64(Int32.max)))

    /// The code of a length.
    public static func encode(_ length: Int) -> UInt8 {
        if length < exact { return UInt8(max(length, 0)) }
        return UInt8(exact + Int(longToInt4(UInt64(length - exact))))
    }

    /// The length a code stands for.
    public static func decode(_ code: UInt8) -> Int {
        let value = Int(code)
        if value < exact { return value }
        return exact + Int(int4ToLong(UInt64(value - exact)))
    }

    /// The lengths of all 256 codes.
    static let lengths: [Float] = (0..<256).map { Float(decode(UInt8($0))) }

    /// Four significant bits and an exponent.
    private static func longToInt4(_ value: UInt64) -> UInt64 {
        let bits = 64 - value.leadingZeroBitCount
        if bits < 4 { return value }
        let shift = bits - 4
        let mantissa = value >> UInt64(shift) & 7
        return mantissa | UInt64(shift + 1) << 3
    }

    private static func int4ToLong(_ code: UInt64) -> UInt64 {
        let mantissa = code & 7
        let exponent = Int(code >> 3) - 1
        return exponent < 0 ? mantissa : (mantissa | 8) << UInt64(exponent)
    }
}
