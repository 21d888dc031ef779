import TestSupport
import Testing

@testable import Searching
@testable import Segments

@Suite struct FieldTests {
    @Test func amountsRoundTripExactly() throws {
        let field = Field("p", .price, currency: "CNY")
        let codec = try #require(NumberCodec(field))
        for hundredths in Int64(-3000)...3000 {
            let amount = Double(hundredths) / 100
            let key = codec.key(bits: amount.bitPattern)
            #expect(key == SortKey.of(hundredths))
            #expect(Double(bitPattern: codec.bits(key: key)) == amount)
            for isIncluded in [true, false] {
                // The amount itself, and the numbers next to it.
                for (bound, isAbove, isEqual) in [
                    (amount, false, true), (amount.nextUp, false, false), (amount.nextDown, true, false),
                ] {
                    let from = ValueRange(lower: .init(.float(bound), isIncluded: isIncluded))
                    let upTo = ValueRange(upper: .init(.float(bound), isIncluded: isIncluded))
                    let isFrom = try from.keys("p", codec)?.contains(key) ?? false
                    let isUpTo = try upTo.keys("p", codec)?.contains(key) ?? false
                    #expect(isFrom == (isAbove || isEqual && isIncluded), "\(amount) from \(bound)")
                    #expect(isUpTo == (!isAbove && !isEqual || isEqual && isIncluded), "\(amount) up to \(bound)")
                }
            }
        }
        #expect(codec.key(bits: 1e300.bitPattern) == SortKey.of(Int64.max))
        #expect(codec.key(bits: (-1e300).bitPattern) == SortKey.of(Int64.min))
    }

    @Test(arguments: [("CNY", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("USD", 2)])
    func currenciesDetermineDecimalDigits(_ code: String, _ digits: Int) {
        #expect(NumberCodec(Field("p", .price, currency: code)) == .decimal(digits: digits))
    }

    @Test(arguments: [
        ("a/b/c", ["a", "a/b", "a/b/c"]), ("a", ["a"]), ("", []), ("/a", ["/a"]), ("a/", ["a/"]),
        ("a//b", ["a", "a//b"]),
        ("/", ["/"]), ("a/b/", ["a", "a/b/"]), ("//a/b", ["//a", "//a/b"]),
    ])
    func valuesAreIndexedUnderAllLevels(_ value: String, _ terms: [String]) {
        #expect(Self.terms(Field("f", .keyword, separator: "/"), value) == terms)
    }

    @Test func separatorsAndPrefixesMayBeLong() {
        #expect(Self.terms(Field("f", .keyword, separator: " > "), "a > b>c > d") == ["a", "a > b>c", "a > b>c > d"])
        let role = Field("f", .keyword, prefix: "role::")
        #expect(Self.terms(role, "role::a") == ["a"])
        #expect(Self.terms(role, "role::") == [])
        #expect(Self.terms(role, "use::a") == [])
        #expect(Self.terms(role, "rol") == [])
        #expect(Self.terms(Field("f", .keyword, prefix: "x:", separator: "/"), "x:a/b") == ["a", "a/b"])
    }

    private static func terms(_ field: Field, _ value: String) -> [String] {
        var value = value
        var terms: [String] = []
        value.withUTF8 { bytes in
            KeywordRule(field).forEachTerm(bytes) { terms.append(String(decoding: $0, as: UTF8.self)) }
        }
        return terms
    }

    @Test(arguments: [
        #"{"name": "f", "type": "price"}"#, #"{"name": "f", "type": "price", "currency": "yuan"}"#,
        #"{"name": "f", "type": "float", "currency": "CNY"}"#, #"{"name": "f", "type": "text", "prefix": "a"}"#,
        #"{"name": "f", "type": "integer", "separator": "/"}"#, #"{"name": "f", "type": "keyword", "separator": ""}"#,
        #"{"name": "f", "type": "keyword", "prefix": ""}"#, #"{"name": "f", "type": "date", "multiple": true}"#,
        #"{"name": "f", "type": "keyword", "from": "a..b"}"#, #"{"name": "f", "type": "keyword", "from": ".a"}"#,
    ])
    func contradictoryFieldsAreRefused(_ field: String) {
        let json = #"{"key": "id", "fields": [{"name": "id", "type": "keyword"}, "# + field + "]}"
        #expect {
            try Schema(json: Array(json.utf8))
        } throws: { "\($0)".contains("\"f\"") }
    }

    @Test func schemasRoundTripThroughJSON() throws {
        let schema = try RandomCorpus.schema()
        #expect(try Schema(json: schema.json) == schema)
    }
}
