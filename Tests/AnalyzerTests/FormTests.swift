import Foundation
import OracleSupport
import Testing

@testable import Analyzer

/// The analyzers that make something else than words, and the options.
@Suite struct FormTests {
    private func pairs(_ text: String, _ analyzer: TextAnalyzer = .pinyin) -> [String] {
        Analysis(text, analyzer).terms
    }

    @Test(
        arguments: [
            ("中国人民银行", ["zhong'guo", "guo'ren", "ren'min", "min'yin", "yin'hang"]),
            ("銀行", ["yin'hang"]), ("行走", ["xing'zou"]), ("音乐", ["yin'yue"]), ("快乐", ["kuai'le"]),
            ("长江", ["chang'jiang"]), ("长大", ["zhang'da"]), ("重庆", ["chong'qing"]), ("绿色", ["lv'se"]),
            ("三体", ["san'ti"]), ("我", ["wo"]), ("abc ,.", []), ("红abc楼", ["hong", "lou"]),
        ])
    func syllables(text: String, expected: [String]) { #expect(pairs(text) == expected) }

    /// A character of several readings that no word decides has them all.
    @Test func undecidedReadingsAreAllThere() {
        #expect(Set(pairs("长谷")) == ["chang'gu", "zhang'gu"])
        let found = Analysis("长谷", .pinyin)
        #expect(found.positions == [0, 0] && found.endPosition == 3)
    }

    @Test func initials() {
        #expect(pairs("中国人民银行", .initials) == ["zg", "gr", "rm", "my", "yh"])
        #expect(pairs("我", .initials) == [])
        #expect(pairs("a红楼b", .initials) == ["hl"])
    }

    @Test func placesOfSyllables() {
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
    func waysToCutPinyin(text: String, expected: [[String]]) {
        #expect(PinyinQuery.syllables(of: text) == expected)
    }

    /// The ways are limited, and a long word takes no longer than its letters.
    @Test func waysAreFew() {
        let long = String(repeating: "xian", count: 16)
        let ways = PinyinQuery.syllables(of: long, limit: 5)
        #expect(ways.count == 5 && ways.allSatisfy { $0.joined() == long })
        #expect(PinyinQuery.syllables(of: String(repeating: "xian", count: 1000)) == [])
        #expect(PinyinQuery.pairs(["a", "b", "c"]) == ["a'b", "b'c"])
        #expect(PinyinQuery.pairs(["a"]) == ["a"])
    }

    /// What a title is spelt like is what a query of that spelling looks for.
    @Test func spellingsFindTheirTitles() {
        for (title, spelling) in [("中国人民银行", "yinhang"), ("长江", "changjiang"), ("重庆森林", "chongqingsenlin")] {
            let terms = Set(pairs(title))
            let ways = PinyinQuery.syllables(of: spelling, least: 2).map(PinyinQuery.pairs)
            #expect(ways.contains { terms.isSuperset(of: $0) }, "\(title)")
        }
        #expect(!pairs("长江").contains("zhang'jiang"))
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
        #expect(found.tokens.allSatisfy { $0.position == 0 && $0.source == 0..<text.utf8.count })
    }

    @Test func aTextLongerThanATermIsNoWhole() {
        #expect(pairs(String(repeating: "a", count: 255), .whole).count == 1)
        #expect(pairs(String(repeating: "a", count: 256), .whole) == [])
        #expect(pairs(String(repeating: "a", count: 300) + "", .whole) == [])
        #expect(pairs("三体（" + String(repeating: "册", count: 100) + "）", .whole) == ["三体"])
    }

    @Test func charactersOneByOne() {
        let found = Analysis("Python编程，한국 テスト", .characters)
        #expect(found.terms == ["编", "程", "한", "국", "テ", "ス", "ト"])
        #expect(found.kinds.allSatisfy { $0 == .unigram })
        #expect(found.positions == [6, 7, 8, 9, 10, 11, 12])
    }

    @Test func englishStems() {
        #expect(
            pairs("The runners' shoes were running, happily", .english) == [
                "the", "runner", "shoe", "were", "run", "happili",
            ])
        let found = Analysis("happy dogs", .english)
        #expect(found.terms == ["happi", "dog"] && found.tokens.map(\.source) == [0..<5, 6..<10])
        #expect(found.faults == [])
    }

    @Test func stopWordsLeaveTheirPlaces() {
        let analyzer = TextAnalyzer("x", AnalyzerOptions(stemmer: .english, stopWords: .english))
        let found = Analysis("The cat and the hats", analyzer)
        #expect(found.terms == ["cat", "hat"] && found.positions == [1, 4] && found.endPosition == 5)
    }

    @Test func everyLanguageHasItsStemmer() {
        for language in Language.allCases {
            #expect(!pairs("word слово", TextAnalyzer("x", AnalyzerOptions(stemmer: language))).isEmpty)
        }
        #expect(Language.withStopWords.contains(.english))
    }

    /// Another version of a stemmer makes other stems of some word: the fingerprint tells.
    @Test(arguments: Language.allCases)
    func fingerprintsTellStemmersApart(language: Language) {
        let analyzer = TextAnalyzer("x", AnalyzerOptions(stemmer: language))
        let stems = Stemmer(language).stems(of: Language.probes)
        #expect(stems.count == Language.probes.count && stems.allSatisfy { !$0.isEmpty })
        // Every language has probes that its stemmer changes.
        #expect(zip(stems, Language.probes).count { $0 != $1 } >= 2)
        #expect(analyzer.fingerprint == analyzer.fingerprint(stems: stems))
        var others = stems
        others[others.count / 2] += "s"
        #expect(analyzer.fingerprint != analyzer.fingerprint(stems: others))
    }

    /// A misspelt choice is answered by those there are, and so is a misspelt member.
    @Test(arguments: [
        (#"{"tokens": "word"}"#, "\"word\" is none of: words, characters"),
        (#"{"stemmer": "English"}"#, "\"English\" is none of: arabic, armenian"),
        (#"{"stopWords": "klingon"}"#, "\"klingon\" is none of: "),
        (#"{"stems": "english"}"#, "unknown member \"stems\""),
    ])
    func refusesOptions(json: String, problem: String) {
        let error = #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(AnalyzerOptions.self, from: Data(json.utf8))
        }
        #expect(
            "\(String(describing: error))".replacing("\\\"", with: "\"").contains(problem),
            "\(String(describing: error))")
    }

    @Test func japaneseKeepsItsCharacters() {
        #expect(pairs("機 着 著 カタカナ", .japanese) == ["機", "着", "著", "かた", "たか", "かな"])
        #expect(pairs("機 著", .standard) == ["机", "着"])
    }

    /// For every token of any text: its range lies in the text, on boundaries of characters.
    @Test(arguments: [1, 2] as [UInt64])
    func rangesAreSound(seed: UInt64) {
        var text = RandomText(seed: seed)
        for _ in 0..<500 {
            let bytes = text.next(atMost: 30)
            for analyzer in TextAnalyzer.all { #expect(Analysis(bytes, analyzer).faults == [], "\(analyzer.name)") }
        }
    }
}
