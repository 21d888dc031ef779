import Foundation
import TestSupport
import Testing

@testable import Searching
@testable import Segments

@Suite struct HighlighterTests {
    private let schema: Schema

    init() throws {
        schema = try Schema(
            key: "id", fields: [Field("id", .keyword), Field("t", .text), Field("p", .text, analyzer: "peers")])
    }

    private func highlighter(_ terms: String..., field: String = "t") -> Highlighter {
        Highlighter(.or(terms.map { .term(field: field, $0) }), schema)
    }

    @Test(
        arguments: [
            (["red"], "The RED shoe, red.", "The <mark>RED</mark> shoe, <mark>red</mark>."),
            (["red"], "redder bred", nil), (["red", "shoe"], "red-shoe", "<mark>red</mark>-<mark>shoe</mark>"),
            (["红楼", "楼梦"], "看紅樓夢了", "看<mark>紅樓夢</mark>了"), (["红楼"], "紅樓紅樓", "<mark>紅樓</mark><mark>紅樓</mark>"),
            (["abc"], "ＡＢＣ ａｂｃ", "<mark>ＡＢＣ</mark> <mark>ａｂｃ</mark>"), (["书店"], "ＡＢＣ書店街", "ＡＢＣ<mark>書店</mark>街"),
            (["strasse"], "die Straße", "die <mark>Straße</mark>"),
            (["cafe"], "CAFE\u{301}!", "<mark>CAFE\u{301}</mark>!"),
            (["fin"], "ﬁn", "<mark>ﬁn</mark>"),
            (
                ["b"], "<b>\"B\" & 'b'</b>",
                "&lt;<mark>b</mark>&gt;&quot;<mark>B</mark>&quot; &amp; &#39;<mark>b</mark>&#39;&lt;/<mark>b</mark>&gt;"
            ),
            (["mark"], "<mark>", "&lt;<mark>mark</mark>&gt;"), (["a"], "", nil), (["g"], "㎏", nil),
            (["kg"], "5㎏!", "5<mark>㎏</mark>!"), (["5kg"], "5㎏!", "<mark>5㎏</mark>!"),
        ] as [([String], String, String?)])
    func termsAreMarked(_ terms: [String], _ text: String, _ expected: String?) {
        let query = Query.boolean(
            .init(
                must: terms.prefix(1).map { .term(field: "t", $0) },
                should: terms.dropFirst().map { .boosted(.term(field: "t", $0), 2) }))
        let found = Highlighter(query, schema).mark(text, field: "t")
        // Adjacent marks may be merged or not; nothing else may differ.
        func plain(_ text: String?) -> [UInt8]? { text.map { Array($0.replacing("</mark><mark>", with: "").utf8) } }
        #expect(plain(found) == plain(expected))
    }

    @Test func patternsAndPhrasesAreMarked() {
        func mark(_ query: Query) -> String? {
            Highlighter(query, schema).mark("Reading redder books, 红楼梦", field: "t")
        }
        #expect(mark(.pattern(field: "t", .prefix("red"))) == "Reading <mark>redder</mark> books, 红楼梦")
        #expect(mark(.pattern(field: "t", .wildcard("b?o*"))) == "Reading redder <mark>books</mark>, 红楼梦")
        #expect(mark(.pattern(field: "t", .expression("re[ad]+ing|x"))) == "<mark>Reading</mark> redder books, 红楼梦")
        #expect(mark(.pattern(field: "t", .any(["books", "x"]))) == "Reading redder <mark>books</mark>, 红楼梦")
        #expect(mark(.fuzzy(field: "t", FuzzyTerm("reder", edits: 1))) == "Reading <mark>redder</mark> books, 红楼梦")
        #expect(mark(.fuzzy(field: "t", FuzzyTerm("xedder", edits: 1))) == nil)
        #expect(mark(.pattern(field: "t", .expression("("))) == nil)
        let sloppy = Query.sloppyPhrase(
            field: "t", SloppyPhrase([.init(["books"], at: 0), .init(["redder", "x"], at: 1)], slop: 3))
        #expect(mark(sloppy) == "Reading <mark>redder</mark> <mark>books</mark>, 红楼梦")
        func markSloppy(_ slop: Int, _ text: String) -> String? {
            let phrase = SloppyPhrase(
                [.init(["red"], at: 0), .init(["red"], at: 1), .init(["fox"], at: 2)], slop: slop)
            return Highlighter(.sloppyPhrase(field: "t", phrase), schema).mark(text, field: "t")
        }
        // Only where the words are near enough, and each place is filled by another token.
        #expect(markSloppy(0, "red red fox, red fox") == "<mark>red</mark> <mark>red</mark> <mark>fox</mark>, red fox")
        #expect(markSloppy(1, "red x red fox") == "<mark>red</mark> x <mark>red</mark> <mark>fox</mark>")
        #expect(markSloppy(1, "red fox") == nil)
        #expect(markSloppy(0, "red x red fox") == nil)
    }

