import TestSupport
import Testing

@testable import Indexer
@testable import Segments

@Suite struct MappingTests {
    @Test func templatesFillMembers() throws {
        let mapping = Mapping(set: ["id": "{file}:{name}-{n}"])
        let schema = try inputSchema()
        let csv = try records(Array("name,n,t\na,7,x\n".utf8), .csv, schema, mapping, name: "books.v2.csv").all
        #expect(csv == [.document(["n=7", "t=x", "id=books:a-7"])])
        let json = try records(
            Array(#"{"n":7,"name":"a\n","t":"x"}"#.utf8), .ndjson, schema, mapping, name: "books.jsonl"
        ).all
        #expect(json == [.document(["n=7", "t=x", "id=books:a\n-7"])])
        let missing = try records(Array(#"{"n":7}"#.utf8), .ndjson, schema, mapping).all
        #expect(missing.first?.problem?.contains("\"name\"") == true)
    }

    @Test func aTemplateMayUseTheMemberItFills() throws {
        #expect(try records("id,t\n5,x\n", .csv, Mapping(set: ["id": "p{id}"])) == [.document(["t=x", "id=p5"])])
        #expect(
            try records("id\na\n", .csv, Mapping(set: ["n": "4", "x": "-2.5"])) == [
                .document(["id=a", "n=4", "x=-2.5"])
            ])
    }

    /// Numbers count as values like texts do.
    @Test func documentsWithTooManyValuesAreRefused() throws {
        let tags = String(repeating: "\"a\",", count: DocumentBuffer.maxValues - 2) + "\"a\""
        let fits = try records("{\"id\": \"1\", \"tags\": [\(tags)]}\n", .ndjson)
        #expect(fits.first?.isDocument == true)
        for member in [#""n": 1"#, #""x": 1.5"#, #""t": "a""#] {
            let over = try records("{\"id\": \"1\", \"tags\": [\(tags)], \(member)}\n", .ndjson)
            #expect(over.first?.problem?.contains("over 65536 values") == true)
        }
    }

    @Test func renameSplitAndIgnore() throws {
        let mapping = Mapping(rename: ["summary": "t"], split: ["tags": ";"], ignore: ["junk"])
        #expect(
            try records("junk,summary,tags,id\n1,hello,\" a ;b;; c\",k\n", .csv, mapping)
                == [.document(["t=hello", "tags=a", "tags=b", "tags=c", "id=k"])])
        #expect(
            try records(#"{"junk":{"a":[1]},"summary":"s","tags":"a;b","id":"k"}"#, .ndjson, mapping)
                == [.document(["t=s", "tags=a", "tags=b", "id=k"])])
        // The member's own name no longer fills it.
        #expect(try records(#"{"t":"own","summary":"s","id":"k"}"#, .ndjson, mapping) == [.document(["t=s", "id=k"])])
    }

    @Test func impossibleMappingsAreRefusedAtOnce() throws {
        for mapping in [
            Mapping(set: ["none": "x"]), Mapping(rename: ["a": "none"]), Mapping(split: ["tags": ""]),
            Mapping(split: ["tags": ";;"]),
            Mapping(set: ["id": "{open"]),
        ] {
            let all = try records("id\na\n", .csv, mapping)
            guard case .unusable? = all.first else {
                Issue.record("\(mapping): \(all)")
                continue
            }
        }
        #expect(throws: InputError.self) { try Mapping(json: Array(#"{"renam":{}}"#.utf8), path: "m.json") }
        #expect(throws: InputError.self) { try Mapping(json: Array(#"{"split":["a"]}"#.utf8), path: "m.json") }
    }

    /// A field with a single value cannot hold the several that a split creates.
    @Test func splittingASingleValuedFieldIsRefused() throws {
        for member in ["t", "id", "n"] {
            let all = try records("id,t,n\na;b,c;d,1;2\n", .csv, Mapping(split: [member: ";"]))
            #expect(!all.contains { $0.isDocument }, "\(all)")
        }
    }
}
