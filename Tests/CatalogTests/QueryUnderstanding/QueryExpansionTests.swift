import Foundation
import Searching
import Segments
import Testing

@testable import Catalog

/// Expansions of queries: synonyms, spelling correction, divided words and homophones.
@Suite struct QueryExpansionTests {
    private static let titles: [String: String] = [
        "ml": "Machine Learning in Action", "washing": "The Washing Machine", "learning": "Learning to Read",
        "ai": "AI for Everyone", "zhai": "人工智能导论", "php": "PHP Cookbook", "hyper": "Hypertext Preprocessor Guide",
        "phone": "Mobile Phone Repair", "home": "The Mobile Home", "handset": "Handset Design", "blazer": "Red Blazer",
        "coat": "Winter Coats", "harley": "Harley Davidson Evolution", "fridge": "The Refrigerator", "code": "编程入门",
        "sound": "变成大人", "bank": "中国人民银行", "davidson": "Davidson College",
    ]
    private static let profile = """
        {"weights": {"title": 3}, "synonyms": [
          {"words": ["ai", "人工智能", "artificial intelligence"]}, {"words": ["php", "hypertext preprocessor"]},
          {"from": ["handset"], "to": ["mobile phone"]}, {"from": ["blazer"], "to": ["coat"]},
          {"from": ["ml"], "to": ["machine learning"]}]}
        """

