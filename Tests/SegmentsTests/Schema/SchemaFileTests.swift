import Analyzer
import Testing

@testable import Segments

@Suite struct SchemaFileTests {
    @Test func formattedSchemasAreTheSameSchemas() throws {
        let schema = try Schema(
            key: "id", unknown: .ignore,
            fields: [
                Field("id", .keyword),
                Field("t", .text, from: "a.\"b\\", analyzer: "own", multiple: true, stored: false),
                Field("shelf", .keyword, prefix: "s:", separator: "/"), Field("price", .price, currency: "EUR"),
                Field("s", .suggestion, from: "名", kind: .title, weight: "n"), Field("n", .integer),
                Field("w", .vocabulary, from: "名", analyzer: "japanese"), Field("old", .stored),
            ],
            analyzers: ["own": AnalyzerOptions(stemmer: .german)])
        let text = schema.formatted
        #expect(try Schema(json: Array(text.utf8)) == schema)
        #expect(text.contains("\n    { \"name\": \"price\", \"type\": \"price\", \"currency\": \"EUR\" },\n"))
        #expect(text.contains("\"from\": \"名\""))
        let small = try Schema(key: "id", fields: [Field("id", .keyword)])
        #expect(
            small.formatted == """
                {
                  "key": "id",
                  "fields": [
                    { "name": "id", "type": "keyword" }
                  ]
                }
                """)
    }
}
