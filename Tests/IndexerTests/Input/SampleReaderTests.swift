import Storage
import TestSupport
import Testing

@testable import Indexer

@Suite struct SampleReaderTests {
    /// The values of each record as `path:kind=text`, with `[]` after the path of repeated ones.
    private func sample(
        _ text: String, _ format: InputFormat = .ndjson, _ mapping: Mapping = Mapping()
    ) throws -> [[String]] {
        let folder = try TemporaryFolder()
        let source = try ByteSource(folder.write("shelf.one.txt", Array(text.utf8)))
        var reader = SampleReader(source, format, mapping)
        var all: [[String]] = []
        while let record = try reader.next() {
            all.append(
                record.values.map { "\($0.path)\($0.isRepeated ? "[]" : ""):\($0.kind)=\($0.text)" })
        }
        return all
    }

    @Test func objectsAndArraysBecomePaths() throws {
        let line = #"""
            {"id":"a\u4e09","n":-1,"x":1.50,"big":9223372036854775808,"ok":true,"none":null,"empty":"",
            """#
        let rest = #"""
            "list":["p","q"],"deep":{"er":{"title":"t"},"all":[{"k":1},{"k":2,"l":[3]},{"k":null}]},
            """#
        let end = #""odd":[[1],2,null],"nothing":{},"no":[]}"#
        #expect(
            try sample(line + rest + end) == [
                [
                    "id:text=a三", "n:integer=-1", "x:float=1.50", "big:float=9223372036854775808", "ok:boolean=true",
                    "empty:empty=", "list:array=", "list[]:text=p", "list[]:text=q", "deep:object=", "deep.er:object=",
                    "deep.er.title:text=t", "deep.all:array=", "deep.all[]:object=", "deep.all.k[]:integer=1",
                    "deep.all[]:object=", "deep.all.k[]:integer=2", "deep.all.l[]:array=", "deep.all.l[]:integer=3",
                    "deep.all[]:object=", "deep.all.k[]:array=", "odd:array=", "odd[]:nestedArray=", "odd[]:integer=2",
                    "odd[]:array=", "nothing:object=", "no:array=",
                ]
            ])
    }

    @Test func recordsThatCannotBeReadAreLeftToTheIndexer() throws {
        let deep = String(repeating: "{\"a\":", count: 200) + "1" + String(repeating: "}", count: 200)
        let lines = ["[1]", "{\"a\":", #"{"a":1} x"#, deep, "", #"{"a":"fine"}"#, #"{"a":tru}"#]
        #expect(try sample(lines.joined(separator: "\n")) == [["a:text=fine"]])
        #expect(try sample("a,b\n1\n1,2\n\"x\"y,3\n", .csv) == [["a:integer=1", "b:integer=2"]])
    }

    @Test func cellsAreTypedByTheirNotation() throws {
        let cells: [(String, String)] = [
            ("12", "integer"), ("-12", "integer"), ("0", "integer"), ("012", "text"), ("0.5", "float"),
            ("00.5", "text"), ("1,5", "text"), ("true", "boolean"), ("True", "text"), ("1e3", "float"), ("1.", "float"),
            ("+1", "text"), ("12a", "text"), ("-", "text"), (" 1", "text"), ("99999999999999999999", "float"),
        ]
        for (cell, kind) in cells {
            #expect(try sample("id\tn\nx\t\(cell)\n", .tsv) == [["id:text=x", "n:\(kind)=\(cell)"]], "\(cell)")
        }
        #expect(try sample("id,t\nx,\"a\nb\"\ny,\n", .csv) == [["id:text=x", "t:text=a\nb"], ["id:text=y"]])
    }

    @Test func headersThatCannotBeReadAreErrors() {
        #expect(throws: InputError.self) { try sample("\"a\"b,c\n1,2\n", .csv) }
        #expect(throws: InputError.self) { try sample("a,b\n\"1,2\n", .csv) }
    }

    @Test func mappingsApply() throws {
        let mapping = Mapping(
            set: ["id": "{file}:{name}", "full": "{name} {gone}"], rename: ["who": "author"], split: ["who": ";"],
            ignore: ["month", "stats"])
        let line = #"{"id":5,"name":"n","who":"A; B;;","author":"old","month":"May","stats":{"a":1},"statsx":2}"#
        #expect(
            try sample(line, .ndjson, mapping) == [
                ["name:text=n", "author[]:text=A", "author[]:text=B", "statsx:integer=2", "id:text=shelf:n"]
            ])
    }

    @Test func samplesEnd() throws {
        let many = try sample(String(repeating: "{\"a\":1}\n", count: 3000))
        #expect(many.count == SampleReader.maxRecords)
        let wide = "{\"a\":\"" + String(repeating: "x", count: 1 << 20) + "\"}\n"
        #expect(try sample(String(repeating: wide, count: 12)).count == 8)
        let bad = try sample(String(repeating: "nonsense\n", count: 3000) + "{\"a\":1}\n")
        #expect(bad.isEmpty)
    }
}