    private static func made(
        _ profile: String = profile, titles: [String: String] = titles
    ) throws -> (BookShelf, CatalogSearcher) {
        let schema = """
            {"key": "id", "fields": [{"name": "id", "type": "keyword"}, {"name": "year", "type": "integer"},
             {"name": "title", "type": "text", "analyzer": "english"},
             {"name": "title_words", "type": "vocabulary", "from": "title"},
             {"name": "title_pinyin", "type": "text", "from": "title", "analyzer": "pinyin"},
             {"name": "title_initials", "type": "text", "from": "title", "analyzer": "initials"}]}
            """
        let lines = titles.sorted { $0.key < $1.key }.map { #"{"id": "\#($0)", "title": "\#($1)"}"# }
        let shelf = BookShelf()
        let file = try shelf.write("reading.jsonl", lines.joined(separator: "\n"))
        var job = IndexJob(files: [file], schema: try Schema(json: Array(schema.utf8)))
        job.profile = (Array(profile.utf8), "profile.json")
        _ = try job.run("reading", in: shelf.folder)
        return (shelf, try shelf.folder.open("reading"))
    }

    @Test(arguments: [
        // Both ways, one way only, several words on either side, in Chinese.
        ("ai", ["ai", "zhai"], []), ("人工智能", ["ai", "zhai"], []), ("artificial intelligence", ["ai", "zhai"], []),
        ("php", ["php", "hyper"], []), ("hypertext preprocessor", ["php", "hyper"], []),
        ("handset", ["handset", "phone"], ["home"]), ("mobile phone", ["phone"], ["handset"]),
        ("ml", ["ml"], ["washing", "learning"]), ("blazer", ["blazer", "coat"], []), ("coat", ["coat"], ["blazer"]),
        // Two synonyms in one query, and one with other words.
        ("blazer handset", ["blazer", "coat", "handset", "phone"], ["home"]), ("ml action", ["ml"], []),
        ("php cookbook", ["php"], []),
        // An unfinished last word.
        ("blaz", ["blazer", "coat"], ["phone"]), ("hands", ["handset", "phone"], ["home"]), ("bl", [], ["coat"]),
        ("hypertext prepro", ["php", "hyper"], []),
        // Spelling correction: one edit from four letters, the first one included, two from eight.
        ("refrigirator", ["fridge"], []), ("refirgerator", ["fridge"], []), ("refregirator", ["fridge"], []),
        ("efrigerator", ["fridge"], []), ("moble", ["phone", "home"], []), ("cots", ["coat"], []),
        ("cot", [], ["coat"]),
        // A term that could be pinyin, but not of any text here.
        ("handei", [], ["handset"]), ("machne lerning", ["ml"], []), ("renmin", ["bank"], []), ("zgrmyh", ["bank"], []),
        // Words written together.
        ("harleydavidson", ["harley"], []), ("mobilehome", ["home"], []), ("wash ing", ["washing"], []),
        // Homophones, only if no document matches the query.
        ("编成入门", ["code"], []), ("中国人民音行", ["bank"], []), ("变成", ["sound"], ["code"]),
        ("变成大人", ["sound"], []), ("编成", ["code", "sound"], ["bank"]),
    ])
    func finds(query: String, finds: [String], misses: [String]) throws {
        let (shelf, searcher) = try Self.made()
        let ids = try searcher.search(SearchRequest(query)).hits.map(\.id)
        #expect(Set(ids.prefix(finds.count)) == Set(finds), "\(ids)")
        for miss in misses { #expect(!ids.contains(miss), "\(ids)") }
        withExtendedLifetime(shelf) {}
    }

    @Test func repliesReportRewrites() throws {
        let (shelf, searcher) = try Self.made()
        let synonyms = try searcher.search(SearchRequest("handset blazer")).applied.synonyms
        #expect(synonyms == ["blazer → coat", "handset → mobile phone"])
        #expect(try searcher.search(SearchRequest("refrigirator")).applied.typos == ["refrigirator"])
        #expect(try searcher.search(SearchRequest("编成入门")).correctedQuery == "编程入门")
        // Two characters with one wrong might as well be others: what sounds alike is found, and nothing is corrected.
        let alike = try searcher.search(SearchRequest("音航"))
        #expect(alike.applied.homophones)
        #expect(alike.correctedQuery == nil)
        #expect(alike.hits.map(\.id) == ["bank"])
        let plain = try searcher.search(SearchRequest("编程入门")).applied
        #expect(!plain.homophones)
        #expect(plain.typos.isEmpty)
        #expect(plain.synonyms.isEmpty)
        withExtendedLifetime(shelf) {}
    }

    /// Letters and digits beside Chinese characters are not taken for characters that sound like their names.
    @Test(arguments: ["t恤", "编成ppt", "b2编成", "编成入门txt", "大人bt5"])
    func lettersBesideCharactersAreNotCorrected(query: String) throws {
        let titles = Self.titles.merging(["x": "体恤大人", "y": "必要的题", "z": "比耳朵大", "w": "T恤"]) { $1 }
        let (shelf, searcher) = try Self.made(titles: titles)
        for query in [query, query.uppercased()] {
            let reply = try searcher.search(SearchRequest(query))
            let corrected = reply.correctedQuery ?? reply.didYouMean ?? query
            #expect(corrected.filter(\.isASCII) == query.filter(\.isASCII), "\(corrected)")
        }
        #expect(try searcher.search(SearchRequest("编成入门ppt")).correctedQuery == "编程入门ppt")
        withExtendedLifetime(shelf) {}
    }

    /// Hits of a proposed correction follow the documents that have the typed words, unless all words must match.
    @Test func proposedCorrectionsFollowExactHits() throws {
        var titles = ["typed": "Yankes of Old"]
        for i in 0..<100 { titles["meant\(i)"] = "Yankees Yearbook Number \(i)" }
        let (shelf, searcher) = try Self.made(titles: titles)
        let reply = try searcher.search(SearchRequest("yankes"))
        #expect(reply.didYouMean == "yankees")
        #expect(reply.correctedQuery == nil)
        #expect(reply.hits.first?.id == "typed")
        #expect(reply.found == 101)
        #expect(reply.hits.first?.highlights["title"] == .one("<mark>Yankes</mark> of Old"))
        #expect(reply.hits.last?.highlights["title"] != nil)
        #expect(reply.applied.typos.isEmpty)
        var filtered = SearchRequest("yankes")
        filtered.filter = .values("id", ["typed", "meant7"])
        #expect(try searcher.search(filtered).hits.map(\.id) == ["typed", "meant7"])
        // Nothing is added where the proposal would not follow, or where all words must match.
        var sorted = SearchRequest("yankes")
        sorted.sort = [.init("year", ascending: false)]
        #expect(try searcher.search(sorted).hits.map(\.id) == ["typed"])
        var strict = SearchRequest("yankes")
        strict.matching.words = .all
        #expect(try searcher.search(strict).hits.map(\.id) == ["typed"])
        withExtendedLifetime(shelf) {}
    }

    /// Numbers stay as they are typed, however rare they are.
    @Test(arguments: ["五十", "一九八四年", "第五十章", "九一", "两百五回", "第七六册", "二〇〇一"])
    func chineseNumbersAreNotCorrected(query: String) throws {
        let numbers = ["十五", "一九四八年", "第十五章", "一九", "二百五回", "七第六册", "二零零一", "底两百五会"]
        var titles = Self.titles
        for (i, number) in numbers.enumerated() {
            for copy in 0..<4 { titles["n\(i)-\(copy)"] = "\(number)之书\(copy)" }
        }
        let (shelf, searcher) = try Self.made(titles: titles)
        let reply = try searcher.search(SearchRequest(query))
        #expect(reply.correctedQuery == nil)
        #expect(reply.didYouMean == nil)
        withExtendedLifetime(shelf) {}
    }

    /// A known word is not replaced by a word that searches ignore.
    @Test func knownWordsAreNotReplacedByStopWords() throws {
        var titles = Self.titles.merging(["sand": "House of Sand and Fog"]) { $1 }
        for i in 0..<100 { titles["the\(i)"] = "The Birth and the Rise \(i)" }
        titles["they"] = "They Came"
        let (shelf, searcher) = try Self.made(titles: titles)
        let reply = try searcher.search(SearchRequest("sand birth"))
        #expect(reply.correctedQuery == nil)
        #expect(reply.hits.contains { $0.id == "sand" })
        #expect(try searcher.search(SearchRequest("they")).didYouMean == nil)
        withExtendedLifetime(shelf) {}
    }

    /// A document that must have all words has all of them, whatever whole titles are in the query.
    @Test(arguments: ["人工智能导论 编程入门", "人工智能导论 zzzz", "AI for Everyone 编程入门"])
    func allWordsMustMatch(query: String) throws {
        let (shelf, searcher) = try Self.made()
        var request = SearchRequest(query)
        request.matching.words = .all
        for isCorrected in [true, false] {
            request.matching.corrects = isCorrected
            #expect(try searcher.search(request).hits.isEmpty)
        }
        withExtendedLifetime(shelf) {}
    }

    /// A correction that finds nothing either is not announced.
    @Test func correctionsWithoutHitsAreNotAnnounced() throws {
        let (shelf, searcher) = try Self.made()
        var request = SearchRequest("编成入门")
        request.matching.words = .all
        request.q = "refrigirator washing"
        let reply = try searcher.search(request)
        #expect(reply.found == 0)
        #expect(reply.correctedQuery == nil)
        withExtendedLifetime(shelf) {}
    }

    /// A synonym of several words is marked where all of it occurs, and only there.
    @Test func synonymsDoNotMarkOtherWords() throws {
        let (shelf, searcher) = try Self.made()
        func marked(_ query: String, _ id: String) throws -> SearchReply.Highlight? {
            try searcher.search(SearchRequest(query)).hits.first { $0.id == id }?.highlights["title"]
        }
        #expect(try marked("handset", "phone") == .one("<mark>Mobile</mark> <mark>Phone</mark> Repair"))
        #expect(try marked("handset home", "home") == .one("The Mobile <mark>Home</mark>"))
        #expect(try marked("refrigirator", "fridge") == .one("The <mark>Refrigerator</mark>"))
        #expect(try marked("编成入门", "code") == .one("<mark>编程入门</mark>"))
        withExtendedLifetime(shelf) {}
    }

    /// Titles with known words that look correctable: similar to a more frequent word, pinyin, initials, joined words.
    private static let correctable = [
        "davison": "Davison Guide", "renmin": "Renmin Daily", "hlm": "HLM Methods", "fridges": "Refrigerators",
        "together": "Harleydavidson Fans", "davidson2": "Davidson Guide", "davidson3": "Davidson Papers",
    ]

    /// Queries of known words are not corrected, and the documents that match them stay first.
    @Test func knownWordsAreNotCorrected() throws {
        let titles = Self.titles.merging(Self.correctable) { $1 }
        let (shelf, searcher) = try Self.made(titles: titles)
        var strict = searcher.profile
        strict.ranking.corrects = false
        strict.synonyms = []
        let strictSearcher = searcher.with(strict)
        let words = titles.values.flatMap { $0.split(separator: " ").map(String.init) }
        for query in Set(titles.values).union(words).sorted() {
            let plain = try strictSearcher.search(SearchRequest(query)).hits.map(\.id)
            let reply = try searcher.search(SearchRequest(query))
            let corrected = reply.hits.map(\.id)
            #expect(corrected.first == plain.first, "\(query)")
            #expect(Set(plain).isSubset(of: Set(corrected)), "\(query)")
            let applied = reply.applied
            #expect(applied.typos.isEmpty, "\(query)")
            #expect(applied.pinyin.isEmpty, "\(query)")
            #expect(!applied.homophones, "\(query)")
            if applied.synonyms.isEmpty { #expect(corrected == plain, "\(query)") }
        }
        withExtendedLifetime(shelf) {}
    }

    /// Rules that are not valid are refused with the reason.
    @Test(arguments: [
        (#"[{"words": ["one"]}]"#, "needs two or more"),
        (#"[{"words": ["a", "b"], "to": ["c"]}]"#, "\"from\" and \"to\""),
        (#"[{"from": ["a"]}]"#, "\"from\" and \"to\""), (#"[{"from": [], "to": ["a"]}]"#, "empty"),
        (#"[{"words": ["a", " "]}]"#, "blank"), (#"[{"word": ["a", "b"]}]"#, "word"),
    ])
    func refuses(synonyms: String, reason: String) throws {
        let schema = try Schema(json: Array(BookShelf.schema.utf8))
        let json = #"{"weights": {"title": 1}, "synonyms": \#(synonyms)}"#
        do throws(CatalogError) {
            _ = try SearchProfile(json: Array(json.utf8), path: "p.json", schema: schema)
            Issue.record("accepted: \(synonyms)")
        } catch {
            #expect("\(error)".contains("synonyms"), "\(error)")
            #expect("\(error)".contains(reason), "\(error)")
        }
    }

    /// Rules whose entries have no terms, or the same terms, have no effect.
    @Test func rulesWithoutWordsDoNothing() throws {
        let profile = """
            {"weights": {"title": 3}, "synonyms": [{"words": ["!!!", "coat"]}, {"words": ["Coat", "coats"]}]}
            """
        let (shelf, searcher) = try Self.made(profile)
        #expect(try searcher.search(SearchRequest("coat")).hits.map(\.id) == ["coat"])
        #expect(try searcher.search(SearchRequest("!!!")).hits.isEmpty)
        withExtendedLifetime(shelf) {}
    }
}
