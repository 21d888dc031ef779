import FoundationEssentials
import Storage
import TestSupport
import Testing

@testable import Indexer
@testable import Searching
@testable import Segments

@Suite struct IndexWriterTests {
    private let home: TemporaryFolder
    private let folder: IndexFolder
    private let schema: Schema

    init() throws {
        home = try TemporaryFolder()
        folder = IndexFolder(home.path + "/index")
        schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("t", .text)])
    }

    private func add(_ writer: IndexWriter, _ id: String, _ text: String = "word") throws {
        var document = DocumentBuffer()
        if !id.isEmpty { document.append(0, text: id) }
        document.append(1, text: text)
        try writer.add(document)
    }

    private func count(_ term: String = "word") throws -> Int? {
        try IndexReader(folder).search(Search(.term(field: "t", term))).total
    }

    /// Returns every file below the index's folder except the lock.
    private func allFiles() throws -> [String] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        return paths.filter {
            (try? PosixFileSystem().isDirectory(folder.path + "/" + $0)) == false && $0 != "write.lock"
        }.sorted()
    }

    @Test func nothingIsVisibleBeforeCommit() throws {
        let writer = try IndexWriter(folder, .empty(schema))
        try add(writer, "a")
        #expect(throws: IndexError.empty(path: folder.path)) { try IndexReader(folder) }
        try writer.commit()
        #expect(try count() == 1)
        try add(writer, "b")
        #expect(try count() == 1)
        try writer.commit()
        #expect(try count() == 2)
        let empty = try IndexReader(folder).search(Search(.all, facets: []))
        #expect(empty.total == 2)
    }

    @Test func anEmptyIndexIsAnIndex() throws {
        try IndexWriter(folder, .empty(schema)).commit()
        let reader = try IndexReader(folder)
        #expect(reader.documents == 0)
        #expect(reader.segments.isEmpty)
        #expect(try reader.search(Search(.all)).hits.isEmpty)
        #expect(try folder.check().problems == [])
    }

    @Test func duplicateKeysAreRefusedInAllSegments() throws {
        func refuses(_ writer: IndexWriter, _ id: String) {
            let error = #expect(throws: IndexError.self) { try add(writer, id) }
            guard case .document(let problem)? = error else {
                return #expect(Bool(false), "\(String(describing: error))")
            }
            #expect(problem.contains("\"\(id)\""))
        }
        var writer: IndexWriter? = try IndexWriter(folder, .empty(schema))
        try add(writer!, "buffer")
        refuses(writer!, "buffer")
        try writer!.merge(to: 8)
        refuses(writer!, "buffer")
        try add(writer!, "second")
        try writer!.commit()
        writer = nil
        writer = try IndexWriter(folder, .current)
        for id in ["buffer", "second"] { refuses(writer!, id) }
        // Canonically equivalent keys are different bytes, hence different keys; so are longer ones and those with
        // spaces.
        for id in ["é", "e\u{301}", "second ", "Second", "buffe", "buffer\u{0}"] { try add(writer!, id) }
        try writer!.merge(to: 1)
        for id in ["buffer", "é", "e\u{301}"] { refuses(writer!, id) }
        try writer!.commit()
        #expect(try count() == 8)
        #expect(writer!.documents == 8)
        #expect(try folder.check().problems == [])
    }

    @Test func aDocumentWithoutKeyIsRefused() throws {
        let writer = try IndexWriter(folder, .empty(schema))
        let error = #expect(throws: IndexError.self) { try add(writer, "") }
        guard case .document(let problem)? = error else { return #expect(Bool(false)) }
        #expect(problem.contains("\"id\""))
        try add(writer, "a")
        try writer.commit()
        #expect(try count() == 1)
    }

    /// A document made by hand is checked as in a batch; the writer goes on without it.
    @Test func bulkDocumentsAreChecked() throws {
        let writer = try IndexWriter(folder, .empty(schema))
        let fills: [(inout DocumentBuffer) -> Void] = [
            { $0.append(99, text: "x") }, { $0.append(-1, text: "x") }, { $0.append(1, integer: 1) },
            { document in for _ in 0..<DocumentBuffer.maxValues { document.append(1, text: "x") } },
        ]
        for fill in fills {
            var document = DocumentBuffer()
            document.append(0, text: "a")
            fill(&document)
            #expect(throws: IndexError.self) { try writer.add(document) }
            #expect(throws: IndexError.self) { try writer.put(document) }
        }
        var document = DocumentBuffer()
        document.append(0, text: String(repeating: "k", count: 40_000))
        #expect(throws: IndexError.self) { try writer.add(document) }
        try add(writer, "b")
        try writer.commit()
        #expect(try count() == 1)
    }

    @Test func aSecondWriterIsLockedOut() throws {
        var writer: IndexWriter? = try IndexWriter(folder, .empty(schema))
        let error = #expect(throws: IndexError.self) { try IndexWriter(folder, .empty(schema)) }
        guard case .storage(.locked(let path, let owner))? = error else { return #expect(Bool(false)) }
        #expect(path == folder.path + "/write.lock")
        #expect(owner == ProcessInfo.processInfo.processIdentifier)
        #expect(writer != nil)
        writer = nil
        _ = try IndexWriter(folder, .empty(schema))
    }

    @Test func foreignFilesAreRefusedAndNothingIsChanged() throws {
        try IndexWriter(folder, .empty(schema)).commit()
        for stranger in ["notes.txt", "generations/readme", "generations/1/photo.jpg"] {
            let path = folder.path + "/" + stranger
            try Data([1]).write(to: URL(filePath: path))
            let before = try allFiles()
            let error = #expect(throws: IndexError.self) { try IndexWriter(folder, .current) }
            guard case .foreign(path, _)? = error else {
                return #expect(Bool(false), "\(stranger): \(String(describing: error))")
            }
            #expect(try allFiles() == before)
            #expect(try folder.check().problems.contains { $0.contains(path) })
            try FileManager.default.removeItem(atPath: path)
        }
        try home.write("file", [1])
        #expect(throws: IndexError.self) { try IndexWriter(IndexFolder(home.path + "/file"), .empty(schema)) }
    }

    @Test func payloadsAreCommittedWithDocuments() throws {
        let first = try IndexWriter(folder, .empty(schema))
        first.payload["cursor"] = "41"
        #expect(try folder.newestManifest() == nil)
        try first.commit()
        #expect(try folder.newestManifest()?.payload == ["cursor": "41"])
        first.payload["cursor"] = "42"
        #expect(try folder.newestManifest()?.payload == ["cursor": "41"])
        try first.commit()
        #expect(try IndexReader(folder).manifest.payload == ["cursor": "42"])
    }

    @Test func discardLeavesNoFilesAndTheOldIndex() throws {
        let first = try IndexWriter(folder, .empty(schema))
        try add(first, "a")
        try first.merge(to: 1)
        #expect(try allFiles().count == 1)
        try first.discard()
        #expect(try allFiles() == [])
        try scoped {
            let writer = try IndexWriter(IndexFolder(home.path + "/other"), .empty(schema))
            try add(writer, "x")
            try writer.commit()
        }
    }

    private func scoped(_ body: () throws -> Void) rethrows { try body() }

    @Test func aReleasedWriterLeavesTheIndexUnchanged() throws {
        try scoped {
            let writer = try IndexWriter(folder, .empty(schema))
            try add(writer, "a")
            try writer.commit()
        }
        let before = try allFiles()
        for start in [IndexWriter.Start.current, .empty(schema)] {
            try scoped {
                let writer = try IndexWriter(folder, start)
                for i in 0..<50 { try add(writer, "b\(i)") }
                try writer.merge(to: 1)
                #expect(try allFiles().count > before.count)
            }
            #expect(try count() == 1)
            // Its files are removed when the next writer opens.
            try scoped { try IndexWriter(folder, .current).discard() }
            #expect(try allFiles() == before)
        }
    }

    /// Segments may be written in the background while the next one fills: the keys of both remain taken.
    @Test(arguments: [1, 2])
    func theMemoryLimitFlushesSegments(_ threads: Int) throws {
        let writer = try IndexWriter(folder, .empty(schema), memoryLimit: 1, threads: threads)
        let text = (0..<2000).map { "w\($0 % 700)" }.joined(separator: " ")
        for i in 0..<2000 {
            try add(writer, "k\(i)", text)
            if i % 40 == 39 { #expect(throws: IndexError.self) { try add(writer, "k\(i / 2)") } }
        }
        try writer.commit()
        #expect(try folder.check().problems == [])
        let reader = try IndexReader(folder)
        #expect(reader.segments.count > 2)
        #expect(reader.documents == 2000)
        #expect(reader.segments.allSatisfy { $0.documents * 2000 * 16 < IndexWriter.minimumMemory * 5 / 4 })
        #expect(try reader.search(Search(.term(field: "t", "w5"), limit: 0)).total == 2000)
        #expect(try reader.document(1999)["id"] == .text("k1999"))
    }

    /// While a segment is written in the background, the writer may fail, be discarded or be released.
    @Test(arguments: [1, 2])
    func flushesEndWithTheirWriter(_ threads: Int) throws {
        try scoped {
            let writer = try IndexWriter(folder, .empty(schema))
            try add(writer, "a")
            try writer.commit()
        }
        let before = try allFiles()
        let text = (0..<2000).map { "w\($0)" }.joined(separator: " ")
        func fill(_ writer: IndexWriter) throws { for i in 0..<600 { try add(writer, "b\(i)", text) } }
        func writer() throws -> IndexWriter {
            try IndexWriter(folder, .empty(schema), memoryLimit: 1, threads: threads)
        }
        try scoped {
            let discarded = try writer()
            try fill(discarded)
            #expect(discarded.segmentCount > 1)
            try discarded.discard()
        }
        #expect(try allFiles() == before)
        try scoped { try fill(try writer()) }
        #expect(try allFiles().count > before.count)
        try scoped {
            let failing = try writer()
            try FileManager.default.removeItem(atPath: folder.generationPath(failing.generation))
            #expect(throws: IndexError.self) {
                try fill(failing)
                try failing.commit()
            }
        }
        #expect(try count() == 1)
        #expect(try folder.check().problems == [])
    }

    @Test func aRebuildReplacesTheOldGenerationAndOldReadersGoOn() throws {
        try scoped {
            let writer = try IndexWriter(folder, .empty(schema))
            for i in 0..<300 { try add(writer, "a\(i)", "old word") }
            try writer.commit()
        }
        let old = try IndexReader(folder)
        try scoped {
            let writer = try IndexWriter(folder, .empty(schema))
            #expect(writer.generation == 2)
            #expect(writer.documents == 0)
            try add(writer, "a0", "new word")
            try writer.commit()
        }
        #expect(try allFiles().allSatisfy { !$0.hasPrefix("generations/1/") })
        #expect(try old.search(Search(.term(field: "t", "old"), limit: 1000)).hits.count == 300)
        #expect(try old.document(299)["t"] == .text("old word"))
        #expect(try count("old") == 0)
        #expect(try count("new") == 1)
        #expect(try IndexReader(folder).revision != old.revision)
        #expect(try folder.newestRevision() == IndexReader(folder).revision)
    }

    @Test func appendingKeepsOrderSchemaAndTwoManifests() throws {
        for round in 0..<5 {
            try scoped {
                let writer = try IndexWriter(folder, round == 0 ? .empty(schema) : .current)
                #expect(writer.schema == schema)
                #expect(writer.documents == round * 3)
                for i in 0..<3 { try add(writer, "\(round)-\(i)") }
                try writer.commit()
            }
        }
        let reader = try IndexReader(folder)
        let ids = try (0..<15).map { try reader.document($0)["id"] }
        #expect(ids == (0..<15).map { .text("\($0 / 3)-\($0 % 3)") })
        #expect(
            try allFiles().filter { $0.contains("manifest") } == [
                "generations/1/manifest-4", "generations/1/manifest-5",
            ])
        #expect(throws: IndexError.empty(path: home.path + "/none")) {
            try IndexWriter(IndexFolder(home.path + "/none"), .current)
        }
    }

    /// A deletion's version also applies to a document that is added in bulk afterwards.
    @Test func bulkDocumentsKeepTheVersionsOfDeletions() throws {
        try IndexWriter(folder, .empty(schema)).commit()
        let writer = try IndexWriter(folder, .current)
        func change(_ version: Int) throws -> [WriteOutcome] {
            var document = DocumentBuffer()
            document.append(0, text: "a")
            var batch = WriteBatch()
            try batch.put(document, writer.members, version: version)
            return try writer.write(batch)
        }
        var deletion = WriteBatch()
        try deletion.delete(key: "a", version: 9)
        #expect(try writer.write(deletion) == [.missing])
        try writer.commit()
        try add(writer, "a")
        try writer.commit()
        #expect(try change(5) == [.stale(version: 9)])
        #expect(try change(10) == [.updated])
    }

    /// The manifest before the newest still names a segment that the newest does not: its name must not be reused.
    @Test func namesOfDroppedSegmentsAreNotReused() throws {
        do {
            let writer = try IndexWriter(folder, .empty(schema))
            try add(writer, "a")
            try writer.commit()
            try add(writer, "b")
            try writer.commit()
            var batch = WriteBatch()
            try batch.delete(key: "b")
            #expect(try writer.write(batch) == [.deleted])
            try writer.commit()
        }
        let writer = try IndexWriter(folder, .current)
        try add(writer, "c")
        try writer.commit()
        #expect(try count() == 2)
        #expect(try folder.check().problems == [])
    }

    /// The remedy that the messages about corrupt and foreign files give, `quire index`, must work.
    @Test(arguments: ["manifest", "CURRENT", "format", "segment"])
    func aCorruptIndexCanBeRebuilt(_ what: String) throws {
        try scoped {
            let writer = try IndexWriter(folder, .empty(schema))
            try add(writer, "a")
            try writer.commit()
        }
        let generation = folder.generationPath(1)
        switch what {
        case "manifest": try Data("{}".utf8).write(to: URL(filePath: generation + "/manifest-1"))
        case "CURRENT": try Data("what?\n".utf8).write(to: URL(filePath: folder.path + "/CURRENT"))
        case "segment": try Data("bytes".utf8).write(to: URL(filePath: generation + "/1.seg"))
        default:
            var manifest = try folder.newestManifest(of: 1)
            manifest.format = 99
            try Data(manifest.bytes).write(to: URL(filePath: generation + "/manifest-1"))
        }
        #expect(throws: IndexError.self) { try IndexReader(folder) }
        try scoped {
            let writer = try IndexWriter(folder, .empty(schema))
            try add(writer, "b", "rebuilt")
            try writer.commit()
        }
        #expect(try count("rebuilt") == 1)
        #expect(try folder.check().problems == [])
    }

    /// After a discard a writer must not publish files that it removed.
    @Test func commitAfterDiscardDoesNotNameRemovedFiles() throws {
        let writer = try IndexWriter(folder, .empty(schema))
        try add(writer, "a")
        try writer.commit()
        try add(writer, "b")
        try writer.merge(to: 8)
        try writer.discard()
        try? writer.commit()
        #expect(try count() == 1)
        #expect(try folder.check().problems == [])
    }
}
