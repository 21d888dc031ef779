import Searching
import Segments
import Testing

@testable import Catalog

/// The decisions about a query, as a value.
@Suite struct QueryInterpreterTests {
    private let shelf = BookShelf()
    private let context: QueryContext

    init() throws {
        let schema = """
            {"key": "id", "fields": [{"name": "id", "type": "keyword"},
             {"name": "title", "type": "text", "analyzer": "english"},
             {"name": "title_words", "type": "vocabulary", "from": "title"},
             {"name": "title_characters", "type": "text", "from": "title", "analyzer": "characters"},
             {"name": "title_pinyin", "type": "text", "from": "title", "analyzer": "pinyin"},
             {"name": "title_initials", "type": "text", "from": "title", "analyzer": "initials"}]}
            """
        let titles = ["Red Blazer", "Winter Coats", "中国人民银行", "The Refrigerator", "编程入门", "Winter in Red"]
        let lines = titles.enumerated().map { #"{"id": "\#($0.offset)", "title": "\#($0.element)"}"# }
        let file = try shelf.write("titles.jsonl", lines.joined(separator: "\n"))
        var job = IndexJob(files: [file], schema: try Schema(json: Array(schema.utf8)))
        job.profile = (Array(#"{"weights": {"title": 3}}"#.utf8), "profile.json")
        _ = try job.run("titles", in: shelf.folder)
        let searcher = try shelf.folder.open("titles")
        context = QueryContext(profile: searcher.profile, reader: searcher.reader, synonyms: [:])
    }

    private func interpretation(_ q: String) throws -> QueryInterpretation {
        try QueryInterpreter(q, context.with(Matching(), SearchLimits())).interpretation
    }

    @Test func typedWordsAreSearched() throws {
        let typed = try interpretation("red blazer")
        #expect(typed.query == ParsedQuery("red blazer"))
        #expect(typed.reading == .words)
        #expect(typed.positionCount == 2)
        // Some documents have both words.
        #expect(typed.minimumPositions == 2)
        #expect(!typed.isRelaxed)
        #expect(typed.correctedQuery == nil)
    }

    @Test func correctedWordsAreSearched() throws {
        let corrected = try interpretation("refrigirator")
        #expect(corrected.query == ParsedQuery("refrigerator"))
        #expect(corrected.correctedQuery == "refrigerator")
        #expect(corrected.typos == ["refrigirator"])
    }

    @Test func pinyinIsReadAsSyllablesOrInitials() throws {
        let syllables = try interpretation("zhong guo ren min")
        #expect(syllables.reading == .syllables(["zhong'guo", "guo'ren", "ren'min"]))
        #expect(syllables.query == ParsedQuery("zhong guo ren min"))
        #expect(syllables.rewrites.pinyin == ["zhong", "guo", "ren", "min"])
        let initials = try interpretation("zgrmyh")
        #expect(initials.rewrites.pinyin == ["zgrmyh"])
    }

    @Test func quotesAroundUnknownPhrasesAreIgnored() throws {
        let quoted = try interpretation("\"winter in red\"")
        #expect(quoted.quotes == [])
        #expect(quoted.positionCount == 0)
        let ignored = try interpretation("\"red winter\"")
        #expect(ignored.quotes == ["red winter"])
        #expect(ignored.query == ParsedQuery("red winter"))
        #expect(ignored.positionCount == 2)
    }

    @Test func allWordsAreRequiredIfAsked() throws {
        var matching = Matching()
        matching.words = .all
        let strict = try QueryInterpreter("red winter", context.with(matching, SearchLimits())).interpretation
        #expect(strict.minimumPositions == 2)
        #expect(!strict.isRelaxed)
        matching.words = .any
        #expect(try QueryInterpreter("red winter", context.with(matching, SearchLimits())).interpretation.isRelaxed)
    }
}
