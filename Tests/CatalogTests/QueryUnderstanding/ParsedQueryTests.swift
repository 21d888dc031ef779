import Testing

@testable import Catalog

@Suite struct ParsedQueryTests {
    @Test(
        arguments: [
            ("red  shoes", "red shoes", [], []), ("\"red shoes\" men", "men", ["red shoes"], []),
            ("“红楼梦” 曹雪芹", "曹雪芹", ["红楼梦"], []), ("a \"b", "a b", [], []), ("wi-fi", "wi-fi", [], []),
            ("shoes -red", "shoes", [], ["red"]), ("shoes - red", "shoes - red", [], []), ("-", "-", [], []),
            ("python -\"for kids\"", "python", [], ["for kids"]), ("「書」", "「書」", [], []),
        ] as [(String, String, [String], [String])])
    func queriesAreSplitIntoParts(q: String, free: String, phrases: [String], excluded: [String]) {
        let parsed = ParsedQuery(q)
        #expect(parsed.free == free)
        #expect(parsed.phrases == phrases)
        #expect(parsed.excluded.map(\.text) == excluded)
        #expect(parsed.fielded.isEmpty)
        #expect(parsed.choices.isEmpty)
        #expect(parsed.excluded.allSatisfy { $0.field == nil })
    }

    /// The fields are `a` and `b`; anything else with a colon is a word.
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
    func fieldsAndChoicesAreParsed(q: String, free: String, fielded: [String], choices: [[String]]) {
        let parsed = ParsedQuery(q) { name, _ in ["a", "b"].contains(name) }
        func plain(_ part: ParsedQuery.Part) -> String { (part.field.map { $0 + "=" } ?? "") + part.text }
        #expect(parsed.free == free)
        #expect(parsed.fielded.map(plain) == fielded)
        #expect(parsed.choices.map { $0.map(plain) } == choices)
    }

    @Test func fieldsCanBeExcluded() {
        let parsed = ParsedQuery("x -a:y -b:\"z w\" -c:v") { name, _ in ["a", "b"].contains(name) }
        #expect(parsed.free == "x")
        #expect(parsed.excluded == [.init("y", in: "a"), .init("z w", in: "b"), .init("c:v")])
    }

    @Test func phrasesBecomeFreeWordsWithoutQuotes() {
        let parsed = ParsedQuery("a \"b c\" d").unquoted
        #expect(parsed.free == "a d b c")
        #expect(parsed.phrases.isEmpty)
    }
}

@Suite struct QueryShinglesTests {
    private func texts(_ query: String, minShare: Float) -> [String] {
        QueryShingles(query, minShare: minShare).all.map(\.text)
    }

    @Test func shinglesAreRunsOfWordsAndCharacters() {
        let shingles = QueryShingles("三体 刘慈欣", minShare: 0.4).all
        #expect(shingles.first?.text == "三体刘慈欣")
        #expect(shingles.first?.share == 1)
        #expect(
            Set(shingles.map(\.text)) == [
                "三体刘慈欣", "三体刘慈", "体刘慈欣", "三体刘", "体刘慈", "刘慈欣", "三体", "体刘", "刘慈", "慈欣",
            ])
        #expect(
            texts("Harry Potter book", minShare: 0.4) == ["harry potter book", "harry potter", "potter book"])
    }

    @Test func wordsOfAllAlphabetsAreNotDivided() {
        #expect(texts("Война и мир", minShare: 0.1).contains("война и"))
        #expect(texts("Война и мир", minShare: 0.1).last == "мир")
        // All runs of four pieces except the two single characters.
        #expect(texts("φιλία 三体 đang", minShare: 0.1).count == 4 * 5 / 2 - 2)
    }

    @Test func longAndEmptyQueriesHaveNoShingles() {
        #expect(texts(String(repeating: "书", count: 41), minShare: 0.1).isEmpty)
        #expect(texts("", minShare: 0).isEmpty)
        #expect(texts("?!", minShare: 0).isEmpty)
        #expect(texts("书", minShare: 0.4) == ["书"])
    }
}
