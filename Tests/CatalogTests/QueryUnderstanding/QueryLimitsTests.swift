import Searching
import Segments
import Testing

@testable import Catalog

/// Queries whose time is over, or whose client has left, before they are understood.
@Suite struct QueryLimitsTests {
    private let shelf = BookShelf()
    private let context: QueryContext
    private let searcher: CatalogSearcher

    init() throws {
        let schema = """
            {"key": "id", "fields": [{"name": "id", "type": "keyword"},
             {"name": "title", "type": "text", "analyzer": "english"},
             {"name": "title_words", "type": "vocabulary", "from": "title"},
             {"name": "title_pinyin", "type": "text", "from": "title", "analyzer": "pinyin"},
             {"name": "title_whole", "type": "text", "from": "title", "analyzer": "whole"}]}
            """
        let profile = #"{"weights": {"title": 3}, "synonyms": [{"words": ["coat", "blazer"]}]}"#
        let titles = ["Red Blazer", "Winter Coats", "中国人民银行", "The Refrigerator", "Coat++", "编程入门"]
        let lines = titles.enumerated().map { #"{"id": "\#($0.offset)", "title": "\#($0.element)"}"# }
        let file = try shelf.write("titles.jsonl", lines.joined(separator: "\n"))
        var job = IndexJob(files: [file], schema: try Schema(json: Array(schema.utf8)))
        job.profile = (Array(profile.utf8), "profile.json")
        _ = try job.run("titles", in: shelf.folder)
        searcher = try shelf.folder.open("titles")
        let groups = SearchFields.groups(searcher.reader.schema, searcher.profile)
        var synonyms: [String: SynonymTable] = [:]
        for group in groups {
            synonyms[group.analyzer.name] = SynonymTable(searcher.profile.synonyms, group.analyzer)
        }
        context = QueryContext(profile: searcher.profile, reader: searcher.reader, synonyms: synonyms)
    }

    /// Limits that are over, in both ways.
    private static var over: [SearchLimits] {
        let cancellation = SearchCancellation()
        cancellation.cancel()
        return [SearchLimits(deadline: .now), SearchLimits(cancellation: cancellation)]
    }

    @Test(arguments: ["coat", "renmin", "winter coat"])
    func nothingIsAddedToQueriesOutOfTime(_ words: String) throws {
        let parsed = ParsedQuery(words)
        func builder(_ limits: SearchLimits) throws -> QueryBuilder {
            try QueryBuilder(parsed, context.with(Matching(), limits))
        }
        let complete = try builder(SearchLimits())
        #expect(!complete.rewrites.synonyms.isEmpty || !complete.rewrites.pinyin.isEmpty)
        for limits in Self.over {
            let typed = try builder(limits)
            #expect(typed.rewrites.synonyms.isEmpty)
            #expect(typed.rewrites.pinyin.isEmpty)
            #expect(typed.positionCount == complete.positionCount)
        }
    }

    @Test func nothingIsCorrectedOutOfTime() throws {
        func corrected(_ words: String, _ limits: SearchLimits) throws -> [String]? {
            try FreeWords(words, context.with(Matching(), limits), positions: 1).corrected()
        }
        let words = ["refrigirator": "refrigerator", "编成入门": "编程入门"]
        for (typed, meant) in words {
            #expect(try corrected(typed, SearchLimits()) == [meant])
            for limits in Self.over { #expect(try corrected(typed, limits) == nil) }
        }
    }

    /// The segmentations of pages of pinyin would take unlimited time.
    @Test(arguments: [(1, true), (3, true), (7, true), (40, false)])
    func longTextsAreNotPinyin(words: Int, arePinyin: Bool) throws {
        let text = Array(repeating: "zhongguorenminyinhang", count: words).joined(separator: " ")
        #expect(try FreeWords(text, context, positions: words).mayBePinyin == arePinyin)
    }

    @Test func wordsHaveNoNeighborsOutOfTime() throws {
        func vocabulary(_ limits: SearchLimits) -> SpellingVocabulary {
            SpellingVocabulary(fields: ["title_words"], searcher.reader, limits, dropsStopWords: false)
        }
        #expect(try vocabulary(SearchLimits()).similar(to: "blazr", edits: 1, prefix: 0) == ["blazer"])
        #expect(try vocabulary(SearchLimits()).together("red", "blazer") == 1)
        for limits in Self.over {
            #expect(try vocabulary(limits).similar(to: "blazr", edits: 1, prefix: 0) == [])
            #expect(try vocabulary(limits).together("red", "blazer") == 0)
        }
    }

    /// Replies say that they are partial, also if everything that was counted was counted in time.
    @Test func cancelledSearchesArePartial() throws {
        for limits in Self.over {
            for words in ["coat", "refrigirator", "\"no such phrase\"", ""] {
                let reply = try searcher.search(SearchRequest(words), limits: limits)
                #expect(reply.partial)
                #expect(reply.correctedQuery == nil)
            }
            #expect(try searcher.similar(to: "1", limits: limits)?.isEmpty == true)
        }
    }
}
