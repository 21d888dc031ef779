import Foundation
import Segments
import TestSupport
import Testing

@testable import Catalog

/// The tiers of a search: documents that have enough of the words, and the rest that has some.
@Suite struct TierTests {
    /// A document of a random catalog.
    struct Item {
        var id: String
        var words: [String]
        var series: [String]
        var year: Int
        var stock: Int?

        var json: String {
            let names = series.map { "\"\($0)\"" }.joined(separator: ", ")
            let title = words.joined(separator: " ")
            let stock = stock.map { #", "stock": \#($0)"# } ?? ""
            return #"{"id": "\#(id)", "title": "\#(title)", "series": [\#(names)], "year": \#(year)"#
                + #", "number": 1\#(stock)}"#
        }

        /// The value it is collapsed by.
        var group: String? { series.min() }
    }

    static let vocabulary = ["kar", "lom", "bix", "dup", "fen", "gol", "hud", "jav", "mip", "nuk", "pof", "qat"]

    /// A catalog whose documents were partly replaced, in several segments, beside what it should contain.
    final class Catalog {
        let shelf = BookShelf()
        private(set) var items: [Item] = []
        private(set) var searcher: CatalogSearcher

        init(_ random: inout SplitMix64) throws {
            let schema = """
                {"key": "id", "fields": [
                  {"name": "id", "type": "keyword"}, {"name": "title", "type": "text"},
                  {"name": "series", "type": "keyword", "multiple": true}, {"name": "year", "type": "integer"},
                  {"name": "number", "type": "integer"}, {"name": "stock", "type": "integer"}]}
                """
            var byKey: [String: Item] = [:]
            for round in 0..<3 {
                let batch = (0..<60).map { number in
                    Item(
                        id: "\(round == 0 ? number : random.below(90))",
                        words: (0...random.below(5)).map { _ in vocabulary[random.skewed(below: vocabulary.count)] },
                        series: (0..<random.below(3)).map { _ in "s\(random.below(6))" }, year: 2000 + random.below(8),
                        stock: random.pick([nil, 0, 0, 3]))
                }
                var lines: [String: Item] = [:]
                for item in batch { lines[item.id] = item }
                let file = try shelf.write("\(round).jsonl", lines.values.map(\.json).joined(separator: "\n"))
                var job = IndexJob(files: [file], schema: round == 0 ? try Schema(json: Array(schema.utf8)) : nil)
                job.updates = round > 0
                if round == 0 { job.profile = (Array(#"{"weights": {"title": 1}}"#.utf8), "profile.json") }
                _ = try job.run("tiers", in: shelf.folder)
                byKey.merge(lines) { $1 }
            }
            items = byKey.values.sorted { $0.id < $1.id }
            searcher = try shelf.folder.open("tiers")
            var profile = searcher.profile
            // Titles that are part of the query are admitted to the first tier otherwise.
            profile.ranking.whole = 0
            searcher = searcher.with(profile)
        }

        func item(_ id: String) -> Item? { items.first { $0.id == id } }
    }

    /// A random request without corrections; `least` is the least year that its filter admits.
    private static func request(
        _ words: [String], _ random: inout SplitMix64
    ) throws -> (request: SearchRequest, least: Int) {
        var parameters = [
            ("q", words.joined(separator: " ")), ("typo", "off"), ("prefix", "none"), ("per_page", "7"),
            ("facets", "number"),
        ]
        let least = random.chance(40) ? 2000 + random.below(8) : 0
        if least > 0 { parameters.append(("filter", "year:\(least)..")) }
        if random.chance(40) {
            parameters.append(("sort", random.pick(["year:desc", "series:asc,relevance", "relevance"])))
        }
        if random.chance(30) { parameters.append(("collapse", "series")) }
        return (try SearchRequest(parameters: parameters.map { (name: $0.0, value: $0.1) }), least)
    }

    /// All hits, by pages or by cursors, with the first reply.
    private static func all(
        _ catalog: Catalog, _ request: SearchRequest, cursors: Bool
    ) throws -> (hits: [SearchReply.Hit], reply: SearchReply) {
        var request = request
        let first = try catalog.searcher.search(request)
        var reply = first
        var hits = reply.hits
        while !reply.hits.isEmpty {
            if cursors {
                request.after = reply.last.map { SearchCursor(snapshot: 0, search: 0, position: $0) }
            } else {
                request.page += 1
            }
            reply = try catalog.searcher.search(request)
            hits += reply.hits
            #expect(reply.tiers.map(\.found) == first.tiers.map(\.found))
        }
        return (hits, first)
    }

    /// Each hit comes once, tiers in order and what is sold out last in each, on pages as with cursors; the counts are
    /// those of all documents.
    @Test(arguments: 0..<12)
    func everyHitComesOnceInOrderOfTiers(_ seed: Int) throws {
        var random = SplitMix64(seed: SplitMix64.varied(UInt64(seed)))
        let catalog = try Catalog(&random)
        for _ in 0..<25 {
            let words = Array(Self.vocabulary.shuffled(using: &random).prefix(2 + random.below(5)))
            let (request, least) = try Self.request(words, &random)
            let (hits, reply) = try Self.all(catalog, request, cursors: false)
            let context = Comment(rawValue: "\(request)")
            #expect(try Self.all(catalog, request, cursors: true).hits.map(\.id) == hits.map(\.id), context)

            let admitted = catalog.items.filter { $0.year >= least }
            let any = Set(admitted.filter { !Set($0.words).isDisjoint(with: words) }.map(\.id))
            #expect(reply.tiers.reduce(0) { $0 + $1.found } == any.count, context)
            #expect(reply.found == (reply.tiers.first { $0.found > 0 }?.found ?? 0), context)
            #expect(Set(hits.map(\.id)).count == hits.count, context)
            #expect(Set(hits.map(\.id)).isSubset(of: any), context)
            let places = hits.map { $0.tier == nil ? 0 : 1 }
            #expect(places == places.sorted(), context)
            if request.sort.isEmpty {
                let soldOut = hits.map { (tier: $0.tier == nil ? 0 : 1, isSoldOut: catalog.item($0.id)?.stock == 0) }
                let order = soldOut.map { $0.tier * 2 + ($0.isSoldOut ? 1 : 0) }
                #expect(order == order.sorted(), context)
            }
            let counts = reply.facets.first?.stats?.count
            #expect(counts == reply.found, context)

            if request.collapse == nil {
                #expect(hits.count == any.count, context)
            } else {
                let groups = hits.compactMap { catalog.item($0.id)?.group }
                #expect(Set(groups).count == groups.count, context)
                #expect(reply.groups == hits.count, context)
                #expect(Set(groups) == Set(any.compactMap { catalog.item($0)?.group }), context)
            }
            let complete = catalog.items.filter { Set($0.words).isSuperset(of: words) }
            guard words.count <= 4, !complete.isEmpty else { continue }
            let strict = Set(complete.map(\.id)).intersection(any)
            #expect(reply.tiers[0].found == strict.count, context)
            for hit in hits where request.collapse == nil {
                #expect((hit.tier == nil) == strict.contains(hit.id), context)
            }
        }
    }

    /// Whatever is filtered, a document stays in its tier.
    @Test func tiersDoNotDependOnFilters() throws {
        let (_, searcher) = try BookShelf.searcher()
        let parameters = [(name: "q", value: "fluent python"), (name: "prefix", value: "none")]
        let all = try searcher.search(SearchRequest(parameters: parameters))
        #expect(all.tiers.map(\.found) == [1, 2])
        #expect(all.found == 1)
        #expect(all.hits.map(\.tier) == [nil, "loose", "loose"])
        let filter = [(name: "filter", value: "language:=zh"), (name: "facets", value: "language, year")]
        let chinese = try searcher.search(SearchRequest(parameters: parameters + filter))
        #expect(chinese.tiers.map(\.found) == [0, 1])
        #expect(chinese.found == 1)
        #expect(chinese.hits.map(\.tier) == ["loose"])
        #expect(chinese.facets.last?.stats?.count == 1)
    }

    /// The facet of a filtered field counts the values of both tiers if the filter leaves nothing of the first.
    @Test func facetsShowValuesOfTheFirstTierToChoose() throws {
        let (_, searcher) = try BookShelf.searcher()
        let reply = try searcher.search(
            SearchRequest(parameters: [
                (name: "q", value: "fluent python"), (name: "prefix", value: "none"),
                (name: "filter", value: "language:=zh"), (name: "facets", value: "language"),
            ]))
        #expect(reply.tiers.map(\.found) == [0, 1])
        #expect(reply.facets.first?.values?.map(\.value).sorted() == ["en", "zh"])
    }

    /// A language that a query names is wanted, unless its word stands in a title so.
    @Test func languagesInTitlesAreWords() throws {
        let schema = """
            {"key": "id", "fields": [{"name": "id", "type": "keyword"}, {"name": "language", "type": "keyword"},
              {"name": "title", "type": "text", "analyzer": "english"}]}
            """
        let lines = [
            #"{"id": "title", "title": "Learn English", "language": "zh"}"#,
            #"{"id": "language", "title": "Learn to Cook", "language": "en"}"#,
            #"{"id": "other", "title": "To Cook", "language": "zh"}"#,
        ]
        let (_, searcher) = try BookShelf.searcher(lines, try Schema(json: Array(schema.utf8)))
        #expect(try searcher.search(SearchRequest("learn english")).hits.map(\.id) == ["title", "language"])
        #expect(try searcher.search(SearchRequest("cook english")).hits.first?.id == "language")
    }

    /// Of many pairs of pinyin half are enough, as of many words.
    @Test func halfOfManySyllablesAreEnough() throws {
        let schema = """
            {"key": "id", "fields": [{"name": "id", "type": "keyword"}, {"name": "title", "type": "text"},
              {"name": "title_pinyin", "type": "text", "from": "title", "analyzer": "pinyin"}]}
            """
        let lines = [#"{"id": "1", "title": "中国历史故事大全"}"#, #"{"id": "2", "title": "中国历史故事"}"#]
        let (_, searcher) = try BookShelf.searcher(lines, try Schema(json: Array(schema.utf8)))
        let reply = try searcher.search(SearchRequest("zhong guo li shi gu shi da quan"))
        #expect(reply.hits.map(\.id) == ["1", "2"])
    }

    /// Sorted hits are sorted within their tier; without tiers all of them are.
    @Test func orderIsWithinTiers() throws {
        let (_, searcher) = try BookShelf.searcher()
        var parameters = [
            (name: "q", value: "fluent python"), (name: "prefix", value: "none"), (name: "sort", value: "year:desc"),
        ]
        #expect(try searcher.search(SearchRequest(parameters: parameters)).hits.map(\.id) == ["4", "3", "6"])
        parameters.append((name: "tiers", value: "ignore"))
        let ignored = try searcher.search(SearchRequest(parameters: parameters))
        #expect(ignored.hits.map(\.id) == ["3", "4", "6"])
        #expect(ignored.tiers.map(\.found) == [3])
    }

    /// A cursor belongs to requests with the same tiers, and names one that exists.
    @Test func cursorsKnowTheirTier() throws {
        let (_, searcher) = try BookShelf.searcher()
        var request = SearchRequest("fluent python")
        var other = request
        other.matching.ranksInTiers = false
        #expect(request.identity != other.identity)
        request.after = SearchCursor(
            snapshot: 0, search: 0, position: TieredAfter(tier: 5, after: .init([.score(1)], document: 1)))
        #expect(throws: CatalogError.self) { try searcher.search(request) }
    }
}
