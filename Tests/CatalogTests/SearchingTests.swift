import Foundation
import Searching
import Segments
import Testing

@testable import Catalog

@Suite struct SearchingTests {
    private func ids(_ reply: SearchReply) -> [String] { reply.hits.map(\.id) }

    @Test(
        "documents that match all positions of a query come first",
        arguments: [
            ("人民银行", ["1"], 1), ("银行", ["1", "2"], 2), ("银行 人民", ["1", "2"], 2), ("python编程", ["3"], 1),
            ("编程 PYTHON", ["3"], 1), ("ＰＹＴＨＯＮ", ["3", "4", "6"], 3), ("\"fluent python\"", ["4"], 1),
            ("“fluent python”", ["4"], 1), ("node.js", ["5"], 1), ("matthes python", ["3"], 1), ("袁国忠", ["3"], 1),
        ])
    func finds(_ query: String, _ best: [String], _ found: Int) throws {
        let (_, searcher) = try BookShelf.searcher()
        let reply = try searcher.search(SearchRequest(query))
        #expect(Set(ids(reply).prefix(best.count)) == Set(best))
        #expect(reply.found == found)
        #expect(!reply.applied.relaxed)
    }

    /// An analyzer that drops a word of the query must not shift the other words.
    @Test func fieldsOfSeveralAnalyzersAgreeOnPositions() throws {
        let shelf = BookShelf()
        var job = try shelf.job([#"{"id": "1", "a": "é", "b": "python"}"#, #"{"id": "2", "a": "x", "b": "python"}"#])
        job.schema = try Schema(
            key: "id", fields: [Field("id", .keyword), Field("a", .text), Field("b", .text, analyzer: "peers")])
        job.profile = nil
        _ = try job.run("books", in: shelf.folder)
        #expect(ids(try shelf.folder.open("books").search(SearchRequest("é python"))) == ["1", "2"])
    }

    @Test func titlesWeighMoreThanDescriptions() throws {
        let (_, searcher) = try BookShelf.searcher()
        let reply = try searcher.search(SearchRequest("python"))
        #expect(reply.hits.last?.id == "6")
    }

    @Test func queriesAreRelaxedIfNoDocumentMatchesAllWords() throws {
        let (_, searcher) = try BookShelf.searcher()
        let reply = try searcher.search(SearchRequest("fluent javascript"))
        #expect(ids(reply) == ["4"])
        #expect(reply.applied.relaxed)
        let none = try searcher.search(SearchRequest("zzz"))
        #expect(none.found == 0)
        #expect(!none.applied.relaxed)
    }

    @Test func filtersDoNotChangeTheInterpretation() throws {
        let (_, searcher) = try BookShelf.searcher()
        var request = SearchRequest("fluent python")
        request.filter = .values("language", ["zh"])
        let reply = try searcher.search(request)
        #expect(ids(reply) == ["3"])
        #expect(reply.tiers.map(\.found) == [0, 1])
        // The minimum number of positions is decided without the filter.
        request.filter = .values("language", ["none"])
        #expect(try searcher.search(request).found == 0)
    }

    @Test func browsingSortsByTheProfile() throws {
        let (_, searcher) = try BookShelf.searcher()
        #expect(ids(try searcher.search(SearchRequest(" "))) == ["3", "4", "1", "2", "6", "5"])
        #expect(try searcher.search(SearchRequest("???")).found == 0)
    }

    @Test func missingValuesSortLast() throws {
        let (_, searcher) = try BookShelf.searcher()
        var request = SearchRequest("")
        request.sort = [.init("year", ascending: true)]
        #expect(ids(try searcher.search(request)) == ["6", "2", "1", "4", "3", "5"])
    }

    @Test func pagesCoverEveryHitOnce() throws {
        let (_, searcher) = try BookShelf.searcher()
        var seen: [String] = []
        for page in 1...4 {
            var request = SearchRequest("")
            request.perPage = 2
            request.page = page
            let reply = try searcher.search(request)
            #expect(reply.pages == 3)
            #expect(reply.found == 6)
            seen += ids(reply)
        }
        #expect(seen.count == 6)
        #expect(Set(seen).count == 6)
    }

    @Test func facetsCountAllHitsAndKeepTheSelected() throws {
        let (_, searcher) = try BookShelf.searcher()
        var request = SearchRequest("python")
        request.filter = .values("language", ["en", "xx"])
        request.facets = [RequestedFacet("language"), RequestedFacet("author")]
        let reply = try searcher.search(request)
        let language = try #require(reply.facets.first)
        // Counted without its own filter, so that other languages stay selectable.
        #expect(language.values?.map(\.value) == ["en", "zh", "xx"])
        #expect(language.values?.map(\.count) == [2, 1, 0])
        #expect(language.values?.map(\.selected) == [true, false, true])
        #expect(reply.facets.last?.values?.map(\.value) == ["Luciano Ramalho"])
    }

    @Test(arguments: [
        ("year:2000..", ["1", "3", "4"]), ("year:>=2001 && year:<2016", ["1", "4"]),
        ("year:=[1999, 2016]", ["2", "3"]),
        ("!year:*", ["5"]), ("author:*", ["2", "3", "4"]), ("language:=en && !author:*", ["5", "6"]),
        ("language:=en || year:1999", []), ("language:=en || year:1999..1999", ["2", "4", "5", "6"]),
        ("year:1968.5..1969.5", ["6"]), ("author:L..M", ["4"]), ("id:=[1, 6, none]", ["1", "6"]),
        ("language:!=[zh, xx]", ["4", "5", "6"]), ("year:=2016.0", ["3"]),
        ("author:*u*", ["4"]), ("author:王?民", ["2"]), ("language:=zh && !author:E*", ["1", "2"]),
        ("author:~`(Eric|Luciano) [A-Z].*`", ["3", "4"]), ("author:~Eric", []), ("author:=E*", []),
    ])
    func filtersNarrow(_ filter: String, _ expected: [String]) throws {
        let (_, searcher) = try BookShelf.searcher()
        guard let request = try? SearchRequest(parameters: [("filter", filter)]) else {
            #expect(expected.isEmpty)
            return
        }
        #expect(ids(try searcher.search(request)).sorted() == expected)
    }

    @Test func facetsHaveRangesHistogramsStatisticsAndValues() throws {
        let (_, searcher) = try BookShelf.searcher()
        let request = try SearchRequest(parameters: [
            ("facets", "year(..1999; 2000..<2015; 2015..), year(by 10), year, author(a-z; size 1), author(distinct)"),
            ("filter", "year:2000.."),
        ])
        let facets = try searcher.search(request).facets
        // Facets of numbers are counted without their own filter, too.
        #expect(facets[0].ranges?.map(\.count) == [2, 1, 2])
        #expect(facets[0].ranges?.map(\.from) == [nil, "2000", "2015"])
        #expect(facets[0].ranges?.map(\.to) == ["1999", "2015", nil])
        #expect(facets[1].histogram?.map(\.from) == [1960, 1990, 2000, 2010].map { .number($0) })
        #expect(facets[1].histogram?.map(\.to) == [1970, 2000, 2010, 2020].map { .number($0) })
        #expect(facets[1].histogram?.map(\.count) == [1, 1, 1, 2])
        #expect(facets[2].stats?.min == .number(1969))
        #expect(facets[2].stats?.max == .number(2016))
        #expect(facets[2].stats?.count == 5)
        #expect(facets[2].stats?.sum == 10_000)
        #expect(facets[0].ranges?.map(\.range) == ["..1999", "2000..<2015", "2015.."])
        #expect(facets[3].values?.map(\.value) == ["Eric Matthes"])
        #expect(facets[3].other == 2)
        #expect(facets[4].distinct == 3)
        let wrong = [
            "title(by 10)", "author(by 10)", "year(distinct)", "year(size 3)", "year(a..b)", "author(under x)",
            "year(by 0)",
            "id",
        ]
        for facet in wrong {
            let request = try SearchRequest(parameters: [("facets", facet)])
            #expect(throws: CatalogError.self, "\(facet)") { try searcher.search(request) }
        }
    }

    @Test func sortsByKeywordsAndSeveralFields() throws {
        let (_, searcher) = try BookShelf.searcher()
        func sorted(_ sort: String) throws -> [String] {
            ids(try searcher.search(SearchRequest(parameters: [("sort", sort)])))
        }
        #expect(try sorted("language, year:desc") == ["4", "6", "5", "3", "1", "2"])
        #expect(try sorted("language:desc, year:asc:missing_first") == ["2", "1", "3", "5", "6", "4"])
        #expect(try sorted("author:desc:missing_first, year") == ["6", "1", "5", "3", "2", "4"])
        let best = try searcher.search(
            SearchRequest(parameters: [("q", "python"), ("sort", "language:desc, relevance")]))
        #expect(ids(best).first == "3")
        #expect(best.hits.allSatisfy { $0.score > 0 })
    }

    @Test func filtersOnSeveralFieldsApplyToEveryFacet() throws {
        let (_, searcher) = try BookShelf.searcher()
        let request = try SearchRequest(parameters: [
            ("filter", "language:=en && (language:=en || year:>2000)"), ("facets", "language"),
        ])
        // The second part has tests on two fields, so it is not the facet's own filter.
        let language = try #require(try searcher.search(request).facets.first)
        #expect(language.values?.map(\.value) == ["en", "zh"])
        #expect(language.values?.map(\.count) == [3, 2])
    }

    @Test func marksWordsInEscapedText() throws {
        let (_, searcher) = try BookShelf.searcher()
        let reply = try searcher.search(SearchRequest("bold python"))
        #expect(reply.hits.first?.highlights["title"] == .one("A &lt;b&gt;<mark>bold</mark>&lt;/b&gt; b"))
        #expect(reply.hits.first?.highlights["description"] == .one("<mark>Python</mark> &amp; &quot;eggs&quot;"))
        let authors = try searcher.search(SearchRequest("matthes"))
        #expect(authors.hits.first?.highlights["author"] == .many(["Eric <mark>Matthes</mark>", "袁国忠"]))
        var plain = SearchRequest("python")
        plain.highlight = .none
        #expect(try searcher.search(plain).hits.allSatisfy { $0.highlights.isEmpty })
    }

    @Test(
        "requests that do not fit the catalog name the parameter",
        arguments: [
            ("sort", "title:asc", "unknown_sort"), ("facets", "title", "unknown_facet"),
            ("filter", "title:=x", "unknown_filter"),
            ("filter", "nope:=x", "unknown_filter"), ("filter", "year:=x", "bad_filter"),
            ("filter", "year:a..b", "bad_filter"), ("filter", "language:=en || title:*", "unknown_filter"),
            ("filter", "year:19*", "bad_filter"), ("filter", "language:~`a(b`", "bad_filter"),
            ("filter", "language:`" + String(repeating: "a*", count: 2000) + "`", "bad_filter"),
        ])
    func refuses(_ name: String, _ value: String, _ code: String) throws {
        let (_, searcher) = try BookShelf.searcher()
        let request = try SearchRequest(parameters: [(name, value)])
        let error = #expect(throws: CatalogError.self) { try searcher.search(request) }
        guard case .request(let problem)? = error else {
            Issue.record("expected a request problem, got \(String(describing: error))")
            return
        }
        #expect(problem.code == code)
        #expect(problem.param == name)
    }

    @Test func collapsingShowsTheBestHitOfEachGroup() throws {
        let (_, searcher) = try BookShelf.searcher()
        var request = SearchRequest("")
        request.collapse = "language"
        request.perPage = 1
        let reply = try searcher.search(request)
        #expect(reply.found == 6)
        #expect(reply.groups == 2)
        #expect(reply.pages == 2)
        #expect(!reply.partial)
        #expect(ids(reply) == ["3"])
        #expect(reply.hits.first?.groupSize == 3)
        request.page = 2
        #expect(ids(try searcher.search(request)) == ["4"])
        // Each document without a value is a hit of its own.
        request = SearchRequest("")
        request.collapse = "author"
        let byAuthor = try searcher.search(request)
        #expect(byAuthor.groups == 6)
        #expect(byAuthor.hits.map(\.groupSize) == [1, 1, nil, 1, nil, nil])
        for name in ["year", "id", "title", "none"] {
            request.collapse = name
            let error = #expect(throws: CatalogError.self) { try searcher.search(request) }
            #expect(String(describing: error).contains("collapse by: author, language"))
        }
    }

    @Test func repliesAfterTheTimeoutArePartial() throws {
        let (_, searcher) = try BookShelf.searcher()
        for words in ["python", "人民 银行", ""] {
            var request = SearchRequest(words)
            request.timeout = .zero
            let reply = try searcher.search(request)
            #expect(reply.partial)
            #expect(reply.found >= reply.hits.count)
            request.timeout = .seconds(60)
            #expect(!(try searcher.search(request).partial))
        }
    }

    @Test func histogramsWithTooManyBucketsMergeThem() throws {
        let shelf = BookShelf()
        let lines = (0...FacetRequest.maxBuckets).map { #"{"id": "\#($0)", "title": "t", "year": \#($0)}"# }
        _ = try shelf.job(lines).run("books", in: shelf.folder)
        let searcher = try shelf.folder.open("books")
        for width in ["1", "2"] {
            let request = try SearchRequest(parameters: [("facets", "year(by \(width))")])
            let buckets = try #require(try searcher.search(request).facets[0].histogram)
            try #require(buckets.count == FacetRequest.maxBuckets / 2 + 1)
            #expect(buckets[1].from == .number(2))
            #expect(buckets[1].to == .number(4))
            #expect(buckets[1].count == 2)
        }
    }

    @Test func facetsOfDatesAndBooleansHaveTheirTypes() throws {
        let schema = """
            {"key": "id", "fields": [{"name": "id", "type": "keyword"}, {"name": "title", "type": "text"},
             {"name": "added", "type": "date"}, {"name": "sold", "type": "boolean"}, {"name": "cost", "type": "price",
              "currency": "CNY"}, {"name": "mass", "type": "float"}]}
            """
        let lines = [
            #"{"id": "1", "title": "a", "added": "2021-03-04", "sold": true, "cost": 0.3, "mass": 1.7e308}"#,
            #"{"id": "2", "title": "b", "added": "2021-03-31T23:59:59Z", "sold": false, "cost": 0.2, "mass": 1.7e308}"#,
            #"{"id": "3", "title": "c", "added": "2021-04-01", "sold": true, "cost": 0.6}"#,
            #"{"id": "4", "title": "d"}"#,
        ]
        let (_, searcher) = try BookShelf.searcher(lines, try Schema(json: Array(schema.utf8)))
        func facet(_ text: String, _ filter: String? = nil) throws -> SearchReply.Facet {
            var parameters = [(name: "facets", value: text)]
            if let filter { parameters.append(("filter", filter)) }
            let reply = try searcher.search(SearchRequest(parameters: parameters))
            // Every facet can be encoded.
            #expect(reply.isValidJSON)
            return reply.facets[0]
        }
        let months = try #require(try facet("added(by month)").histogram)
        #expect(months.map(\.from) == [.date("2021-03-01"), .date("2021-04-01")])
        #expect(months.map(\.count) == [2, 1])
        #expect(try facet("added(by year)").histogram?.map(\.to) == [.date("2022-01-01")])
        let days = try facet("added")
        #expect(days.stats?.min == .date("2021-03-04"))
        #expect(days.stats?.max == .date("2021-04-01"))
        #expect(days.stats?.sum == nil)
        let sold = try facet("sold", "sold:=false")
        #expect(sold.values?.map(\.value) == ["true", "false"])
        #expect(sold.values?.map(\.count) == [2, 1])
        #expect(sold.values?.map(\.selected) == [false, true])
        #expect(sold.other == 0)
        // Buckets of decimals begin at the decimal numbers.
        let buckets = try #require(try facet("cost(by 0.1)").histogram)
        #expect(buckets.map(\.from) == [0.2, 0.3, 0.6].map { .number($0) })
        #expect(try facet("cost(by 1e-308)").histogram?.count == 1)
        #expect(try facet("mass").stats?.sum == nil)
        #expect(throws: CatalogError.self) { try facet("added(by 86400000)") }
        #expect(throws: CatalogError.self) { try facet("cost(by day)") }
    }

    /// Selected values are listed with their counts, whether or not the facet would list them otherwise.
    @Test func selectedValuesKeepTheirCounts() throws {
        let (_, searcher) = try BookShelf.searcher()
        let request = try SearchRequest(parameters: [
            ("filter", "author:=`Luciano Ramalho`"), ("facets", "author(starting E; size 1)"),
        ])
        let facet = try searcher.search(request).facets[0]
        #expect(facet.values?.map(\.value) == ["Eric Matthes", "Luciano Ramalho"])
        #expect(facet.values?.map(\.count) == [1, 1])
        #expect(facet.other == 0)
    }

    @Test func membersAreHighlightedAsRequested() throws {
        let words = (0..<400).map { $0 % 100 == 50 ? "python" : "word\($0)" }.joined(separator: " ")
        let (_, searcher) = try BookShelf.searcher(
            [#"{"id": "1", "title": "Python <b>", "author": ["A python", "B"], "description": "\#(words)"}"#],
            try Schema(json: Array(BookShelf.schema.utf8)), profile: BookShelf.profile)
        func marked(_ highlight: String) throws -> [String: SearchReply.Highlight] {
            let request = try SearchRequest(parameters: [("q", "python"), ("highlight", highlight)])
            return try #require(try searcher.search(request).hits.first).highlights
        }
        #expect(try marked("title(whole)") == ["title": .one("<mark>Python</mark> &lt;b&gt;")])
        guard case .many(let passages)? = try marked("description(passages 3; length 60)")["description"] else {
            Issue.record("the passages are not a list")
            return
        }
        #expect(passages.count == 3)
        #expect(passages.allSatisfy { $0.contains("<mark>python</mark>") })
        #expect(passages.allSatisfy { $0.count < 120 })
        #expect(Set(passages).count == 3)
        guard case .one(let best)? = try marked("description(length 40), author")["description"] else {
            Issue.record("the best passage is not a text")
            return
        }
        #expect(best.hasPrefix("…"))
        #expect(best.hasSuffix("…"))
        #expect(try marked("author")["author"] == .many(["A <mark>python</mark>", "B"]))
        #expect(try marked("true").count == 3)
        #expect(try marked("false").isEmpty)
        #expect { try marked("language") } throws: { "\($0)".contains("members to mark: title, author, description") }
    }

    @Test(arguments: [
        ("author:matthes", ["3"]), ("author:\"eric matthes\"", ["3"]), ("python author:ramalho", ["4"]),
        ("Author:RAMALHO python", ["4"]), ("python -author:ramalho", ["3", "6"]), ("year:2015", ["4"]),
        ("python year:2015..", ["3", "4"]), ("year:<2000", ["2", "6"]), ("language：en python", ["4", "6"]),
        ("会计 OR node", ["2", "5"]), ("author:matthes OR author:ramalho", ["3", "4"]),
        ("python (bold OR fluent)", ["4", "6"]), ("python \"bold\" OR fluent", ["4", "6"]),
        ("-python", ["1", "2", "5"]),
        ("-python -author:人民", ["1", "5"]), ("author:nobody", []), ("nofield:python", ["3", "4", "6"]),
        ("year:soon", []), ("OR", []), ("python OR", ["3", "4", "6"]), ("author:", []),
    ])
    func queriesHaveFieldsAndOrGroups(_ q: String, _ expected: [String]) throws {
        let (_, searcher) = try BookShelf.searcher()
        #expect(ids(try searcher.search(SearchRequest(q))).sorted() == expected, "\(q)")
    }

    /// Quotes are ignored if the phrase occurs nowhere, not because another part of the query matches nothing.
    @Test func quotesAreOnlyIgnoredForUnknownPhrases() throws {
        let (_, searcher) = try BookShelf.searcher()
        for q in [#""fluent python" year:1800"#, #""fluent python" -fluent"#] {
            let reply = try searcher.search(SearchRequest(q))
            #expect(reply.found == 0, "\(q)")
            #expect(reply.applied.quotes.isEmpty, "\(q)")
        }
        #expect(try searcher.search(SearchRequest(#""python fluent""#)).applied.quotes == ["python fluent"])
    }

    /// Without time to count, quotes are kept and nothing is corrected.
    @Test func queriesStayAsTypedAfterTheTimeout() throws {
        let (_, searcher) = try BookShelf.searcher()
        var request = SearchRequest("\"python fluent\" 银行 python")
        request.timeout = .zero
        let reply = try searcher.search(request)
        #expect(reply.partial)
        #expect(reply.applied.quotes.isEmpty)
        #expect(!reply.applied.homophones)
    }
}
