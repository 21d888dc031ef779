import FoundationEssentials
import TestSupport
import Testing

@testable import Indexer
@testable import Segments

/// Returns the values that the scanner extracts from one line, without a file.
private func scan(_ line: [UInt8], unknown: UnknownMembers = .ignore) throws -> (values: [String], problem: String?) {
    let schema = try inputSchema(unknown: unknown)
    let members = Members(schema)
    var assembler = RecordAssembler(try InputPlan(Mapping(), members, unknown: unknown, file: "f"))
    var document = DocumentBuffer()
    do throws(RecordProblem) {
        try line.withUnsafeBufferPointer { bytes throws(RecordProblem) in
            assembler.begin(&document)
            var scanner = JSONScanner(bytes)
            try scanner.read(&assembler, into: &document)
            try assembler.end(&document)
        }
    } catch { return ([], error.text) }
    var values: [String] = []
    for i in 0..<document.values.count {
        let value = document.values[i]
        let name = members.all[Int(value.member)].name
        switch members.all[Int(value.member)].kind {
        case .text: values.append("\(name)=" + String(decoding: document.text(value), as: UTF8.self))
        case .integer: values.append("\(name)=\(Int64(bitPattern: value.number))")
        case .float: values.append("\(name)=\(Double(bitPattern: value.number))")
        case .boolean: values.append("\(name)=\(value.number != 0)")
        }
    }
    return (values, nil)
}

private func scan(_ line: String, unknown: UnknownMembers = .ignore) throws -> (values: [String], problem: String?) {
    try scan(Array(line.utf8), unknown: unknown)
}

@Suite struct JSONScannerTests {
    /// Values that JSON allows, by category: skipped for unknown members, stored for others.
    @Test(arguments: [
        "null", "true", "false", "0", "-0", "1", "-1", "10", "0.5", "-0.5e-7", "1e5", "1E+5", "1.25E-2",
        "123456789012345678901234567890",
        "\"\"", "\"a\"", #""\"\\\/\b\f\n\r\t""#, #""\u0041\u00e9\uD83D\uDE00""#, #""\u0000""#, "\"é漢🎉\u{7F}\u{2028}\"",
        "[]", "{}",
        "[ ]", "{ }", "[1, 2 ,3]", "[[[]]]", #"{"a":{"b":[null,{"":0}]}}"#, #"{"a":1,"a":2}"#, "\t1\r",
        "[1e1,\"]\",\"}\"]",
    ])
    func validValuesAreAccepted(_ value: String) throws {
        #expect(try scan("{\"other\":\(value)}").problem == nil)
        #expect(try scan(" { \"other\" :\t\(value) , \"id\" : \"k\" } ").values == ["id=k"])
    }

    @Test(arguments: [
        "", "nul", "nulll", "True", "tru", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".5", "1.e5", "1e", "1e+",
        "0x1", "1_0", "--1",
        "\"", "\"a", "'a'", #""\x""#, #""\u12""#, #""\u12G4""#, #""\u+123""#, #""\u 123""#, "\"\\", "\"\u{1}\"",
        "\"\n\"", "\"\t\"",
        "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
        "{\"a\":1 \"b\":2}", "{1:2}",
        "{\"a\":1]", "[1}", "1 2", "undefined", "/* c */ 1", "\u{FEFF}1", "\"\\uD83D\\uZZZZ\"",
    ])
    func invalidValuesAreRefused(_ value: String) throws {
        let line = "{\"other\":\(value)}"
        #expect(try scan(line).problem != nil, "\(line)")
    }

    @Test(arguments: [
        "", "[]", "1", "\"a\"", "null", "{", "}", "{}}", "{} {}", "{}x", "{\"id\":\"a\",}", "{,}", "{\"id\" \"a\"}",
        "{id:1}",
    ])
    func linesWithoutAnObjectAreRefused(_ line: String) throws {
        #expect(try scan(line).problem != nil)
    }

