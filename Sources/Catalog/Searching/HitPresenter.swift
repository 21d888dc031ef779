import Indexer

/// Makes of hits what a reply shows of them: their documents, and members with matched words marked.
struct HitPresenter {
    private let reader: IndexReader
    private let highlighter: Highlighter?
    /// What is marked, and how.
    private var marked: [MarkedMember] = []

    private struct MarkedMember {
        var name: String
        /// The fields whose terms people see as what they looked for.
        var fields: [String]
        /// How it is shown.
        var style: RequestedHighlight
    }

    /// Errors: `request` for members that have no words to mark.
    init(
        _ reader: IndexReader, _ profile: SearchProfile, _ query: Query, _ wanted: RequestedHighlights
    ) throws(CatalogError) {
        self.reader = reader
        highlighter = wanted == .none ? nil : Highlighter(query, reader.schema)
        let known = Self.markedFields(reader.schema, profile)
        switch wanted {
        case .none: break
        case .usual:
            marked = known.map { member, fields in
                var style = RequestedHighlight(member)
                style.isWhole = member != profile.display.description
                return MarkedMember(name: member, fields: fields, style: style)
            }
        case .members(let styles):
            for style in styles {
                guard let member = known.first(where: { $0.member == style.member }) else {
                    throw .request(
                        RequestProblem(
                            "unknown_highlight", "highlight", "\"\(style.member)\" has no words to mark",
                            hint: "members to mark: \(known.map(\.member).joined(separator: ", "))"))
                }
                marked.append(MarkedMember(name: style.member, fields: member.fields, style: style))
            }
        }
    }

    /// For each member the fields whose terms people see as what they looked for: words and pinyin. Single characters,
    /// which only add to the score, are not marked.
    private static func markedFields(
        _ schema: Schema, _ profile: SearchProfile
    ) -> [(member: String, fields: [String])] {
        var all: [(member: String, fields: [String])] = []
        for field in schema.fields where field.type == .text {
            let tokens = schema.analyzer(field.analyzer)?.options.tokens
            guard profile.weights[field.name] != nil || tokens == .pinyin || tokens == .initials else {
                continue
            }
            if let known = all.firstIndex(where: { $0.member == field.from }) {
                all[known].fields.append(field.name)
            } else {
                all.append((field.from, [field.name]))
            }
        }
        return all
    }

    /// A hit as a reply shows it; without `marks` nothing is marked.
    ///
    /// Errors: `index` when the index is damaged.
    func present(_ hit: SearchResult.Hit, marks: Bool = true) throws(CatalogError) -> SearchReply.Hit {
        let document = try indexing { () throws(IndexError) in try reader.document(hit.document) }
        let key = reader.members.all[reader.members.key].name
        var id = ""
        if case .text(let text)? = document[key] { id = text }
        var highlights: [String: SearchReply.Highlight] = [:]
        if let highlighter, marks {
            for member in marked where member.fields.contains(where: highlighter.marks) {
                if let value = document[member.name], let text = mark(value, member, highlighter) {
                    highlights[member.name] = text
                }
            }
        }
        return SearchReply.Hit(
            id: id, score: hit.score, document: document, highlights: highlights, groupSize: hit.groupSize)
    }

    private func mark(
        _ value: StoredValue, _ member: MarkedMember, _ highlighter: Highlighter
    ) -> SearchReply.Highlight? {
        let fields = member.fields
        switch value {
        case .text(let text):
            if member.style.isWhole { return highlighter.mark(text, fields: fields).map { .one($0) } }
            let passages = highlighter.passages(
                text, fields: fields, length: member.style.length, most: member.style.passages ?? 1)
            guard let first = passages.first else { return nil }
            return member.style.passages == nil ? .one(first) : .many(passages)
        case .list(let values):
            let texts = values.map { value -> (plain: String, marked: String?) in
                guard case .text(let text) = value else { return ("", nil) }
                return (text, highlighter.mark(text, fields: fields))
            }
            guard texts.contains(where: { $0.marked != nil }) else { return nil }
            return .many(texts.map { $0.marked ?? Highlighter.escaped($0.plain) })
        default: return nil
        }
    }
}
