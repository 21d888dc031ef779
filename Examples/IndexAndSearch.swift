import Indexer
import Searching
import Segments

/// Builds an index of three books and prints the best hits of a query.
func indexAndSearch() throws {
    let home = try ExampleFolder()
    let folder = IndexFolder(home.path + "/books")
    let schema = try Schema(
        key: "id",
        fields: [Field("id", .keyword), Field("title", .text), Field("author", .text), Field("year", .integer)])

    // Bulk writing: nothing is visible before the commit. Members are numbered in the order of the schema.
    let writer = try IndexWriter(folder, .empty(schema))
    var document = DocumentBuffer()
    for (id, title, author, year) in [
        ("b1", "The Three-Body Problem", "Liu Cixin", 2008), ("b2", "The Dark Forest", "Liu Cixin", 2008),
        ("b3", "A Wizard of Earthsea", "Ursula K. Le Guin", 1968),
    ] {
        document.reset()
        document.append(0, text: id)
        document.append(1, text: title)
        document.append(2, text: author)
        document.append(3, integer: Int64(year))
        try writer.add(document)
    }
    try writer.commit()

    // Reading: a reader is immutable and may be shared by any number of threads.
    let reader = try IndexReader(folder)
    let query = Query.or([.term(field: "title", "dark"), .term(field: "author", "liu")])
    let result = try reader.search(Search(query, limit: 10))
    print("\(result.total ?? 0) found")
    for hit in result.hits {
        let book = try reader.document(hit.document)
        print(hit.score, book["title"] ?? .text("?"))
    }
}
