import Foundation
import Segments
import Testing

@testable import Catalog

/// Typed queries and the books that they mean, on the bundled catalog.
@Suite struct CatalogSuggesterTests {
    /// The bundled catalog, indexed once.
    private static let indexed = Result { () throws -> (BookShelf, CatalogSearcher) in
        var folder = URL(filePath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        folder.append(path: "Fixtures/catalog")
        let shelf = BookShelf()
        let names = ["cbeta", "edge-cases", "en-goodbooks", "zh-books"]
        var job = IndexJob(
            files: names.map { folder.appending(path: $0 + ".jsonl").path },
            schema: try Schema(contentsOf: folder.appending(path: "schema.json").path))
        job.profile = (try readFile(folder.appending(path: "profile.json").path), "profile.json")
        _ = try job.run("books", in: shelf.folder)
        return (shelf, try shelf.folder.open("books"))
    }

    /// Typed texts, each with texts of which one is in a title, an author or an ISBN among the first three suggestions
    /// or hits.
    private static let cases: [(typed: String, meant: [String])] = [
        ("harr", ["Harry Potter"]), ("pyth", ["Python"]), ("pyhton", ["Python"]), ("hrary poter", ["Harry Potter"]),
        ("派森", ["Python"]), ("bianchengrumen", ["编程入门", "编程：从入门"]), ("biancheng ru men", ["编程入门", "编程：从入门"]),
        ("bcrm", ["编程入门", "编程：从入门"]), ("編程入門", ["编程入门", "编程：从入门"]), ("编成入门", ["编程入门", "编程：从入门"]), ("san ti", ["三体"]),
        ("santi", ["三体"]), ("三t", ["三体"]), ("978711", ["9787"]), ("tolkein lord", ["Lord"]),
        ("hong lou meng", ["红楼梦"]), ("hlm", ["红楼梦"]), ("yuhua", ["余华", "活着", "许三观"]), ("hongloumeng", ["红楼梦"]),
        ("hongl", ["红楼梦"]), ("紅樓", ["红楼梦"]), ("红楼", ["红楼梦"]), ("honglo", ["红楼梦"]), ("hunger", ["Hunger Games"]),
        ("the hun", ["Hunger Games"]), ("hungr games", ["Hunger Games"]), ("hobit", ["Hobbit"]),
        ("tolk", ["Tolkien"]), ("rowl", ["Rowling"]), ("potter", ["Harry Potter"]),
        ("harrypotter", ["Harry Potter"]), ("harry po", ["Harry Potter"]), ("twiligt", ["Twilight"]),
        ("gatsbi", ["Gatsby"]), ("great gats", ["Gatsby"]), ("1984", ["1984"]), ("orwel", ["Orwell"]),
        ("catcher", ["Catcher"]), ("to kill a mock", ["Mockingbird"]), ("mockingbrid", ["Mockingbird"]),
        ("pride and prej", ["Prejudice"]), ("jane aust", ["Austen"]), ("shelock", ["Sherlock"]),
        ("da vinci", ["Da Vinci"]), ("davinci", ["Da Vinci"]), ("kafka", ["卡夫卡", "Kafka"]), ("cunshang", ["村上"]),
        ("村上", ["村上春树"]), ("cscs", ["村上春树"]), ("huozhe", ["活着"]), ("活zhe", ["活着"]), ("huoz", ["活着"]),
        ("weicheng", ["围城"]), ("zhuifengzheng", ["追风筝"]), ("追风", ["追风筝"]), ("bainiangudu", ["百年孤独"]),
        ("百年gu", ["百年孤独"]), ("bngd", ["百年孤独"]), ("东野", ["东野圭吾"]), ("dongye", ["东野圭吾"]), ("baiyexing", ["白夜行"]),
        ("算法dao", ["算法导论"]), ("suanfa", ["算法"]), ("sfdl", ["算法导论"]), ("shenru lijie", ["深入理解"]), ("深入li", ["深入理解"]),
        ("c++ pri", ["C++ Primer"]), ("c++", ["C++"]), ("javasc", ["JavaScript"]), ("机器xue", ["机器学习"]),
        ("jiqixuexi", ["机器学习"]), ("jqxx", ["机器学习"]), ("深渡学习", ["深度学习"]), ("流畅de", ["流畅的Python"]),
        ("liuchang", ["流畅"]), ("rust quan", ["Rust权威指南"]), ("xiaowangzi", ["小王子"]), ("小王z", ["小王子"]),
        ("qingcheng", ["倾城"]), ("傾城", ["倾城", "傾城"]), ("撒哈拉", ["撒哈拉"]), ("sanmao", ["三毛"]), ("jinyong", ["金庸"]),
        ("金yong", ["金庸"]), ("luxun", ["鲁迅"]), ("lao she", ["老舍"]), ("isaac as", ["Asimov"]),
        ("agatha cristie", ["Agatha Christie"]), ("gabriel garcia", ["García Márquez"]),
        ("garcia marquez", ["García Márquez"]), ("brave new", ["Brave New World"]),
        ("lord of the flys", ["Lord of the Flies"]), ("9787536692930", ["三体"]), ("中国历shi", ["中国历"]),
        ("qiangpao", ["枪炮"]), ("mingchao", ["明朝那些事儿"]), ("资治", ["资治通鉴"]), ("zztj", ["资治通鉴"]),
        ("hua yan", ["华严", "華嚴"]), ("華嚴", ["华严", "華嚴"]), ("xiyouji", ["西游记"]), ("sgyy", ["三国演义"]),
    ]

    /// Queries of others follow the best suggestion, unless their text is suggested already or there is a filter.
    @Test func popularQueriesAreSuggested() throws {
        let searcher = try Self.indexed.get().1
        let queries = ["harry potter box set", "三体", "harry styles", "harper lee", "hard times", "no"]
        let popular = PopularQueries(queries, by: searcher.titleAnalyzer)
        func suggested(_ parameters: (String, String)...) throws -> [SuggestReply.SuggestedText] {
            try searcher.suggest(SuggestRequest(parameters: parameters), popular: popular).suggestions
        }
        let harry = try suggested(("q", "harr"), ("limit", "5"))
        #expect(harry.map { $0.kind == .query } == [false, true, true, false, false])
        #expect(harry[1] == .init(text: "harry potter box set", kind: .query, marks: [[0, 4]]))
        #expect(harry[2].text == "harry styles")
        #expect(try suggested(("q", "三体")).filter { $0.kind == .query }.isEmpty)
        #expect(try suggested(("q", "har")).filter { $0.kind == .query }.count == 3)
        #expect(try suggested(("q", "har"), ("filter", "language:=en")).allSatisfy { $0.kind != .query })
        #expect(try suggested(("q", "har"), ("kinds", "title,author")).allSatisfy { $0.kind != .query })
        #expect(try suggested(("q", "har"), ("kinds", "query")).map(\.text).first == "harry potter box set")
        #expect(try searcher.suggest(SuggestRequest("har")).suggestions.allSatisfy { $0.kind != .query })
    }

    @Test func firstSuggestionsOrHitsAreMeant() throws {
        let searcher = try Self.indexed.get().1
        #expect(Self.cases.count >= 78)
        for (typed, meant) in Self.cases {
            let suggestions = try searcher.suggest(SuggestRequest(typed)).suggestions.prefix(3).map(\.text)
            let request = try SearchRequest(parameters: [("q", typed), ("per_page", "3")])
            let hits = try searcher.search(request).hits.map { hit in
                ["title", "author", "isbn"].map { "\(hit.document[$0].map { "\($0)" } ?? "")" }.joined(separator: " ")
            }
            let found = (suggestions + hits).contains { text in meant.contains { text.contains($0) } }
            #expect(found, "\(typed): \(suggestions), \(hits)")
        }
    }

    @Test(arguments: [
        "9787536692931", "978753669293", "1985", "C#", "c++", "KINGSA-240", "ISBN 978-7-5366-9293-1", "3.14",
    ])
    func numbersAndCodesAreNeverCorrected(_ typed: String) throws {
        let searcher = try Self.indexed.get().1
        for prefix in ["last", "none"] {
            let reply = try searcher.search(try SearchRequest(parameters: [("q", typed), ("prefix", prefix)]))
            #expect(reply.correctedQuery == nil)
            #expect(reply.didYouMean == nil)
            #expect(reply.applied.typos.isEmpty)
        }
    }

    /// A suggestion of a filtered request has a document that the filter leaves.
    @Test func filtersHoldForSuggestions() throws {
        let searcher = try Self.indexed.get().1
        var request = SuggestRequest("python")
        request.filter = .values("language", ["zh-Hant"])
        let titles = try searcher.suggest(request).suggestions
        #expect(!titles.isEmpty)
        for title in titles where title.kind == .title {
            let document = try #require(try searcher.document(title.id ?? ""))
            #expect(document.document["language"] == .text("zh-Hant"))
        }
    }

    /// A suggestion that was not compared with the filter in time is left out.
    @Test func suggestionsAfterTheTimeoutArePartial() throws {
        let searcher = try Self.indexed.get().1
        var request = try SuggestRequest(parameters: [("q", "python"), ("timeout_ms", "60000")])
        for filter in [nil, Filter.values("language", ["zh-Hant"])] {
            request.filter = filter
            let reply = try searcher.suggest(request)
            #expect(!reply.partial)
            #expect(!reply.suggestions.isEmpty)
            let late = try searcher.suggest(request, limits: .init(deadline: .now))
            #expect(late.partial)
            #expect(late.suggestions.isEmpty)
        }
    }

    /// The marks of a suggestion are the typed part of its text, in UTF-16 code units.
    @Test(arguments: [("harr", "Harr"), ("红楼", "红楼"), ("honglou", "红楼"), ("hlm", "红楼梦")])
    func marksAreTheTypedPart(_ typed: String, _ marked: String) throws {
        let first = try #require(try Self.indexed.get().1.suggest(SuggestRequest(typed)).suggestions.first)
        let mark = try #require(first.marks.first)
        let units = Array(first.text.utf16)[mark[0]..<mark[1]]
        #expect(String(decoding: units, as: UTF16.self) == marked)
    }
}
