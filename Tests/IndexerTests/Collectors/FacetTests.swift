import OracleSupport
import Testing

@testable import Indexer

@Suite struct FacetTests {
    /// Facet values are bytes: canonically equivalent ones are counted apart, on one segment as on several.
    @Test(arguments: [1, 2, 3])
    func equivalentValuesAreCountedApart(_ segments: Int) throws {
        let home = try TemporaryFolder()
        let folder = IndexFolder(home.path + "/index")
        let values = ["caf\u{E9}", "cafe\u{301}", "cafe\u{301}", "\u{8C48}", "\u{F900}", "\u{F900}"]
        for part in 0..<segments {
            let start: IndexWriter.Start =
                part == 0
                ? .empty(try Schema(key: "id", fields: [Field("id", .keyword), Field("f", .keyword)])) : .current
            let writer = try IndexWriter(folder, start)
            for (i, value) in values.enumerated() {
                var document = DocumentBuffer()
                document.append(0, text: "\(part)-\(i)")
                document.append(1, text: value)
                try writer.add(document)
            }
            try writer.commit()
        }
        let request = FacetRequest("f", size: 1, including: ["caf\u{E9}", "\u{8C48}", "none"])
        let all = try IndexReader(folder).search(Search(.all, limit: 0, facets: [FacetRequest("f"), request])).facets
        func plain(_ counts: FacetCounts) -> [String] { counts.values.map { "\(Array($0.value.utf8)) \($0.count)" } }
        func value(_ text: String, _ count: Int) -> String { "\(Array(text.utf8)) \(count * segments)" }
        #expect(
            plain(all[0]) == [
                value("cafe\u{301}", 2), value("\u{F900}", 2), value("caf\u{E9}", 1), value("\u{8C48}", 1),
            ])
        #expect(
            plain(all[1]) == [value("cafe\u{301}", 2), value("caf\u{E9}", 1), value("\u{8C48}", 1), value("none", 0)])
        #expect(all[1].other == 2 * segments)
    }

    /// Separators at the ends of a value, and several in a row, part no level from another: each value is below one.
    @Test func everyValueOfAHierarchyIsListedSomewhere() throws {
        let home = try TemporaryFolder()
        let folder = IndexFolder(home.path + "/index")
        let schema = try Schema(
            key: "id", fields: [Field("id", .keyword), Field("f", .keyword, multiple: true, separator: "/")])
        let writer = try IndexWriter(folder, .empty(schema))
        let values = ["文学/小说", "文学/", "/文学/诗", "文学//散文", "史/", "/", "//史", "艺/"]
        for (i, value) in values.enumerated() {
            var document = DocumentBuffer()
            document.append(0, text: "\(i)")
            document.append(1, text: value)
            try writer.add(document)
        }
        try writer.commit()
        func below(_ place: String) throws -> [String] {
            let listed = FacetRequest.ValueFacet(
                size: 100, order: .value, prefix: place.isEmpty ? "" : place + "/", separator: "/")
            let facet = FacetRequest("f", .values(listed))
            let counts = try IndexReader(folder).search(Search(.all, limit: 0, facets: [facet])).facets[0]
            #expect(counts.other == 0)
            return counts.values.map { "\($0.value) \($0.count)" }
        }
        #expect(try below("") == ["/ 1", "//史 1", "/文学 1", "史/ 1", "文学 2", "文学/ 1", "艺/ 1"])
        #expect(try below("/文学") == ["/文学/诗 1"])
        #expect(try below("文学") == ["文学/ 1", "文学//散文 1", "文学/小说 1"])
    }
}
