import Kernels
import Storage

/// Builds an index: documents go in, segments come out, and one `commit` makes them visible all at once.
///
/// A writer holds the folder's lock for as long as it lives. Nothing it does is visible before `commit`; a writer
/// that is dropped, or killed, leaves the index as it was. One thread at a time may use it; with `threads` above one,
/// full segments are written by another while the next one fills.
public final class IndexWriter {
    /// Where a writer begins.
    public enum Start: Sendable {
        /// With no documents, in a new generation that replaces the current one at `commit`.
        case empty(Schema)
        /// With the documents of the current generation.
        case current
    }

    /// The schema of the documents.
    public let schema: Schema
    /// The numbered members that documents for this writer are made of.
    public let members: Members
    /// Documents so far, those found at the start included.
    public private(set) var documents: Int
    /// The generation being written.
    public let generation: Int
    /// What the next commit carries along for the caller; begins as what the current commit carries, or empty.
    public var payload: [String: String] = [:]

    private let folder: IndexFolder
    private let lock: DirectoryLock
    private let memoryLimit: Int
    private var sequence: Int
    private var segments: [SegmentDescription]
    private var readers: [SegmentReader] = []
    private var buffer: SegmentBuffer
    private let flushesAside: Bool
    private var flushing: SegmentFlush?
    private var nextSegment: Int
    private var sinceCheck = 0
    private var isOver = false

    /// Smallest memory limit that leaves room for the fixed tables of a segment.
    public static let leastMemory = 16 << 20

    /// Opens a folder for writing, creating it when needed.
    ///
    /// `memoryLimit` is in bytes and counts everything segments need in memory, their writing included; with two
    /// threads half of it is for the segment being filled and half for the one being written.
    /// Errors: `storage(.locked)` when another process writes here, `foreign` when the folder holds something else,
    /// `empty` when it should continue an index that is not there.
    public init(
        _ folder: IndexFolder, _ start: Start, memoryLimit: Int = 256 << 20, threads: Int = 1
    ) throws(IndexError) {
        // Nothing is made in a folder that is not Quire's, nor where there is nothing to go on with.
        try folder.refuseStrangers(deep: false)
        if case .current = start {
            guard try folder.currentGeneration() != nil else { throw .empty(path: folder.path) }
        }
        try storing { () throws(StorageError) in try folder.files.makeDirectories(folder.path + "/generations") }
        lock = try storing { () throws(StorageError) in try DirectoryLock(folder.lockPath) }
        try folder.refuseStrangers(deep: true)
        self.folder = folder
        flushesAside = threads > 1
        let limit = min(max(memoryLimit, Self.leastMemory), 3 << 30)
        self.memoryLimit = threads > 1 ? limit / 2 : limit
        switch start {
        case .empty(let schema):
            // Whatever is wrong with the current generation, a rebuild must be possible: nothing of it is read.
            self.schema = schema
            generation = (try folder.generations().last ?? 0) + 1
            sequence = 0
            segments = []
            let path = folder.generationPath(generation)
            try storing { () throws(StorageError) in try folder.files.makeDirectories(path) }
        case .current:
            guard let current = try folder.currentGeneration() else { throw .empty(path: folder.path) }
            try folder.removeGarbage(keeping: current)
            let manifest = try folder.newestManifest(of: current)
            try manifest.checkAnalyzers(folder.path)
            schema = manifest.schema
            generation = current
            sequence = manifest.sequence
            segments = manifest.segments
            payload = manifest.payload
        }
        members = Members(schema)
        buffer = SegmentBuffer(schema, members)
        documents = segments.reduce(0) { $0 + $1.documents }
        nextSegment = 1 + (segments.compactMap { Int($0.name) }.max() ?? 0)
        for segment in segments {
            let reader = try open(segment)
            if let damage = reader.damagedSections([.keyFilter, .termIndex, .termBlocks]).first { throw damage }
            readers.append(reader)
        }
    }

    /// Adds a document made of `members`.
    ///
    /// Errors: `document` when it has no key or its key is taken; the writer goes on. Any other error ends it.
    public func add(_ document: borrowing DocumentBuffer) throws(IndexError) {
        let key = try key(of: document)
        let hash = hash64(key.baseAddress!, key.count)
        if isTaken(key, hash) {
            let text = String(decoding: key, as: UTF8.self)
            throw .document(problem: "the key \"\(text)\" is taken by an earlier document; keys must be unique")
        }
        buffer.add(document)
        documents += 1
        // Small documents are looked at by the dozen, large ones at once.
        sinceCheck += 1 + document.bytes.count / (1 << 14)
        if sinceCheck >= 32 {
            sinceCheck = 0
            if buffer.byteCount >= memoryLimit { try flush(aside: flushesAside) }
        }
    }

