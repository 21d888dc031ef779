import Foundation
import TestSupport
import Testing

@testable import Analyzer

/// The token forms other than words, the filters, and the options.
@Suite struct FormTests {
    private func terms(_ text: String, _ analyzer: TextAnalyzer = .pinyin) -> [String] {
        Analysis(text, analyzer).terms
    }

    @Test(
        arguments: [
            ("中国人民银行", ["zhong'guo", "guo'ren", "ren'min", "min'yin", "yin'hang"]),
            ("銀行", ["yin'hang"]), ("行走", ["xing'zou"]), ("音乐", ["yin'yue"]), ("快乐", ["kuai'le"]),
            ("长江", ["chang'jiang"]), ("长大", ["zhang'da"]), ("重庆", ["chong'qing"]), ("绿色", ["lv'se"]),
            ("三体", ["san'ti"]), ("我", ["wo"]), ("abc ,.", []), ("红abc楼", ["hong", "lou"]),
        ])
    func syllables(text: String, expected: [String]) { #expect(terms(text) == expected) }

    /// A character with several readings, between which no word decides, has a token for each.
    @Test func undecidedReadingsAreAllIndexed() {
        #expect(Set(terms("长谷")) == ["chang'gu", "zhang'gu"])
        let found = Analysis("长谷", .pinyin)
        #expect(found.positions == [0, 0])
        #expect(found.endPosition == 3)
    }

    @Test func initials() {
        #expect(terms("中国人民银行", .initials) == ["zg", "gr", "rm", "my", "yh"])
        #expect(terms("我", .initials) == [])
        #expect(terms("a红楼b", .initials) == ["hl"])
    }

    @Test func positionsOfSyllables() {
        let found = Analysis("看《紅樓夢》吧", .pinyin)
        #expect(found.faults == [])
        #expect(found.terms == ["kan", "hong'lou", "lou'meng", "ba"])
        #expect(found.tokens.map(\.source) == [0..<3, 6..<12, 9..<15, 18..<21])
        #expect(found.positions == [0, 2, 3, 6])
    }

    @Test(
        arguments: [
            ("yinhang", [["yin", "hang"]]), ("xian", [["xian"], ["xi", "an"]]), ("xi'an", [["xi", "an"]]),
            ("fangan", [["fang", "an"], ["fan", "gan"]]), ("zhongguo", [["zhong", "guo"], ["zhong", "gu", "o"]]),
            ("women", [["wo", "men"]]),
            ("lvse", [["lv", "se"]]), ("hello", []), ("rmyh", []), ("", []), ("v", []),
            ("jiangmen", [["jiang", "men"], ["ji", "ang", "men"]]),
        ] as [(String, [[String]])])
    func pinyinSegmentation(text: String, expected: [[String]]) {
        #expect(PinyinQuery.syllables(of: text) == expected)
    }

    /// The number of segmentations is limited, and the time for a long word is linear.
    @Test func segmentationsAreLimited() {
        let long = String(repeating: "xian", count: 16)
        let segmentations = PinyinQuery.syllables(of: long, limit: 5)
        #expect(segmentations.count == 5)
        #expect(segmentations.allSatisfy { $0.joined() == long })
        #expect(PinyinQuery.syllables(of: String(repeating: "xian", count: 1000)) == [])
        #expect(PinyinQuery.pairs(["a", "b", "c"]) == ["a'b", "b'c"])
        #expect(PinyinQuery.pairs(["a"]) == ["a"])
    }

    /// The terms of a query in pinyin are among those of the title.
    @Test func spellingsMatchTheirTitles() {
        for (title, spelling) in [("中国人民银行", "yinhang"), ("长江", "changjiang"), ("重庆森林", "chongqingsenlin")] {
            let titleTerms = Set(terms(title))
            let queries = PinyinQuery.syllables(of: spelling, least: 2).map(PinyinQuery.pairs)
            #expect(queries.contains { titleTerms.isSuperset(of: $0) }, "\(title)")
        }
        #expect(!terms("长江").contains("zhang'jiang"))
    }

    @Test(
        arguments: [
            ("三体（全三册）", ["三体全三册", "三体"]), ("Node.js: The Book", ["node js the book", "node js"]),
            ("哈利·波特", ["哈利波特"]), ("Harry  Potter!", ["harry potter"]), ("Python编程 第2版", ["python编程第2版"]),
            ("", []), ("（全）", ["全"]), ("——", []), ("紅樓夢", ["红楼梦"]),
        ])
    func wholeTexts(text: String, expected: [String]) {
        let found = Analysis(text, .whole)
        #expect(found.terms == expected)
        #expect(found.faults == [])
        #expect(found.positions.allSatisfy { $0 == 0 })
        #expect(found.tokens.allSatisfy { $0.source == 0..<text.utf8.count })
    }

    @Test func textsLongerThanATermGiveNoWholeToken() {
        #expect(terms(String(repeating: "a", count: 255), .whole).count == 1)
        #expect(terms(String(repeating: "a", count: 256), .whole) == [])
        #expect(terms(String(repeating: "a", count: 300) + "", .whole) == [])
        #expect(terms("三体（" + String(repeating: "册", count: 100) + "）", .whole) == ["三体"])
    }

    @Test func singleCharacters() {
        let found = Analysis("Python编程，한국 テスト", .characters)
        #expect(found.terms == ["编", "程", "한", "국", "テ", "ス", "ト"])
        #expect(found.kinds.allSatisfy { $0 == .unigram })
        #expect(found.positions == [6, 7, 8, 9, 10, 11, 12])
    }

    @Test func englishStems() {
        #expect(
            terms("The runners' shoes were running, happily", .english) == [
                "the", "runner", "shoe", "were", "run", "happili",
            ])
        let found = Analysis("happy dogs", .english)
        #expect(found.terms == ["happi", "dog"])
        #expect(found.tokens.map(\.source) == [0..<5, 6..<10])
        #expect(found.faults == [])
    }

