import TestSupport
import Testing

@testable import Analyzer
@testable import Indexer
@testable import Searching
@testable import Segments

/// Facets over keyword values.
@Suite struct FacetTests {
    /// An index whose documents have one value each in a field; one segment per list.
    private func index(_ field: Field, _ segments: [[String]]) throws -> (home: TemporaryFolder, reader: IndexReader) {
        let home = try TemporaryFolder()
        let folder = IndexFolder(home.path + "/index")
        let schema = try Schema(key: "id", fields: [Field("id", .keyword), field])
        for (segmentIndex, values) in segments.enumerated() {
            let writer = try IndexWriter(folder, segmentIndex == 0 ? .empty(schema) : .current)
            for (number, value) in values.enumerated() {
                var document = DocumentBuffer()
                document.append(0, text: "\(segmentIndex)-\(number)")
                document.append(1, text: value)
                try writer.add(document)
            }
            try writer.commit()
        }
        return (home, try IndexReader(folder))
    }

    /// Facet values are bytes: canonically equivalent ones are counted separately, over one segment and over several.
    @Test(arguments: [1, 2, 3])
    func equivalentValuesAreCountedSeparately(_ segments: Int) throws {
        let values = ["caf\u{E9}", "cafe\u{301}", "cafe\u{301}", "\u{8C48}", "\u{F900}", "\u{F900}"]
        let index = try index(Field("f", .keyword), Array(repeating: values, count: segments))
        let request = FacetRequest("f", size: 1, including: ["caf\u{E9}", "\u{8C48}", "none"])
        let counts = try index.reader.search(Search(.all, limit: 0, facets: [FacetRequest("f"), request])).facets
        func plain(_ counts: FacetCounts) -> [String] { counts.values.map { "\(Array($0.value.utf8)) \($0.count)" } }
        func value(_ text: String, _ count: Int) -> String { "\(Array(text.utf8)) \(count * segments)" }
        #expect(
            plain(counts[0]) == [
                value("cafe\u{301}", 2), value("\u{F900}", 2), value("caf\u{E9}", 1), value("\u{8C48}", 1),
            ])
        #expect(
            plain(counts[1]) == [
                value("cafe\u{301}", 2), value("caf\u{E9}", 1), value("\u{8C48}", 1), value("none", 0),
            ])
        #expect(counts[1].other == 2 * segments)
    }

    /// Separators at the ends of a value, and several in a row, do not separate levels: every value is listed below
    /// one.
    @Test func everyValueOfAHierarchyIsListedAtSomeLevel() throws {
        let values = ["文学/小说", "文学/", "/文学/诗", "文学//散文", "史/", "/", "//史", "艺/"]
        let index = try index(Field("f", .keyword, multiple: true, separator: "/"), [values])
        func below(_ path: String) throws -> [String] {
            let listed = FacetRequest.ValueFacet(
                size: 100, order: .value, prefix: path.isEmpty ? "" : path + "/", separator: "/")
            let facet = FacetRequest("f", .values(listed))
            let counts = try index.reader.search(Search(.all, limit: 0, facets: [facet])).facets[0]
            #expect(counts.other == 0)
            return counts.values.map { "\($0.value) \($0.count)" }
        }
        #expect(try below("") == ["/ 1", "//史 1", "/文学 1", "史/ 1", "文学 2", "文学/ 1", "艺/ 1"])
        #expect(try below("/文学") == ["/文学/诗 1"])
        #expect(try below("文学") == ["文学/ 1", "文学//散文 1", "文学/小说 1"])
    }

    /// Values that contain a text, however it is written, are listed and summed up like those of a prefix: over one
    /// segment and over several, in both orders, in a hierarchy and not, beside values that are wanted in any case.
    @Test(arguments: 0..<12)
    func valuesThatContainATextAreListed(_ seed: UInt64) throws {
        var random = SplitMix64(seed: SplitMix64.varied(seed))
        let pieces = ["Café", "cafe", "紅樓", "红楼", "ＲＯＷ", "row", "Straße", "strasse", "/", "a", "B", " "]
        func text(_ most: Int) -> String { (0...random.below(most)).map { _ in random.pick(pieces) }.joined() }
        let segments = (0..<1 + random.below(3)).map { _ in (0..<60).map { _ in text(4) } }
        let separator = random.chance(40) ? "/" : nil
        let index = try index(Field("f", .keyword, separator: separator), segments)
        let all = try index.reader.search(Search(.all, limit: 0, facets: [FacetRequest("f", size: 10_000)])).facets[0]
        for _ in 0..<20 {
            var listed = FacetRequest.ValueFacet(
                size: random.below(6), including: random.chance(30) ? [text(2)] : [],
                order: random.chance(50) ? .count : .value, prefix: random.chance(20) ? random.pick(pieces) : "")
            listed.containing = text(1)
            let counts = try index.reader.search(
                Search(.all, limit: 0, facets: [FacetRequest("f", .values(listed))])
            ).facets[0]
            let part = TextAnalyzer.standard.folded(listed.containing)
            let matching = all.values.filter { value in
                value.value.utf8.starts(with: listed.prefix.utf8)
                    && Array(TextAnalyzer.standard.folded(value.value).utf8).contains(Array(part.utf8))
            }
            let ordered =
                listed.order == .count
                ? matching : matching.sorted { $0.value.utf8.lexicographicallyPrecedes($1.value.utf8) }
            var expected = Array(ordered.prefix(listed.size))
            for name in listed.including where !expected.contains(where: { $0.value.utf8.elementsEqual(name.utf8) }) {
                let count = all.values.first { $0.value.utf8.elementsEqual(name.utf8) }?.count ?? 0
                expected.append(.init(value: name, count: count))
            }
            func plain(_ values: [FacetCounts.ListedValue]) -> [String] {
                values.map { "\(Array($0.value.utf8)) \($0.count)" }
            }
            #expect(plain(counts.values) == plain(expected), "\(listed)")
            let known = expected.filter { value in matching.contains { $0.value.utf8.elementsEqual(value.value.utf8) } }
            #expect(counts.other == matching.reduce(0) { $0 + $1.count } - known.reduce(0) { $0 + $1.count })
        }
    }

    /// Below a level of a hierarchy only that level is searched.
    @Test func aHierarchyIsSearchedByLevel() throws {
        // The text is in the name of the level as well.
        let values = ["novel books/novels", "novel books/novels/old", "novel books/poems", "films/novel"]
        let index = try index(Field("f", .keyword, multiple: true, separator: "/"), [values])
        var listed = FacetRequest.ValueFacet(size: 10, prefix: "novel books/", separator: "/")
        listed.containing = "NOVEL"
        let counts = try index.reader.search(
            Search(.all, limit: 0, facets: [FacetRequest("f", .values(listed))])
        ).facets[0]
        #expect(counts.values.map { "\($0.value) \($0.count)" } == ["novel books/novels 2"])
        #expect(counts.other == 0)
    }
}
