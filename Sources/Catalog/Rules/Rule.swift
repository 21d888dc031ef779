import Analyzer
import FoundationEssentials
import Indexer
import Segments

/// A rule of merchandising: for the queries that it is about, it pins, hides, prefers or demotes documents, narrows the
/// search, searches other words, or names a page to go to.
///
/// ```json
/// {"id": "three-body", "query": {"is": ["三体", "three body"], "contains": ["刘慈欣"]}, "until": "2026-12-24",
///  "pin": [{"id": "b1", "position": 1}], "hide": ["b7"], "boost": [{"filter": "stock:>0", "factor": 2}]}
/// ```
package struct Rule: Codable, Sendable, Equatable {
    /// The queries that a rule is about: those of any of the patterns. Words are compared as the catalog's titles are
    /// analyzed, so that width, case, and traditional or simplified characters do not matter.
    package struct Pattern: Codable, Sendable, Equatable {
        /// Whole queries; an empty one stands for browsing without a query.
        package var `is`: [String]?
        /// Words that stand side by side anywhere in the query.
        package var contains: [String]?
        /// Words that the query begins with.
        package var prefix: [String]?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case `is`, contains, prefix
        }
    }

    /// A document and the place that it has among the hits.
    package struct Pin: Codable, Sendable, Equatable {
        /// The document key.
        package var id: String
        /// The place on the first page, from 1.
        package var position: Int

        enum CodingKeys: String, CodingKey, CaseIterable {
            case id, position
        }
    }

    /// A factor for the scores of the documents that match a filter.
    package struct Weight: Codable, Sendable, Equatable {
        /// The filter, as in a request.
        package var filter: String
        /// The factor.
        package var factor: Double

        enum CodingKeys: String, CodingKey, CaseIterable {
            case filter, factor
        }
    }

    /// The name of the rule, which replies have.
    package var id: String
    /// The queries that the rule is about; nil for all those with the filter of `ifFilter`.
    package var query: Pattern?
    /// A filter that the request must have, all of its parts beside others; nil for any.
    package var ifFilter: String?
    /// The first and the last day, or time, in which the rule counts; nil for no limit. Times without a zone are in
    /// UTC.
    package var from: String?
    package var until: String?
    /// The documents that stand in places of their own.
    package var pin: [Pin]?
    /// The keys of documents that are no hits.
    package var hide: [String]?
    /// Factors from 1 to 10.
    package var boost: [Weight]?
    /// Factors from 0.01 to 1.
    package var bury: [Weight]?
    /// A filter that hits must match as well.
    package var filter: String?
    /// The query that is searched in the place of the typed one.
    package var replace: String?
    /// The address of a page for the query, which the reply has.
    package var redirect: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, query, from, until, pin, hide, boost, bury, filter, replace, redirect
        case ifFilter = "if_filter"
    }

    /// The maximum number of rules of a catalog.
    package static let maxRules = 50_000
    /// The maximum number of patterns of a kind, and of hidden documents.
    static let maxListLength = 100
    /// The maximum number of pins of a rule.
    static let maxPins = 20
    /// The maximum number of factors of a rule, boosts and burials together.
    static let maxWeights = 8
    /// The places that a pin can have.
    static let positions = 1...SearchRequest.maxPerPage

    /// Decodes a rule; unknown members are an error.
    ///
    /// Errors: a rule without a condition or an action, and what is out of range.
    package init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(String.self, forKey: .id)
        query = try values.decodeIfPresent(Pattern.self, forKey: .query)
        ifFilter = try values.decodeIfPresent(String.self, forKey: .ifFilter)
        from = try values.decodeIfPresent(String.self, forKey: .from)
        until = try values.decodeIfPresent(String.self, forKey: .until)
        pin = try values.decodeIfPresent([Pin].self, forKey: .pin)
        hide = try values.decodeIfPresent([String].self, forKey: .hide)
        boost = try values.decodeIfPresent([Weight].self, forKey: .boost)
        bury = try values.decodeIfPresent([Weight].self, forKey: .bury)
        filter = try values.decodeIfPresent(String.self, forKey: .filter)
        replace = try values.decodeIfPresent(String.self, forKey: .replace)
        redirect = try values.decodeIfPresent(String.self, forKey: .redirect)
        if let problem {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: problem))
        }
    }

    /// Decodes a list of rules, whose ids are distinct.
    ///
    /// Errors: `profile`, without a path, with the place and the reason.
    static func list(json: [UInt8]) throws(CatalogError) -> [Rule] {
        let rules: [Rule]
        do { rules = try JSONDecoder().decode([Rule].self, from: Data(json)) } catch {
            throw .profile(path: "", problem: syntaxProblem(json: json) ?? describe(error))
        }
        return try checked(rules)
    }

    /// Returns rules if there are not too many, and their ids are distinct. Errors: as for `list`.
    static func checked(_ rules: [Rule]) throws(CatalogError) -> [Rule] {
        guard rules.count <= maxRules else {
            throw .profile(path: "", problem: "there are \(rules.count) rules; use at most \(maxRules)")
        }
        var seen: Set<String> = []
        for (i, rule) in rules.enumerated() where !seen.insert(rule.id).inserted {
            throw .profile(path: "", problem: "at [\(i)].id: another rule has the id \"\(rule.id)\"")
        }
        return rules
    }
}

