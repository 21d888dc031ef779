import FoundationEssentials
import Indexer
import Searching
package import Segments

/// A text by language code, such as `["en": "Year", "zh": "年份"]`.
package typealias Label = [String: String]

/// The search profile of a catalog: field weights, ranking options and synonyms, and what a search page offers: facets,
/// sort orders and the members of a document.
///
/// It is committed with the index, as JSON. Only `weights` is required:
///
/// ```json
/// {"weights": {"title": 3, "author_text": 1}, "browse": "year",
///  "facets": [{"field": "language", "label": {"en": "Language"}},
///             {"field": "year", "label": {"en": "Year", "zh": "年份"}, "by": 10}],
///  "display": {"title": "title", "by": "author"}}
/// ```
package struct SearchProfile: Codable, Sendable, Equatable {
    /// A field with a label for people.
    package struct LabeledField: Codable, Sendable, Equatable {
        /// The field's name.
        package var field: String
        /// The label for people, by language.
        package var label: Label
        /// The division of a facet of numbers or dates into buckets; nil for other fields.
        package var by: Division?
        /// The labels of the values of a facet, by value; nil, or without a value that is its own label.
        package var values: [String: Label]?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case field, label, by, values
        }
    }

    /// The division of numbers or dates into buckets.
    package enum Division: Codable, Sendable, Equatable {
        /// Buckets of a fixed width.
        case number(Double)
        /// Periods of the calendar.
        case period(CalendarUnit)
    }

    /// The members of a document by their role on a page.
    package struct Display: Codable, Sendable, Equatable {
        /// The member with the title.
        package var title: String?
        /// The member with the subtitle.
        package var subtitle: String?
        /// The member with the author, the maker or the brand.
        package var by: String?
        /// Further members, in the order in which they are shown.
        package var details: [String]?
        /// The member with the price.
        package var price: String?
        /// The member with the currency of the price (ISO 4217).
        package var currency: String?
        /// The member with the rating.
        package var rating: String?
        /// The member with a longer text, shown as a snippet.
        package var description: String?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case title, subtitle, by, details, price, currency, rating, description
        }

        /// The names of all members that have a role.
        fileprivate var members: [String] {
            [title, subtitle, by, price, currency, rating, description].compactMap(\.self) + (details ?? [])
        }
    }

    /// The weights of the text fields that queries are searched in; above 0.
    package var weights: [String: Float]
    /// The facets that a page offers: keywords and Booleans, numbers with a bucket width, dates with a period.
    package var facets: [LabeledField]
    /// The number and keyword fields that a page offers to sort by.
    package var sorts: [LabeledField]
    /// The number field that sorts the catalog when it is browsed without a query, highest first; nil for the order of
    /// indexing.
    package var browse: String?
    /// The members that a page shows of a document.
    package var display: Display
    /// A note for the foot of the page.
    package var note: Label?
    /// The ranking options.
    package var ranking = RankingOptions()
    /// The synonym rules.
    package var synonyms: [Synonyms] = []
    /// The numbers that say how much a document is wanted; nil for those whose names the schema makes plain.
    package var popularity: [PopularitySignal]?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case weights, facets, sorts, browse, display, note, ranking, synonyms, popularity
    }

    /// Decodes a profile; unknown members are an error. `init(json:path:schema:)` also checks it against a schema.
    package init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        weights = try values.decode([String: Float].self, forKey: .weights)
        facets = try values.decodeIfPresent([LabeledField].self, forKey: .facets) ?? []
        sorts = try values.decodeIfPresent([LabeledField].self, forKey: .sorts) ?? []
        browse = try values.decodeIfPresent(String.self, forKey: .browse)
        display = try values.decodeIfPresent(Display.self, forKey: .display) ?? Display()
        note = try values.decodeIfPresent(Label.self, forKey: .note)
        ranking = try values.decodeIfPresent(RankingOptions.self, forKey: .ranking) ?? RankingOptions()
        synonyms = try values.decodeIfPresent([Synonyms].self, forKey: .synonyms) ?? []
        popularity = try values.decodeIfPresent([PopularitySignal].self, forKey: .popularity)
    }

    /// Creates the default profile of a schema: titles have the weight 4 and other fields of words 1, keyword fields
    /// except the key and Booleans are facets, and all number fields are sort orders.
    package init(for schema: Schema) {
        let texts = schema.fields.filter { field in
            field.type == .text && schema.analyzer(field.analyzer)?.options.tokens == .words
        }
        let titles: Set<String> = ["title", "name"]
        weights = Dictionary(uniqueKeysWithValues: texts.map { ($0.name, titles.contains($0.from) ? 4 : 1) })
        facets = schema.fields.filter { $0.type == .keyword && $0.name != schema.key || $0.type == .boolean }.map(
            Self.labeled)
        sorts = schema.fields.filter(\.hasNumbers).map(Self.labeled)
        let names = Set(schema.fields.map(\.from))
        func first(_ choices: String...) -> String? { choices.first { names.contains($0) } }
        display = Display(
            title: first("title", "name") ?? schema.key, subtitle: first("subtitle"), by: first("author", "authors"),
            details: ["publisher", "year", "version"].filter { names.contains($0) }, price: first("price"),
            currency: first("currency"), rating: first("rating"), description: first("description", "summary"))
    }

    /// A field labeled by its name.
    private static func labeled(_ field: Field) -> LabeledField {
        LabeledField(field: field.name, label: ["en": field.name.replacing("_", with: " ").capitalized])
    }

    /// Decodes a profile from JSON and checks it against a schema. `path` names the profile in errors.
    ///
    /// Errors: `profile` with the path, the position and the reason.
    package init(json: [UInt8], path: String, schema: Schema) throws(CatalogError) {
        do {
            self = try JSONDecoder().decode(SearchProfile.self, from: Data(json))
        } catch {
            throw .profile(path: path, problem: syntaxProblem(json: json) ?? describe(error))
        }
        try validate(schema, path)
    }

    /// Checks that every field and member that the profile names exists and has a fitting type.
    private func validate(_ schema: Schema, _ path: String) throws(CatalogError) {
        func check(_ name: String, _ use: String, _ fits: (Field) -> Bool) throws(CatalogError) {
            let fitting = schema.fields.filter { $0.name != schema.key && fits($0) }.map(\.name)
            try refuse(name, use, unlessAmong: fitting, "fields of that kind", path)
        }
        for (name, weight) in weights.sorted(by: { $0.key < $1.key }) {
            // Fields with other analyzers are searched as siblings of the fields of words.
            try check(name, "the weighted field") { field in
                field.type == .text && schema.analyzer(field.analyzer)?.options.tokens == .words
            }
            guard weight > 0, weight <= 1e6 else {
                throw .profile(
                    path: path,
                    problem: "the weight of \"\(name)\" must be above 0 and at most 1,000,000; "
                        + "remove a field that should not count")
            }
        }
        guard !weights.isEmpty else {
            throw .profile(path: path, problem: "no field has a weight, so no query could match")
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
                throw .profile(path: path, problem: "\"by\" is for facets; remove it from the sort \"\(sort.field)\"")
            }
        }
        if let browse { try check(browse, "the browse order", isNumber) }
        for signal in popularity ?? [] { try check(signal.field, "the popularity by", isNumber) }
        guard popularity?.count ?? 0 <= Popularity.maxSignals else {
            throw .profile(path: path, problem: "\"popularity\" has more than \(Popularity.maxSignals) fields")
        }
        let shown = Members(schema).all.filter(\.stored).map(\.name)
        for name in display.members {
            try refuse(name, "the displayed member", unlessAmong: shown, "stored members", path)
        }
    }

    /// Throws the problem that `name` does not fit its use, unless it is one of the fitting names.
    private func refuse(
        _ name: String, _ use: String, unlessAmong fitting: [String], _ kind: String, _ path: String
    ) throws(CatalogError) {
        if fitting.contains(name) { return }
        throw .profile(
            path: path,
            problem: "\(use) \"\(name)\" does not fit the schema; \(kind): \(fitting.joined(separator: ", "))")
    }
}

extension SearchProfile.LabeledField {
    /// Decodes a labeled field; unknown members are an error.
    package init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            field: try values.decode(String.self, forKey: .field), label: try values.decode(Label.self, forKey: .label),
            by: try values.decodeIfPresent(SearchProfile.Division.self, forKey: .by),
            values: try values.decodeIfPresent([String: Label].self, forKey: .values))
    }
}

extension SearchProfile.Division {
    /// Decodes a number, or the name of a period.
    package init(from decoder: any Decoder) throws {
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

    /// Encodes a number, or the name of a period.
    package func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .number(let width): try value.encode(width)
        case .period(let unit): try value.encode(unit.rawValue)
        }
    }
}

extension SearchProfile.Display {
    /// Decodes the roles; unknown members are an error.
    package init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func read(_ key: CodingKeys) throws -> String? { try values.decodeIfPresent(String.self, forKey: key) }
        self.init(
            title: try read(.title), subtitle: try read(.subtitle), by: try read(.by),
            details: try values.decodeIfPresent([String].self, forKey: .details), price: try read(.price),
            currency: try read(.currency), rating: try read(.rating), description: try read(.description))
    }
}
