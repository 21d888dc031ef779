import Indexer
import Searching
import Segments
import Storage

/// Counts the shelves and the prices of matching books; the shelf's own filter does not narrow the shelf's counts.
func facets() throws {
    let home = try ExampleFolder()
    let file = try home.write(
        "books.jsonl",
        """
        {"id": "1", "title": "Deep Work", "shelf": "work", "price": 12.5}
        {"id": "2", "title": "Deep Learning", "shelf": "computing", "price": 60}
        {"id": "3", "title": "Deep Sea", "shelf": "nature", "price": 18}
        {"id": "4", "title": "Learning Swift", "shelf": "computing", "price": 35}
        """)
    let schema = try Schema(
        key: "id",
        fields: [
            Field("id", .keyword), Field("title", .text, analyzer: "english"), Field("shelf", .keyword),
            Field("price", .price, currency: "USD"),
        ])
    let writer = try IndexWriter(IndexFolder(home.path + "/index"), .empty(schema))
    var documents = try DocumentReader(ByteSource(file), .ndjson, schema)
    var document = DocumentBuffer()
    while try documents.next(into: &document) { try writer.add(document) }
    try writer.commit()

    var search = Search(.or([.term(field: "title", "deep"), .term(field: "title", "learn")]))
    search.filters = [.term(field: "shelf", "computing")]
    search.order = .fields([SortField("price", ascending: true)])
    search.facets = [FacetRequest("shelf", without: 0), FacetRequest("price", .histogram(width: 20))]
    let result = try IndexReader(IndexFolder(home.path + "/index")).search(search)
    print("\(result.total ?? 0) on the shelf computing")
    for shelf in result.facets[0].values { print("  \(shelf.value): \(shelf.count)") }
    for bucket in result.facets[1].buckets { print("  \(bucket.from) to \(bucket.to): \(bucket.count)") }
}
