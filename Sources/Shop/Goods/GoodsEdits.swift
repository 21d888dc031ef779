import FoundationEssentials

/// A change of what staff describe of goods, named by their code; members that are not there stay as they are.
///
/// ```json
/// {"code": "zh-0081", "name": "操作系统导论", "price": 7900, "on_shelf": false}
/// ```
package struct GoodsEdit: Sendable, Equatable {
    package let code: String
    private var name: String?
    private var description: String?
    /// In fen.
    private var price: Int?
    private var isOnShelf: Bool?
    /// The address of a picture that is there; empty for none.
    private var image: String?

    /// Creates a change of the picture alone.
    package init(code: String, image: String) {
        self.code = code
        self.image = image
    }

    /// Reads a change from a JSON object. Errors: `GoodsEditProblem`, also for members that nobody knows.
    package init(_ line: String) throws {
        var members = JSONValue.object(line)
        guard case .text(let code)? = members.removeValue(forKey: "code") else { throw GoodsEditProblem.noCode }
        self.code = code
        for (member, value) in members {
            switch (member, value) {
            case ("name", .text(let text)) where !text.isEmpty && text.count <= 200: name = text
            case ("description", .text(let text)): description = text
            case ("price", .int(let fen)) where Self.prices.contains(fen): price = fen
            case ("on_shelf", .bool(let value)): isOnShelf = value
            default:
                throw Self.rules[member].map { .badValue(member, rule: $0) } ?? GoodsEditProblem.unknownMember(member)
            }
        }
    }

    /// The prices that goods may have, in fen: up to ten million yuan.
    private static let prices = 0...1_000_000_000
    private static let rules = [
        "name": "a text of 1 to 200 characters", "description": "a text",
        "price": "a whole number of fen from \(prices.lowerBound) to \(prices.upperBound)",
        "on_shelf": "true or false",
    ]

    fileprivate func apply(to draft: inout GoodsDraft) {
        draft.name = name ?? draft.name
        // The page shows the detail; one that only repeats the description follows it.
        if let description, draft.detail == GoodsDraft.detail(of: draft.description) {
            draft.detail = GoodsDraft.detail(of: description)
        }
        draft.description = description ?? draft.description
        draft.price = price ?? draft.price
        draft.isOnShelf = isOnShelf ?? draft.isOnShelf
        draft.image = image ?? draft.image
    }
}

extension Store {
    /// Makes changes of goods in one transaction: all of them, or none.
    ///
    /// Errors: `GoodsEditProblem.unknownCode`.
    package func edit(_ edits: [GoodsEdit], now: Milliseconds) async throws {
        try await write { transaction in
            for edit in edits {
                guard let id = try transaction.goodsID(code: edit.code), var goods = try transaction.goods([id])[id],
                    !goods.isDeleted
                else { throw GoodsEditProblem.unknownCode(edit.code) }
                edit.apply(to: &goods.draft)
                try transaction.update(id, to: goods.draft, version: goods.version, now: now)
            }
        }
    }
}

/// An error of a change of goods.
package enum GoodsEditProblem: Error, Equatable, CustomStringConvertible {
    case noCode
    case unknownMember(String)
    case badValue(String, rule: String)
    case unknownCode(String)

    package var description: String {
        switch self {
        case .noCode: "not a JSON object with a code"
        case .unknownMember(let name):
            "\(name) cannot be changed: a change has code, name, description, price and on_shelf"
        case .badValue(let name, let rule): "\(name) must be \(rule)"
        case .unknownCode(let code): "there are no goods with the code \(code)"
        }
    }
}
