import Testing

@testable import Catalog

@Suite struct RuleTests {
    /// Rules that cannot be right in any catalog.
    @Test(arguments: [
        (#"{"query": {"is": "a"}, "hide": ["1"]}"#, #"the member "id" is missing"#),
        (#"{"id": " ", "query": {"is": "a"}, "hide": ["1"]}"#, "1 to 200 bytes"),
        (#"{"id": "r", "hide": ["1"]}"#, #"needs "query" or "if_filter""#),
        (#"{"id": "r", "query": {}, "hide": ["1"]}"#, "needs one of is, contains and prefix"),
        (#"{"id": "r", "query": {"contains": " "}, "hide": ["1"]}"#, "is blank"),
        (#"{"id": "r", "query": {"is": "a"}}"#, "needs an action"),
        (#"{"id": "r", "query": {"is": "a"}, "hide": []}"#, "needs an action"),
        (#"{"id": "r", "query": {"is": "a"}, "hides": ["1"]}"#, #"unknown member "hides""#),
        (#"{"id": "r", "query": {"is": "a"}, "hide": ["1"], "from": "Tuesday"}"#, "is not a date"),
        (#"{"id": "r", "query": {"is": "a"}, "hide": ["1"], "from": "2026-02", "until": "2026-01"}"#, "is before"),
        (#"{"id": "r", "query": {"is": "a"}, "pin": [{"id": "1", "position": 0}]}"#, "not from 1 to 100"),
        (#"{"id": "r", "query": {"is": "a"}, "pin": [{"id": "1"}]}"#, #"at [0].pin[0]: the member "position""#),
        (#"{"id": "r", "query": {"is": "a"}, "boost": [{"filter": "x:=1", "factor": 11}]}"#, "not from 1 to 10"),
        (#"{"id": "r", "query": {"is": "a"}, "bury": [{"filter": "x:=1", "factor": 0}]}"#, "not from 0.01 to 1"),
        (#"{"id": "r", "query": {"is": "a"}, "replace": ""}"#, "1 to 8192 bytes"),
        (#"{"id": "r", "query": {"is": "a"}, "redirect": "javascript:alert(1)"}"#, "begins with one /"),
        (#"{"id": "r", "query": {"is": "a"}, "redirect": "//evil.example"}"#, "begins with one /"),
    ])
    func wrongRulesNameThePlace(_ json: String, _ expected: String) throws {
        let error = #expect(throws: CatalogError.self) { try Rule.list(json: Array("[\(json)]".utf8)) }
        let text = try #require(error?.description)
        #expect(text.contains(expected), "\(text)")
        #expect(text.contains("[0]"), "\(text)")
    }

    @Test func idsAreDistinct() throws {
        let rule = #"{"id": "r", "query": {"is": "a"}, "hide": ["1"]}"#
        let error = #expect(throws: CatalogError.self) { try Rule.list(json: Array("[\(rule), \(rule)]".utf8)) }
        #expect(error?.description.contains("at [1].id: another rule") == true)
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let json = """
            [{"id":"all","query":{"is":"a","contains":["b","c"],"prefix":["d"]},"if_filter":"x:=1","from":"2026",
            "until":"2027-01-02T03:04:05+08:00","pin":[{"id":"1","position":2}],"hide":["3"],
            "boost":[{"filter":"x:=1","factor":2.5}],"bury":[{"filter":"x:=2","factor":0.5}],"filter":"x:*",
            "replace":"e","redirect":"/sale"}]
            """
        let rules = try Rule.list(json: Array(json.utf8))
        var written = JSONWriter()
        rules.write(to: &written)
        #expect(try Rule.list(json: written.withBytes { Array($0) }) == rules)
        #expect(rules[0].query?.is == ["a"])
        // Days count in full.
        #expect(rules[0].interval == 1_767_225_600_000..<1_798_830_246_000)
    }
}
