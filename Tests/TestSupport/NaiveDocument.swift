package import Analyzer

/// The bytes of a term or keyword. Strings would not do, because Swift compares canonically equivalent ones as equal.
package typealias TermBytes = [UInt8]

/// A token of a text field.
package struct NaiveToken: Equatable, Sendable {
    /// The term.
    package var term: TermBytes
    /// The position in the field.
    package var position: Int

    /// A term at a position.
    package init(_ term: TermBytes, at position: Int) {
        self.term = term
        self.position = position
    }
}

/// The value of a number field, as it was given.
package enum NaiveNumber: Equatable, Sendable {
    case integer(Int64)
    case float(Double)
    /// An amount of money, in hundredths.
    case hundredths(Int64)
    /// A date, in milliseconds since 1970.
    case timestamp(Int64)

    /// The value as a floating-point number.
    var plain: Double {
        switch self {
        case .integer(let value), .timestamp(let value): Double(value)
        case .float(let value): value
        case .hundredths(let value): Double(value) / 100
        }
    }

    /// The value in the smallest units of its type; nil for floating-point numbers.
    var units: Int64? {
        switch self {
        case .integer(let value), .timestamp(let value), .hundredths(let value): value
        case .float: nil
        }
    }
}

/// A document of the naive index, already analyzed.
package struct NaiveDocument: Equatable, Sendable {
    /// The tokens of each text field, by ascending position.
    package var tokens: [String: [NaiveToken]] = [:]
    /// The values of each keyword field.
    package var keywords: [String: [TermBytes]] = [:]
    /// The value of each number field that has one.
    package var numbers: [String: NaiveNumber] = [:]

    /// A document without values.
    package init() {}

    /// The tokens of a field's values; there is a gap of a hundred positions between two values.
    package static func tokens(_ values: [String], _ analyzer: TextAnalyzer) -> [NaiveToken] {
        var buffer = TokenBuffer()
        var tokens: [NaiveToken] = []
        var offset = 0
        for value in values {
            analyzer.analyze(value, into: &buffer)
            for i in 0..<buffer.count {
                tokens.append(NaiveToken(Array(buffer.term(i)), at: offset + Int(buffer.position[i])))
            }
            offset += Int(buffer.endPosition) + 100
        }
        return tokens
    }
}
