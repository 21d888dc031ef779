import Analyzer
import TestSupport
import Testing

@testable import Catalog

/// The popular queries that typed text begins.
@Suite struct PopularQueriesTests {
    private static let texts = [
        "harry potter", "三体", "the hobbit", "hobbit", "红楼梦", "c++", "三体 刘慈欣", "hair", "!!", "Harry-Potter", "foo 三体",
    ]

    @Test(arguments: [
        ("har", ["harry potter"]), ("HARRY  p", ["harry potter"]), ("ha", ["harry potter", "hair"]),
        ("三", ["三体", "三体 刘慈欣"]), ("santi", ["三体", "三体 刘慈欣"]), ("santil", ["三体 刘慈欣"]), ("hlm", ["红楼梦"]),
        ("紅樓", ["红楼梦"]), ("hob", ["the hobbit", "hobbit"]), ("the", ["the hobbit"]), ("c+", ["c++"]), ("potter", []),
        ("", []), ("!", []), ("harry potter and", []),
        ("st", ["三体", "三体 刘慈欣"]), ("fst", ["foo 三体"]),
    ])
    func typedTextBeginsQueries(_ typed: String, _ expected: [String]) {
        let popular = PopularQueries(Self.texts, by: .standard)
        #expect(popular.matching(typed, limit: 9).map(\.text) == expected)
        #expect(popular.matching(typed, limit: 1).map(\.text) == Array(expected.prefix(1)))
    }

    @Test func theTypedPartIsMarked() {
        let popular = PopularQueries(Self.texts, by: .standard)
        func marked(_ typed: String) -> [String] {
            popular.matching(typed, limit: 1).map { match in
                match.typed.map { String(decoding: Array(match.text.utf8)[$0], as: UTF8.self) } ?? ""
            }
        }
        #expect(marked("harry p") == ["harry p"])
        #expect(marked("santi") == ["三体"])
        #expect(marked("hl") == ["红楼"])
        #expect(marked("hob") == ["hob"])
    }

    /// Random texts and beginnings, compared with a look at each text.
    @Test func matchesAreThoseOfEachText() {
        var random = SplitMix64(seed: SplitMix64.varied(31))
        func text() -> String {
            String(
                (0...random.below(6)).map { _ in random.pick(["a", "b", " ", "三", "体", "ｂ", "é", "the "]) }.joined())
        }
        for _ in 0..<60 {
            let texts = (0..<random.below(60)).map { _ in text() }
            let popular = PopularQueries(texts, by: .standard)
            for typed in texts + (0..<40).map({ _ in text() }) {
                var forms = SuggestionForms()
                forms.make(typed, by: .standard)
                let beginning = Array(forms.text)
                var known: Set<[UInt8]> = []
                let expected = texts.filter { text in
                    forms.make(text, by: .standard)
                    guard known.insert(Array(forms.text)).inserted else { return false }
                    let whole = forms.bytes.elements.split(separator: 0)
                    let article = SuggestionForms.articleLength(Array(forms.text))
                    return whole.contains { $0.starts(with: beginning) }
                        || article > 0 && forms.text.dropFirst(article).starts(with: beginning)
                }
                let found = popular.matching(typed, limit: texts.count).map(\.text)
                #expect(found == (beginning.isEmpty ? [] : expected), "\(typed) in \(texts)")
            }
        }
    }
}
