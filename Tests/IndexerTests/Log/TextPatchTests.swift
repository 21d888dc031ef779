import Kernels
import Searching
import TestSupport
import Testing

@testable import Indexer
@testable import Segments

/// Patches of texts: the document is read, wherever it is, and added again.
@Suite struct TextPatchTests {
    private let files = FaultyFileSystem()
    private var folder: IndexFolder { IndexFolder("/index", files: files) }

    private static func schema(_ more: [Field] = []) throws -> Schema {
        try Schema(
            key: "id",
            fields: [
                Field("id", .keyword), Field("title", .text), Field("tag", .keyword, multiple: true),
                Field("price", .integer), Field("weight", .float),
            ] + more)
    }

    private static func document(_ key: String, _ title: String, tags: [String], price: Int64) -> DocumentBuffer {
        var document = DocumentBuffer()
        document.append(0, text: key)
        document.append(1, text: title)
        for tag in tags { document.append(2, text: tag) }
        document.append(3, integer: price)
        document.append(4, float: 1.5)
        return document
    }

    private static func stored(_ key: String, in view: IndexReader) throws -> StoredDocument {
        try view.document(try #require(try view.find(key: key)))
    }

    /// A document is found in the segment in memory, in a block of rows that is closed or not, and in a file; its
    /// numbers may have been patched before.
    @Test(arguments: [1, 2000]) func readsTheDocumentWhereverItIs(_ count: Int) throws {
        let writer = try IndexWriter(folder, .empty(try Self.schema()))
        try writer.commit()
        var expected: [Int: StoredDocument] = [:]
        var batch = WriteBatch()
        for number in 0..<count {
            let document = Self.document("k\(number)", "title \(number)", tags: ["a", "b\(number)"], price: 1)
            try batch.put(document, writer.members, version: 1)
        }
        _ = try writer.write(batch)
        for round in 2...4 {
            batch = WriteBatch()
            for number in 0..<count where number % 3 == round % 3 || count == 1 {
                let key = "k\(number)"
                try batch.patch(key: key, [("price", .integer(Int64(round)))], writer.members)
                let values: [(String, StoredValue?)] = [
                    ("title", .text("patched \(round)")), ("tag", .text("c")), ("tag", .text("d\(round)")),
                    ("weight", round == 4 ? nil : .float(2)),
                ]
                try batch.patch(key: key, values, writer.members, version: round)
                var members: [(String, StoredValue)] = [
                    ("id", .text(key)), ("title", .text("patched \(round)")),
                    ("tag", .list([.text("c"), .text("d\(round)")])), ("price", .integer(Int64(round))),
                ]
                if round != 4 { members.append(("weight", .float(2))) }
                expected[number] = StoredDocument(members: members)
            }
            let outcomes = try writer.write(batch)
            #expect(outcomes.allSatisfy { $0 == .patched })
            // Before the third round all documents are in files; in the first ones they were in memory.
            if round == 3 { _ = try writer.view() }
        }
        let view = try writer.view()
        #expect(view.liveDocuments == count)
        for (number, document) in expected { #expect(try Self.stored("k\(number)", in: view) == document) }
        // The log has all of it, and the next writer the same documents.
        try writer.syncLog()
        let next = try IndexWriter(IndexFolder("/index", files: files.crashed(.losesAll)), .current).view()
        #expect(next.liveDocuments == count)
        for (number, document) in expected { #expect(try Self.stored("k\(number)", in: next) == document) }
    }

    @Test func staleAndMissingPatchesHaveNoEffect() throws {
        let writer = try IndexWriter(folder, .empty(try Self.schema()))
        try writer.commit()
        var batch = WriteBatch()
        try batch.put(Self.document("a", "one", tags: [], price: 1), writer.members, version: 5)
        try batch.patch(key: "a", [("title", .text("two"))], writer.members, version: 5)
        try batch.patch(key: "b", [("title", .text("two"))], writer.members)
        try batch.delete(key: "a", version: 9)
        try batch.patch(key: "a", [("title", .text("three"))], writer.members, version: 8)
        try batch.put(Self.document("a", "four", tags: [], price: 1), writer.members)
        try batch.patch(key: "a", [("title", nil)], writer.members)
        #expect(
            try writer.write(batch) == [
                .created, .stale(version: 5), .missing, .deleted, .stale(version: 9), .created, .patched,
            ])
        let recovered = try IndexWriter(IndexFolder("/index", files: files.crashed(.losesAll)), .current)
        #expect(recovered.operations == writer.operations)
        for view in [try writer.view(), try recovered.view()] {
            let document = try Self.stored("a", in: view)
            #expect(document["title"] == nil)
            #expect(document["price"] == .integer(1))
            #expect(try view.version(try #require(try view.find(key: "a"))) == 9)
        }
    }

    /// A patch that would lose a member, change the key, or make too many values is refused.
    @Test func whatCannotBePatchedIsRefused() throws {
        let schema = try Self.schema([Field("note", .text, stored: false)])
        let members = Members(schema)
        var batch = WriteBatch()
        func problem(_ values: [(String, StoredValue?)]) -> String {
            do {
                try batch.patch(key: "a", values, members)
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(problem([("title", .text("x"))]).contains("\"note\" is not stored and would be lost"))
        #expect(problem([("id", .text("x"))]).contains("is the key"))
        #expect(problem([("titel", .text("x"))]).contains("no member \"titel\""))
        #expect(problem([("note", .text("n")), ("title", .integer(1))]).contains("expects text"))
        #expect(problem([("note", .text("n")), ("price", .text("1"))]).contains("expects a whole number"))
        #expect(batch.count == 0)
        #expect(problem([("title", .text("x")), ("note", nil)]) == "")
        #expect(batch.puts == 1)

        let writer = try IndexWriter(folder, .empty(try Self.schema()))
        try writer.commit()
        batch = WriteBatch()
        let tags = (0..<60_000).map { "t\($0)" }
        try batch.put(Self.document("a", "one", tags: tags, price: 1), writer.members)
        let many = (0..<6_000).map { _ in ("price", StoredValue?.some(.integer(1))) }
        try batch.patch(key: "a", [("title", .text("two"))] + many, writer.members)
        let outcomes = try writer.write(batch)
        guard outcomes.count == 2, case .refused(let text) = outcomes[1] else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(text.contains("65536"))
        #expect(try Self.stored("a", in: try writer.view())["title"] == .text("one"))
    }

    /// A document whose row is corrupt cannot be patched, and nothing else suffers.
    @Test func aCorruptRowRefusesThePatchAlone() throws {
        let live = try {
            try IndexWriter(folder, .empty(try Self.schema())).commit()
            return try LiveIndex(folder)
        }()
        var batch = WriteBatch()
        try batch.put(Self.document("a", "a title that is stored", tags: [], price: 1), live.members)
        _ = try live.write(batch)
        try live.close()
        let manifest = try #require(try folder.newestManifest())
        let path = folder.generationFolder(manifest.generation).segment(manifest.segments[0].name)
        var bytes = try files.read(path)
        let text = Array("that is stored".utf8)
        let place = try #require(
            bytes.indices.dropLast(text.count).first { Array(bytes[$0..<$0 + text.count]) == text })
        bytes[place] ^= 1
        try files.replace(path, with: bytes)
        let damaged = try LiveIndex(folder)
        batch = WriteBatch()
        try batch.patch(key: "a", [("title", .text("two"))], damaged.members)
        try batch.put(Self.document("b", "one", tags: [], price: 1), damaged.members)
        let outcomes = try damaged.write(batch, refresh: true)
        guard outcomes.count == 2, case .refused(let problem) = outcomes[0] else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(problem.contains("has to be sent whole"))
        #expect(outcomes[1] == .created)
        batch = WriteBatch()
        try batch.put(Self.document("a", "whole", tags: [], price: 1), damaged.members)
        #expect(try damaged.write(batch, refresh: true) == [.updated])
        #expect(try Self.stored("a", in: damaged.view)["title"] == .text("whole"))
        try damaged.close()
    }

    /// A document that must be new is kept out by one with its key, whatever their versions.
    @Test func documentsThatMustBeNewReplaceNothing() throws {
        let writer = try IndexWriter(folder, .empty(try Self.schema()))
        try writer.commit()
        var batch = WriteBatch()
        for (title, version) in [("first", 3), ("second", 2), ("third", 9)] {
            let document = Self.document("a", title, tags: [], price: 1)
            try batch.put(document, writer.members, version: version, onlyNew: true)
        }
        #expect(batch.puts == 3)
        #expect(try writer.write(batch) == [.created, .exists, .exists])
        let recovered = try IndexWriter(IndexFolder("/index", files: files.crashed(.losesAll)), .current)
        #expect(recovered.operations == writer.operations)
        for view in [try writer.view(), try recovered.view()] {
            #expect(try Self.stored("a", in: view)["title"] == .text("first"))
            #expect(try view.version(try #require(try view.find(key: "a"))) == 3)
        }
    }

    /// A live index with a document, and a standby generation whose document has another member with some values.
    private func pair(_ more: Field, _ values: [String]) throws -> (live: LiveIndex, standby: StandbyIndex) {
        try IndexWriter(folder, .empty(try Self.schema())).commit()
        let live = try LiveIndex(folder)
        var batch = WriteBatch()
        try batch.put(Self.document("a", "old title", tags: ["x"], price: 1), live.members, version: 1)
        #expect(try live.write(batch) == [.created])
        let schema = try Self.schema([more])
        let standby = try live.rebuild(Rebuild(schema: schema, payload: [:], source: .documents))
        let members = Members(schema)
        var document = Self.document("a", "old title", tags: ["y"], price: 1)
        for value in values { document.append(try #require(members.number(of: more.name)), text: value) }
        var source = WriteBatch()
        try source.put(document, members, version: 1)
        let outcomes = Monitor<[WriteOutcome]?>(nil)
        try standby.submit(source) { result in outcomes.withLock { $0 = (try? result.get()) ?? [] } }
        #expect(outcomes.wait { $0 } == [.created])
        return (live, standby)
    }

    /// A patch of one member keeps the members that only the standby generation has.
    @Test func aStandbyKeepsItsOwnMembers() throws {
        let (live, standby) = try pair(Field("subtitle", .text), ["of the source"])
        var batch = WriteBatch()
        try batch.patch(key: "a", [("title", .text("new title"))], live.members, version: 2)
        #expect(try live.write(batch) == [.patched])
        try standby.finish()
        let stored = try Self.stored("a", in: try standby.view())
        #expect(stored["title"] == .text("new title"))
        #expect(stored["subtitle"] == .text("of the source"))
        #expect(stored["tag"] == .list([.text("y")]))
        try live.close()
    }

    /// If the document of the standby generation has no room for a patch, the whole one of the current generation takes
    /// its place; the next change is not left out.
    @Test func aStandbyWithoutRoomTakesTheWholeDocument() throws {
        let (live, standby) = try pair(Field("word", .keyword, multiple: true), (0..<60_000).map { "w\($0)" })
        var batch = WriteBatch()
        let tags: [(String, StoredValue?)] = (0..<6_000).map { ("tag", .text("t\($0)")) }
        try batch.patch(key: "a", tags, live.members, version: 2)
        #expect(try live.write(batch) == [.patched])
        batch = WriteBatch()
        try batch.put(Self.document("b", "next", tags: [], price: 1), live.members)
        #expect(try live.write(batch) == [.created])
        try standby.finish()
        #expect(try Self.stored("b", in: try standby.view())["title"] == .text("next"))
        let stored = try Self.stored("a", in: try standby.view())
        #expect(stored["tag"] == .list((0..<6_000).map { .text("t\($0)") }))
        #expect(stored["word"] == nil)
        #expect(standby.progress.refused == 0)
        #expect(try live.differences().isEmpty)
        try live.close()
    }

    /// A standby generation takes the document as it was, also if it does not store all that the current one does.
    @Test func aStandbyWithoutTheRowFollows() throws {
        let live = try {
            try IndexWriter(folder, .empty(try Self.schema())).commit()
            return try LiveIndex(folder)
        }()
        var batch = WriteBatch()
        try batch.put(Self.document("a", "old title", tags: ["x"], price: 1), live.members)
        #expect(try live.write(batch) == [.created])
        let fields = try Self.schema().fields.map { field in
            var field = field
            if field.name == "tag" { field.stored = false }
            return field
        }
        let standby = try live.rebuild(
            Rebuild(schema: try Schema(key: "id", fields: fields), payload: [:], source: .rows))
        batch = WriteBatch()
        try batch.put(Self.document("b", "other", tags: [], price: 1), live.members)
        try batch.patch(key: "a", [("title", .text("new words"))], live.members)
        try batch.patch(key: "b", [("title", .text("newer"))], live.members)
        try batch.patch(key: "b", [("tag", .text("y"))], live.members)
        #expect(try live.write(batch, refresh: true) == [.created, .patched, .patched, .patched])
        #expect(try Self.stored("b", in: live.view)["title"] == .text("newer"))
        let view = try standby.view()
        #expect(try Self.stored("a", in: view)["title"] == .text("new words"))
        for tag in ["x", "y"] {
            #expect(try view.search(Search(.term(field: "tag", tag), limit: 0)).total == 1)
        }
        try live.close()
    }
}
