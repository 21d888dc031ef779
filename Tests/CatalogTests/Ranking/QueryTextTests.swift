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
        #expect(text.free == free && text.phrases == phrases && text.excluded == excluded, "\(text)")
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
