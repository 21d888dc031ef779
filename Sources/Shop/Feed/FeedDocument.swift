import FoundationEssentials
import NIOCore

/// A change as search takes it: a line of `POST /v1/{catalog}/documents`.
struct FeedDocument: Sendable, Equatable {
    var goodsID: Int
    var members: [String: JSONValue]

    /// Creates the change that brings search to the state of a row; nil stands for a row that is not there.
    ///
    /// `version` is the number of the last change that the state holds: search ignores what is not newer than what it
    /// has. Goods that are not on sale are deleted; of a `patch` only the numbers are sent.
    init(_ id: Int, _ goods: Goods?, _ tree: TypeTree, _ kind: ChangeKind, version: Int) {
        goodsID = id
        guard let goods, goods.isOnSale else {
            members = ["_delete": .text("\(id)"), "_version": .int(version)]
            return
        }
        let draft = goods.draft
        if kind == .patch {
            members = [
                "_patch": .text("\(id)"), "stock": .int(draft.stock), "sales": .int(draft.sales),
                "feed_seq": .int(version), "_version": .int(version),
            ]
            return
        }
        members = JSONValue.object(draft.attributes)
        members["is_demo"] = nil
        members["id"] = .text("\(id)")
        members["title"] = .text(draft.name)
        members["price"] = .number(Double(draft.price) / 100)
        members["currency"] = .text("CNY")
        members["stock"] = .int(draft.stock)
        members["sales"] = .int(draft.sales)
        members["feed_seq"] = .int(version)
        members["_version"] = .int(version)
        let detail = Self.plainText(draft.detail)
        let texts = [
            "description": draft.description, "publisher": draft.publisher, "isbn": draft.isbn, "unit": draft.unit,
            "image": draft.image, "detail": detail == draft.description ? "" : detail,
        ]
        for (name, text) in texts where !text.isEmpty { members[name] = .text(text) }
        let lists = ["author": draft.author, "category": tree.path(to: draft.typeID).map(\.name)]
        for (name, list) in lists where !list.isEmpty { members[name] = .list(list.map { .text($0) }) }
    }

    /// True for a change that needs a document to be there.
    var isPatch: Bool { members["_patch"] != nil }

    /// Appends the change as a line.
    func write(to buffer: inout ByteBuffer) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        buffer.writeBytes(try encoder.encode(members))
        buffer.writeString("\n")
    }

    /// The text of cleaned HTML: tags become blanks, and references their characters.
    static func plainText(_ html: String) -> String {
        var text = ""
        var isTag = false
        for character in html {
            if character == "<" {
                isTag = true
                text += " "
            } else if character == ">", isTag {
                isTag = false
            } else if !isTag {
                text.append(character)
            }
        }
        for (name, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", " "), ("&amp;", "&")] {
            text = text.replacingOccurrences(of: name, with: character)
        }
        return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
