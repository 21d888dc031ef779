import Searching
import Segments

/// Queries for parts that name a field: `author:tolkien`, `year:2010..2015`.
struct NamedField {
    private let context: QueryContext
    private let groups: [SearchFields]

    init(_ context: QueryContext) {
        self.context = context
        groups = context.groups
    }

    /// The query for a part that names a field; nil if no field has the name, or none of them can contain the text.
    ///
    /// The name of a field is its own name, the member that it reads, or one of its labels on the page; case is
    /// ignored. A field of words is searched for a phrase and a keyword field for the whole text; numbers and dates may
    /// be ranges, as in filters. A part is parsed once for a request.
    func query(_ part: ParsedQuery.Part) throws(IndexError) -> Query? {
        if let known = context.memory.named[part] { return known }
        let query = try part.field.flatMap { name throws(IndexError) in try parsed(name, part) }
        context.memory.named.updateValue(query, forKey: part)
        return query
    }

    /// The query for a part in a field of some name, which was not parsed before.
    private func parsed(_ name: String, _ part: ParsedQuery.Part) throws(IndexError) -> Query? {
        let fields = context.reader.schema.fields.filter { isCalled($0, name.lowercased()) }
        if fields.isEmpty { return nil }
        var choices: [Query] = []
        for group in groups {
            let narrowed = group.narrowed(to: fields, context.reader.schema)
            if !narrowed.words.isEmpty, let query = try narrowed.query(part, context.reader) {
                choices.append(query)
            }
        }
        for field in fields {
            switch (field.type, part.match) {
            case (.keyword, .exact): choices.append(.constant(.term(field: field.name, part.text), 1))
            case (.keyword, .beginning):
                choices.append(.constant(.pattern(field: field.name, .prefix(part.text)), 1))
            case (_, .exact):
                if field.hasNumbers, let query = numbers(field, part.text) { choices.append(.constant(query, 1)) }
            default: break
            }
        }
        return choices.isEmpty ? nil : .disjunctionMax(of: choices)
    }

    /// True if a lowercase name is the name, the member or a label of a field.
    private func isCalled(_ field: Field, _ name: String) -> Bool {
        if field.name.lowercased() == name || field.from.lowercased() == name { return true }
        return (context.profile.facets + context.profile.sorts).contains { labeled in
            labeled.field == field.name && labeled.label.values.contains { $0.lowercased() == name }
        }
    }

    /// The query for a number, a date or a range of them; nil if the text is none that fits the field.
    private func numbers(_ field: Field, _ text: String) -> Query? {
        let isRange = text.contains("..") || text.first.map { "<>".contains($0) } ?? false
        let condition = isRange ? text : "=" + text
        guard case .test(_, let test)? = try? FilterParser.parse("field:" + condition) else { return nil }
        return try? FilterQueries(.test(field: field.name, test), context.reader.schema).queries.first
    }
}

extension SearchFields {
    /// The group reduced to the given fields, and to the fields of characters and the vocabularies that read the same
    /// members.
    fileprivate func narrowed(to fields: [Field], _ schema: Schema) -> SearchFields {
        var narrowed = self
        let members = Set(fields.map(\.from))
        narrowed.words = words.filter { word in fields.contains { $0.name == word.name } }
        func reads(_ field: Query.WeightedField) -> Bool {
            schema.field(field.name).map { members.contains($0.field.from) } ?? false
        }
        narrowed.vocabularies = vocabularies.filter(reads)
        narrowed.characters = characters.compactMap { siblings in
            var siblings = siblings
            siblings.fields.removeAll { !reads($0) }
            return siblings.fields.isEmpty ? nil : siblings
        }
        return narrowed
    }
}