    @Test func stopWordsLeaveTheirPositionsEmpty() {
        let analyzer = TextAnalyzer("x", AnalyzerOptions(stemmer: .english, stopWords: .english))
        let found = Analysis("The cat and the hats", analyzer)
        #expect(found.terms == ["cat", "hat"])
        #expect(found.positions == [1, 4])
        #expect(found.endPosition == 5)
    }

    @Test func everyLanguageHasAStemmer() {
        for language in Language.allCases {
            #expect(!terms("word слово", TextAnalyzer("x", AnalyzerOptions(stemmer: language))).isEmpty)
        }
        #expect(Language.withStopWords.contains(.english))
    }

    /// Another version of a stemmer gives another stem of some probe, and thereby another fingerprint.
    @Test(arguments: Language.allCases)
    func fingerprintsDependOnTheStemmer(language: Language) {
        let analyzer = TextAnalyzer("x", AnalyzerOptions(stemmer: language))
        let stems = Stemmer(language).stems(of: Language.probes)
        #expect(stems.count == Language.probes.count)
        #expect(stems.allSatisfy { !$0.isEmpty })
        // Every language has at least two probes that its stemmer changes.
        #expect(zip(stems, Language.probes).count { $0 != $1 } >= 2)
        #expect(analyzer.fingerprint == analyzer.fingerprint(stems: stems))
        var otherStems = stems
        otherStems[otherStems.count / 2] += "s"
        #expect(analyzer.fingerprint != analyzer.fingerprint(stems: otherStems))
    }

    /// The errors for an unknown choice and for an unknown member list the known ones.
    @Test(arguments: [
        (#"{"tokens": "word"}"#, "\"word\" is none of: words, characters"),
        (#"{"stemmer": "English"}"#, "\"English\" is none of: arabic, armenian"),
        (#"{"stopWords": "klingon"}"#, "\"klingon\" is none of: "),
        (#"{"stems": "english"}"#, "unknown member \"stems\"; known members: tokens, simplifies"),
    ])
    func rejectsUnknownOptions(json: String, problem: String) {
        let error = #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(AnalyzerOptions.self, from: Data(json.utf8))
        }
        #expect(
            "\(String(describing: error))".replacing("\\\"", with: "\"").contains(problem),
            "\(String(describing: error))")
    }

    @Test func japaneseKeepsTraditionalCharacters() {
        #expect(terms("機 着 著 カタカナ", .japanese) == ["機", "着", "著", "かた", "たか", "かな"])
        #expect(terms("機 著", .standard) == ["机", "着"])
    }

    /// The invariants of `Analysis` hold for every analyzer and any text.
    @Test(arguments: [1, 2] as [UInt64])
    func invariantsHoldForEveryAnalyzer(seed: UInt64) {
        var text = RandomText(seed: seed)
        for _ in 0..<500 {
            let bytes = text.next(atMost: 30)
            for analyzer in TextAnalyzer.all { #expect(Analysis(bytes, analyzer).faults == [], "\(analyzer.name)") }
        }
    }
}
