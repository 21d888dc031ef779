import Testing

@testable import Indexer

@Suite struct JSONSyntaxTests {
    @Test(arguments: ["{}", " [1, -2.5e3, \"三\", true, null, {\"a\": []}]\n", "7", "\"a\""])
    func jsonHasNoProblem(_ text: String) { #expect(syntaxProblem(json: Array(text.utf8)) == nil) }

    @Test(arguments: [
        ("", "line 1, column 1: "), ("{", "line 1, column 2: "), ("{\"a\" 1}", "line 1, column 6: "),
        ("[1,\n 2,\n]", "line 3, column 1: "), ("{\"三体\": x}", "line 1, column 8: "), ("[] []", "line 1, column 4: "),
        ("[\n\"abc", "line 2, column 1: "),
    ])
    func problemsHaveALineAndAColumn(_ text: String, _ expected: String) throws {
        let problem = try #require(syntaxProblem(json: Array(text.utf8)))
        #expect(problem.hasPrefix(expected), "\(problem)")
    }

    @Test func textThatIsNotUTF8IsToldApart() {
        #expect(syntaxProblem(json: [0x22, 0xFF, 0x22]) == "the text is not valid UTF-8")
    }
}
