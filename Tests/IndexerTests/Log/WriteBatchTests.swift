import Testing

@testable import Indexer
@testable import Segments

@Suite struct WriteBatchTests {
    /// Deletions and patches take the keys that documents can have, and no longer ones.
    @Test func keysAreAsLongAsThoseOfDocuments() throws {
        let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("stock", .integer)])
        let members = Members(schema)
        let longest = String(repeating: "k", count: KeywordRule.maxBytes)
        var batch = WriteBatch()
        var document = DocumentBuffer()
        document.append(members.key, text: longest)
        try batch.put(document, members)
        try batch.patch(key: longest, [("stock", .integer(1))], members)
        try batch.delete(key: longest)
        #expect(batch.count == 3)
        let bytes = batch.byteCount
        let refusal = IndexError.document(
            problem: "the key has 32769 bytes; no document has a key of more than 32768")
        #expect(throws: refusal) { try batch.delete(key: longest + "k") }
        #expect(throws: refusal) { try batch.patch(key: longest + "k", [], members) }
        document.reset()
        document.append(members.key, text: longest + "k")
        #expect(throws: IndexError.self) { try batch.put(document, members) }
        #expect(batch.count == 3)
        #expect(batch.byteCount == bytes)
    }
}
