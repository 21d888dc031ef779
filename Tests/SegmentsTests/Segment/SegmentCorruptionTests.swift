import FoundationEssentials
import Kernels
import TestSupport
import Testing

@testable import Indexer
@testable import Searching
@testable import Segments

@Suite struct SegmentCorruptionTests {
    private let index: TemporaryIndex
    private let image: SegmentImage

    init() throws {
        index = try TemporaryIndex(RandomCorpus(seed: 61, count: 600, .mixed))
        image = try SegmentImage(index)
    }

    /// Returns the error of opening the index with modified bytes as its segment; nil when it opens.
    private func openError(_ edit: (inout SegmentImage) -> Void) throws -> IndexError? {
        var corrupted = image
        edit(&corrupted)
        try corrupted.save()
        do { _ = try index.reader() } catch let error as IndexError { return error }
        return nil
    }

    @Test func everyFlippedBitOfTheFrameIsDetected() throws {
        let footer = image.bytes.count - 64
        let table = image.tableOffset..<(image.tableOffset + image.sections.count * 32)
        for offset in Array(0..<64) + Array(table) + Array(footer..<image.bytes.count) {
            let error = try openError { $0.bytes[offset] ^= 1 << UInt8(offset % 8) }
            #expect(error?.description.contains(image.path) == true, "byte \(offset): \(String(describing: error))")
        }
        for kind in [SectionKind.schema, .fieldTable] {
            let section = try #require(image.section(kind))
            for offset in stride(from: section.offset, to: section.offset + section.length, by: 7) {
                guard case .corrupt(_, "\(kind)", _, _)? = try openError({ $0.bytes[offset] ^= 4 }) else {
                    Issue.record("\(kind) at \(offset)")
                    continue
                }
            }
        }
    }

