import Segments

/// A member whose matching terms can be marked.
struct MarkableMember: Sendable {
    /// Its name.
    let name: String
    /// The fields that read it and whose matching terms are marked: fields of words, vocabularies and pinyin. Single
    /// characters, which only add to the score, are not marked.
    var fields: [String]
    /// True if its whole text is shown unless a request says otherwise; false for the description.
    let isShownWhole: Bool

    /// The members of a schema, in its order.
    static func all(_ schema: Schema, _ profile: SearchProfile) -> [MarkableMember] {
        var members: [MarkableMember] = []
        for field in schema.fields where field.type == .text || field.type == .vocabulary {
            let tokens = schema.analyzer(field.analyzer)?.options.tokens
            let isMarked = field.type == .vocabulary || tokens == .pinyin || tokens == .initials
            guard isMarked || profile.weights[field.name] != nil else { continue }
            if let index = members.firstIndex(where: { $0.name == field.from }) {
                members[index].fields.append(field.name)
            } else {
                let isShownWhole = field.from != profile.display.description
                members.append(MarkableMember(name: field.from, fields: [field.name], isShownWhole: isShownWhole))
            }
        }
        return members
    }
}