    @Test func everyPrefixOfAnObjectIsRefused() throws {
        let line = #"{"id":"k\n","t":"\u00e9","n":-12,"x":1.5e3,"tags":["a","b"],"other":{"a":[true,null]}}"#
        #expect(try scan(line).values == ["id=k\n", "t=é", "n=-12", "x=1500.0", "tags=a", "tags=b"])
        let bytes = Array(line.utf8)
        for length in 0..<bytes.count { #expect(try scan(Array(bytes.prefix(length))).problem != nil) }
    }

    @Test func loneSurrogatesAreReplaced() throws {
        for (text, expected) in [
            (#"\uD800"#, "\u{FFFD}"), (#"\uDC00x"#, "\u{FFFD}x"), (#"\uD83D\uDE00"#, "😀"),
            (#"\uD800\uD83D\uDE00"#, "\u{FFFD}😀"),
            (#"\uD800\n"#, "\u{FFFD}\n"), (#"\uD83D\u0041"#, "\u{FFFD}A"), (#"\uDBFF\uDFFF"#, "\u{10FFFF}"),
        ] { #expect(try scan("{\"t\":\"\(text)\"}").values == ["t=\(expected)"]) }
    }

    @Test func nestingIsLimitedAndDoesNotOverflow() throws {
        func nested(_ depth: Int, _ open: String, _ close: String) -> String {
            "{\"other\":" + String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth) + "}"
        }
        #expect(try scan(nested(127, "[", "]")).problem == nil)
        #expect(try scan(nested(128, "[", "]")).problem?.contains("128") == true)
        #expect(try scan(nested(100_000, "[", "]")).problem != nil)
        #expect(try scan(nested(100_000, "{\"a\":", "}")).problem != nil)
        #expect(try scan("{\"other\":" + String(repeating: "[", count: 1_000_000)).problem != nil)
    }

    @Test(arguments: [
        (#"{"n":"1"}"#, "whole number"), (#"{"n":1.5}"#, "whole number"), (#"{"n":1e3}"#, "whole number"),
        (#"{"n":9223372036854775808}"#, "whole number"), (#"{"n":true}"#, "whole number"), (#"{"n":[1]}"#, "one value"),
        (#"{"x":"1"}"#, "a number"), (#"{"x":1e999}"#, "a number"), (#"{"x":{}}"#, "a number"), (#"{"t":1}"#, "text"),
        (#"{"t":["a"]}"#, "multiple"), (#"{"t":{"a":"b"}}"#, "text"), (#"{"tags":[1]}"#, "text"),
        (#"{"tags":[["a"]]}"#, "text"),
        (#"{"t":"a","t":"b"}"#, "twice"), (#"{"t":null,"t":"b"}"#, "twice"),
    ])
    func wrongTypesAreRefused(_ line: String, _ expected: String) throws {
        let problem = try #require(try scan(line).problem)
        #expect(problem.contains(expected), "\(problem)")
        let name = try #require(line.split(separator: "\"").dropFirst().first)
        #expect(problem.contains("\"\(name)\""), "\(problem)")
    }

    @Test func extremeNumbersAreParsed() throws {
        #expect(try scan(#"{"n":-9223372036854775808}"#).values == ["n=-9223372036854775808"])
        #expect(try scan(#"{"n":9223372036854775807}"#).values == ["n=9223372036854775807"])
        #expect(try scan(#"{"n":-0,"x":-0}"#).values == ["n=0", "x=-0.0"])
        #expect(try scan(#"{"x":5e-324}"#).values == ["x=5e-324"])
        #expect(try scan(#"{"tags":[null,"a",null],"t":null,"n":null}"#).values == ["tags=a"])
        #expect(try scan(#"{"tags":"one"}"#).values == ["tags=one"])
    }

    /// Numbers parsed by the fast path equal those of the standard library to the last bit.
    @Test func numbersAreRoundedCorrectly() throws {
        var random = SplitMix64(seed: 8)
        for _ in 0..<20_000 {
            var text = random.chance(30) ? "-" : ""
            text += String(random.next() % UInt64(pow10(random.below(19)) + 1))
            if random.chance(70) {
                text += "." + String((0...random.below(18)).map { _ in random.pick(Array("0123456789")) })
            }
            if random.chance(30) { text += "e" + random.pick(["", "-", "+"]) + String(random.below(40)) }
            let value = text.utf8.withContiguousStorageIfAvailable { parseNumber($0) } ?? nil
            #expect(value?.bitPattern == Double(text)?.bitPattern, "\(text)")
        }
    }

    private func pow10(_ n: Int) -> UInt64 { (0..<n).reduce(1) { power, _ in power * 10 } }

    @Test func unknownMembersAreRefusedOrSkipped() throws {
        #expect(try scan(#"{"id":"a","colour":"red"}"#, unknown: .refuse).problem?.contains("\"colour\"") == true)
        #expect(try scan(#"{"id":"a","colour":"red"}"#, unknown: .ignore).values == ["id=a"])
        #expect(try scan(#"{"i\u0064":"a"}"#, unknown: .refuse).values == ["id=a"])
    }
}

/// Any JSON value, so that Foundation's decoder decides what is valid.
private enum AnyJSON: Decodable {
    case scalar, list([AnyJSON]), object([String: AnyJSON])

    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            self = .object([:])
            for key in object.allKeys { _ = try object.decode(AnyJSON.self, forKey: key) }
        } else if var list = try? decoder.unkeyedContainer() {
            self = .list([])
            while !list.isAtEnd { _ = try list.decode(AnyJSON.self) }
        } else {
            self = .scalar
            let value = try decoder.singleValueContainer()
            if value.decodeNil() { return }
            if (try? value.decode(Bool.self)) != nil { return }
            if (try? value.decode(Double.self)) != nil { return }
            _ = try value.decode(String.self)
        }
    }

    struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

@Suite struct JSONPropertyTests {
    private struct Plain: Codable, Equatable {
        var id: String
        var t: String?
        var tags: [String]?
        var n: Int64?
        var x: Double?

        var values: [String] {
            ["id=\(id)"] + (t.map { ["t=\($0)"] } ?? []) + (tags ?? []).map { "tags=\($0)" }
                + (n.map { ["n=\($0)"] } ?? [])
                + (x.map { ["x=\($0)"] } ?? [])
        }
    }

    /// Random documents, written by Foundation and by hand with every escape, are parsed to equal values.
    @Test func randomDocumentsParseLikeFoundation() throws {
        var random = SplitMix64(seed: 21)
        for round in 0..<1500 {
            let line = Self.document(&random)
            let expected = try JSONDecoder().decode(Plain.self, from: Data(line))
            let found = try scan(line)
            let text = String(decoding: line, as: UTF8.self)
            #expect(found.problem == nil, "round \(round): \(text)")
            #expect(found.values.sorted() == expected.values.sorted(), "round \(round): \(text)")
        }
    }

    /// Corrupted texts are accepted exactly when Foundation accepts them.
    @Test func corruptedTextsAreAcceptedLikeFoundation() throws {
        var random = SplitMix64(seed: 22)
        var refused = 0
        for _ in 0..<6000 {
            var line = Array("{\"other\":".utf8) + Self.value(depth: 3, &random) + Array("}".utf8)
            for _ in 0..<random.below(3) { Self.corrupt(&line, from: 9, &random) }
            // Only where both define a result: escapes of characters and numbers beyond Double are excluded, and so are
            // texts that Foundation judges against RFC 8259 (it accepts a comma before a closing bracket and refuses
            // 0E5).
            let text = String(decoding: line, as: UTF8.self)
            guard text.utf8.elementsEqual(line), !text.contains("\\u"), !line.contains(0) else { continue }
            guard !Self.hasHugeExponent(line), !Self.isJudgedWrongly(text) else { continue }
            let isValid = (try? JSONDecoder().decode(AnyJSON.self, from: Data(line))) != nil
            if !isValid { refused += 1 }
            #expect((try scan(line).problem == nil) == isValid, "\(text)")
        }
        #expect(refused > 1000)
    }

    private static func hasHugeExponent(_ line: [UInt8]) -> Bool {
        var digits = 0
        for byte in line {
            digits = byte &- 0x30 < 10 ? digits + 1 : 0
            if digits > 2 { return line.contains { $0 == 0x65 || $0 == 0x45 } }
        }
        return false
    }

    private static func isJudgedWrongly(_ text: String) -> Bool {
        let tight = text.filter { $0 != " " && $0 != "\t" }
        return [",}", ",]", "0e", "0E"].contains { tight.contains($0) }
    }

    private static func document(_ random: inout SplitMix64) -> [UInt8] {
        var members = ["\"id\":" + string(&random)]
        if random.chance(70) { members.append("\"t\":" + (random.chance(10) ? "null" : string(&random))) }
        if random.chance(70) {
            let tags = (0..<random.below(4)).map { _ in string(&random) }
            members.append("\"tags\":[" + tags.joined(separator: random.pick([",", " , "])) + "]")
        }
        if random.chance(70) { members.append("\"n\":\(Int64.random(in: .min ... .max, using: &random))") }
        if random.chance(70) {
            members.append("\"x\":\(Double.random(in: -1e6...1e6, using: &random))")
        }
        if random.chance(50) {
            members.append("\"other\":" + String(decoding: value(depth: 2, &random), as: UTF8.self))
        }
        members.shuffle(using: &random)
        return Array(("{" + members.joined(separator: random.pick([",", ", ", "\t,\t"])) + "}").utf8)
    }

    private static func string(_ random: inout SplitMix64) -> String {
        var out = "\""
        for _ in 0..<random.below(12) {
            switch random.below(8) {
            case 0: out += random.pick([#"\""#, #"\\"#, #"\/"#, #"\b"#, #"\f"#, #"\n"#, #"\r"#, #"\t"#])
            case 1: out += random.pick([#"\u0000"#, #"\u00E9"#, #"\uffff"#, #"\uD83D\uDE00"#, #"\u6f22"#])
            case 2: out += random.pick(["é", "漢字", "🎉", "e\u{301}", "\u{2028}", "\u{7F}"])
            default: out += random.pick(["a", "b", " ", "{", "]", ":", ",", "'"])
            }
        }
        return out + "\""
    }

    private static func value(depth: Int, _ random: inout SplitMix64) -> [UInt8] {
        let blank = random.pick(["", "", " ", "\t"])
        switch random.below(depth > 0 ? 8 : 5) {
        case 0: return Array(random.pick(["null", "true", "false"]).utf8)
        case 1, 2: return Array(random.pick(["0", "-1", "12", "0.5", "-3.25e2", "1E1"]).utf8)
        case 3, 4: return Array(string(&random).replacing("\\u", with: "u").utf8)
        case 5, 6:
            let items = (0..<random.below(4)).map { _ in
                String(decoding: value(depth: depth - 1, &random), as: UTF8.self)
            }
            return Array(("[" + blank + items.joined(separator: "," + blank) + "]").utf8)
        default:
            let items = ["ka", "kb", "kc"].prefix(random.below(3)).map { key in
                "\"\(key)\"" + blank + ":" + String(decoding: value(depth: depth - 1, &random), as: UTF8.self)
            }
            return Array(("{" + items.joined(separator: blank + ",") + "}").utf8)
        }
    }

    private static func corrupt(_ line: inout [UInt8], from: Int, _ random: inout SplitMix64) {
        let position = from + random.below(line.count - from)
        switch random.below(4) {
        case 0: line.remove(at: position)
        case 1: line.insert(random.pick(Array("{}[]:,\"\\ 0-.eEtnu\u{1}".utf8)), at: position)
        case 2: line[position] = random.pick(Array("{}[]:,\"\\ 0-.eEtnu1".utf8))
        default: line.swapAt(position, from + random.below(line.count - from))
        }
    }
}
