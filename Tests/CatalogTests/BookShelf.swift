import Foundation
import Segments

@testable import Catalog

/// A temporary data folder with small catalogs. It is removed when the object is released.
final class BookShelf: Sendable {
    let path: String
    var folder: DataFolder { DataFolder(path) }

    static let schema = """
        {"key": "id", "fields": [
          {"name": "id", "type": "keyword"}, {"name": "title", "type": "text"},
          {"name": "author_text", "type": "text", "from": "author", "multiple": true},
          {"name": "author", "type": "keyword", "multiple": true},
          {"name": "language", "type": "keyword"}, {"name": "year", "type": "integer"},
          {"name": "description", "type": "text"}]}
        """
    static let profile = """
        {"weights": {"title": 3, "author_text": 1, "description": 1}, "browse": "year",
         "facets": [{"field": "language", "label": {"en": "Language"}}],
         "display": {"title": "title", "description": "description"}}
        """
    static let books = [
        #"{"id": "1", "title": "中国人民银行年鉴", "language": "zh", "year": 2001}"#,
        #"{"id": "2", "title": "银行会计", "author": ["王人民"], "language": "zh", "year": 1999}"#,
        #"{"id": "3", "title": "Python编程", "author": ["Eric Matthes", "袁国忠"], "language": "zh", "year": 2016}"#,
        #"{"id": "4", "title": "Fluent Python", "author": ["Luciano Ramalho"], "language": "en", "year": 2015}"#,
        #"{"id": "5", "title": "Node.js in Action", "language": "en"}"#,
        #"{"id": "6", "title": "A <b>bold</b> b", "description": "Python & \"eggs\"", "language": "en", "year": 1969}"#,
    ]

    init() {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("quire-\(UUID().uuidString)").path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
        try? FileManager.default.removeItem(atPath: path + ".input")
    }

    /// Writes an input file, and returns its path.
    func write(_ name: String, _ text: String) throws -> String {
        try FileManager.default.createDirectory(atPath: path + ".input", withIntermediateDirectories: true)
        let file = path + ".input/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// A job that indexes lines of NDJSON with the schema and profile of the books.
    func job(_ lines: [String], appending: Bool = false) throws -> IndexJob {
        let file = try write("books-\(UUID().uuidString).jsonl", lines.joined(separator: "\n"))
        var job = IndexJob(files: [file], schema: appending ? nil : try Schema(json: Array(Self.schema.utf8)))
        job.profile = (Array(Self.profile.utf8), "profile.json")
        return job
    }

    /// A searcher of the six books. The shelf must be kept as long as files are opened.
    static func searcher() throws -> (BookShelf, CatalogSearcher) {
        let shelf = BookShelf()
        _ = try shelf.job(books).run("books", in: shelf.folder)
        return (shelf, try shelf.folder.open("books"))
    }

    /// A schema with a key and a title.
    static var titleSchema: Schema {
        get throws { try Schema(key: "id", fields: [Field("id", .keyword), Field("title", .text)]) }
    }

    /// A searcher of documents that have a title only.
    static func searcher(
        titles: [(id: String, title: String)], profile: String? = nil
    ) throws -> (BookShelf, CatalogSearcher) {
        let lines = titles.map { #"{"id": "\#($0.id)", "title": "\#($0.title)"}"# }
        return try searcher(lines, try titleSchema, profile: profile)
    }

    /// A searcher of lines of NDJSON with another schema.
    static func searcher(
        _ lines: [String], _ schema: Schema, profile: String? = nil
    ) throws -> (BookShelf, CatalogSearcher) {
        let shelf = BookShelf()
        let file = try shelf.write("lines.jsonl", lines.joined(separator: "\n"))
        var job = IndexJob(files: [file], schema: schema)
        job.profile = profile.map { (Array($0.utf8), "profile.json") }
        _ = try job.run("lines", in: shelf.folder)
        return (shelf, try shelf.folder.open("lines"))
    }
}
