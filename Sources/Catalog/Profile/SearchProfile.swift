import Analyzer
import FoundationEssentials
public import Indexer

/// A text in the languages of the page.
public typealias Label = [String: String]

/// The choices that make a catalog out of an index: what weighs how much, which facets and orders are offered, what
/// is shown.
public struct SearchProfile: Codable, Sendable, Equatable {
    /// A field with a label for people.
    public struct LabeledField: Codable, Sendable, Equatable {
        /// The field's name.
        public var field: String
        /// What people call it.
        public var label: Label
        /// Of a facet of numbers or dates: what they are counted in.
        public var by: Division?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case field, label, by
        }
    }

    /// How a facet divides numbers or dates.
    public enum Division: Codable, Sendable, Equatable {
        /// Into stretches of a width.
        case number(Double)
        /// Into periods of the calendar.
        case period(CalendarUnit)
    }

    /// Which members of a document play which part on a page.
    public struct Display: Codable, Sendable, Equatable {
        /// The title.
        public var title: String?
        /// The subtitle.
        public var subtitle: String?
        /// Who made it.
        public var by: String?
        /// Further members, in order.
        public var details: [String]?
        /// The price.
        public var price: String?
        /// The price's currency (ISO 4217).
        public var currency: String?
        /// The rating.
        public var rating: String?
        /// A longer text, shown as a snippet.
        public var description: String?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case title, subtitle, by, details, price, currency, rating, description
        }

        /// All members that are named.
        fileprivate var members: [String] {
            [title, subtitle, by, price, currency, rating, description].compactMap(\.self) + (details ?? [])
        }
    }

    /// Weight of each text field a shopper's words are looked for in.
    public var weights: [String: Float]
    /// The facets a page offers: of keywords and truth values, of numbers with a width, of dates with a period to count
    /// them by.
    public var facets: [LabeledField]
    /// The number and keyword fields hits can be ordered by.
    public var sorts: [LabeledField]
    /// The number field that orders a catalog when it is browsed without words, highest first; nil for order of
    /// arrival.
    public var browse: String?
    /// What a page shows of a document.
    public var display: Display
    /// A note for the page's foot.
    public var note: Label?
    /// How much each sign of relevance counts.
    public var ranking = Ranking()
    /// Words that mean the same.
    public var synonyms: [Synonyms] = []

    enum CodingKeys: String, CodingKey, CaseIterable {
        case weights, facets, sorts, browse, display, note, ranking, synonyms
    }

    /// Reads it from JSON; members it does not know are an error.
    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        weights = try values.decode([String: Float].self, forKey: .weights)
        facets = try values.decodeIfPresent([LabeledField].self, forKey: .facets) ?? []
        sorts = try values.decodeIfPresent([LabeledField].self, forKey: .sorts) ?? []
        browse = try values.decodeIfPresent(String.self, forKey: .browse)
        display = try values.decodeIfPresent(Display.self, forKey: .display) ?? Display()
        note = try values.decodeIfPresent(Label.self, forKey: .note)
        ranking = try values.decodeIfPresent(Ranking.self, forKey: .ranking) ?? Ranking()
        synonyms = try values.decodeIfPresent([Synonyms].self, forKey: .synonyms) ?? []
    }

    /// What a schema suggests: titles weigh 3, other fields of words 1, all keyword fields but the key are facets,
    /// truth values too, all numbers orders.
    public init(for schema: Schema) {
        let texts = schema.fields.filter { field in
            field.type == .text && schema.analyzer(field.analyzer)?.options.tokens == .words
        }
        let titles: Set<String> = ["title", "name"]
        weights = Dictionary(uniqueKeysWithValues: texts.map { ($0.name, titles.contains($0.from) ? 3 : 1) })
        facets = schema.fields.filter { $0.type == .keyword && $0.name != schema.key || $0.type == .boolean }.map(
            Self.labeled)
        sorts = schema.fields.filter(\.hasNumbers).map(Self.labeled)
        let names = Set(schema.fields.map(\.from))
        func known(_ choices: String...) -> String? { choices.first { names.contains($0) } }
        display = Display(
            title: known("title", "name") ?? schema.key, subtitle: known("subtitle"), by: known("author", "authors"),
            details: ["publisher", "year", "version"].filter { names.contains($0) }, price: known("price"),
            currency: known("currency"), rating: known("rating"), description: known("description", "summary"))
    }

    private static func labeled(_ field: Field) -> LabeledField {
        LabeledField(field: field.name, label: ["en": field.name.replacing("_", with: " ").capitalized])
    }

    /// Reads a profile from JSON and checks it against a schema.
    ///
    /// Errors: `profile` with the place and the reason.
    public init(json: [UInt8], path: String, schema: Schema) throws(CatalogError) {
        do {
            self = try JSONDecoder().decode(SearchProfile.self, from: Data(json))
        } catch let error as DecodingError {
            throw .profile(path: path, problem: describe(error))
        } catch {
            throw .profile(path: path, problem: "\(error)")
        }
        try validate(schema, path)
    }

    private func validate(_ schema: Schema, _ path: String) throws(CatalogError) {
        func check(_ name: String, _ use: String, _ fits: (Field) -> Bool) throws(CatalogError) {
            let known = schema.fields.filter { $0.name != schema.key && fits($0) }.map(\.name)
            try refuse(name, use, unlessAmong: known, "fields of that kind", path)
        }
        for (name, weight) in weights.sorted(by: { $0.key < $1.key }) {
            // Other fields of text are found beside those of words.
            try check(name, "the weighted field") { field in
                field.type == .text && schema.analyzer(field.analyzer)?.options.tokens == .words
            }
            guard weight > 0, weight <= 1e6 else {
                throw .profile(
                    path: path,
                    problem:
                        "the weight of \"\(name)\" must be above 0 and at most 1,000,000; "
                        + "leave out a field that should not count"
                )
            }
        }
        guard !weights.isEmpty else {
            throw .profile(path: path, problem: "no field has a weight, so nothing could be found")
        }
        func isNumber(_ field: Field) -> Bool { field.hasNumbers }
        for facet in facets {
            switch facet.by {
            case nil: try check(facet.field, "the facet") { $0.type == .keyword || $0.type == .boolean }
            case .period?: try check(facet.field, "the facet by a period") { $0.type == .date }
            case .number(let width)?:
                try check(facet.field, "the facet with \"by\"") { isNumber($0) && $0.type != .date }
                guard width > 0, width.isFinite else {
                    throw .profile(path: path, problem: "\"by\" of the facet \"\(facet.field)\" must be above 0")
                }
            }
        }
        for sort in sorts {
            try check(sort.field, "the sort field") { isNumber($0) || $0.type == .keyword }
            guard sort.by == nil else {
                throw .profile(path: path, problem: "\"by\" is for facets; leave it out of the sort \"\(sort.field)\"")
            }
        }
        if let browse { try check(browse, "the browse order", isNumber) }
        let shown = Members(schema).all.filter(\.stored).map(\.name)
        for name in display.members {
            try refuse(name, "the displayed member", unlessAmong: shown, "members that are given back", path)
        }
    }

    private func refuse(
        _ name: String, _ use: String, unlessAmong known: [String], _ kind: String, _ path: String
    ) throws(CatalogError) {
        if known.contains(name) { return }
        throw .profile(
            path: path,
            problem: "\(use) \"\(name)\" does not fit the schema; \(kind): \(known.joined(separator: ", "))")
    }
}

