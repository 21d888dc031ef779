import Foundation
import TestSupport
import Testing

@testable import Catalog

/// The writer of JSON, compared with Foundation's.
@Suite struct JSONWriterTests {
    /// A JSON value of any form.
    private indirect enum Value: Encodable, JSONWritable {
        case text(String)
        case whole(Int)
        case double(Double)
        case float(Float)
        case boolean(Bool)
        case list([Value])
        case object([String: Value])

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .whole(let number): try container.encode(number)
            case .double(let number): try container.encode(number)
            case .float(let number): try container.encode(number)
            case .boolean(let isTrue): try container.encode(isTrue)
            case .list(let values): try container.encode(values)
            case .object(let members): try container.encode(members)
            }
        }

        func write(to json: inout JSONWriter) {
            switch self {
            case .text(let text): json.value(text)
            case .whole(let number): json.value(number)
            case .double(let number): json.value(number)
            case .float(let number): json.value(number)
            case .boolean(let isTrue): json.value(isTrue)
            case .list(let values): values.write(to: &json)
            case .object(let members): members.write(to: &json)
            }
        }
    }

    private func written(_ value: some JSONWritable, isIndented: Bool = false) -> Data {
        var json = JSONWriter(isIndented: isIndented)
        value.write(to: &json)
        return json.withBytes { Data($0) }
    }

    /// Foundation's text of a value.
    private func encoded(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    private static let characters: [String] =
        (0..<0x100).compactMap { Unicode.Scalar($0).map { String(Character($0)) } }
        + [
            "三", "体", "\u{2028}", "\u{FFFD}", "\u{FFFF}",
            "👩‍👩‍👧", "e\u{301}", "\u{10FFFF}", "\r\n", "\u{FEFF}", "\u{D7FF}",
        ]

    private func text(_ random: inout SplitMix64) -> String {
        let plain = Bool.random(using: &random)
        return (0..<Int.random(in: 0...40, using: &random)).map { _ in
            plain && Int.random(in: 0..<20, using: &random) > 0
                ? "a" : Self.characters.randomElement(using: &random) ?? ""
        }.joined()
    }

    private func value(_ random: inout SplitMix64, depth: Int = 4) -> Value {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 7), using: &random) {
        case 0, 1: return .text(text(&random))
        case 2: return .whole(Int.random(in: .min ... .max, using: &random) >> Int.random(in: 0..<64, using: &random))
        case 3:
            let number = Double(bitPattern: .random(in: 0 ... .max, using: &random))
            return .double(number.isFinite ? number : 0.5)
        case 4:
            let number = Float(bitPattern: .random(in: 0 ... .max, using: &random))
            return .float(number.isFinite ? number : 0.5)
        case 5: return .double(Double(Int.random(in: -10_000...10_000, using: &random)) / 100)
        case 6: return .boolean(.random(using: &random))
        case 7:
            return .list(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in value(&random, depth: depth - 1) })
        default:
            let names = (0..<Int.random(in: 0...4, using: &random)).map { _ in text(&random) }
            return .object(
                Dictionary(
                    names.map { ($0, value(&random, depth: depth - 1)) }, uniquingKeysWith: { first, _ in first }))
        }
    }

    /// Values are equal to what Foundation reads of its own text. Their bytes may differ in the order of names:
    /// Foundation compares letters by the rules of a language.
    @Test func randomValuesEqualFoundations() throws {
        var random = SplitMix64(seed: 1)
        for _ in 0..<3000 {
            let value = value(&random)
            let mine = written(value)
            let parsed = try JSONSerialization.jsonObject(with: mine, options: .fragmentsAllowed) as? NSObject
            let expected =
                try JSONSerialization.jsonObject(with: encoded(value), options: .fragmentsAllowed) as? NSObject
            #expect(parsed == expected, "\(String(decoding: mine, as: UTF8.self))")
            let indented = written(value, isIndented: true)
            let again = try JSONSerialization.jsonObject(with: indented, options: .fragmentsAllowed) as? NSObject
            #expect(again == expected)
        }
    }

    @Test func scalarsHaveFoundationsBytes() throws {
        var random = SplitMix64(seed: 1)
        for number in [
            0.0, -0.0, 1, -1, 0.1, 1e15, 1e16, 1e17, -1e300, 5e-324, .greatestFiniteMagnitude, .pi, 0x1p53, 0x1p53 - 1,
            -0x1p53, 0x1p63, 1e-5, 123_456.789,
        ] + (0..<2000).map({ _ in Double(bitPattern: .random(in: 0 ... .max, using: &random)) }) where number.isFinite {
            #expect(written(number) == (try encoded(number)), "\(number)")
            let single = Float(number)
            if single.isFinite { #expect(written(single) == (try encoded(single)), "\(single)") }
        }
        for number in [0, 1, -1, 9, 10, 99, 100, .max, .min, .max - 1, .min + 1, 1_000_000_000_000_000_000] {
            #expect(written(number) == (try encoded(number)))
        }
        for scalar in (0...0x2100).compactMap(Unicode.Scalar.init) {
            for length in [0, 1, 7, 8, 9, 15, 16] {
                let text = String(repeating: "x", count: length) + String(Character(scalar)) + "yz"
                #expect(written(text) == (try encoded(text)), "\(scalar.value) at \(length)")
            }
        }
    }

    @Test func numbersThatJSONDoesNotHaveAreReported() {
        for number in [Double.nan, .infinity, -.infinity] {
            var json = JSONWriter()
            [1, number].write(to: &json)
            let first = (json.text, json.hasInvalidNumber)
            #expect(first == ("[1,null]", true))
            json.removeAll()
            json.value(2)
            let second = (json.text, json.hasInvalidNumber)
            #expect(second == ("2", false))
        }
    }

    @Test func indentedTextHasALineForEachMember() {
        var json = JSONWriter(isIndented: true)
        json.object { json in
            json.member("a", [1, 2])
            json.member("b", ifPresent: String?.none)
            json.member("c", [Int]())
        }
        let expected = "{\n  \"a\" : [\n    1,\n    2\n  ],\n  \"c\" : []\n}"
        let text = json.text
        #expect(text == expected)
    }
}

extension JSONWriter {
    /// The text written so far.
    fileprivate var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }
}