    @Test func onlySelectedFieldsAreMarked() {
        let query = Query.or([.term(field: "t", "red"), .term(field: "p", "shoe")])
        let highlighter = Highlighter(query, schema, fields: ["p"])
        #expect(highlighter.marks("p"))
        #expect(!highlighter.marks("t"))
        #expect(highlighter.mark("red shoe", fields: ["t", "p"]) == "red <mark>shoe</mark>")
        let all = Highlighter(query, schema)
        #expect(all.mark("red shoe", fields: ["t", "p"]) == "<mark>red</mark> <mark>shoe</mark>")
    }

    @Test func onlyScoringClausesAreMarked() {
        let query = Query.boolean(
            .init(
                must: [.phrase(field: "t", [.init("a", at: 0), .init("b", at: 1)])], mustNot: [.term(field: "t", "c")],
                filter: [.term(field: "t", "d")]))
        let highlighter = Highlighter(query, schema)
        #expect(highlighter.mark("a b c d", field: "t") == "<mark>a</mark> <mark>b</mark> c d")
        #expect(highlighter.marks("t"))
        #expect(!highlighter.marks("p"))
        #expect(highlighter.mark("a", field: "p") == nil)
        #expect(highlighter.mark("a", field: "none") == nil)
        #expect(!Highlighter(.term(field: "id", "a"), schema).marks("id"))
        #expect(Highlighter(.term(field: "p", "é"), schema).mark("é e", field: "p") == nil)
    }

    /// The text of a highlight without marks and escapes.
    private func plain(_ html: String) -> String {
        html.replacing("<mark>", with: "").replacing("</mark>", with: "").replacing("&lt;", with: "<").replacing(
            "&gt;", with: ">"
        )
        .replacing("&quot;", with: "\"").replacing("&#39;", with: "'").replacing("&amp;", with: "&")
    }

