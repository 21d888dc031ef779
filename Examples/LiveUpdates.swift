import Indexer
import Searching
import Segments

/// Changes a live index: a change is durable when `write` returns, and with `refresh` visible as well.
func liveUpdates() throws {
    let home = try ExampleFolder()
    let folder = IndexFolder(home.path + "/goods")
    let schema = try Schema(
        key: "id", fields: [Field("id", .keyword), Field("title", .text), Field("stock", .integer)])
    try IndexWriter(folder, .empty(schema)).commit()

    let index = try LiveIndex(folder) { event in print("event: \(event)") }
    var reader = try ChangeReader(schema)
    var batch = WriteBatch()
    for change in [
        #"{"id": "lamp", "title": "Reading lamp", "stock": 3, "_version": 1}"#,
        #"{"id": "desk", "title": "Desk", "stock": 1, "_version": 2}"#,
        #"{"_patch": "lamp", "stock": 2, "_version": 3}"#,
        #"{"_patch": "lamp", "stock": 9, "_version": 2}"#,
        #"{"_delete": "desk", "_version": 4}"#,
    ] {
        try Array(change.utf8).withUnsafeBufferPointer { bytes throws(IndexError) in
            _ = try reader.read(bytes, into: &batch)
        }
    }
    // created, created, patched, stale (an older version arrived late), deleted
    for outcome in try index.write(batch, refresh: true) { print(outcome) }

    // A view is immutable: searches never wait for writers.
    let view = index.view
    let lamps = try view.search(Search(.term(field: "title", "lamp")))
    for hit in lamps.hits { print(try view.document(hit.document)["stock"] ?? .text("?")) }
    try index.close()
}
