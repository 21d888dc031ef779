import Segments

extension SearchProfile {
    /// The key that marks a commit whose schema was inferred: its payload has no profile unless one was given, and the
    /// roles of its members make one.
    static let inferredKey = "schema"
    /// The value of `inferredKey`.
    static let inferredMark = "inferred"

    /// Creates the profile of an inferred schema, from the roles of its members: the default profile with weights by
    /// role, facets in the order of the roles, the most popular documents first, and a complete display.
    init(roles schema: Schema) {
        self.init(for: schema)
        for field in schema.fields where weights[field.name] != nil {
            weights[field.name] = MemberRole(field.from)?.weight ?? 1
        }
        let order: [MemberRole] = [.category, .language, .author, .series, .publisher]
        func rank(_ facet: LabeledField) -> Int {
            let role = schema.field(facet.field).flatMap { MemberRole($0.field.from) }
            return role.flatMap { order.firstIndex(of: $0) } ?? order.count
        }
        facets = facets.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
            .map(\.element)
        browse = Self.popularityField(schema)
        display = Self.display(schema)
    }

    /// The name of the number field that says most about how popular a document is; nil for none.
    static func popularityField(_ schema: Schema) -> String? {
        let numbers = schema.fields.filter { [.integer, .float].contains($0.type) }
        for name in MemberRole.popularity {
            if let field = numbers.first(where: { MemberRole.normalized($0.name) == name }) { return field.name }
        }
        return nil
    }

    /// The display of a schema: for each role the stored member with the preferred name.
    private static func display(_ schema: Schema) -> Display {
        let members = Members(schema).all.filter { $0.stored && $0.name != schema.key }
        func first(_ role: MemberRole) -> String? {
            members.enumerated().compactMap { offset, member in
                MemberRole.find(member.name).flatMap { $0.role == role ? ($0.rank, offset, member.name) : nil }
            }.min { ($0.0, $0.1) < ($1.0, $1.1) }?.2
        }
        let year = members.first { ["year", "年份", "出版年"].contains(MemberRole.normalized($0.name)) }?.name
        return Display(
            title: first(.title) ?? schema.key, subtitle: first(.subtitle), by: first(.author),
            details: [first(.publisher), year, first(.series), first(.identifier)].compactMap(\.self),
            price: first(.price), currency: first(.currency), rating: first(.rating),
            description: first(.description))
    }
}
