import Foundation
import Indexer
import Segments
import Testing

@testable import Catalog

@Suite struct SchemaInferenceTests {
    private let shelf = BookShelf()

    private func problem(_ lines: [String], mapping: Mapping = Mapping()) -> String {
        let error = #expect(throws: CatalogError.self) {
            try shelf.inferred(lines.joined(separator: "\n"), mapping: mapping)
        }
        return error?.description ?? ""
    }

    @Test func scalarsHaveTheirTypes() throws {
        let fields = try shelf.fields([
            #""n": 1, "x": 1, "ok": true, "added": "2021-03", "founded": "1999", "big": 1e99, "none": null"#,
            #""n": -7, "x": 2.5, "ok": false, "added": "2021-03-04T05:06:07Z", "founded": "1999", "none": null"#,
            #""n": 9223372036854775807, "founded": "1999", "empty": "", "list": [], "object": {}"#,
        ])
        #expect(
            fields == [
                "n: integer", "x: float", "ok: boolean", "added: date", "founded: keyword", "big: float",
            ])
    }

    /// Values that are no ISO dates do not become dates, however much they look like some.
    @Test func datesMustBeISO() throws {
        #expect(
            try shelf.fields([#""published": "2012-8-1""#, #""published": "2012-08-02""#]) == ["published: stored"])
        #expect(
            try shelf.fields([#""days": ["2012-08-01"]"#, #""days": ["2012-08-02"]"#]) == ["days: stored multiple"])
    }

    @Test func pricesNeedOneCurrency() throws {
        #expect(
            try shelf.fields([#""price": 20, "currency": "EUR""#, #""price": 19.95, "currency": "EUR""#]) == [
                "price: price EUR", "currency: stored",
            ])
        #expect(
            try shelf.fields([#""price": 20, "currency": "EUR""#, #""price": 19.95, "currency": "USD""#]) == [
                "price: float", "currency: keyword",
            ])
        #expect(try shelf.fields([#""price": 20"#, #""price": 30"#]) == ["price: float"])
        #expect(try shelf.fields([#""price": 20, "currency": "EUR""#, #""price": 30"#])[0] == "price: float")
        #expect(try shelf.fields([#""price": 1.234, "currency": "EUR""#])[0] == "price: float")
        #expect(try shelf.fields([#""price": 1.234, "currency": "KWD""#])[0] == "price: price KWD")
        #expect(try shelf.fields([#""price": 1, "currency": "euros""#])[0] == "price: float")
        #expect(
            try shelf.fields([#""price": {"amount": 5, "currency": "JPY"}, "currency": "EUR""#])[0]
                == "price_amount: price JPY")
    }

    @Test func textsAreChoicesOrWords() throws {
        let lines = (0..<60).map { n in
            #""state": "\#(n % 3 == 0 ? "new" : "used")", "note": "Number \#(n) of the lot and its story", "#
                + #""version": "1.\#(n).0", "page": "https://example.com/\#(n)", "cover": "c\#(n).jpg", "#
                + #""long": "\#(String(repeating: "words ", count: 30))""#
        }
        #expect(
            try shelf.fields(lines) == [
                "state: keyword", "note: text english", "note_words: vocabulary", "version: stored", "page: stored",
                "cover: stored", "long: text english", "long_words: vocabulary",
            ])
    }

    @Test func nestedObjectsAndArraysOfThem() throws {
        let fields = try shelf.fields([
            #""names": {"zh": {"title": "三体"}}, "author": {"name": "刘慈欣"}, "offers": [{"shop": "A", "cost": 5}]"#,
            #""names": {"zh": {"title": "活着"}}, "author": {"name": "余华"}, "offers": [{"shop": "A"}, {"shop": "B"}]"#,
        ])
        #expect(fields.contains("names_zh_title: text english"))
        #expect(fields.contains("names_zh_title_pinyin: text pinyin"))
        #expect(fields.contains("author_name: keyword"))
        #expect(fields.contains("author_name_text: text english"))
        #expect(fields.contains("offers_shop: text english multiple"))
        // No field has several numbers.
        #expect(!fields.contains { $0.hasPrefix("offers_cost") })
        let searcher = try shelf.indexed(
            #"{"id": "1", "author": {"name": "Ann Lee"}, "name": "x", "offers": [{"cost": 5}, {"cost": 6}]}"#)
        #expect(try searcher.search(SearchRequest("lee")).found == 1)
        #expect(searcher.profile.display.by == "author.name")
    }

    @Test func membersInJapaneseHaveTheirOwnAnalyzer() throws {
        let fields = try shelf.fields([
            #""title": "The art of cats", "ja": {"title": "吾輩は猫である"}, "zh": {"title": "我是猫"}"#,
            #""title": "The tale of Genji", "ja": {"title": "源氏物語のすべて"}, "zh": {"title": "源氏物语"}"#,
        ])
        #expect(fields.contains("title: text english"))
        #expect(fields.contains("ja_title: text japanese"))
        #expect(!fields.contains("ja_title_pinyin: text pinyin"))
        #expect(fields.contains("zh_title: text english"))
        #expect(fields.contains("zh_title_pinyin: text pinyin"))
    }

    @Test func fieldsWithTheSameNameAreToldApart() throws {
        let fields = try shelf.fields([#""a": {"b": 1}, "a_b": 2, "author": "Ann", "author_text": 3"#])
        #expect(fields.filter { $0.hasPrefix("a_b") } == ["a_b: integer", "a_b_: integer"])
        #expect(fields.contains("author_text_: integer"))
    }

    @Test func arraysMakeMembersMultiple() throws {
        let fields = try shelf.fields([#""author": "Ann Lee""#, #""author": ["Bo Ek", "Cy Fox"]"#])
        #expect(fields.contains("author: keyword multiple"))
        #expect(fields.contains("author_text: text multiple"))
        #expect(try shelf.fields([#""author": "Ann""#, #""author": []"#]).contains("author: keyword multiple"))
        #expect(try shelf.fields([#""a": [{"b": "x"}]"#, #""a": [{"b": null}, {}]"#])[0].hasSuffix("multiple"))
    }

    @Test func membersThatNoFieldCanReadAreLeftOut() throws {
        let inferred = try shelf.inferred(
            #"{"id": "1", "title": "t", "sizes": [1, 2], "grid": [["a"]], "_version": 3, "a..b": 1, "": 2}"#)
        #expect(inferred.schema.fields.map(\.from).filter { $0 != "title" } == ["id"])
        #expect(inferred.decisions.contains("sizes, grid → left out: arrays of numbers or of arrays"))
        #expect(inferred.schema.unknown == .ignore)
    }

    @Test func objectsWithManyNamesAreCut() throws {
        let names = (0..<2000).map { "\"n\($0)\": 1" }.joined(separator: ", ")
        let inferred = try shelf.inferred("{\"id\": \"1\", \"stock\": {\(names)}}")
        // The object itself counts.
        #expect(inferred.schema.fields.count == SchemaInference.maxMembers - 1)
        #expect(inferred.decisions.contains("members after the first 1000 → left out"))
    }

    @Test func keysAreChosenInOrder() throws {
        func key(_ lines: String...) throws -> String { try shelf.inferred(lines.joined(separator: "\n")).schema.key }
        #expect(try key(#"{"code": "c", "sku": "s", "id": "i"}"#) == "id")
        #expect(try key(#"{"code": "c", "_id": "s"}"#) == "_id")
        #expect(try key(#"{"sku": "1", "id": "i"}"#, #"{"sku": "2", "id": "i"}"#) == "sku")
        #expect(try key(#"{"isbn": "1", "id": ""}"#, #"{"isbn": "2", "id": "i"}"#) == "isbn")
        #expect(try key(#"{"code": "c", "ID": "s"}"#) == "ID")
        let isbn = try shelf.indexed(#"{"isbn": "978-7-115-42802-8", "title": "Python"}"#)
        #expect(try isbn.search(SearchRequest("9787115428028")).hits.map(\.id) == ["978-7-115-42802-8"])
    }

    @Test func missingKeysAreErrorsWithARemedy() {
        let none = problem([#"{"title": "a"}"#])
        #expect(none.contains("books.jsonl: no member identifies a record: there is none of id, _id, key, sku"))
        #expect(none.contains(#"--mapping, {"set": {"id": "{file}:{name}"}}, or name the key in a --schema"#))
        #expect(
            problem([#"{"id": "a", "sku": 1.5}"#, #"{"id": "a"}"#, #"{"title": "b"}"#]).contains(
                #""id" is missing in 1 of 3 records, "sku" is missing in 2 of 3 records"#))
        #expect(problem([#"{"id": "a"}"#, #"{"id": "a"}"#]).contains(#""id" is "a" twice"#))
        #expect(problem([#"{"id": ["a"]}"#]).contains(#""id" is neither a text nor a whole number"#))
        #expect(problem([#"{"id": true}"#]).contains(#""id" is neither a text nor a whole number"#))
    }

    @Test func mappingsMakeKeys() throws {
        let mapping = Mapping(set: ["id": "{file}:{name}"])
        let searcher = try shelf.indexed("name,summary\nrequests,HTTP for humans\n", name: "pypi.csv", mapping: mapping)
        #expect(try searcher.search(SearchRequest("humans")).hits.map(\.id) == ["pypi:requests"])
    }

    @Test func numbersAreReadAsKeys() throws {
        let inferred = try shelf.inferred(#"{"id": 7, "title": "Seven"}"#)
        #expect(inferred.mapping == Mapping(set: ["id": "{id}"]))
        #expect(inferred.decisions.last?.contains(#"the mapping {"set": {"id": "{id}"}}"#) == true)
        let searcher = try shelf.indexed("{\"id\": 7, \"title\": \"Seven\"}\n{\"id\": 12, \"title\": \"Twelve\"}")
        #expect(try searcher.search(SearchRequest("twelve")).hits.map(\.id) == ["12"])
        let renamed = try shelf.indexed(#"{"nr": 5, "title": "Five"}"#, mapping: Mapping(rename: ["nr": "id"]))
        #expect(try renamed.search(SearchRequest("five")).hits.map(\.id) == ["5"])
    }

    @Test func valuesOfDifferentKindsAreErrors() {
        let mixed = problem([#"{"id": "1", "size": 5}"#, "", #"{"id": "2", "size": "5 cm"}"#])
        #expect(mixed.contains("\"size\" is a text ("))
        #expect(mixed.contains("books.jsonl, line 3) and a number ("))
        #expect(mixed.contains("books.jsonl, line 1); write all its values alike"))
        #expect(mixed.contains(#"{"ignore": ["size"]}"#))
        #expect(problem([#"{"id": "1", "ok": true}"#, #"{"id": "2", "ok": 1}"#]).contains("true or false"))
        let object = problem([#"{"id": "1", "price": 5}"#, #"{"id": "2", "price": {"amount": 5}}"#])
        #expect(object.contains("\"price\" is an object in some records and \"5\" in others"))
        #expect(problem([#"{"id": "1", "a": ""}"#, #"{"id": "2", "a": {}}"#]).contains("\"a\" is an object in some"))
        #expect(problem(["", " "]).contains("no records to infer a schema from"))
        let array = problem(["[", #"{"id": "1"},"#, "]"])
        #expect(array.contains("books.jsonl, line 1: column 1: expected a JSON object on one line"))
    }

    @Test func ignoringAMemberAnswersTheError() throws {
        let lines = [#"{"id": "1", "size": 5, "name": "one"}"#, #"{"id": "2", "size": "5 cm", "name": "two"}"#]
        let searcher = try shelf.indexed(lines.joined(separator: "\n"), mapping: Mapping(ignore: ["size"]))
        #expect(try searcher.search(SearchRequest("two")).found == 1)
    }

    @Test func tables() throws {
        let csv = """
            sku,name,brand,stock,weight,active,ean,mixed,added
            A-1,"Green tea, loose",Leaf,5,1.5,true,0401234567890,12,2024-01-02
            A-2,Black tea,Leaf,0,2,false,4001234567891,twelve,2024-02-03
            A-3,Jasmine tea of the year,Bud,,,,,,
            """
        let inferred = try shelf.inferred(csv, name: "goods.csv")
        #expect(inferred.schema.key == "sku")
        let expected = [
            "sku: keyword", "sku_text: text", "sku_words: vocabulary", "name: text", "name_whole: text whole",
            "name_words: vocabulary", "name_suggestions: suggestion", "brand_text: text", "brand_words: vocabulary",
            "brand_suggestions: suggestion", "brand: keyword", "stock: integer", "weight: float", "active: boolean",
            "ean: text", "ean_words: vocabulary", "mixed: text", "mixed_words: vocabulary", "added: date",
        ]
        #expect(summary(inferred.schema).map { $0.replacing(" english", with: "") } == expected)
        let searcher = try shelf.indexed(csv, name: "goods.csv")
        #expect(try searcher.search(SearchRequest("jasmin")).hits.map(\.id) == ["A-3"])
        #expect(try searcher.search(SearchRequest("0401234567890")).hits.map(\.id) == ["A-1"])
    }

    /// Members that the sample did not have are ignored; values that contradict it are described.
    @Test func recordsBehindTheSample() throws {
        let sample = (0..<2000).map { #"{"id": "\#($0)", "title": "Volume \#($0)", "year": 2000}"# }
        let searcher = try shelf.indexed(
            (sample + [#"{"id": "late", "title": "Later", "more": [1]}"#])
                .joined(separator: "\n"))
        #expect(try searcher.search(SearchRequest("later")).hits.map(\.id) == ["late"])
        let error = #expect(throws: CatalogError.self) {
            try shelf.indexed((sample + [#"{"id": "late", "title": "x", "year": "MMX"}"#]).joined(separator: "\n"))
        }
        #expect(error?.description.contains("line 2001: \"year\" expects a whole number") == true)
    }

    @Test func givenSchemasAreNotReplaced() throws {
        _ = try shelf.job(BookShelf.books).run("inferred", in: shelf.folder)
        let error = #expect(throws: CatalogError.self) { try shelf.indexed(#"{"id": "1"}"#) }
        #expect(error == .schemaGiven("inferred"))
        #expect(error?.description.contains("rebuild it with --schema FILE, add documents with --append") == true)
        #expect(try shelf.folder.open("inferred").documents == 6)
    }

    @Test func inferredSchemasAreReplacedAndTakeMoreDocuments() throws {
        _ = try shelf.indexed(#"{"id": "1", "title": "One", "author": "Ann"}"#)
        let second = try shelf.indexed(#"{"id": "2", "title": "Two", "year": 1999}"#)
        #expect(second.documents == 1)
        #expect(second.profile.weights == ["title": 4])
        let more = try shelf.write("more.jsonl", #"{"id": "3", "title": "Three", "author": "Bo"}"#)
        _ = try IndexJob(files: [more], schema: nil).run("inferred", in: shelf.folder)
        let third = try shelf.folder.open("inferred")
        #expect(third.documents == 2)
        #expect(third.profile == second.profile)
    }
}