extension SearchProfile.LabeledField {
    /// Reads it from JSON; members it does not know are an error.
    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            field: try values.decode(String.self, forKey: .field), label: try values.decode(Label.self, forKey: .label),
            by: try values.decodeIfPresent(SearchProfile.Division.self, forKey: .by))
    }
}

extension SearchProfile.Division {
    /// Reads a number, or the name of a period.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let width = try? value.decode(Double.self) {
            self = .number(width)
        } else if let name = try? value.decode(String.self), let unit = CalendarUnit(rawValue: name) {
            self = .period(unit)
        } else {
            let units = CalendarUnit.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(in: value, debugDescription: "expected a number or one of \(units)")
        }
    }

    /// Writes it as it is read.
    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .number(let width): try value.encode(width)
        case .period(let unit): try value.encode(unit.rawValue)
        }
    }
}

extension SearchProfile.Display {
    /// Reads it from JSON; members it does not know are an error.
    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func read(_ key: CodingKeys) throws -> String? { try values.decodeIfPresent(String.self, forKey: key) }
        self.init(
            title: try read(.title), subtitle: try read(.subtitle), by: try read(.by),
            details: try values.decodeIfPresent([String].self, forKey: .details), price: try read(.price),
            currency: try read(.currency), rating: try read(.rating), description: try read(.description))
    }
}
