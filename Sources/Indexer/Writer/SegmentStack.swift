import Kernels
import Storage

/// The documents of an index while it is written: segments, oldest first, and behind them the one in memory.
///
/// Not for several threads at once.
final class SegmentStack {
    /// Where a document is.
    struct Place {
        let changes: PendingChanges
        let document: Int
        let version: Int?
    }

    let schema: Schema
    let members: Members
    let folder: GenerationFolder
    private(set) var segments: [WrittenSegment] = []
    private var buffer: SegmentBuffer
    private var bufferChanges = PendingChanges()
    private var flushing: (flush: SegmentFlush, changes: PendingChanges)?
    private let memoryLimit: Int
    private let flushesAside: Bool
    private var nextSegment: Int
    /// Names of segments that are being written and are not in the stack yet.
    var unfinished: Set<String> = []
    private var sinceCheck = 0
    /// Column of the documents' versions.
    private var versions: Int { schema.fields.count }

    /// A stack over the segments of a manifest. `memoryLimit` is for one segment in memory; with `flushesAside` there
    /// are two.
    init(
        _ schema: Schema, _ folder: GenerationFolder, _ segments: [SegmentDescription], memoryLimit: Int,
        flushesAside: Bool
    ) throws(IndexError) {
        self.schema = schema
        self.folder = folder
        self.memoryLimit = memoryLimit
        self.flushesAside = flushesAside
        members = Members(schema)
        buffer = SegmentBuffer(schema, members)
        // The manifest before the newest may name files that the newest does not.
        let files = try storing { () throws(StorageError) in try folder.files.list(folder.path) }
        let names = segments.map(\.name) + files.filter { $0.hasSuffix(".seg") }.map { String($0.dropLast(4)) }
        nextSegment = 1 + (names.compactMap { Int($0) }.max() ?? 0)
        for segment in segments {
            let reader = try open(segment)
            let changes = PendingChanges(try reader.savedChanges(folder))
            self.segments.append(WrittenSegment(reader, changes, isDurable: true))
        }
    }

    deinit {
        // Nothing may be written once the lock is gone.
        if let flushing { _ = try? flushing.flush.wait() }
    }

    /// Documents that were not deleted.
    var documents: Int {
        var total = buffer.documents - bufferChanges.deleted.count
        if let flushing { total += flushing.flush.buffer.documents - flushing.changes.deleted.count }
        return segments.reduce(total) { $0 + $1.documents }
    }

    /// Segments, those in memory included.
    var count: Int { segments.count + (flushing == nil ? 0 : 1) + (buffer.documents > 0 ? 1 : 0) }

    /// Bytes of the segment in memory.
    var bufferedBytes: Int { buffer.byteCount }

    /// Where the document with a key is; nil when there is none. Newest first: that is where changes mostly fall.
    func find(_ key: UnsafeBufferPointer<UInt8>, _ hash: UInt64) throws(IndexError) -> Place? {
        if let document = buffer.document(key: key, hash: hash), !bufferChanges.isDeleted(document) {
            return place(bufferChanges, document, buffer.version(document))
        }
        if let (flush, changes) = flushing, let document = flush.buffer.document(key: key, hash: hash),
            !changes.isDeleted(document)
        {
            return place(changes, document, flush.buffer.version(document))
        }
        for segment in segments.reversed() {
            let changes = segment.changes
            if let document = try segment.reader.find(key: key, hash: hash, where: { !changes.isDeleted($0) }) {
                return place(changes, document, try segment.reader.versions()?.key(document))
            }
        }
        return nil
    }

    private func place(_ changes: PendingChanges, _ document: Int, _ version: UInt64?) -> Place {
        let key = changes.value(versions, document) ?? version
        return Place(changes: changes, document: document, version: key.map { Int(SortKey.integer($0)) })
    }

    /// Appends a document, and writes a segment when memory is full.
    func add(_ document: borrowing DocumentBuffer, version: Int?) throws(IndexError) {
        buffer.add(document, version: version)
        // Small documents are looked at by the dozen, large ones at once.
        sinceCheck += 1 + document.bytes.count / (1 << 14)
        if sinceCheck >= 32 {
            sinceCheck = 0
            if buffer.byteCount >= memoryLimit { try flush(aside: flushesAside) }
        }
    }

    /// Gives numbers of a document other values: of every field that reads such a member.
    func patch(_ place: Place, _ numbers: [(member: Int, bits: UInt64?)], version: Int?) {
        for (member, bits) in numbers {
            for (number, field) in schema.fields.enumerated() where members.memberOfField[number] == member {
                guard let codec = NumberCodec(field) else { continue }
                place.changes.set(number, place.document, to: bits.map { codec.key(bits: $0) })
            }
        }
        if let version { place.changes.set(versions, place.document, to: SortKey.of(Int64(version))) }
    }

    /// Writes what is in memory, here or aside. Not durable yet.
    func flush(aside: Bool = false) throws(IndexError) {
        try endFlush()
        guard buffer.documents > 0 else { return }
        let full = (buffer, bufferChanges)
        buffer = SegmentBuffer(schema, members)
        bufferChanges = PendingChanges()
        if aside {
            flushing = (SegmentFlush(full.0, folder: folder, name: nextName()), full.1)
        } else {
            try take(try full.0.write(folder: folder, name: nextName()), full.1)
        }
    }

    /// Waits for the segment that is being written aside.
    func endFlush() throws(IndexError) {
        guard let (flush, changes) = flushing else { return }
        flushing = nil
        try take(try flush.wait(), changes)
    }

    private func take(_ written: SegmentDescription, _ changes: PendingChanges) throws(IndexError) {
        segments.append(WrittenSegment(try open(written), changes, isDurable: false))
    }

    /// Opens a segment's file.
    func open(_ segment: SegmentDescription) throws(IndexError) -> SegmentReader {
        do throws(IndexError) { return try SegmentReader(folder: folder, segment) } catch { throw error.asDamage }
    }

    /// A name no segment on disk has.
    func nextName() -> String {
        defer { nextSegment += 1 }
        return "\(nextSegment)"
    }

    /// Puts one segment in the place of others, or none.
    func replace(_ range: Range<Int>, with segment: WrittenSegment?) {
        segments.replaceSubrange(range, with: segment.map { [$0] } ?? [])
    }

    /// Lets go of segments of which nothing is left.
    func dropEmpty() {
        segments.removeAll { $0.documents == 0 && !$0.isMerging }
    }
}
