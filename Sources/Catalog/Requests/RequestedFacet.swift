package import Segments

/// A facet of a request.
///
/// ```swift
/// RequestedFacet("author", .values(.init(size: 100)))   // author(size 100)
/// RequestedFacet("year", .histogram(width: 10))         // year(by 10)
/// ```
package struct RequestedFacet: Sendable, Equatable {
    /// The kind of a facet: what is counted.
    package enum Kind: Sendable, Equatable {
        /// The default for the field: values of keywords and Booleans, statistics of numbers and dates.
        case usual
        /// The number of hits with each of the most frequent values.
        case values(Values)
        /// The number of hits with a number in each of these ranges.
        case ranges([Filter.Condition])
        /// The number of hits with a number in each bucket of this width.
        case histogram(width: Double)
        /// The number of hits with a date in each period of the calendar.
        case calendar(CalendarUnit)
        /// The number of distinct values.
        case distinct
    }

    /// The selection of the values to list.
    package struct Values: Sendable, Equatable {
        /// The maximum number of values; nil for the default, 50.
        package var size: Int?
        /// The prefix of the listed values.
        package var starting = ""
        /// The text that the listed values contain, whatever its case, width or kind of Chinese characters.
        package var containing = ""
        /// The value of a hierarchy whose children are listed, an empty one for the top level; nil to list all values.
        package var under: String?
        /// True to sort them alphabetically instead of by count.
        package var isAlphabetic = false
    }

    /// The name of the field.
    package var field: String
    /// The kind of the facet.
    package var kind: Kind

    /// Creates a facet of a field, of the default kind unless specified.
    package init(_ field: String, _ kind: Kind = .usual) {
        self.field = field
        self.kind = kind
    }

    /// Creates the facet that a profile offers.
    init(_ offered: SearchProfile.LabeledField) {
        switch offered.by {
        case .number(let width)?: self.init(offered.field, .histogram(width: width))
        case .period(let unit)?: self.init(offered.field, .calendar(unit))
        case nil: self.init(offered.field)
        }
    }

    /// The maximum number of facets of a request.
    package static let maxFacets = 20
    /// The maximum number of values of a facet.
    package static let maxValues = 1000
    /// The maximum number of ranges of a facet.
    package static let maxRanges = 100
}

/// Parses facets, such as `language, author(size 200), shelf(under 文学), price(..50; 50..<100; 100..), year(by 10)`.
///
/// Grammar: facets = facet? ("," facet?)*; facet = field ("(" option (";" option)* ")")?; option = "size" number |
/// "starting" value | "containing" value | "under" value? | "a-z" | "by" (number | "day" | "month" | "year") |
/// "distinct" | range.
///
/// ```swift
/// try FacetParser.parse("language, price(..50; 50..)")
/// // [RequestedFacet("language"), RequestedFacet("price", .ranges([…]))]
/// ```
struct FacetParser {
    private var kinds: [RequestedFacet.Kind] = []
    private var values: RequestedFacet.Values?
    private var ranges: [Filter.Condition] = []

    /// Parses the facets of a request, in their order.
    ///
    /// Errors: `bad_facet` with the position of the first character that is not valid, `facets_too_long`,
    /// `too_many_facets`, `repeated_facet`.
    static func parse(_ text: String) throws(RequestProblem) -> [RequestedFacet] {
        var text = try RequestScanner(
            text, code: "bad_facet", parameter: "facets",
            hint: "use names of fields, separated by commas; after a name, in parentheses, what to count: "
                + "author(size 100), price(..50; 50..), year(by 10)", signs: ",;()")
        let facets = try text.list(of: "facets", allowsNone: true) { text throws(RequestProblem) in
            var parser = FacetParser()
            let field = try text.name()
            try text.options { text throws(RequestProblem) in try parser.readOption(&text) }
            return RequestedFacet(field, try parser.kind(of: field, text))
        }
        guard facets.count <= RequestedFacet.maxFacets else {
            throw RequestProblem(
                "too_many_facets", "facets", "the request has \(facets.count) facets",
                hint: "use at most \(RequestedFacet.maxFacets)")
        }
        for (i, facet) in facets.enumerated() where facets[..<i].contains(facet) {
            throw RequestProblem(
                "repeated_facet", "facets", "the facet of \"\(facet.field)\" is requested twice",
                hint: "request it once")
        }
        return facets
    }

    /// The kind that the parsed options specify.
    private func kind(of field: String, _ text: RequestScanner) throws(RequestProblem) -> RequestedFacet.Kind {
        var kinds = kinds
        if let values { kinds.append(.values(values)) }
        if !ranges.isEmpty { kinds.append(.ranges(ranges)) }
        guard kinds.count <= 1 else { throw text.problem("the options of \"\(field)\" exclude each other") }
        return kinds.first ?? .usual
    }

    /// Parses one option.
    private mutating func readOption(_ text: inout RequestScanner) throws(RequestProblem) {
        if text.consume(word: "distinct") {
            kinds.append(.distinct)
        } else if text.consume(word: "by") {
            kinds.append(try Self.division(&text))
        } else if try !readValues(&text) {
            ranges.append(try text.range())
            guard ranges.count <= RequestedFacet.maxRanges else {
                throw text.problem("more than \(RequestedFacet.maxRanges) ranges")
            }
        }
    }

    /// Parses an option that selects values. Returns false if another kind of option follows.
    private mutating func readValues(_ text: inout RequestScanner) throws(RequestProblem) -> Bool {
        var chosen = values ?? RequestedFacet.Values()
        if text.consume(word: "size") {
            let size = try Self.number(&text)
            guard size >= 0, size <= Double(RequestedFacet.maxValues), size == size.rounded() else {
                throw text.problem("expected a size that is a whole number from 0 to \(RequestedFacet.maxValues)")
            }
            chosen.size = Int(size)
        } else if text.consume(word: "starting") {
            chosen.starting = try text.value()
        } else if text.consume(word: "containing") {
            chosen.containing = try text.value()
        } else if text.consume(word: "under") {
            chosen.under = text.isAtSign ? "" : try text.value()
        } else if text.consume(word: "a-z") {
            chosen.isAlphabetic = true
        } else {
            return false
        }
        values = chosen
        return true
    }

    /// Parses the operand of `by`: a period of the calendar or a width.
    private static func division(_ text: inout RequestScanner) throws(RequestProblem) -> RequestedFacet.Kind {
        for unit in CalendarUnit.allCases where text.consume(word: unit.rawValue) { return .calendar(unit) }
        return .histogram(width: try number(&text))
    }

    private static func number(_ text: inout RequestScanner) throws(RequestProblem) -> Double {
        let value = try text.value()
        guard let number = Double(value), number.isFinite else { throw text.problem("expected a number") }
        return number
    }
}
