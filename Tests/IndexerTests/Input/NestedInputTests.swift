import TestSupport
import Testing

@testable import Segments

/// Members inside objects, and kinds of values other than texts and numbers.
@Suite struct NestedInputTests {
    private static func schema(_ unknown: UnknownMembers = .refuse) throws -> Schema {
        try Schema(
            key: "id", unknown: unknown,
            fields: [
                Field("id", .keyword), Field("zh", .text, from: "names.zh"), Field("en", .text, from: "names.en"),
                Field("authors", .keyword, from: "authors.name", multiple: true),
                Field("deep", .integer, from: "a.b.c"),
                Field("day", .date), Field("sold", .boolean), Field("price", .price, currency: "CNY"),
            ])
    }

    /// Returns what becomes of one line.
    private static func record(_ line: String, _ unknown: UnknownMembers = .refuse) throws -> Record? {
        try records(Array(line.utf8), .ndjson, schema(unknown)).all.first
    }

    @Test(arguments: [
        (#"{"id":"1","names":{"zh":"三","en":"three"}}"#, ["id=1", "names.zh=三", "names.en=three"]),
        (
            #"{"id":"1","authors":[{"name":"A"},{"name":["B","C"]},{}]}"#,
            ["id=1", "authors.name=A", "authors.name=B", "authors.name=C"]
        ),
        (#"{"id":"1","authors":{"name":"A"}}"#, ["id=1", "authors.name=A"]),
        (#"{"id":"1","a":{"b":{"c":7}}}"#, ["id=1", "a.b.c=7"]), (#"{"id":"1","a.b.c":7}"#, ["id=1", "a.b.c=7"]),
        (#"{"id":"1","a":{"b.c":7}}"#, ["id=1", "a.b.c=7"]), (#"{"id":"1","names":null}"#, ["id=1"]),
        (#"{"id":"1","names":{}}"#, ["id=1"]), (#"{"id":"1","authors":[]}"#, ["id=1"]),
        (#"{"id":"1","sold":true}"#, ["id=1", "sold=true"]),
        (#"{"id":"1","sold":false,"price":3.5}"#, ["id=1", "sold=false", "price=3.5"]),
        (#"{"id":"1","day":"2021-03"}"#, ["id=1", "day=2021-03"]),
    ])
    func nestedMembersAreRead(_ line: String, _ values: [String]) throws {
        #expect(try Self.record(line) == .document(values))
    }

    @Test(arguments: [
        (#"{"id":"1","names":{"fr":"trois"}}"#, "names.fr"),
        (#"{"id":"1","names":"three"}"#, "\"names\" expects an object"),
        (#"{"id":"1","names":{"zh":"a"},"names":{"zh":"b"}}"#, "names.zh"),
        (#"{"id":"1","names":[{"zh":"a"},{"zh":"b"}]}"#, "names.zh"),
        (#"{"id":"1","a":{"b":7}}"#, "\"a.b\" expects an object"), (#"{"id":"1","names":{"zh":{}}}"#, "an object"),
        (#"{"id":"1","sold":1}"#, "true or false"), (#"{"id":"1","sold":"true"}"#, "true or false"),
        (#"{"id":"1","day":"yesterday"}"#, "a date"), (#"{"id":"1","day":2021}"#, "text"),
        (#"{"id":"1","price":3.555}"#, "2 digits"), (#"{"id":"1","price":1e17}"#, "2 digits"),
        (#"{"id":"1","names":{"zh":true}}"#, "text"),
        (#"{"id":"1","names":{"zh":"a"}"#, "comma"),
    ])
    func wrongNestingIsRefused(_ line: String, _ words: String) throws {
        let problem = try #require(try Self.record(line)?.problem)
        #expect(problem.contains(words), "\(problem)")
    }

    @Test func unknownNestedMembersAreIgnoredOnRequest() throws {
        let line = #"{"id":"1","x":{"names":{"zh":"no"}},"names":{"fr":[{}],"zh":"yes"},"names.x":1}"#
        #expect(try Self.record(line, .ignore) == .document(["id=1", "names.zh=yes"]))
        let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(try Self.record(#"{"id":"1","authors":"# + deep + "}", .ignore)?.problem != nil)
    }

    @Test func columnsMayHavePathsAndBooleans() throws {
        let table = "id,names.zh,sold,price,day\n1,三,true,2.50,2021-03-04\n2,,0,,\n3,,maybe,,\n"
        let all = try records(Array(table.utf8), .csv, Self.schema()).all
        #expect(all[0] == .document(["id=1", "names.zh=三", "sold=true", "price=2.5", "day=2021-03-04"]))
        #expect(all[1] == .document(["id=2", "sold=false"]))
        #expect(all[2].problem?.contains("true or false") == true)
    }
}
