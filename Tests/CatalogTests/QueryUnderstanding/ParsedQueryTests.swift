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
        #expect(parsed.phrases.map(\.text) == phrases)
        #expect(parsed.excluded.map(\.text) == excluded)
        #expect(parsed.required.isEmpty)
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
    func fieldsAndChoicesAreParsed(q: String, free: String, fielded: [String], choices: [[String]]) throws {
        let parsed = try ParsedQuery(q) { ["a", "b"].contains($0.field) }
        func plain(_ part: ParsedQuery.Part) -> String { (part.field.map { $0 + "=" } ?? "") + part.text }
        #expect(parsed.free == free)
        #expect(parsed.required.map(plain) == fielded)
        #expect(parsed.choices.map { $0.map(plain) } == choices)
    }

    @Test func fieldsCanBeExcluded() throws {
        let parsed = try ParsedQuery("x -a:y -b:\"z w\" -c:v") { ["a", "b"].contains($0.field) }
        #expect(parsed.free == "x")
        #expect(parsed.excluded == [.init("y", in: "a"), .init("z w", in: "b"), .init("c:v")])
    }

    /// Signs after words and quotes; where they say nothing they are part of the word.
    @Test(
        arguments: [
            ("harr*", "", [.init("harr", .beginning)]), ("x harri~ y", "x y", [.init("harri", .similar(edits: 1))]),
            ("harri~2", "", [.init("harri", .similar(edits: 2))]), ("a:tol*", "", [.init("tol", in: "a", .beginning)]),
            ("a:\"x y\"~2", "", [.init("x y", in: "a", .near(2))]),
            (
                "h* f*ck m*a*s*h ab~ 你好~ harri~3 harri~1x * ~ c++* x**",
                "h* f*ck m*a*s*h ab~ 你好~ harri~3 harri~1x * ~ c++* x**", []
            ),
        ] as [(String, String, [ParsedQuery.Part])])
    func signsSayHowWordsMatch(q: String, free: String, required: [ParsedQuery.Part]) throws {
        let parsed = try ParsedQuery(q) { $0.field == "a" }
        #expect(parsed.free == free)
        #expect(parsed.required == required)
        #expect(parsed.phrases.isEmpty)
        #expect(try ParsedQuery(parsed.text) { $0.field == "a" } == parsed)
    }

    @Test(
        arguments: [
            ("\"red shoes\"~3 x", "x", [.init("red shoes", .near(3))]), ("\"a b\" ~3", "~3", [.init("a b")]),
            ("\"harry pot*\"", "", [.init("harry pot", .beginning)]), ("\"a *\" b", "b", [.init("a *")]),
            ("\"~3", "~3", []), ("”~3", "~3", []), ("x\"~3", "x ~3", []), ("\"a b\" c\"~3", "c ~3", [.init("a b")]),
            ("\"a b\" \"~3", "~3", [.init("a b")]), ("\"f***\"", "", [.init("f***")]),
            ("\"harry pot*\"~3", "~3", [.init("harry pot", .beginning)]), ("\"a\"~2", "", [.init("a", .near(2))]),
            ("\"a b\"~x", "~x", [.init("a b")]), ("\"a b\"~99", "~99", [.init("a b")]),
            ("-\"a b\"~2 \"c d\"~1", "", [.init("c d", .near(1))]),
        ] as [(String, String, [ParsedQuery.Part])])
    func signsSayHowPhrasesMatch(q: String, free: String, phrases: [ParsedQuery.Part]) {
        let parsed = ParsedQuery(q)
        #expect(parsed.free == free)
        #expect(parsed.phrases == phrases)
        #expect(parsed.required.isEmpty)
        #expect(ParsedQuery(parsed.text) == parsed)
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
