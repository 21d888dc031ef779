import Searching
import Segments

/// Presents hits as a reply has them: stored documents, and highlights of their members.
///
/// The texts of a reply have a limit. When it is reached, the remaining hits are presented by their keys alone.
struct HitPresenter {
    private let reader: IndexReader
    private let highlighter: Highlighter?
    /// The indexes of the members of the documents; nil for all of them.
    private let selected: Set<Int>?
    /// The bytes of texts that the reply may still have; negative once there were more.
    private var remainingBytes = Self.maxBytes
    /// True if members of hits were left out because the reply would have had too many bytes.
    private(set) var isTruncated = false
    /// The number of bytes of texts after which a reply has no further texts.
    static let maxBytes = 8 << 20
    /// The members to highlight.
    private var marked: [MarkedMember] = []

    /// A member to highlight.
    private struct MarkedMember {
        var member: MarkableMember
        /// Whole or as passages.
        var style: RequestedHighlight
    }

    /// Creates a presenter of the hits of a query.
    ///
    /// Errors: `request` for a requested member that does not exist, or that is to be marked and that no field of words
    /// reads.
    init(
        _ reader: IndexReader, _ query: Query, _ members: RequestedMembers, _ requested: RequestedHighlights,
        _ markable: [MarkableMember]
    ) throws(CatalogError) {
        self.reader = reader
        do { selected = try members.indexes(in: reader.members) } catch {
            throw .request(error)
        }
        switch requested {
        case .none: break
        case .usual:
            marked = markable.map { member in
                var style = RequestedHighlight(member.name)
                style.isWhole = member.isShownWhole
                return MarkedMember(member: member, style: style)
            }
        case .members(let styles):
            for style in styles {
                guard let member = markable.first(where: { $0.name == style.member }) else {
                    throw .request(
                        RequestProblem(
                            "unknown_highlight", "highlight", "\"\(style.member)\" has no words to mark",
                            hint: "members to mark: \(markable.map(\.name).joined(separator: ", "))"))
                }
                marked.append(MarkedMember(member: member, style: style))
            }
        }
        highlighter =
            requested == .none ? nil : Highlighter(query, reader.schema, fields: Set(marked.flatMap(\.member.fields)))
    }

    /// Returns a hit as a reply has it, without highlights unless `marks`.
    ///
    /// Errors: `index` if the index is corrupt.
    mutating func present(_ hit: SearchResult.Hit, marks: Bool = true) throws(CatalogError) -> SearchReply.Hit {
        if remainingBytes < 0 { isTruncated = true }
        let shown = isTruncated ? [] : selected
        let key = reader.members.key
        var document = try indexing { () throws(IndexError) in
            try reader.document(hit.document, members: shown?.union([key]))
        }
        var id = ""
        if case .text(let text)? = document[reader.members.all[key].name] { id = text }
        if let shown, !shown.contains(key) { document.members.removeAll { $0.name == reader.members.all[key].name } }
        var highlights: [String: SearchReply.Highlight] = [:]
        if let highlighter, marks {
            for member in marked where member.member.fields.contains(where: highlighter.marks) {
                if let value = document[member.member.name], let text = mark(value, member, highlighter) {
                    highlights[member.member.name] = text
                }
            }
        }
        remainingBytes -= document.members.reduce(0) { $0 + $1.value.textBytes }
        return SearchReply.Hit(
            id: id, score: hit.score, document: document, highlights: highlights, groupSize: hit.groupSize)
    }

    /// The highlight of a member's value; nil if no term of it matches.
    private func mark(
        _ value: StoredValue, _ member: MarkedMember, _ highlighter: Highlighter
    ) -> SearchReply.Highlight? {
        let fields = member.member.fields
        switch value {
        case .text(let text):
            if member.style.isWhole { return highlighter.mark(text, fields: fields).map { .one($0) } }
            let passages = highlighter.passages(
                text, fields: fields, length: member.style.length, limit: member.style.passages ?? 1)
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
