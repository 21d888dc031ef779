import Foundation
import Indexer
import Segments

@testable import Catalog

/// The fields of a schema as text, each with its type and what differs from the defaults.
func summary(_ schema: Schema) -> [String] {
    schema.fields.map { field in
        var parts = [field.type.rawValue]
        if field.type == .text, field.analyzer != "default" { parts.append(field.analyzer) }
        if field.type == .price { parts.append(field.currency ?? "") }
        if field.multiple { parts.append("multiple") }
        return "\(field.name): \(parts.joined(separator: " "))"
    }
}

extension BookShelf {
    /// The schema inferred from the text of one file.
    func inferred(
        _ text: String, name: String = "books.jsonl", mapping: Mapping = Mapping()
    ) throws -> InferredSchema {
        var job = IndexJob(files: [try write(name, text)], schema: nil)
        job.mapping = mapping
        return try job.inferredSchema()
    }

    /// The fields of the schema inferred from lines of NDJSON, without that of the key `id`.
    func fields(_ lines: [String]) throws -> [String] {
        let keyed = lines.enumerated().map { "{\"id\": \"k\($0)\", \($1)}" }
        return summary(try inferred(keyed.joined(separator: "\n")).schema).filter { $0 != "id: keyword" }
    }

    /// A searcher of a text that was indexed with an inferred schema.
    func indexed(_ text: String, name: String = "books.jsonl", mapping: Mapping = Mapping()) throws -> CatalogSearcher {
        var job = IndexJob(files: [try write(name, text)], schema: nil)
        job.infersSchema = true
        job.mapping = mapping
        _ = try job.run("inferred", in: folder)
        return try folder.open("inferred")
    }
}
