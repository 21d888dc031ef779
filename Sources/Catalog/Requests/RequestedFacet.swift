public import Indexer

/// A facet that a request asks for.
public struct RequestedFacet: Sendable, Equatable {
    /// What to count of the field.
    public enum Kind: Sendable, Equatable {
        /// What suits the field: the values of keywords, the statistics of numbers.
        case usual
        /// How often values stand in hits.
        case values(Values)
        /// How many hits have a number in each of some ranges.
        case ranges([Filter.Condition])
        /// How many hits have a number in each stretch of this width.
        case histogram(width: Double)
        /// How many hits have a date in each period of the calendar.
        case calendar(CalendarUnit)
        /// How many values there are.
        case distinct
    }

    /// Which values to list.
    public struct Values: Sendable, Equatable {
        /// How many; nil for as many as usual.
        public var size: Int?
        /// Only those that begin like this.
        public var starting = ""
        /// Only those right below this place of a hierarchy; an empty one for the highest.
        public var under: String?
        /// Whether they are ordered by themselves instead of by their counts.
        public var isAlphabetic = false
    }

    /// The field.
    public var field: String
    /// What to count.
    public var kind: Kind

    /// What suits a field, unless told otherwise.
    public init(_ field: String, _ kind: Kind = .usual) {
        self.field = field
        self.kind = kind
    }

    /// The facet that a profile offers.
    init(_ offered: SearchProfile.LabeledField) {
        switch offered.by {
        case .number(let width)?: self.init(offered.field, .histogram(width: width))
        case .period(let unit)?: self.init(offered.field, .calendar(unit))
        case nil: self.init(offered.field)
        }
    }

    /// Most facets of a request.
    public static let most = 20
    /// Most values that can be listed, and most ranges.
    public static let mostValues = 1000
    /// Most ranges of a facet.
    public static let mostRanges = 100
}

/// Reads facets, such as `language, author(size 200), shelf(under 文学), price(..50; 50..<100; 100..), year(by 10)`.
///
/// Grammar: facets = facet? ("," facet?)*; facet = field ("(" option (";" option)* ")")?; option = "size" number |
/// "starting" value | "under" value? | "a-z" | "by" (number | "day" | "month" | "year") | "distinct" | range.
struct FacetParser {
    private var kinds: [RequestedFacet.Kind] = []
    private var values: RequestedFacet.Values?
    private var ranges: [Filter.Condition] = []

    /// The facets that a text asks for.
    static func parse(_ text: String) throws(RequestProblem) -> [RequestedFacet] {
        var text = RequestScanner(
            text, code: "bad_facet", parameter: "facets",
            hint: "write names of fields, separated by commas; behind a name, in parentheses, what to count: "
                + "author(size 100), price(..50; 50..), year(by 10)", signs: ",;()")
        let facets = try text.list(of: "facets", allowsNone: true) { text throws(RequestProblem) in
            var parser = FacetParser()
            let field = try text.name()
            try text.options { text throws(RequestProblem) in try parser.readOption(&text) }
            return RequestedFacet(field, try parser.kind(of: field, text))
        }
        for (number, facet) in facets.enumerated() where facets[..<number].contains(facet) {
            throw RequestProblem(
                "repeated_facet", "facets", "the facet of \"\(facet.field)\" is asked for twice",
                hint: "ask for it once")
        }
        guard facets.count <= RequestedFacet.most else {
            throw RequestProblem(
                "too_many_facets", "facets", "\(facets.count) facets", hint: "ask for \(RequestedFacet.most) at most")
        }
        return facets
    }

    /// What the options that were read stand for.
    private func kind(of field: String, _ text: RequestScanner) throws(RequestProblem) -> RequestedFacet.Kind {
        var kinds = kinds
        if let values { kinds.append(.values(values)) }
        if !ranges.isEmpty { kinds.append(.ranges(ranges)) }
        guard kinds.count <= 1 else { throw text.problem("options of \"\(field)\" that exclude each other") }
        return kinds.first ?? .usual
    }

    private mutating func readOption(_ text: inout RequestScanner) throws(RequestProblem) {
        if text.take(word: "distinct") {
            kinds.append(.distinct)
        } else if text.take(word: "by") {
            kinds.append(try Self.division(&text))
        } else if try !readValues(&text) {
            ranges.append(try text.range())
            guard ranges.count <= RequestedFacet.mostRanges else {
                throw text.problem("more than \(RequestedFacet.mostRanges) ranges")
            }
        }
    }

    /// Reads an option that chooses values; false when another is next.
    private mutating func readValues(_ text: inout RequestScanner) throws(RequestProblem) -> Bool {
        var chosen = values ?? RequestedFacet.Values()
        if text.take(word: "size") {
            let size = try Self.number(&text)
            guard size >= 0, size <= Double(RequestedFacet.mostValues), size == size.rounded() else {
                throw text.problem("a size is a whole number from 0 to \(RequestedFacet.mostValues)")
            }
            chosen.size = Int(size)
        } else if text.take(word: "starting") {
            chosen.starting = try text.value()
        } else if text.take(word: "under") {
            chosen.under = text.isAtSign ? "" : try text.value()
        } else if text.take(word: "a-z") {
            chosen.isAlphabetic = true
        } else {
            return false
        }
        values = chosen
        return true
    }

    private static func division(_ text: inout RequestScanner) throws(RequestProblem) -> RequestedFacet.Kind {
        for unit in CalendarUnit.allCases where text.take(word: unit.rawValue) { return .calendar(unit) }
        return .histogram(width: try number(&text))
    }

    private static func number(_ text: inout RequestScanner) throws(RequestProblem) -> Double {
        let value = try text.value()
        guard let number = Double(value), number.isFinite else { throw text.problem("expected a number") }
        return number
    }
}
