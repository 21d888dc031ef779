import FoundationEssentials
package import Indexer
package import Segments

/// A temporary folder of a test, which is removed with this object.
public final class TemporaryFolder: Sendable {
    /// The path of the folder.
    public let path: String

    /// Creates an empty folder in the system's temporary directory.
    public init() throws {
        path = FileManager.default.temporaryDirectory.path + "/quire-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file into the folder and returns its path.
    @discardableResult
    public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(filePath: file))
        return file
    }
}

/// Documents that both the engine and the naive index can index.
package protocol IndexableCorpus {
    /// The schema of the documents.
    func indexSchema() throws -> Schema
    /// The number of documents.
    var count: Int { get }
    /// Writes a document into a buffer, as the input scanner does.
    func write(_ number: Int, into buffer: inout DocumentBuffer, _ members: Members)
}

/// An index of a corpus in a temporary folder, which is removed with this object.
package final class TemporaryIndex {
    /// The folder of the index.
    package let folder: IndexFolder
    private let home: TemporaryFolder

    /// Indexes a corpus in `segments` segments (fewer if there are fewer documents), whose boundaries depend on `seed`.
    package init(_ corpus: some IndexableCorpus, segments: Int = 1, seed: UInt64 = 1) throws {
        home = try TemporaryFolder()
        folder = IndexFolder(home.path + "/index")
        var random = SplitMix64(seed: seed)
        var cuts: Set<Int> = [corpus.count]
        while cuts.count < min(segments, corpus.count) { cuts.insert(1 + random.below(corpus.count)) }
        var from = 0
        var buffer = DocumentBuffer()
        for (segmentIndex, to) in cuts.sorted().enumerated() {
            let writer = try IndexWriter(folder, segmentIndex == 0 ? .empty(try corpus.indexSchema()) : .current)
            for document in from..<to {
                corpus.write(document, into: &buffer, writer.members)
                try writer.add(buffer)
            }
            try writer.commit()
            from = to
        }
    }

    /// Merges the index to at most `count` segments and commits.
    package func merge(to count: Int) throws {
        let writer = try IndexWriter(folder, .current)
        try writer.merge(to: count)
        try writer.commit()
    }

    /// A reader of the newest commit.
    package func reader() throws -> IndexReader { try IndexReader(folder) }
}
