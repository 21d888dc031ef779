import FoundationEssentials
public import Indexer

/// A folder of its own for a test, gone with this object.
public final class TemporaryFolder: Sendable {
    /// Its path.
    public let path: String

    /// Makes an empty folder under the system's folder for temporary files.
    public init() throws {
        path = FileManager.default.temporaryDirectory.path + "/quire-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file into the folder; answers its path.
    @discardableResult
    public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(filePath: file))
        return file
    }
}

/// Documents that can be indexed, by the engine and by the naive index.
public protocol IndexableCorpus {
    /// The schema of the documents.
    func ownSchema() throws -> Schema
    /// Number of documents.
    var count: Int { get }
    /// Writes a document the way a scanner would.
    func write(_ number: Int, into buffer: inout DocumentBuffer, _ members: Members)
}

/// A real index of a corpus, in a folder that goes with it.
public final class TemporaryIndex {
    /// The index's folder.
    public let folder: IndexFolder
    private let home: TemporaryFolder

    /// Indexes a corpus in `segments` pieces (fewer when there are fewer documents), cut at places that `seed` decides.
    public init(_ corpus: some IndexableCorpus, segments: Int = 1, seed: UInt64 = 1) throws {
        home = try TemporaryFolder()
        folder = IndexFolder(home.path + "/index")
        var random = SplitMix64(seed: seed)
        var cuts: Set<Int> = [corpus.count]
        while cuts.count < min(segments, corpus.count) { cuts.insert(1 + random.below(corpus.count)) }
        var from = 0
        var buffer = DocumentBuffer()
        for (number, to) in cuts.sorted().enumerated() {
            let writer = try IndexWriter(folder, number == 0 ? .empty(try corpus.ownSchema()) : .current)
            for document in from..<to {
                corpus.write(document, into: &buffer, writer.members)
                try writer.add(buffer)
            }
            try writer.commit()
            from = to
        }
    }

    /// Merges to at most `count` segments and commits.
    public func merge(to count: Int) throws {
        let writer = try IndexWriter(folder, .current)
        try writer.merge(to: count)
        try writer.commit()
    }

    /// A reader of the newest commit.
    public func reader() throws -> IndexReader { try IndexReader(folder) }
}
