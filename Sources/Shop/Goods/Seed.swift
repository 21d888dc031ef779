import FoundationEssentials

/// Fills a shop from files of the bundled catalog: one JSON object a line.
///
/// Price, stock and sales of those files were generated from the `id`, and so is the address of the cover; the goods
/// are marked with `is_demo`. Goods whose code is there already are left alone, so that a seed can be repeated.
package struct Seed: Sendable {
    private static let ownColumns: Set<String> = [
        "id", "title", "author", "publisher", "isbn", "price", "stock", "sales", "category", "description", "currency",
    ]
    private static let roots = [
        "modern-zh": "中文图书", "goodbooks": "外文图书", "cbeta": "佛学典籍", "edge-cases": "文创与其他",
    ]

    private let store: Store
    private let now: @Sendable () -> Milliseconds

    package init(_ store: Store, now: @escaping @Sendable () -> Milliseconds) {
        self.store = store
        self.now = now
    }

    /// Adds the goods of a file, and returns their number.
    ///
    /// Errors: a file that cannot be read, a line that is no book.
    package func run(file: String) async throws -> Int {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        var added = 0
        var lines = text.split(separator: "\n").enumerated().map { ($0.offset + 1, $0.element) }[...]
        while !lines.isEmpty {
            let books = try lines.prefix(500).map { number, line in
                guard let book = Book(JSONValue.object(String(line))) else { throw SeedProblem.line(file, number) }
                return book
            }
            lines = lines.dropFirst(500)
            added += try await add(books)
        }
        return added
    }

    private func add(_ books: [Book]) async throws -> Int {
        let now = now()
        return try await store.write { transaction in
            var added = 0
            for book in books where try transaction.goodsID(code: book.code) == nil {
                var type = try transaction.goodsType(
                    named: Self.roots[book.collection] ?? "其他", below: 0, now: now)
                if let category = book.category {
                    type = try transaction.goodsType(named: category, below: type, now: now)
                }
                _ = try transaction.insert(book.draft(type: type), now: now)
                added += 1
            }
            return added
        }
    }

    /// A book of the bundled catalog.
    private struct Book: Sendable {
        let code: String
        let collection: String
        let category: String?
        private let members: [String: JSONValue]
        private let title: String
        private let price: Int

        init?(_ members: [String: JSONValue]) {
            guard case .text(let code)? = members["id"], case .text(let title)? = members["title"] else { return nil }
            switch members["price"] {
            case .number(let yuan): price = Int((yuan * 100).rounded())
            case .int(let yuan): price = yuan * 100
            default: return nil
            }
            self.code = code
            self.title = title
            self.members = members
            collection = Self.text(members["collection"])
            if case .list(let categories)? = members["category"], case .text(let first)? = categories.first {
                category = first
            } else {
                category = nil
            }
        }

        func draft(type: Int) throws -> GoodsDraft {
            var attributes = members.filter { !Seed.ownColumns.contains($0.key) }
            attributes["is_demo"] = .bool(true)
            let description = Self.text(members["description"])
            var draft = GoodsDraft(
                code: code, name: title, description: description, price: price, stock: Self.int(members["stock"]),
                sales: Self.int(members["sales"]),
                detail: GoodsDraft.detail(of: description), typeID: type, publisher: Self.text(members["publisher"]),
                isbn: Self.text(members["isbn"]), attributes: try JSONValue.objectText(attributes))
            if case .list(let names)? = members["author"] { draft.author = names.map { Self.text($0) } }
            return draft
        }

        private static func text(_ value: JSONValue?) -> String {
            if case .text(let text)? = value { text } else { "" }
        }

        private static func int(_ value: JSONValue?) -> Int { if case .int(let number)? = value { number } else { 0 } }
    }
}

extension GoodsDraft {
    /// The detail of goods that have nothing but a description.
    static func detail(of description: String) -> String {
        description.isEmpty ? "" : "<p>\(HTMLSanitizer.clean(description))</p>"
    }
}

/// An error of a seed's file.
enum SeedProblem: Error, CustomStringConvertible {
    case line(String, Int)

    var description: String {
        switch self {
        case .line(let file, let number): "\(file), line \(number): not a book with id, title and price"
        }
    }
}
