import FoundationEssentials
import Kernels
import OracleSupport
import Testing

@testable import Indexer

@Suite struct DamageTests {
    private let index: TemporaryIndex
    private let image: SegmentImage

    init() throws {
        index = try TemporaryIndex(RandomCorpus(seed: 61, count: 600, .mixed))
        image = try SegmentImage(index)
    }

    /// The error of opening the index with these bytes as its segment.
    private func openError(_ change: (inout SegmentImage) -> Void) throws -> IndexError? {
        var spoilt = image
        change(&spoilt)
        try spoilt.save()
        do { _ = try index.reader() } catch let error as IndexError { return error }
        return nil
    }

    @Test func everyBitOfTheFrameCounts() throws {
        let footer = image.bytes.count - 64
        let table = image.tableOffset..<(image.tableOffset + image.sections.count * 32)
        for at in Array(0..<64) + Array(table) + Array(footer..<image.bytes.count) {
            let error = try openError { $0.bytes[at] ^= 1 << UInt8(at % 8) }
            #expect(error?.description.contains(image.path) == true, "byte \(at): \(String(describing: error))")
        }
        for kind in [SectionKind.schema, .fieldTable] {
            let section = try #require(image.section(kind))
            for at in stride(from: section.offset, to: section.offset + section.length, by: 7) {
                guard case .corrupt(_, "\(kind)", _, _)? = try openError({ $0.bytes[at] ^= 4 }) else {
                    Issue.record("\(kind) at \(at)")
                    continue
                }
            }
        }
    }

    @Test func otherFilesAreToldApart() throws {
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
        let stranger = try SegmentImage(other)
        guard case .corrupt? = try openError({ $0.bytes = stranger.bytes }) else {
            return #expect(Bool(false), "another index's")
        }
        let found = try openError { spoilt in
            spoilt.put(UInt32(7), at: 8)
            let header = Array(spoilt.bytes.prefix(60))
            spoilt.put(header.withUnsafeBytes { CRC32C.checksum($0) }, at: 60)
        }
        #expect(found == .format(path: image.path, found: 7, supported: Int(SegmentFrame.format)))
        try FileManager.default.removeItem(atPath: image.path)
        guard case .corrupt(image.path, _, _, _) = #expect(throws: IndexError.self, performing: { try index.reader() })
        else {
            return #expect(Bool(false), "missing")
        }
    }

