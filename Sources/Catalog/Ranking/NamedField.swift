import Indexer

/// What a shopper means by `author:tolkien` or `year:2010..2015`.
struct NamedField {
    private let context: RankingContext
    private let groups: [SearchFields]

    init(_ context: RankingContext) {
        self.context = context
        groups = SearchFields.groups(context.reader.schema, context.profile)
    }

    /// The query for a text in a field; nil when there is no field of that name, or none that could have such a text.
    ///
    /// Fields go by their names, by the members they read, and by what pages call them, in capitals or not. Words are
    /// looked for in fields of words, in keyword fields the whole text; numbers and dates may be ranges, as in filters.
    func query(_ name: String, _ text: String) -> Query? {
        let fields = context.reader.schema.fields.filter { isCalled($0, name.lowercased()) }
        if fields.isEmpty { return nil }
        var choices: [Query] = []
        for group in groups {
            let own = group.narrowed(to: fields, context.reader.schema)
            let phrase = QueryUnits(text, own.analyzer).phrase
            if !own.words.isEmpty, !phrase.terms.isEmpty { choices.append(own.query(phrase)) }
        }
        for field in fields {
            if field.type == .keyword {
                choices.append(.constant(.term(field: field.name, text), 1))
            } else if field.hasNumbers, let query = numbers(field, text) {
                choices.append(.constant(query, 1))
            }
        }
        return choices.isEmpty ? nil : .best(of: choices)
    }

    private func isCalled(_ field: Field, _ name: String) -> Bool {
        if field.name.lowercased() == name || field.from.lowercased() == name { return true }
        return (context.profile.facets + context.profile.sorts).contains { labeled in
            labeled.field == field.name && labeled.label.values.contains { $0.lowercased() == name }
        }
    }

    private func numbers(_ field: Field, _ text: String) -> Query? {
        let isRange = text.contains("..") || text.first.map { "<>".contains($0) } ?? false
        let condition = isRange ? text : "=" + text
        guard case .test(_, let test)? = try? FilterParser.parse("field:" + condition) else { return nil }
        return try? FilterQueries(.test(field: field.name, test), context.reader.schema).queries.first
    }
}

extension SearchFields {
    /// The group with those of its fields that are among some, and what reads the same members.
    fileprivate func narrowed(to fields: [Field], _ schema: Schema) -> SearchFields {
        var own = self
        let members = Set(fields.map(\.from))
        own.words = words.filter { word in fields.contains { $0.name == word.name } }
        own.characters = characters.compactMap { siblings in
            var siblings = siblings
            siblings.fields.removeAll { field in
                schema.field(field.name).map { !members.contains($0.field.from) } ?? true
            }
            return siblings.fields.isEmpty ? nil : siblings
        }
        return own
    }
}
