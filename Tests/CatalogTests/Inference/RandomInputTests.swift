import Foundation
import Indexer
import TestSupport
import Testing

@testable import Catalog

/// The contract of inference: a schema that is inferred from all records of a file accepts each of them.
@Suite struct RandomInputTests {
    private static let names = [
        "title", "author", "tags", "language", "isbn", "price", "currency", "rating", "sales", "description", "image",
        "added", "note", "note_text", "size", "a.b", "书名", "no name", "_x", "x-y", "title_ja", "publisher", "code",
    ]
    private static let texts = [
        "The sea of trees", "三体", "ねこの本", "true", "12", "007", "2021-03-04", "2021", "2021-3-4", "EUR", "JPY", "a b",
        "https://example.com/1", "A-1", "\\\"quoted\\\"", "\\u0000", "\\ud800", " ", "Ünïcödé", "한국어", "x;y",
    ]

    private static func text(_ random: inout SplitMix64) -> String {
        let text = random.chance(1) ? String(repeating: "long 長い ", count: 5000) : random.pick(texts)
        return "\"\(text)\""
    }

    /// A JSON value of a kind: the members of a file mostly keep to one.
    private static func value(_ kind: Int, _ random: inout SplitMix64, depth: Int = 0) -> String {
        if random.chance(5) { return "null" }
        switch kind {
        case 0: return String(random.below(2000) - 1000)
        case 1: return random.pick(["1.5", "-0.25", "1e300", "20", "19.999", "12345678901234567890"])
        case 2: return random.pick(["true", "false"])
        case 3: return "\"2021-0\(1 + random.below(9))-0\(1 + random.below(9))\""
        case 4: return random.pick(["{}", "[]", "\"\"", "[[]]", "[null]", "[[\"x\"]]"])
        case 5 where depth < 3:
            let kinds = (0..<random.below(4)).map { _ in random.below(9) }
            return "[" + kinds.map { value($0, &random, depth: depth + 2) }.joined(separator: ",") + "]"
        case 6 where depth < 3:
            return "{\"name\":\(value(7, &random, depth: depth + 1)),\"amount\":\(value(1, &random, depth: depth + 1))}"
        case 8: return "[" + (0..<random.below(4)).map { _ in text(&random) }.joined(separator: ",") + "]"
        default: return text(&random)
        }
    }

    /// Infers a schema and indexes with it; returns true if there was one.
    private func accepts(_ text: String, _ name: String, records: Int, seed: UInt64) throws -> Bool {
        let shelf = BookShelf()
        do {
            _ = try shelf.inferred(text, name: name)
        } catch let error as CatalogError {
            guard case .input(.unusable) = error else { throw error }
            return false
        }
        let searcher = try shelf.indexed(text, name: name)
        #expect(searcher.documents == records, "seed \(seed)")
        #expect(try shelf.folder.index("inferred").check().problems == [], "seed \(seed)")
        let json = Array(try JSONEncoder().encode(searcher.profile))
        if !searcher.profile.weights.isEmpty {
            #expect(throws: Never.self, "seed \(seed)") {
                try SearchProfile(json: json, path: "profile", schema: searcher.reader.schema)
            }
        }
        return true
    }

    @Test func everyRecordOfAJSONSampleIsAccepted() throws {
        var accepted = 0
        for seed in 0..<150 as Range<UInt64> {
            var random = SplitMix64(seed: SplitMix64.varied(seed))
            let members = (0..<(1 + random.below(8))).map { _ in (random.pick(Self.names), random.below(9)) }
            let unique = Dictionary(members) { first, _ in first }.sorted { $0.key < $1.key }
            let records = 1 + random.below(40)
            let isMixed = random.chance(20)
            let lines = (0..<records).map { record in
                let values = unique.filter { _ in random.chance(85) }.map { name, kind in
                    let kind = isMixed && random.chance(10) ? random.below(9) : kind
                    return ",\"\(name)\":\(Self.value(kind, &random))"
                }
                return "{\"id\":\(seed % 2 == 0 ? "\(record)" : "\"k\(record)\"")" + values.joined() + "}"
            }
            let text = lines.joined(separator: "\n")
            if try accepts(text, "books.jsonl", records: records, seed: seed) { accepted += 1 }
        }
        #expect(accepted > 40)
    }

    @Test func everyRecordOfATableIsAccepted() throws {
        let cells = [
            "1", "-5", "2.5", "1e5", "007", "true", "false", "True", "2021-03-04", "2021", "", "", "\"a, b\"", "三体",
            "\"x\ny\"", "EUR", "12345678901234567890", "0", "-0", "1.", ".5", "+3", "x;y", "NaN", "0x10",
        ]
        for seed in 0..<100 as Range<UInt64> {
            var random = SplitMix64(seed: SplitMix64.varied(seed))
            let columns = Array(Set((0..<(1 + random.below(6))).map { _ in random.pick(Self.names) })).sorted()
            let choices = columns.map { _ in (0..<(1 + random.below(4))).map { _ in random.pick(cells) } }
            let records = 1 + random.below(30)
            let lines = (0..<records).map { record in
                "\(record)," + choices.map { random.pick($0) }.joined(separator: ",")
            }
            let text = "id," + columns.joined(separator: ",") + "\n" + lines.joined(separator: "\n") + "\n"
            #expect(try accepts(text, "table.csv", records: records, seed: seed), "seed \(seed)")
        }
    }
}
