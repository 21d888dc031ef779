import FoundationEssentials
import Indexer
import Searching
import Segments
import Storage
import TestSupport
import Testing

/// The engine against results of Lucene (`Fixtures/golden`).
@Suite struct GoldenScoresTests {
    private struct Golden {
        var query: String
        var matches: Int
        var hits: [(document: String, score: Float)]
    }

    private static let folder: String = {
        let parts = #filePath.split(separator: "/").dropLast(4)
        return "/" + parts.joined(separator: "/") + "/Fixtures/golden"
    }()

    private static func golden() throws -> [Golden] {
        let text = try String(contentsOf: URL(filePath: folder + "/lucene.tsv"), encoding: .utf8)
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let hits = parts[2].split(separator: " ").map { hit in
                let pair = hit.split(separator: "=")
                return (document: String(pair[0]), score: Float(String(pair[1])) ?? .nan)
            }
            return Golden(query: parts[0], matches: Int(parts[1]) ?? -1, hits: hits)
        }
    }

    private static func query(_ text: String) -> Query {
        func term(_ word: Substring) -> Query { .term(field: "text", String(word)) }
        if text.hasPrefix("\"") {
            let words = text.dropFirst().dropLast().split(separator: " ")
            return .phrase(field: "text", words.enumerated().map { Query.PhraseTerm(String($1), at: $0) })
        }
        let words = text.split(separator: " ")
        if words.count == 1 { return term(words[0]) }
        return text.hasPrefix("+") ? .and(words.map { term($0.dropFirst()) }) : .or(words.map(term))
    }

    @Test(arguments: [1, 7]) func countsOrderAndScoresEqualLucene(segments: Int) throws {
        let home = try TemporaryFolder()
        let folder = IndexFolder(home.path + "/index")
        let schema = try Schema(
            key: "id", fields: [Field("id", .keyword), Field("text", .text, analyzer: "peers", stored: false)])
        let writer = try IndexWriter(folder, .empty(schema))
        var input = try DocumentReader(ByteSource(Self.folder + "/documents.jsonl"), .ndjson, schema)
        var document = DocumentBuffer()
        while try input.next(into: &document) {
            // Each commit makes a segment.
            if writer.documents > 0, writer.documents * segments % 1200 < segments { try writer.commit() }
            try writer.add(document)
        }
        try writer.commit()
        let reader = try IndexReader(folder)
        #expect(reader.segments.count == segments)
        #expect(reader.documents == 1200)
        let expectations = try Self.golden()
        #expect(expectations.count == 160)
        for golden in expectations {
            let query = Self.query(golden.query)
            let result = try reader.search(Search(query, limit: 10))
            #expect(result.total == golden.matches, "\(golden.query)")
            #expect(result.hits.count == golden.hits.count, "\(golden.query)")
            var isSum = false
            if case .boolean = query { isSum = true }
            for (hit, expected) in zip(result.hits, golden.hits) {
                let tolerance = isSum ? expected.score.ulp : 0
                #expect(abs(hit.score - expected.score) <= tolerance, "\(golden.query)")
                // Lucene also ranks the earlier of two equal documents first.
                #expect(try reader.document(hit.document)["id"] == .text(expected.document), "\(golden.query)")
            }
        }
    }
}
