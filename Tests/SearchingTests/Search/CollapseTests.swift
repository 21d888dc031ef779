import TestSupport
import Testing

@testable import Indexer
@testable import Searching
@testable import Segments

/// Collapsed searches with very many groups. Those with few are compared with the naive index by `OracleTests`.
@Suite struct CollapseTests {
    private static let documents = 200_000
    private static let values = 180_000

    /// Two segments; the documents of the second have values of the first, and the last ones of it are new.
    private static func reader(_ home: TemporaryFolder) throws -> IndexReader {
        let schema = try Schema(
            key: "id", fields: [Field("id", .keyword), Field("group", .keyword), Field("year", .integer)])
        let folder = IndexFolder(home.path + "/index")
        let writer = try IndexWriter(folder, .empty(schema))
        var document = DocumentBuffer()
        for number in 0..<documents {
            document.reset()
            document.append(0, text: "\(number)")
            document.append(1, text: "g\(number % values)")
            document.append(2, integer: Int64(number))
            try writer.add(document)
            if number == documents / 4 { try writer.commit() }
        }
        try writer.commit()
        return try IndexReader(folder)
    }

    @Test func hundredsOfThousandsOfGroupsAreExact() throws {
        let home = try TemporaryFolder()
        let reader = try Self.reader(home)
        #expect(reader.segments.count == 2)
        var search = Search(.all, limit: 10)
        search.collapse = "group"
        let byScore = try reader.search(search)
        #expect(!byScore.isPartial)
        #expect(byScore.groups == Self.values)
        #expect(byScore.total == Self.documents)
        #expect(byScore.hits.map(\.document) == Array(0..<10))
        #expect(byScore.hits.allSatisfy { $0.groupSize == 2 })
        search.after = SearchAfter([.score(1)], document: 19_994)
        #expect(
            try reader.search(search).hits.map(\.groupSize) == Array(repeating: 2, count: 5)
                + Array(repeating: 1, count: 5))
        search.after = nil
        search.order = .field("year", ascending: false)
        let newest = try reader.search(search)
        #expect(!newest.isPartial)
        #expect(newest.groups == Self.values)
        #expect(newest.hits.map(\.document) == (0..<10).map { Self.documents - 1 - $0 })
        // The best of a group in the first segment is in the second.
        search.after = SearchAfter([.integer(Int64(Self.values))], document: Self.values)
        let older = try reader.search(search).hits
        #expect(older.map(\.document) == (1...10).map { Self.values - $0 })
        #expect(older.allSatisfy { $0.groupSize == 1 })
    }
}
