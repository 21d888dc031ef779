import TestSupport
import Testing

@testable import Indexer
@testable import Searching
@testable import Segments

/// Completions against the terms of a few documents.
@Suite struct CompletionTests {
    private struct Book {
        var title: String
        var tags: [String]
        var sales: Int64?
    }

    private static let books = [
        Book(title: "harry potter", tags: ["harry", "magic"], sales: 50),
        Book(title: "harbour", tags: ["harbour"], sales: 90),
        Book(title: "harry and harriet", tags: ["harry", "harriet"], sales: 70),
        Book(title: "hat", tags: ["hat"], sales: nil),
        Book(title: "harvest", tags: ["harvest", "哈利"], sales: -5), Book(title: "harp", tags: [], sales: 1000),
    ]

    private static func reader(_ folder: borrowing TemporaryFolder, commits: Int) throws -> IndexReader {
        let schema = try Schema(
            key: "id",
            fields: [
                Field("id", .keyword), Field("title", .text), Field("tags", .keyword, multiple: true),
                Field("sales", .integer),
            ])
        let writer = try IndexWriter(IndexFolder(folder.path + "/index"), .empty(schema))
        for (number, book) in books.enumerated() {
            var document = DocumentBuffer()
            document.append(0, text: "\(number)")
            document.append(1, text: book.title)
            for tag in book.tags { document.append(2, text: tag) }
            if let sales = book.sales { document.append(3, integer: sales) }
            try writer.add(document)
            if number % commits == 0 { try writer.commit() }
        }
        try writer.commit()
        return try IndexReader(IndexFolder(folder.path + "/index"))
    }

    /// One segment and several, with and without deleted documents.
    @Test(arguments: [1, 2, 10], [[], [0], [1, 2], [5]])
    func completionsAreTheTermsOfTheDocuments(_ commits: Int, _ deleted: [Int]) throws {
        let home = try TemporaryFolder()
        let reader = try Self.reader(home, commits: commits).deleting(deleted)
        for (field, termsOf) in [
            ("title", { (book: Book) in book.title.split(separator: " ").map(String.init) }), ("tags", \.tags),
        ] {
            for prefix in ["", "h", "ha", "har", "harr", "harry", "harrys", "哈", "x"] {
                var expected: [String: (frequency: Int, weight: Double?)] = [:]
                for (number, book) in Self.books.enumerated() {
                    for term in Set(termsOf(book)) where term.hasPrefix(prefix) {
                        let weight = deleted.contains(number) ? nil : book.sales.map(Double.init)
                        let previous = expected[term] ?? (0, nil)
                        expected[term] = (previous.frequency + 1, [previous.weight, weight].compactMap(\.self).max())
                    }
                }
                let byFrequency = expected.map { Completion(term: $0, documentFrequency: $1.frequency, weight: nil) }
                    .sorted { ($1.documentFrequency, $0.term) < ($0.documentFrequency, $1.term) }
                #expect(try reader.completions(field, of: prefix, limit: 100) == byFrequency)
                #expect(try reader.completions(field, of: prefix, limit: 2) == Array(byFrequency.prefix(2)))
                let minimum = -Double.infinity
                let byWeight = expected.map { Completion(term: $0, documentFrequency: $1.frequency, weight: $1.weight) }
                    .sorted {
                        ($1.weight ?? minimum, $1.documentFrequency, $0.term) < (
                            $0.weight ?? minimum, $0.documentFrequency, $1.term
                        )
                    }
                #expect(try reader.completions(field, of: prefix, by: "sales", limit: 100) == byWeight)
            }
        }
    }

    @Test func fieldsOfOtherKindsAreRejected() throws {
        let home = try TemporaryFolder()
        let reader = try Self.reader(home, commits: 10)
        #expect(throws: IndexError.self) { try reader.completions("sales", of: "1") }
        #expect(throws: IndexError.self) { try reader.completions("none", of: "1") }
        #expect(throws: IndexError.self) { try reader.completions("title", of: "h", by: "tags") }
    }
}