    /// Makes everything added so far durable and visible.
    ///
    /// The steps: write the last segment, sync it, sync the folder, write and rename the manifest, then CURRENT.
    /// Errors: `storage`; the index stays as it was.
    public func commit() throws(IndexError) {
        guard !isOver else { throw .request(problem: "the writer's documents were discarded") }
        try flush()
        sequence += 1
        try folder.publish(
            Manifest(
                generation: generation, sequence: sequence, schema: schema, segments: segments, payload: payload))
        // The commit stands whatever happens to files that no longer count; the next writer removes what is left.
        try? folder.removeGarbage(keeping: generation)
    }

    /// Removes what was written and not committed.
    public func discard() throws(IndexError) {
        isOver = true
        try? endFlush()
        try folder.removeGarbage(keeping: try folder.currentGeneration())
    }

    /// Merges neighbouring segments until at most `count` are left, the smallest first. Visible after `commit`.
    public func merge(to count: Int) throws(IndexError) {
        try flush()
        var groups = readers.map { (readers: [$0], bytes: $0.description.bytes) }
        while groups.count > max(count, 1) {
            func pair(_ at: Int) -> Int { groups[at - 1].bytes + groups[at].bytes }
            guard let at = (1..<groups.count).min(by: { pair($0) < pair($1) }) else { break }
            let next = groups.remove(at: at)
            groups[at - 1].readers += next.readers
            groups[at - 1].bytes += next.bytes
        }
        let whole = try groups.map { group throws(IndexError) in try merged(group.readers) }
        readers = whole
        segments = whole.map(\.description)
    }

    /// Most segments that are read side by side; more are merged in rounds.
    private static let mergeWidth = 64

    private func merged(_ group: [SegmentReader]) throws(IndexError) -> SegmentReader {
        if group.count == 1 { return group[0] }
        if group.count > Self.mergeWidth {
            var round: [SegmentReader] = []
            for start in stride(from: 0, to: group.count, by: Self.mergeWidth) {
                round.append(try merged(Array(group[start..<min(start + Self.mergeWidth, group.count)])))
            }
            return try merged(round)
        }
        let path = folder.generationPath(generation)
        let written = try SegmentMerger(group, schema: schema).write(folder: path, name: nextName())
        return try open(written)
    }

    private func open(_ segment: SegmentDescription) throws(IndexError) -> SegmentReader {
        do throws(IndexError) {
            return try SegmentReader(folder: folder.generationPath(generation), segment)
        } catch {
            throw error.asDamage
        }
    }

    /// Number of segments, the one in memory included.
    public var segmentCount: Int { segments.count + (flushing == nil ? 0 : 1) + (buffer.documents > 0 ? 1 : 0) }

    /// Writes what is in memory, here or aside.
    private func flush(aside: Bool = false) throws(IndexError) {
        try endFlush()
        guard buffer.documents > 0 else { return }
        let full = buffer
        buffer = SegmentBuffer(schema, members)
        let path = folder.generationPath(generation)
        if aside {
            flushing = SegmentFlush(full, folder: path, name: nextName())
        } else {
            try take(try full.write(folder: path, name: nextName()))
        }
    }

    /// Waits for the segment that is being written aside.
    private func endFlush() throws(IndexError) {
        guard let ending = flushing else { return }
        flushing = nil
        try take(try ending.wait())
    }

    private func take(_ written: SegmentDescription) throws(IndexError) {
        segments.append(written)
        readers.append(try open(written))
    }

    deinit {
        // Nothing may be written once the lock is gone.
        if let flushing { _ = try? flushing.wait() }
    }

    private func nextName() -> String {
        defer { nextSegment += 1 }
        return "\(nextSegment)"
    }

    private func key(of document: borrowing DocumentBuffer) throws(IndexError) -> UnsafeBufferPointer<UInt8> {
        for i in 0..<document.values.count where document.values[i].member == UInt32(members.key) {
            let key = document.text(document.values[i])
            if key.count > 0 { return key }
        }
        throw .document(
            problem: "the key \"\(members.all[members.key].name)\" is missing or empty; every document needs one")
    }

    private func isTaken(_ key: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> Bool {
        buffer.contains(key: key, hash: hash) || flushing?.buffer.contains(key: key, hash: hash) == true
            || readers.contains { $0.contains(key: key, hash: hash) }
    }
}