    @Test(arguments: Alphabet.allCases)
    func highlightsEqualTheTextAndSnippetsArePartsOfIt(_ alphabet: Alphabet) {
        var random = SplitMix64(seed: 71)
        let words = RandomText(alphabet, vocabulary: 60, using: &random)
        for _ in 0..<400 {
            let text = words.text(1 + random.below(80), using: &random).replacing(
                "a", with: random.pick(["a", "<", "&", "'"]))
            let tokens = NaiveDocument.tokens([text], .standard)
            guard !tokens.isEmpty else { continue }
            let terms = (0..<2).map { _ in String(decoding: random.pick(tokens).term, as: UTF8.self) }
            let highlighter = Highlighter(.or(terms.map { .term(field: "t", $0) }), schema)
            guard let whole = highlighter.mark(text, field: "t") else {
                Issue.record("\(terms) not found in \(text)")
                continue
            }
            #expect(plain(whole).utf8.elementsEqual(text.utf8), "\(whole)")
            let length = 1 + random.below(120)
            guard var snippet = highlighter.snippet(text, field: "t", length: length) else {
                Issue.record("no snippet")
                continue
            }
            if !text.contains("\u{FFFD}") {
                #expect(snippet.contains("<mark>"), "\(snippet)")
                #expect(!snippet.contains("\u{FFFD}"), "\(snippet)")
            }
            let ellipsis = Unicode.Scalar(0x2026)
            let isCut = (start: snippet.unicodeScalars.first == ellipsis, end: snippet.unicodeScalars.last == ellipsis)
            if isCut.start { snippet.unicodeScalars.removeFirst() }
            if isCut.end { snippet.unicodeScalars.removeLast() }
            let part = Array(plain(snippet).utf8)
            #expect(isCut.start || text.utf8.starts(with: part))
            #expect(isCut.end || Array(text.utf8.suffix(part.count)) == part)
            #expect(contains(Array(text.utf8), part), "\(snippet) in \(text)")
            if !isCut.start, !isCut.end { #expect(part.count == text.utf8.count) }
        }
    }

    private func contains(_ whole: [UInt8], _ part: [UInt8]) -> Bool {
        part.count <= whole.count && (0...(whole.count - part.count)).contains { whole[$0...].starts(with: part) }
    }

    @Test func snippetsShowThePartWithTheMostMatches() throws {
        let filler = (0..<100).map { "word\($0)" }.joined(separator: " ")
        let text = "red " + filler + " red shoe red " + filler
        let snippet = try #require(highlighter("red", "shoe").snippet(text, field: "t", length: 60))
        #expect(snippet.hasPrefix("…"))
        #expect(snippet.hasSuffix("…"))
        #expect(snippet.contains("<mark>red</mark> <mark>shoe</mark> <mark>red</mark>"))
        #expect(plain(snippet).count <= 64)
        #expect(highlighter("red").snippet("red", field: "t", length: 160) == "<mark>red</mark>")
        #expect(highlighter("blue").snippet(text, field: "t") == nil)
    }

    private func phrase(_ terms: [String], from first: Int = 0) -> Highlighter {
        Highlighter(
            .phrase(field: "t", terms.enumerated().map { Query.PhraseTerm($0.element, at: first + $0.offset) }), schema)
    }

    /// Occurrences that overlap are all marked, whatever the order of the phrase's terms.
    @Test func phrasesAreMarkedWhereTheyOccurCompletely() {
        #expect(
            phrase(["a", "b", "a"]).mark("a b a b a c a b", field: "t")
                == "<mark>a</mark> <mark>b</mark> <mark>a</mark> <mark>b</mark> <mark>a</mark> c a b")
        let reversed = Query.phrase(field: "t", [.init("b", at: 7), .init("a", at: 6)])
        #expect(Highlighter(reversed, schema).mark("b a b", field: "t") == "b <mark>a</mark> <mark>b</mark>")
        // A joined word has the position of its first part.
        #expect(
            phrase(["iphone15", "case"]).mark("iphone15 case", field: "t") == nil,
            "case comes one position after 15")
        let joined = Query.phrase(field: "t", [.init("iphone15", at: 0), .init("iphone", at: 0), .init("15", at: 1)])
        #expect(Highlighter(joined, schema).mark("iphone15", field: "t") == "<mark>iphone15</mark>")
    }

    /// Only the first terms of a very long phrase are considered, and only the start of a very long text.
    @Test func longPhrasesAndTextsAreTruncated() throws {
        let run = String(repeating: "哈", count: 10_000)
        let marked = try #require(phrase([String](repeating: "哈哈", count: 330)).mark(run, field: "t"))
        #expect(marked.hasPrefix("<mark>哈"))
        #expect(marked.hasSuffix("</mark>"))
        let letters = "abcdefghij".map(String.init)
        let words = letters.flatMap { first in letters.map { first + $0 } }
        let long = try #require(phrase(words).mark(words.joined(separator: " "), field: "t"))
        #expect(long.components(separatedBy: "<mark>").count == 1 + 64)
        let text = "red " + String(repeating: "é ", count: 40_000) + "red"
        #expect(try #require(highlighter("red").mark(text, field: "t")).components(separatedBy: "<mark>").count == 2)
    }
}
