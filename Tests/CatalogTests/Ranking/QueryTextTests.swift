import Testing

@testable import Catalog

@Suite struct QueryTextTests {
    @Test(
        arguments: [
            ("red  shoes", "red shoes", [], []), ("\"red shoes\" men", "men", ["red shoes"], []),
            ("“红楼梦” 曹雪芹", "曹雪芹", ["红楼梦"], []), ("a \"b", "a b", [], []), ("wi-fi", "wi-fi", [], []),
            ("shoes -red", "shoes", [], ["red"]), ("shoes - red", "shoes - red", [], []), ("-", "-", [], []),
            ("python -\"for kids\"", "python", [], ["for kids"]), ("「書」", "「書」", [], []),
        ] as [(String, String, [String], [String])])
    func parts(q: String, free: String, phrases: [String], excluded: [String]) {
        let text = QueryText(q)
        #expect(text.free == free && text.phrases == phrases && text.excluded.map(\.text) == excluded, "\(text)")
        #expect(text.named.isEmpty && text.choices.isEmpty && text.excluded.allSatisfy { $0.field == nil })
    }

    /// Fields `a` and `b`; anything else with a colon is a word.
    @Test(
        arguments: [
            ("a:x y", "y", ["a=x"], []), ("a:\"x y\" z", "z", ["a=x y"], []), ("c:x a: :x a:", "c:x a: :x a:", [], []),
            ("c:\"x\" y", "c: y", [], []), ("a：x", "", ["a=x"], []), ("a:b:x", "", ["a=b:x"], []),
            ("x OR y z", "z", [], [["x", "y"]]), ("x OR y OR \"z w\"", "", [], [["x", "y", "z w"]]),
            ("x OR a:y", "", [], [["x", "a=y"]]), ("OR x", "OR x", [], []), ("x OR", "x OR", [], []),
            ("x OR OR y", "x OR OR y", [], []), ("x or y", "x or y", [], []), ("x OR -y", "x OR", [], []),
            ("\"OR\" OR x", "", [], [["OR", "x"]]), ("a:OR", "", ["a=OR"], []),
            ("u x OR y OR z v", "u v", [], [["x", "y", "z"]]),
        ] as [(String, String, [String], [[String]])])
    func fieldsAndChoices(q: String, free: String, named: [String], choices: [[String]]) {
        let text = QueryText(q) { name, _ in ["a", "b"].contains(name) }
        func plain(_ part: QueryText.Part) -> String { (part.field.map { $0 + "=" } ?? "") + part.text }
        #expect(
            text.free == free && text.named.map(plain) == named && text.choices.map { $0.map(plain) } == choices,
            "\(text)")
    }

    @Test func fieldsCanBeExcluded() {
        let text = QueryText("x -a:y -b:\"z w\" -c:v") { name, _ in ["a", "b"].contains(name) }
        #expect(text.free == "x" && text.excluded == [.init("y", in: "a"), .init("z w", in: "b"), .init("c:v")])
    }

    @Test func quotesCanBeIgnored() {
        let text = QueryText("a \"b c\" d").unquoted
        #expect(text.free == "a d b c" && text.phrases.isEmpty)
    }
}

@Suite struct QueryStretchesTests {
    @Test func stretchesAreRunsOfWordsAndCharacters() {
        let all = QueryStretches("三体 刘慈欣", least: 0.4).all
        #expect(all.first?.text == "三体刘慈欣" && all.first?.share == 1)
        #expect(Set(all.map(\.text)) == ["三体刘慈欣", "三体刘慈", "体刘慈欣", "三体刘", "体刘慈", "刘慈欣", "三体", "体刘", "刘慈", "慈欣"])
        let words = QueryStretches("Harry Potter book", least: 0.4).all.map(\.text)
        #expect(words == ["harry potter book", "harry potter", "potter book"])
    }

    /// Words of any alphabet are whole.
    @Test func wordsOfAllAlphabetsAreWhole() {
        #expect(QueryStretches("Война и мир", least: 0.1).all.map(\.text).contains("война и"))
        #expect(QueryStretches("Война и мир", least: 0.1).all.map(\.text).last == "мир")
        // All runs of four pieces but the two single characters.
        #expect(QueryStretches("φιλία 三体 đang", least: 0.1).all.count == 4 * 5 / 2 - 2)
    }

    @Test func longQueriesNameNoTitle() {
        #expect(QueryStretches(String(repeating: "书", count: 41), least: 0.1).all.isEmpty)
        #expect(QueryStretches("", least: 0).all.isEmpty && QueryStretches("?!", least: 0).all.isEmpty)
        #expect(QueryStretches("书", least: 0.4).all.map(\.text) == ["书"])
    }
}
