import TestSupport
import Testing

@testable import Indexer
@testable import Searching
@testable import Segments

/// Queries for similar documents.
@Suite struct MoreLikeThisTests {
    private let home: TemporaryFolder
    private let reader: IndexReader

    init() throws {
        home = try TemporaryFolder()
        let schema = try Schema(
            key: "id",
            fields: [
                Field("id", .keyword), Field("title", .text), Field("tags", .text, multiple: true),
                Field("hidden", .text, stored: false),
            ])
        let writer = try IndexWriter(IndexFolder(home.path + "/index"), .empty(schema))
        let titles = [
            "the quick brown fox", "the slow brown fox", "the quick red fox jumps", "the lazy dog",
            "the end of the night",
            "the night of the dog", "unique",
        ]
        for (number, title) in titles.enumerated() {
            var document = DocumentBuffer()
            document.append(0, text: "\(number)")
            document.append(1, text: title)
            document.append(2, text: number < 3 ? "animals" : "nights")
            try writer.add(document)
            if number == 3 { try writer.commit() }
        }
        try writer.commit()
        reader = try IndexReader(IndexFolder(home.path + "/index"))
    }

    @Test func documentsWithSharedRareWordsAreFound() throws {
        let query = try reader.moreLikeThis(0, fields: ["title", "tags"])
        let found = try reader.search(Search(query, limit: 10)).hits.map(\.document)
        #expect(Set(found) == [1, 2])
        guard case .boolean(let boolean) = query else { throw IndexError.request(problem: "\(query)") }
        // "the" is in most documents; "brown", "quick" and "fox" are characteristic.
        #expect(!boolean.should.contains(.term(field: "title", "the")))
        #expect(boolean.should.contains(.term(field: "title", "fox")))
        #expect(boolean.mustNot == [.term(field: "id", "0")])
        #expect(try reader.moreLikeThis(0, fields: ["title"], terms: 1) != query)
    }

    @Test func noTermsAreLookedUpAfterTheDeadline() throws {
        let fields = ["title", "tags"]
        #expect(try reader.moreLikeThis(0, fields: fields, limits: .init(deadline: .now + .seconds(3600))) != .none)
        #expect(try reader.moreLikeThis(0, fields: fields, limits: .init(deadline: .now)) == .none)
    }

    @Test func uniqueDocumentsHaveNoSimilarOnes() throws {
        #expect(try reader.moreLikeThis(6, fields: ["title"]) == .none)
        #expect(throws: IndexError.self) { try reader.moreLikeThis(0, fields: ["id"]) }
        #expect(throws: IndexError.self) { try reader.moreLikeThis(0, fields: ["hidden"]) }
        #expect(throws: IndexError.self) { try reader.moreLikeThis(0, fields: ["nothing"]) }
    }
}
