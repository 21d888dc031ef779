@testable import Indexer
@testable import Kernels
@testable import Searching
@testable import Segments
@testable import Storage
@testable import TestSupport

/// A small index on a disk in memory, copies of which are corrupted and then used in every way.
public final class FuzzIndex: Sendable {
    /// The disk, which is never modified.
    public let disk: FaultyFileSystem
    /// The path of the newest manifest.
    public let manifestPath: String
    /// The path of the log that the next writer reads.
    public let logPath: String
    /// The paths of the segments.
    public let segmentPaths: [String]

    /// Creates an index of `documents` documents with deletions, patched numbers, versions, tombstones and a log that
    /// no commit holds.
    public init(documents: Int) throws {
        let files = FaultyFileSystem()
        let folder = IndexFolder("/index", files: files)
        let schema = try Schema(
            key: "id",
            fields: [
                Field("id", .keyword), Field("text", .text), Field("tags", .keyword, multiple: true),
                Field("shop", .keyword), Field("price", .integer), Field("score", .float), Field("note", .stored),
            ])
        try IndexWriter(folder, .empty(schema)).commit()
        let writer = try IndexWriter(folder, .current)
        var random = SplitMix64(seed: 5)
        func write(_ numbers: Range<Int>) throws {
            var batch = WriteBatch()
            var document = DocumentBuffer()
            for number in numbers {
                document.reset()
                document.append(0, text: "g\(number)")
                let words = (0...random.below(12)).map { _ in "w\(random.below(9) * random.below(9))" }
                document.append(1, text: words.joined(separator: " ") + (number % 3 == 0 ? " 中国人民银行" : ""))
                for _ in 0..<random.below(3) { document.append(2, text: "t\(random.below(5))") }
                if number % 4 != 0 { document.append(3, text: "s\(number % 2)") }
                if number % 5 != 0 { document.append(4, integer: Int64(random.below(1000))) }
                document.append(5, float: Double(random.below(100)) / 7)
                document.append(6, text: "note \(number)")
                try batch.put(document, writer.members, version: number % 2 == 0 ? number : nil)
            }
            for _ in 0..<(numbers.count / 8) {
                let key = "g\(random.below(numbers.upperBound))"
                if random.chance(50) {
                    try batch.delete(key: key, version: random.chance(60) ? 100_000 : nil)
                } else {
                    try batch.patch(
                        key: key, [(member: "price", value: .integer(7)), (member: "score", value: nil)],
                        writer.members, version: nil)
                }
            }
            _ = try writer.write(batch)
        }
        try write(0..<documents)
        try writer.commit()
        let more = max(documents / 6, 12)
        try write(documents..<(documents + more))
        try writer.commit()
        try write((documents + more / 2)..<(documents + 3 * more / 2))
        guard let manifest = try folder.newestManifest(), let log = try folder.logNumbers(of: 1).last else {
            fatalError("no index")
        }
        disk = files.crashed(.keepsAll)
        manifestPath = folder.manifestPath(1, manifest.sequence)
        logPath = folder.generationFolder(1).log(log)
        segmentPaths = manifest.segments.map { folder.generationFolder(1).segment($0.name) }
    }

    /// Returns the bytes of a file.
    public func bytes(_ path: String) -> [UInt8] { disk.bytes(of: path) ?? [] }

    /// Returns a copy of the disk with another file at a path.
    public func disk(with bytes: [UInt8], at path: String) -> FaultyFileSystem {
        let copy = disk.crashed(.keepsAll)
        copy.spoil(path) { $0 = bytes }
        return copy
    }

    /// The uses of a disk.
    public enum Use: CaseIterable, Sendable { case read, check, write }

    /// Reads, checks, writes and merges whatever is on a disk: only the engine's own errors may result. An index that a
    /// writer accepted is intact afterwards, unless `isWild` states that its segments are not.
    public static func use(_ disk: FaultyFileSystem, _ uses: [Use] = Use.allCases, isWild: Bool) {
        let folder = IndexFolder("/index", files: disk)
        if uses.contains(.read) { try? read(folder) }
        if uses.contains(.check) { _ = try? folder.check() }
        guard uses.contains(.write), let writer = try? IndexWriter(folder, .current) else { return }
        do {
            var batch = WriteBatch()
            try batch.delete(key: "g3")
            try batch.patch(key: "g5", [(member: "price", value: .integer(9))], writer.members)
            _ = try writer.write(batch)
            _ = try writer.view()
            try writer.merge(to: 1)
            try writer.commit()
        } catch {
            return
        }
        if isWild { return }
        guard let problems = try? folder.check().problems, problems.isEmpty else {
            fatalError("the index is not clean: \(String(describing: try? folder.check().problems))")
        }
    }

    private static func read(_ folder: IndexFolder) throws {
        let reader = try IndexReader(folder)
        let words = ["w0", "w6", "w64", "中国", "中", "国"].map { Query.term(field: "text", $0) }
        let tag = Query.term(field: "tags", "t1")
        let queries: [Query] =
            words + [
                .all, tag, .or(words), .and([words[0], words[1]]), .boolean(.init(must: [words[0]], filter: [tag])),
                .boolean(.init(should: [words[0], words[1], words[2]], minimumShould: 2)),
                .phrase(field: "text", [.init("w0", at: 0), .init("w6", at: 1)]),
            ]
        for query in queries {
            for order in [Search.Order.score, .field("price", ascending: true), .field("score", ascending: false)] {
                let facets = [FacetRequest("tags"), FacetRequest("shop")]
                guard let found = try? reader.search(Search(query, limit: 20, order: order, facets: facets)) else {
                    continue
                }
                precondition(found.hits.count <= 20)
                for hit in found.hits.prefix(3) { _ = try? reader.document(hit.document) }
            }
        }
        for key in ["g0", "g7", "nothing"] { _ = try? reader.find(key: key) }
    }
}
