/// The norm code: the length of a field in tokens, encoded in one byte. It is exact up to 40, then keeps four
/// significant bits and is always rounded down.
///
/// The table is that of Lucene (`SmallFloat.intToByte4`) and tantivy, so that scores can be compared.
///
/// ```swift
/// LengthCode.decode(LengthCode.encode(23)) == 23
/// LengthCode.decode(LengthCode.encode(100)) == 96  // 96...103 have the same code
/// ```
package enum LengthCode {
    /// Lengths below this are their own code.
    private static let exact = 255 - Int(longToInt4(UInt64(Int32.max)))

    /// Returns the norm code of a length; that of 0 for a negative one.
    package static func encode(_ length: Int) -> UInt8 {
        if length < exact { return UInt8(max(length, 0)) }
        return UInt8(exact + Int(longToInt4(UInt64(length - exact))))
    }

    /// Returns the minimum length that has a norm code.
    package static func decode(_ code: UInt8) -> Int {
        let value = Int(code)
        if value < exact { return value }
        return exact + Int(int4ToLong(UInt64(value - exact)))
    }

    /// The lengths of all 256 norm codes, ascending.
    package static let lengths: [Float] = (0..<256).map { Float(decode(UInt8($0))) }

    /// Encodes a number with four significant bits (of which the first is implied) and an exponent.
    private static func longToInt4(_ value: UInt64) -> UInt64 {
        let bits = 64 - value.leadingZeroBitCount
        if bits < 4 { return value }
        let shift = bits - 4
        let mantissa = value >> UInt64(shift) & 7
        return mantissa | UInt64(shift + 1) << 3
    }

    /// The inverse of `longToInt4`.
    private static func int4ToLong(_ code: UInt64) -> UInt64 {
        let mantissa = code & 7
        let exponent = Int(code >> 3) - 1
        return exponent < 0 ? mantissa : (mantissa | 8) << UInt64(exponent)
    }
}