// MARK: - Problems

extension Rule {
    /// The problem of a rule that cannot be right in any catalog; nil for none.
    private var problem: String? {
        if id.trimmed.isEmpty || id.utf8.count > 200 { return "the id of a rule is a text of 1 to 200 bytes" }
        if query == nil, ifFilter == nil { return "a rule needs \"query\" or \"if_filter\", which say when it counts" }
        if let query, let problem = query.problem { return problem }
        let acts = [pin?.isEmpty, hide?.isEmpty, boost?.isEmpty, bury?.isEmpty].contains(false)
        if !acts, filter == nil, replace == nil, redirect == nil {
            return "a rule needs an action: pin, hide, boost, bury, filter, replace or redirect"
        }
        return timeProblem ?? documentProblem ?? weightProblem ?? targetProblem
    }

    private var timeProblem: String? {
        for text in [from, until].compactMap(\.self) where Self.period(text) == nil {
            return "\"\(text.prefix(40))\" is not a date; use dates such as 2026-12-01 or 2026-12-01T08:00+08:00"
        }
        return interval.isEmpty ? "\"until\" is before \"from\"" : nil
    }

    private var documentProblem: String? {
        let pins = pin ?? []
        if pins.count > Self.maxPins { return "a rule has at most \(Self.maxPins) pins" }
        if let pin = pins.first(where: { !Self.positions.contains($0.position) }) {
            return "the position \(pin.position) of a pin is not from 1 to \(Self.positions.upperBound)"
        }
        if Set(pins.map(\.id)).count < pins.count { return "a document is pinned twice" }
        if hide?.count ?? 0 > Self.maxListLength { return "a rule hides at most \(Self.maxListLength) documents" }
        return nil
    }

    private var weightProblem: String? {
        if (boost ?? []).count + (bury ?? []).count > Self.maxWeights {
            return "a rule has at most \(Self.maxWeights) factors"
        }
        if let weight = boost?.first(where: { !(1...10).contains($0.factor) }) {
            return "the factor \(weight.factor) of a boost is not from 1 to 10"
        }
        if let weight = bury?.first(where: { !(0.01...1).contains($0.factor) }) {
            return "the factor \(weight.factor) of what is buried is not from 0.01 to 1"
        }
        return nil
    }

    private var targetProblem: String? {
        if let replace, replace.trimmed.isEmpty || replace.utf8.count > SearchRequest.maxQueryBytes {
            return "\"replace\" is a text of 1 to \(SearchRequest.maxQueryBytes) bytes"
        }
        guard let redirect else { return nil }
        let isPath = redirect.hasPrefix("/") && !redirect.hasPrefix("//") && !redirect.hasPrefix("/\\")
        let isAddress = redirect.hasPrefix("https://") || redirect.hasPrefix("http://")
        let isClean = redirect.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
        if (isPath || isAddress) && isClean && redirect.utf8.count <= 2048 { return nil }
        return "\"redirect\" is a path that begins with one /, or an address that begins with https://"
    }

    /// The time in which the rule counts, in milliseconds since 1970.
    var interval: Range<Int64> {
        let start = from.flatMap(Self.period)?.lowerBound ?? .min
        let end = until.flatMap(Self.period)?.upperBound ?? .max
        return start < end ? start..<end : 0..<0
    }

    /// The period that a date or time names; nil if it is none.
    private static func period(_ text: String) -> Range<Int64>? {
        var text = text
        return text.withUTF8 { Timestamp.period($0) }
    }
}

extension Rule.Pattern {
    /// Decodes patterns, each a text or a list of texts; unknown members are an error.
    package init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func texts(_ key: CodingKeys) throws -> [String]? {
            if let text = try? values.decode(String.self, forKey: key) { return [text] }
            return try values.decodeIfPresent([String].self, forKey: key)
        }
        self.init(is: try texts(.is), contains: try texts(.contains), prefix: try texts(.prefix))
    }

    fileprivate var problem: String? {
        let lists = [`is`, contains, prefix].compactMap(\.self)
        if lists.allSatisfy(\.isEmpty) { return "\"query\" needs one of is, contains and prefix" }
        if lists.contains(where: { $0.count > Rule.maxListLength }) {
            return "a pattern has at most \(Rule.maxListLength) texts"
        }
        let parts = (contains ?? []) + (prefix ?? [])
        return parts.contains { $0.trimmed.isEmpty } ? "a text of \"contains\" or \"prefix\" is blank" : nil
    }
}

extension Rule.Pin {
    /// Decodes a pin; unknown members are an error.
    package init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try values.decode(String.self, forKey: .id), position: try values.decode(Int.self, forKey: .position))
    }
}

extension Rule.Weight {
    /// Decodes a factor; unknown members are an error.
    package init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            filter: try values.decode(String.self, forKey: .filter),
            factor: try values.decode(Double.self, forKey: .factor))
    }
}