    @Test func checkIsCleanOnCleanIndexesAndFindsFlipsInEverySection() throws {
        let clean = try index.folder.check()
        #expect(
            clean.problems == [] && clean.segments == 1 && clean.documents == 600 && clean.bytes == image.bytes.count)
        #expect(clean.terms > 0 && clean.postings > clean.terms)
        #expect(
            Set(image.sections.map(\.kind)) == Set(SectionKind.allCases).subtracting([.versions]),
            "every kind of section that a bulk load writes is in the test's index")
        for section in image.sections where section.length > 0 {
            for at in Set([0, section.length / 2, section.length - 1]) {
                var spoilt = image
                spoilt.bytes[section.offset + at] ^= 0x20
                try spoilt.save()
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

    /// A merge reads everything: it must not give damaged bytes a fresh checksum.
    @Test func mergingDoesNotLaunderDamage() throws {
        let index = try TemporaryIndex(RandomCorpus(seed: 63, count: 500), segments: 2)
        let image = try SegmentImage(index, 1)
        for section in image.sections
        where section.length > 16 && section.kind != .schema && section.kind != .fieldTable {
            var spoilt = image
            spoilt.bytes[section.offset + section.length - 1] ^= 1
            try spoilt.save()
            #expect(throws: IndexError.self, "\(section.name)") {
                try IndexWriter(index.folder, .current).merge(to: 1)
            }
        }
    }

    /// A writer that goes on from a damaged index must not take a key a second time.
    @Test(arguments: [SectionKind.keyFilter, .termIndex, .termBlocks])
    func damageDoesNotLetKeysInTwice(_ kind: SectionKind) throws {
        let clean = try index.reader()
        let keys = try (0..<50).map { try #require(try clean.document($0 * 7)["id"]) }
        var spoilt = image
        let section = try #require(spoilt.section(kind))
        for at in 0..<section.length where at % 3 == 0 || kind == .keyFilter { spoilt.bytes[section.offset + at] = 0 }
        try spoilt.save()
        // What the index of terms begins with must fit the segment: that is seen when it is opened.
        let writer: IndexWriter
        do {
            writer = try IndexWriter(index.folder, .current)
        } catch {
            guard case .corrupt(image.path, _, _, _) = error, kind == .termIndex else { throw error }
            return
        }
        let key = try #require(writer.members.all.firstIndex { $0.name == "id" })
        for case .text(let text) in keys {
            var document = DocumentBuffer()
            document.append(key, text: text)
            let error = #expect(throws: IndexError.self) { try writer.add(document) }
            guard case .corrupt(image.path, _, _, _)? = error else {
                Issue.record("expected damage, got \(String(describing: error))")
                return
            }
        }
    }

    /// Whatever is spoilt, bytes, blocks or the end, opening, searching and reading end in the answer there was before,
    /// or in an error that names the file. Decoders that are given the bytes unchecked never crash.
    @Test func randomFlipsNeverAnswerWrongly() async {
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
            let answers = try searches.map { try clean.search($0) }
            let hot = image.sections.filter { $0.kind != .rows && $0.kind != .schema && $0.length > 0 }
            var random = SplitMix64(seed: SplitMix64.varied(66))
            let isProof = ProcessInfo.processInfo.environment["QUIRE_PROOF"] != nil
            for round in 0..<(isProof ? 10_000 : 250) {
                var spoilt = image
                if round % 10 == 9 { spoilt.bytes.removeLast(1 + random.below(image.bytes.count)) }
                for _ in 0..<(1 + random.below(3)) {
                    let section = random.pick(hot)
                    let first =
                        round % 4 == 0 ? random.below(image.bytes.count) : section.offset + random.below(section.length)
                    let end = min(first + (round % 7 == 0 ? 4096 : 1), spoilt.bytes.count)
                    for at in first..<max(first, end) {
                        spoilt.bytes[at] ^= UInt8(1 + random.below(255))
                    }
                }
                try spoilt.save()
                if let reader = try? index.uncheckedReader() {
                    for search in searches { _ = try? reader.search(search) }
                    for _ in 0..<3 { _ = try? reader.document(random.below(5000)) }
                }
                if round % 10 == 0 { _ = try? index.folder.check() }
                do {
                    let reader = try index.reader()
                    for (search, answer) in zip(searches, answers) {
                        guard let found = try Self.unless(damagedIn: image.path, { try reader.search(search) }) else {
                            continue
                        }
                        precondition(found.total == answer.total && found.facets == answer.facets, "round \(round)")
                        precondition(found.hits == answer.hits, "round \(round)")
                    }
                    for _ in 0..<3 {
                        let number = random.below(5000)
                        let found = try Self.unless(damagedIn: image.path) { try reader.document(number) }
                        let wanted = try clean.document(number)
                        precondition(found == nil || found == wanted, "round \(round)")
                    }
                } catch let error as IndexError {
                    precondition(error.description.contains(image.path), "\(error)")
                }
            }
        }
    }

    /// Nil when a file is damaged.
    private static func unless<T>(damagedIn path: String, _ body: () throws -> T) throws -> T? {
        do {
            return try body()
        } catch let error as IndexError {
            guard case .corrupt(path, _, _, _) = error else { throw error }
            return nil
        }
    }

    /// One page of a large section is spoilt: what lies in the others is still answered.
    @Test func otherPagesAreStillRead() throws {
        let index = try TemporaryIndex(RandomCorpus(seed: 67, count: 30_000))
        let clean = try index.reader()
        let image = try SegmentImage(index)
        let rows = try #require(image.section(.rows))
        #expect(SectionPages.count(rows.length) >= 4)
        var spoilt = image
        spoilt.bytes[rows.offset + 2 * SectionPages.byteCount + 77] ^= 1
        try spoilt.save()
        let reader = try index.reader()
        var damaged = 0
        for number in stride(from: 0, to: 30_000, by: 50) {
            do {
                #expect(try reader.document(number) == clean.document(number))
            } catch {
                damaged += 1
                #expect(error.description.contains("rows") && error.description.contains("(page 2, from byte 131072"))
            }
        }
        #expect(damaged > 0 && damaged < 600 * 2 / SectionPages.count(rows.length))
    }

    /// The skip table of a long list says where its blocks end and begin: a wrong entry must not lead outside a
    /// window's memory or the file.
    @Test func wrongSkipTablesNeverCrash() async {
        await #expect(processExitsWith: .success) {
            let home = try TemporaryFolder()
            let folder = IndexFolder(home.path + "/index")
            let schema = try Schema(key: "id", fields: [Field("id", .keyword), Field("t", .text)])
            let writer = try IndexWriter(folder, .empty(schema))
            for i in 0..<20_000 {
                var document = DocumentBuffer()
                document.append(0, text: "\(i)")
                document.append(1, text: i % 5 == 0 ? "every word word" : "every")
                try writer.add(document)
            }
            try writer.commit()
            let image = try SegmentImage(folder.generationPath(1) + "/1.seg")
            guard let postings = image.section(.postings, 1) else { preconditionFailure() }
            let every = Query.term(field: "t", "every")
            let word = Query.term(field: "t", "word")
            let queries: [Query] = [
                every, .and([every, word]), .or([word, every]),
                .phrase(field: "t", [.init("every", at: 0), .init("word", at: 1)]),
                .boolean(.init(filter: [every])), .boolean(.init(should: [every, word, every], minimumShould: 2)),
            ]
            // "every" is the field's first list: 79 blocks, their last documents first, then where they begin, then
            // where their positions do.
            for entry in Array(0..<78) + Array(stride(from: 79, to: 3 * 79, by: 5)) {
                for value in [0, 1, UInt32(entry * 256), 4095, 4096, 9000, 19_743, 19_999, .max] {
                    var spoilt = image
                    spoilt.put(value, at: postings.offset + entry * 4)
                    try spoilt.save()
                    let reader = try folder.uncheckedReader()
                    for query in queries { _ = try? reader.search(Search(query, limit: 3)) }
                }
            }
        }
    }
}

extension IndexFolder {
    /// A reader of the newest commit that takes its segments' bytes as they are.
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
