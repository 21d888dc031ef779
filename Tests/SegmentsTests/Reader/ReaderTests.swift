import TestSupport
import Testing

@testable import Indexer
@testable import Searching
@testable import Segments

@Suite struct ReaderTests {
    @Test(arguments: Alphabet.allCases)
    func storedDocumentsRoundTrip(_ alphabet: Alphabet) throws {
        let corpus = RandomCorpus(seed: 51, count: 700, alphabet)
        let index = try TemporaryIndex(corpus, segments: 3, seed: 51)
        for round in 0..<2 {
            let reader = try index.reader()
            #expect(reader.segments.count == (round == 0 ? 3 : 1))
            for (number, document) in corpus.documents.enumerated() {
                let stored = try reader.document(number)
                #expect(document.equals(stored), "document \(number): \(stored)")
            }
            try index.merge(to: 1)
        }
    }

    @Test func unstoredMembersAreOmitted() throws {
        let home = try TemporaryFolder()
        let schema = try Schema(
            key: "id",
            fields: [
                Field("x", .float), Field("id", .keyword), Field("hidden", .text, stored: false),
                Field("n", .integer, stored: false),
                Field("both", .text, from: "m", stored: false), Field("again", .keyword, from: "m"),
            ])
        let writer = try IndexWriter(IndexFolder(home.path), .empty(schema))
        var document = DocumentBuffer()
        for (member, text) in [(4, "m"), (2, "secret"), (1, "key")] {
            document.append(
                writer.members.all.firstIndex { $0.name == ["", "id", "hidden", "", "m"][member] }!, text: text)
        }
        document.append(0, float: -0.0)
        document.append(3, integer: 5)
        try writer.add(document)
        try writer.commit()
        let reader = try IndexReader(IndexFolder(home.path))
        let stored = try reader.document(0)
        #expect(stored.members.map(\.name) == ["x", "id", "m"])
        #expect(stored["id"] == .text("key"))
        #expect(stored["m"] == .text("m"))
        for (field, term) in [("hidden", "secret"), ("both", "m"), ("again", "m")] {
            #expect(try reader.search(Search(.term(field: field, term))).total == 1)
        }
    }

    @Test func requestsOutsideTheSchemaAreRefused() throws {
        let full = try TemporaryIndex(RandomCorpus(seed: 1, count: 20))
        let empty = try TemporaryIndex(RandomCorpus(seed: 1, count: 0))
        let missing = Query.term(field: "title", "nowhere")
        let searches: [Search] = [
            Search(.term(field: "none", "a")), Search(.term(field: "year", "a")), Search(.term(field: "note", "a")),
            Search(.phrase(field: "color", [.init("a", at: 0), .init("b", at: 1)])),
            Search(.all, order: .field("title", ascending: true)), Search(.all, order: .field("none", ascending: true)),
            Search(.all, facets: [FacetRequest("id")]), Search(.all, facets: [FacetRequest("title")]),
            Search(.and([missing, .term(field: "none", "a")])), Search(.and([.none, .term(field: "none", "a")])),
            Search(.boolean(.init(must: [missing], mustNot: [.term(field: "none", "a")]))),
            Search(.boosted(missing, -1)), Search(.boosted(missing, .nan)), Search(.boosted(missing, .infinity)),
            Search(.or([.boosted(.and([.all, .boosted(missing, 1e20)]), 1e20)])),
            Search(.phrase(field: "title", [.init("a", at: 0), .init("b", at: .max)])),
            Search(.phrase(field: "title", [.init("a", at: .min), .init("b", at: .max)])),
            Search(.boolean(.init(should: [.all], minimumShould: -1))),
        ]
        for index in [full, empty] {
            let reader = try index.reader()
            for search in searches {
                let error = #expect(throws: IndexError.self, "\(search), \(reader.documents) documents") {
                    try reader.search(search)
                }
                guard case .request? = error else {
                    Issue.record("expected a request error, got \(String(describing: error))")
                    continue
                }
            }
        }
    }

    /// Boosts and limits at the edges of their ranges.
    @Test func extremeRequestsReturnResults() throws {
        let corpus = RandomCorpus(seed: 52, count: 300, vocabulary: 20)
        let reader = try TemporaryIndex(corpus, segments: 2, seed: 52).reader()
        let word = Query.term(field: "title", try #require(corpus.naive.terms("title").first).text)
        for query in [Query.all, word, .or([.all, word]), .boolean(.init(must: [word], should: [.all]))] {
            let zero = try reader.search(Search(.boosted(query, 0), limit: 300))
            #expect(try reader.search(Search(.boosted(query, -0.0), limit: 300)) == zero)
            #expect(zero.hits.map(\.document) == zero.hits.map(\.document).sorted())
            let all = try reader.search(Search(query, limit: 300))
            #expect(try reader.search(Search(query, limit: .max)) == all)
            #expect(try reader.search(Search(query, limit: 0)).total == all.total)
            #expect(try reader.search(Search(query, limit: 0, countsMatches: false)).total == nil)
            let boosted = try reader.search(Search(.boosted(query, 1e29), limit: 300)).hits
            #expect(Set(boosted.map(\.document)) == Set(all.hits.map(\.document)))
            #expect(boosted.allSatisfy { $0.score.isFinite })
        }
        #expect(try reader.search(Search(.phrase(field: "title", []))).total == 0)
        #expect(try reader.search(Search(.boolean(.init()))).total == 0)
    }

    /// The extreme whole numbers keep their order among each other, and before documents without a number.
    @Test(arguments: [true, false])
    func extremeNumbersSort(_ ascending: Bool) throws {
        let home = try TemporaryFolder()
        let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("n", .integer), Field("x", .float)])
        let writer = try IndexWriter(IndexFolder(home.path), .empty(schema))
        let numbers: [Int64?] = [nil, .max, .max - 1, 0, nil, .min, .min + 1, .max, -1, .min]
        for (i, number) in numbers.enumerated() {
            var document = DocumentBuffer()
            document.append(0, text: "\(i)")
            if let number {
                document.append(1, integer: number)
                document.append(2, float: Double(number))
            }
            try writer.add(document)
        }
        try writer.commit()
        let reader = try IndexReader(IndexFolder(home.path))
        for limit in [1, 3, 5, 9, 10, 11] {
            let documents = try reader.search(Search(.all, limit: limit, order: .field("n", ascending: ascending))).hits
                .map(\.document)
            let expected = numbers.indices.sorted { a, b in
                guard let x = numbers[a] else { return numbers[b] == nil && a < b }
                guard let y = numbers[b] else { return true }
                return x != y ? (x < y) == ascending : a < b
            }
            #expect(documents == Array(expected.prefix(limit)))
        }
    }
}

extension [UInt8] {
    fileprivate var text: String { String(decoding: self, as: UTF8.self) }
}
