import TestSupport
import Testing

@testable import Indexer
@testable import Searching
@testable import Segments

/// Queries in which one operator refines candidates that another operator does not match.
@Suite struct CompositeTests {
    private let home: TemporaryFolder
    private let reader: IndexReader

    init() throws {
        home = try TemporaryFolder()
        let folder = IndexFolder(home.path + "/index")
        let writer = try IndexWriter(
            folder, .empty(Schema(key: "id", fields: [Field("id", .keyword), Field("t", .text, analyzer: "peers")])))
        // Five windows, because stale entries of a window that an operator skipped must not score in a later one.
        for i in 0..<20_000 {
            var words = ["c"]
            if i % 2 == 0 { words.append("a") }
            if i % 4096 == 7 { words.append("b") }
            if i == 3 { words += ["once", "\u{8C48}"] }
            if i % 1000 == 5 { words.append("\u{F900}") }
            var document = DocumentBuffer()
            document.append(0, text: "\(i)")
            document.append(1, text: words.joined(separator: " "))
            try writer.add(document)
        }
        try writer.commit()
        reader = try IndexReader(folder)
    }

    private func term(_ term: String) -> Query { .term(field: "t", term) }

    private func scores(_ query: Query) throws -> [Int: Float] {
        let hits = try reader.search(Search(query, limit: 20_000)).hits
        return Dictionary(uniqueKeysWithValues: hits.map { ($0.document, $0.score) })
    }

    /// In `c OR (a combination with a)` a document that only `c` matches has the score of `c` alone.
    @Test(arguments: ["intersection", "exclusion", "optional", "unmatched", "phrase"])
    func clausesScoreOnlyTheirMatches(_ operatorName: String) throws {
        let inner: Query =
            switch operatorName {
            case "intersection": .and([term("a"), term("b")])
            case "exclusion": .boolean(.init(must: [term("a")], mustNot: [term("a")]))
            case "optional": .boolean(.init(should: [term("a")], filter: [term("b")]))
            case "unmatched": .and([term("a"), term("once")])
            default:
                .boolean(
                    .init(must: [term("a")], filter: [.phrase(field: "t", [.init("a", at: 0), .init("b", at: 1)])]))
            }
        let alone = try scores(term("c"))
        let within = try scores(inner)
        let both = try scores(.or([term("c"), inner]))
        #expect(both.count == alone.count)
        var wrong = 0
        for (document, score) in both {
            let expected = Float(Double(alone[document] ?? -1) + Double(within[document] ?? 0))
            if score.bitPattern != expected.bitPattern { wrong += 1 }
        }
        #expect(wrong == 0, "\(wrong) documents have the score of a clause that does not match them")
    }

    /// Terms are bytes: canonically equivalent ones have different frequencies and therefore different weights.
    @Test func equivalentTermsHaveSeparateWeights() throws {
        let (common, rare) = (term("\u{F900}"), term("\u{8C48}"))
        let alone = (try scores(common), try scores(rare))
        #expect(alone.0.count == 20)
        #expect(alone.1.count == 1)
        for pair in [[common, rare], [rare, common]] {
            for (document, score) in try scores(.or(pair)) {
                #expect(score == Float(Double(alone.0[document] ?? 0) + Double(alone.1[document] ?? 0)))
            }
        }
    }

    /// A bound many times larger than the others must not absorb them: the bounds of the remaining clauses are summed
    /// rather than computed by subtraction.
    @Test func largeBoundsDoNotAbsorbSmallOnes() throws {
        let home = try TemporaryFolder()
        let folder = IndexFolder(home.path + "/index")
        let writer = try IndexWriter(
            folder, .empty(Schema(key: "id", fields: [Field("id", .keyword), Field("t", .text, analyzer: "peers")])))
        for i in 0..<9000 {
            let text =
                switch i {
                case 10: "c y d and some more words that make it longer"
                case 8190: "c y d"
                case 8100: "x"
                case 5000..<5300: "c"
                case 5300..<5700: "y"
                case 5700..<6300: "d"
                default: "other"
                }
            var document = DocumentBuffer()
            document.append(0, text: "\(i)")
            document.append(1, text: text)
            try writer.add(document)
        }
        try writer.commit()
        let reader = try IndexReader(folder)
        for boost in [1, 1e9, 1e20] as [Float] {
            let choice = Query.or([.boosted(term("x"), boost), term("y")])
            let hits = try reader.search(Search(.and([term("c"), choice, term("d")]), limit: 1)).hits
            #expect(hits.map(\.document) == [8190], "boost \(boost)")
        }
    }

    /// Without scoring clauses every match is counted once and has the score 0.
    @Test func filtersAloneFindAllMatches() throws {
        let query = Query.boolean(.init(filter: [term("a"), term("c")]))
        let result = try reader.search(Search(query, limit: 3))
        #expect(result.total == 10_000)
        #expect(result.hits.map(\.document) == [0, 2, 4])
        #expect(result.hits.allSatisfy { $0.score == 0 })
    }
}
