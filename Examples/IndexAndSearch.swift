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

    // Bulk writing: nothing is visible before the commit. Values belong to the numbered members of documents.
    let writer = try IndexWriter(folder, .empty(schema))
    let members = writer.members
    guard let title = members.number(of: "title"), let author = members.number(of: "author"),
        let year = members.number(of: "year")
    else { return }
    var document = DocumentBuffer()
    let books: [(id: String, title: String, author: String, year: Int64)] = [
        ("b1", "The Three-Body Problem", "Liu Cixin", 2008), ("b2", "The Dark Forest", "Liu Cixin", 2008),
        ("b3", "A Wizard of Earthsea", "Ursula K. Le Guin", 1968),
    ]
    for book in books {
        document.reset()
        document.append(members.key, text: book.id)
        document.append(title, text: book.title)
        document.append(author, text: book.author)
        document.append(year, integer: book.year)
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
