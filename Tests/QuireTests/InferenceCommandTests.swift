import Foundation
import Testing

/// `quire index` without a schema, and `quire schema`.
extension CommandTests {
    private static let books = """
        {"id": "1", "title": "The Three-Body Problem", "author": ["Liu Cixin"], "sales": 9}
        {"id": "2", "title": "三体", "author": ["刘慈欣"], "sales": 5}

        """

    @Test func indexesWithoutASchema() throws {
        defer { cleanUp() }
        let books = try file("books.jsonl", Self.books)
        let outcome = try quire(["index", "--data", data, books])
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.out.hasPrefix("books: 2 documents"))
        let lines = outcome.error.split(separator: "\n")
        #expect(
            lines == [
                "quire: a schema inferred from 2 records:", "inferred: id → key",
                "inferred: title → text (english) with characters, pinyin, initials, whole, words, suggestions",
                "inferred: author → keyword and text (english), several values with characters, pinyin, initials, "
                    + "words, suggestions", "inferred: sales → integer",
            ])
        #expect(try quire(["search", "--data", data, "liucixin"]).out.contains("三体"))
        #expect(try quire(["check", "--data", data]).code == 0)
        // The same command again builds it again.
        #expect(try quire(["index", "--data", data, books]).out.contains("generation 2"))
        let more = try file("more.jsonl", #"{"id": "3", "title": "Death's End", "unheard": 1}"#)
        #expect(try quire(["index", "--data", data, "--append", more]).code == 0)
        #expect(try quire(["search", "--data", data, "death"]).out.hasPrefix("1 found"))
    }

    @Test func standardInputIsReadOnce() throws {
        defer { cleanUp() }
        let lines = (0..<5000).map { "{\"id\": \"\($0)\", \"title\": \"Volume number \($0) of five thousand\"}\n" }
            .joined()
        let plain = try quire(["index", "--data", data, "-"], input: lines)
        #expect(plain.code == 0, "\(plain)")
        #expect(plain.out.hasPrefix("books: 5,000 documents"))
        #expect(plain.error.hasPrefix("quire: a schema inferred from 2,000 records:\n"))
        #expect(try quire(["search", "--data", data, "volume number 4711"]).out.contains("4711\t"))
        let pairs = try quire(
            ["index", "--data", data, "--catalog", "table", "--format", "csv", "-"], input: "id,n\na,1\n")
        #expect(pairs.out.hasPrefix("table: 1 document"), "\(pairs)")
        #expect(pairs.error.contains("inferred: n → integer\ninferred: no member has text to search\n"))
    }

    @Test func compressedFilesSuggestASchema() throws {
        defer { cleanUp() }
        let archive = Self.fixtures.deletingLastPathComponent()
            .appendingPathComponent("judged/xquad-zh/docs.jsonl.gz").path
        let outcome = try quire(["index", "--data", data, archive])
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.error.contains("inferred: text → text (english) with characters, words"), "\(outcome)")
        #expect(try quire(["check", "--data", data]).code == 0)
    }

    @Test func printsSchemasForEditing() throws {
        defer { cleanUp() }
        let books = try file("books.jsonl", Self.books)
        let printed = try quire(["schema", books])
        #expect(printed.code == 0, "\(printed)")
        #expect(printed.out.contains("    { \"name\": \"title\", \"type\": \"text\", \"analyzer\": \"english\" },\n"))
        #expect(printed.error.contains("inferred: sales → integer"))
        #expect(!FileManager.default.fileExists(atPath: data))
        let profile = try quire(["schema", "--profile", books])
        #expect(profile.out.contains("\"browse\" : \"sales\""), "\(profile)")
        let files = [try file("printed.json", printed.out), try file("profile.json", profile.out)]
        let indexed = try quire(["index", "--data", data, "--schema", files[0], "--profile", files[1], books])
        #expect(indexed.code == 0, "\(indexed)")
        #expect(indexed.error.isEmpty)
        // Its schema is a given one now.
        let again = try quire(["index", "--data", data, books])
        #expect(again.code == 64)
        #expect(again.error.contains("the catalog \"books\" exists and its schema was given; rebuild it with --schema"))
        #expect(try quire(["search", "--data", data, "三体"]).out.contains("三体"))
    }

    @Test func schemasThatCannotBeInferredAreDescribed() throws {
        defer { cleanUp() }
        let nameless = try file("nameless.csv", "title,year\nDune,1965\n")
        for command in [["index", "--data", data, nameless], ["schema", nameless]] {
            let outcome = try quire(command)
            #expect(outcome.code == 65)
            #expect(outcome.error.contains("nameless.csv: no member identifies a record: there is none of id, _id"))
            #expect(outcome.error.contains(#"{"set": {"id": "{file}:{name}"}}"#))
            #expect(outcome.out.isEmpty)
        }
        let mapping = try file("mapping.json", #"{"set": {"id": "{title}"}}"#)
        #expect(try quire(["index", "--data", data, "--mapping", mapping, nameless]).code == 0)
        #expect(try quire(["schema", root.path + "/nowhere.jsonl"]).code == 66)
        #expect(try quire(["index", "--data", data, root.path + "/nowhere.jsonl"]).code == 66)
        let empty = try quire(["schema", try file("empty.jsonl", "\n")])
        #expect(empty.code == 65)
        #expect(empty.error.contains("no records to infer a schema from"))
        let mixed = try quire(["schema", "-"], input: "{\"id\": \"1\", \"n\": 1}\n{\"id\": \"2\", \"n\": \"x\"}\n")
        #expect(mixed.code == 65)
        #expect(mixed.error.contains("\"n\" is a text (standard input, line 2) and a number (standard input, line 1)"))
    }

    @Test func recordsThatContradictTheSampleAreDescribed() throws {
        defer { cleanUp() }
        let lines = (0..<2001).map { "{\"id\": \"\($0)\", \"year\": \($0 == 2000 ? "\"MMX\"" : "1999")}\n" }.joined()
        let books = try file("books.jsonl", lines)
        let outcome = try quire(["index", "--data", data, books])
        #expect(outcome.code == 65)
        #expect(outcome.error.contains("line 2001: \"year\" expects a whole number, found the text \"MMX\""))
        #expect(outcome.error.contains("write it to a file by `quire schema`, correct it, and give it by --schema"))
        let skipping = try quire(["index", "--data", data, "--skip-bad", books])
        #expect(skipping.code == 0)
        #expect(skipping.out.hasPrefix("books: 2,000 documents"))
    }
}
