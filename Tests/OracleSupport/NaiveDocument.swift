public import Analyzer

/// The bytes of a term or keyword. Strings would not do: Swift holds canonically equivalent ones for equal.
public typealias TermBytes = [UInt8]

/// A token of a text field.
public struct NaiveToken: Equatable, Sendable {
    /// Its term.
    public var term: TermBytes
    /// Its place in the field.
    public var position: Int

    /// A term at a place.
    public init(_ term: TermBytes, at position: Int) {
        self.term = term
        self.position = position
    }
}

/// A number as it was given.
public enum NaiveNumber: Equatable, Sendable {
    case integer(Int64)
    case float(Double)
    /// An amount of money, in hundredths.
    case hundredths(Int64)
    /// A moment, in milliseconds since 1970.
    case moment(Int64)

    /// The number.
    var plain: Double {
        switch self {
        case .integer(let value), .moment(let value): Double(value)
        case .float(let value): value
        case .hundredths(let value): Double(value) / 100
        }
    }

    /// What the number has of the least units it is counted in; nil when there are none.
    var units: Int64? {
        switch self {
        case .integer(let value), .moment(let value), .hundredths(let value): value
        case .float: nil
        }
    }
}

/// A document as the naive index sees it: already analysed.
public struct NaiveDocument: Equatable, Sendable {
    /// Tokens of each text field, positions ascending.
    public var tokens: [String: [NaiveToken]] = [:]
    /// Values of each keyword field.
    public var keywords: [String: [TermBytes]] = [:]
    /// The value of each number field that has one.
    public var numbers: [String: NaiveNumber] = [:]

    /// A document without values.
    public init() {}

    /// The tokens that an analyzer makes of a field's values; a hundred places lie between two values.
    public static func tokens(_ values: [String], _ analyzer: TextAnalyzer) -> [NaiveToken] {
        var buffer = TokenBuffer()
        var all: [NaiveToken] = []
        var base = 0
        for value in values {
            analyzer.analyze(value, into: &buffer)
            for i in 0..<buffer.count {
                all.append(NaiveToken(Array(buffer.term(i)), at: base + Int(buffer.position[i])))
            }
            base += Int(buffer.endPosition) + 100
        }
        return all
    }
}