    @Test func otherFilesAreRefused() throws {
        for length in [0, 1, 63, 127, 128, image.bytes.count / 2, image.bytes.count - 1] {
            #expect(try openError { $0.bytes = Array($0.bytes.prefix(length)) } != nil, "\(length) bytes")
        }
        #expect(try openError { $0.bytes += [0] } != nil)
        guard
            case .foreign(image.path, _)? = try openError({
                $0.bytes = Array("not a segment at all ".utf8) + Array($0.bytes.dropFirst(21))
            })
        else { return #expect(Bool(false), "foreign") }
        let other = try TemporaryIndex(RandomCorpus(seed: 62, count: 600, .mixed))
        let otherImage = try SegmentImage(other)
        guard case .corrupt? = try openError({ $0.bytes = otherImage.bytes }) else {
            return #expect(Bool(false), "another index's")
        }
        let error = try openError { corrupted in
            corrupted.put(UInt32(7), at: 8)
            let header = Array(corrupted.bytes.prefix(60))
            corrupted.put(header.withUnsafeBytes { CRC32C.checksum($0) }, at: 60)
        }
        #expect(error == .format(path: image.path, found: 7, supported: Int(SegmentFrame.format)))
        try FileManager.default.removeItem(atPath: image.path)
        guard case .corrupt(image.path, _, _, _) = #expect(throws: IndexError.self, performing: { try index.reader() })
        else {
            return #expect(Bool(false), "missing")
        }
    }

    @Test func checkIsCleanOnCleanIndexesAndFindsFlipsInEverySection() throws {
        let clean = try index.folder.check()
        #expect(clean.problems == [])
        #expect(clean.segments == 1)
        #expect(clean.documents == 600)
        #expect(clean.bytes == image.bytes.count)
        #expect(clean.terms > 0)
        #expect(clean.postings > clean.terms)
        #expect(
            Set(image.sections.map(\.kind)) == Set(SectionKind.allCases).subtracting([.versions]),
            "the index has every kind of section that a bulk load writes")
        for section in image.sections where section.length > 0 {
            for offset in Set([0, section.length / 2, section.length - 1]) {
                var corrupted = image
                corrupted.bytes[section.offset + offset] ^= 0x20
                try corrupted.save()
                let problems = try index.folder.check().problems
                #expect(
                    problems.contains { $0.contains("\(section.kind)") && $0.contains(image.path) },
                    "\(section.name): \(problems)")
            }
        }
        try image.save()
        let folder = index.folder.generationPath(1)
        try Data("x".utf8).write(to: URL(filePath: folder + "/manifest-1"))
        #expect(try index.folder.check().problems.count == 1)
    }

    /// A merge verifies its sources: corrupt bytes must not get a new checksum.
    @Test func mergingRefusesCorruptSources() throws {
        let index = try TemporaryIndex(RandomCorpus(seed: 63, count: 500), segments: 2)
        let image = try SegmentImage(index, 1)
        for section in image.sections
        where section.length > 16 && section.kind != .schema && section.kind != .fieldTable {
            var corrupted = image
            corrupted.bytes[section.offset + section.length - 1] ^= 1
            try corrupted.save()
            #expect(throws: IndexError.self, "\(section.name)") {
                try IndexWriter(index.folder, .current).merge(to: 1)
            }
        }
    }

    /// A writer that continues a corrupt index must not accept a key a second time.
    @Test(arguments: [SectionKind.keyFilter, .termIndex, .termBlocks])
    func corruptionDoesNotAdmitDuplicateKeys(_ kind: SectionKind) throws {
        let clean = try index.reader()
        let keys = try (0..<50).map { try #require(try clean.document($0 * 7)["id"]) }
        var corrupted = image
        let section = try #require(corrupted.section(kind))
        for offset in 0..<section.length where offset % 3 == 0 || kind == .keyFilter {
            corrupted.bytes[section.offset + offset] = 0
        }
        try corrupted.save()
        // The start of the term index must fit the segment: that is verified when it is opened.
        let writer: IndexWriter
        do {
            writer = try IndexWriter(index.folder, .current)
        } catch {
            guard case .corrupt(image.path, _, _, _) = error, kind == .termIndex else { throw error }
            return
        }
        let key = try #require(writer.members.number(of: "id"))
        for case .text(let text) in keys {
            var document = DocumentBuffer()
            document.append(key, text: text)
            let error = #expect(throws: IndexError.self) { try writer.add(document) }
            guard case .corrupt(image.path, _, _, _)? = error else {
                Issue.record("expected corruption, got \(String(describing: error))")
                return
            }
        }
    }

    /// Whatever is corrupted, bytes, blocks or the end of the file: opening, searching and reading return the results
    /// of the intact index, or an error that names the file. Decoders of unverified bytes never crash.
    @Test func randomCorruptionNeverReturnsWrongResults() async {
        await #expect(processExitsWith: .success) {
            let corpus = RandomCorpus(seed: 64, count: 5000)
            let index = try TemporaryIndex(corpus)
            let image = try SegmentImage(index)
            var queries = RandomQueries(
                corpus.naive, textFields: ["title", "plain", "body"], keywordFields: ["tags", "color"], seed: 65)
            let searches =
                (0..<6).map { _ in
                    Search(queries.next(), limit: 20, facets: [FacetRequest("tags"), FacetRequest("color")])
                } + [Search(queries.phrase()), Search(queries.term(), order: .field("year", ascending: false))]
            let clean = try index.reader()
            let expectedResults = try searches.map { try clean.search($0) }
            let sections = image.sections.filter { $0.kind != .rows && $0.kind != .schema && $0.length > 0 }
            var random = SplitMix64(seed: SplitMix64.varied(66))
            let isProof = ProcessInfo.processInfo.environment["QUIRE_PROOF"] != nil
            for round in 0..<(isProof ? 10_000 : 250) {
                var corrupted = image
                if round % 10 == 9 { corrupted.bytes.removeLast(1 + random.below(image.bytes.count)) }
                for _ in 0..<(1 + random.below(3)) {
                    let section = random.pick(sections)
                    let first =
                        round % 4 == 0 ? random.below(image.bytes.count) : section.offset + random.below(section.length)
                    let end = min(first + (round % 7 == 0 ? 4096 : 1), corrupted.bytes.count)
                    for offset in first..<max(first, end) {
                        corrupted.bytes[offset] ^= UInt8(1 + random.below(255))
                    }
                }
                try corrupted.save()
                if let reader = try? index.uncheckedReader() {
                    for search in searches { _ = try? reader.search(search) }
                    for _ in 0..<3 { _ = try? reader.document(random.below(5000)) }
                }
                if round % 10 == 0 { _ = try? index.folder.check() }
                do {
                    let reader = try index.reader()
                    for (search, expected) in zip(searches, expectedResults) {
                        guard let result = try Self.unless(corruptAt: image.path, { try reader.search(search) }) else {
                            continue
                        }
                        precondition(result.total == expected.total, "round \(round)")
                        precondition(result.facets == expected.facets, "round \(round)")
                        precondition(result.hits == expected.hits, "round \(round)")
                    }
                    for _ in 0..<3 {
                        let document = random.below(5000)
                        let result = try Self.unless(corruptAt: image.path) { try reader.document(document) }
                        let expected = try clean.document(document)
                        precondition(result == nil || result == expected, "round \(round)")
                    }
                } catch let error as IndexError {
                    precondition(error.description.contains(image.path), "\(error)")
                }
            }
        }
    }

    /// Returns the result of `body`; nil when it throws that a file is corrupt.
    private static func unless<T>(corruptAt path: String, _ body: () throws -> T) throws -> T? {
        do {
            return try body()
        } catch let error as IndexError {
            guard case .corrupt(path, _, _, _) = error else { throw error }
            return nil
        }
    }

    /// One page of a large section is corrupted: documents in the other pages are still returned.
    @Test func intactPagesRemainReadable() throws {
        let index = try TemporaryIndex(RandomCorpus(seed: 67, count: 30_000))
        let clean = try index.reader()
        let image = try SegmentImage(index)
        let rows = try #require(image.section(.rows))
        #expect(SectionPages.count(rows.length) >= 4)
        var corrupted = image
        corrupted.bytes[rows.offset + 2 * SectionPages.byteCount + 77] ^= 1
        try corrupted.save()
        let reader = try index.reader()
        var refused = 0
        for document in stride(from: 0, to: 30_000, by: 50) {
            do {
                #expect(try reader.document(document) == clean.document(document))
            } catch {
                refused += 1
                #expect(error.description.contains("rows"))
                #expect(error.description.contains("(page 2, from byte 131072"))
            }
        }
        #expect(refused > 0)
        #expect(refused < 600 * 2 / SectionPages.count(rows.length))
    }

    /// Indexes 20,000 documents with the term "every", of which a fifth have "word" twice as well, in the field "t".
    private static func indexLongLists(_ folder: IndexFolder) throws {
        let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("t", .text)])
        let writer = try IndexWriter(folder, .empty(schema))
        for i in 0..<20_000 {
            var document = DocumentBuffer()
            document.append(0, text: "\(i)")
            document.append(1, text: i % 5 == 0 ? "every word word" : "every")
            try writer.add(document)
        }
        try writer.commit()
    }

    /// Lists that turn out to be corrupt during a search are reported with their field and kind.
    @Test(arguments: [SectionKind.postings, .positions]) func corruptListsAreReportedWithTheirField(
        _ kind: SectionKind
    ) throws {
        let home = try TemporaryFolder()
        let folder = IndexFolder(home.path + "/index")
        try Self.indexLongLists(folder)
        var image = try SegmentImage(folder.generationPath(1) + "/1.seg")
        let section = try #require(image.section(kind, 1))
        for offset in 0..<section.length { image.bytes[section.offset + offset] = 0xFF }
        try image.save()
        let reader = try folder.uncheckedReader()
        let part = kind == .postings ? "a postings list" : "a list of positions"
        let queries: [Query] = [
            .phrase(field: "t", [.init("every", at: 0), .init("word", at: 1)]),
            .sloppyPhrase(field: "t", SloppyPhrase([.init(["every"], at: 0), .init(["word"], at: 1)], slop: 1)),
        ]
        for query in queries {
            let error = #expect(throws: IndexError.self) { try reader.search(Search(query)) }
            guard case .corrupt(_, let place, _, let problem)? = error else { continue }
            #expect(place == "\(kind) of field \"t\"")
            #expect(problem == "\(part) cannot be decoded")
        }
    }

    /// The skip table of a long postings list specifies where its blocks start and end: a wrong entry must not lead
    /// outside a window's memory or the file.
    @Test func wrongSkipTablesNeverCrash() async {
        await #expect(processExitsWith: .success) {
            let home = try TemporaryFolder()
            let folder = IndexFolder(home.path + "/index")
            try Self.indexLongLists(folder)
            let image = try SegmentImage(folder.generationPath(1) + "/1.seg")
            guard let postings = image.section(.postings, 1) else { preconditionFailure() }
            let every = Query.term(field: "t", "every")
            let word = Query.term(field: "t", "word")
            let queries: [Query] = [
                every, .and([every, word]), .or([word, every]),
                .phrase(field: "t", [.init("every", at: 0), .init("word", at: 1)]),
                .boolean(.init(filter: [every])), .boolean(.init(should: [every, word, every], minimumShould: 2)),
            ]
            // The postings of "every" are the field's first: 79 blocks, their last documents first, then the starts of
            // the blocks, then those of their positions.
            for entry in Array(0..<78) + Array(stride(from: 79, to: 3 * 79, by: 5)) {
                for value in [0, 1, UInt32(entry * 256), 4095, 4096, 9000, 19_743, 19_999, .max] {
                    var corrupted = image
                    corrupted.put(value, at: postings.offset + entry * 4)
                    try corrupted.save()
                    let reader = try folder.uncheckedReader()
                    for query in queries { _ = try? reader.search(Search(query, limit: 3)) }
                }
            }
        }
    }
}

extension IndexFolder {
    /// Returns a reader of the newest commit that does not verify its segments.
    fileprivate func uncheckedReader() throws -> IndexReader {
        let manifest = try #require(try newestManifest())
        let generation = generationFolder(manifest.generation)
        let segments = try manifest.segments.map { try SegmentReader(folder: generation, $0, checksPages: false) }
        return try IndexReader(path, manifest, segments, segments.map { _ in nil })
    }
}

extension TemporaryIndex {
    fileprivate func uncheckedReader() throws -> IndexReader { try folder.uncheckedReader() }
}
