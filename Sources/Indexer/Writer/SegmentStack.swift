import Segments
import Storage

/// The documents of an index while it is written: segments, oldest first, and after them the one in memory.
///
/// Not thread-safe.
final class SegmentStack {
    /// The place of a document.
    struct Place {
        /// The updates of the segment that contains the document.
        let updates: PendingUpdates
        /// The number of the document in that segment.
        let document: Int
        /// The version of the document; nil for none.
        let version: Int?
        /// The segment; nil if it is in memory.
        let segment: SegmentReader?
    }

    let schema: Schema
    let members: Members
    let folder: GenerationFolder
    /// The segments with a file, oldest first.
    private(set) var segments: [WrittenSegment] = [] {
        didSet { writtenNumbers = segments.reduce(0) { $0 + $1.reader.documents } }
    }
    /// The number of documents of `segments`, deleted ones included.
    private var writtenNumbers = 0
    /// The segment in memory, and its updates.
    private var buffer: SegmentBuffer
    private var bufferUpdates = PendingUpdates()
    /// The segment that is being written in the background, with its updates.
    private var flushing: (flush: SegmentFlush, updates: PendingUpdates)?
    /// The memory of the segment in memory.
    private var memory: SharedMemory.Share
    /// True if full segments are written by another thread.
    private let flushesInBackground: Bool
    /// The number that becomes the name of the next segment.
    private(set) var nextSegment: Int
    /// The names of segments that are being written and are not in the stack yet.
    var unfinished: Set<String> = []
    /// The documents since the memory was last measured; large ones count more.
    private var uncheckedDocuments = 0
    /// The index of the column of the documents' versions.
    private var versionColumn: Int { schema.fields.count }

    /// Opens the segments of a manifest, with their updates. The segment in memory takes its share of
    /// `memory`; with `flushesInBackground` another one of that size is being written.
    ///
    /// Errors: `corrupt`, `storage`. Complexity: O(segments + files).
    init(
        _ schema: Schema, _ folder: GenerationFolder, _ segments: [SegmentDescription], _ memory: SharedMemory,
        flushesInBackground: Bool = false
    ) throws(IndexError) {
        self.schema = schema
        self.folder = folder
        self.memory = SharedMemory.Share(of: memory)
        self.flushesInBackground = flushesInBackground
        members = Members(schema)
        buffer = SegmentBuffer(schema, members)
        // The manifest before the newest may name files that the newest does not.
        let files = try storing { () throws(StorageError) in try folder.files.list(folder.path) }
        let names = segments.map(\.name) + files.filter { $0.hasSuffix(".seg") }.map { String($0.dropLast(4)) }
        nextSegment = 1 + (names.compactMap { Int($0) }.max() ?? 0)
        for segment in segments {
            let reader = try open(segment)
            let saved: SegmentUpdates?
            do throws(IndexError) { saved = try reader.savedUpdates(folder) } catch { throw error.asCorruption }
            let updates = PendingUpdates(saved)
            self.segments.append(WrittenSegment(reader, updates, isDurable: true))
        }
    }

    deinit {
        // Nothing may be written once the lock is gone.
        if let flushing { _ = try? flushing.flush.wait() }
    }

    /// The number of live documents.
    var documents: Int {
        var total = buffer.documents - bufferUpdates.deleted.count
        if let flushing { total += flushing.flush.buffer.documents - flushing.updates.deleted.count }
        return segments.reduce(total) { $0 + $1.documents }
    }

    /// The number of documents, deleted ones included until they are merged away: each takes up a number.
    var numbers: Int { writtenNumbers + (flushing?.flush.buffer.documents ?? 0) + buffer.documents }

    /// The number of segments, those in memory included.
    var count: Int { segments.count + (flushing == nil ? 0 : 1) + (buffer.documents > 0 ? 1 : 0) }

    /// Returns the place of the live document with a key; nil when there is none. Searches the newest documents first,
    /// because most changes concern them.
    ///
    /// Errors: `corrupt`. Complexity: O(segments), mostly one cache line for each.
    func find(_ key: UnsafeBufferPointer<UInt8>, _ hash: UInt64) throws(IndexError) -> Place? {
        if let document = buffer.document(key: key, hash: hash), !bufferUpdates.isDeleted(document) {
            return place(bufferUpdates, document, buffer.version(document), nil)
        }
        if let (flush, updates) = flushing, let document = flush.buffer.document(key: key, hash: hash),
            !updates.isDeleted(document)
        {
            return place(updates, document, flush.buffer.version(document), nil)
        }
        for segment in segments.reversed() {
            let updates = segment.updates
            if let document = try segment.reader.find(key: key, hash: hash, where: { !updates.isDeleted($0) }) {
                return place(updates, document, try segment.reader.versions()?.key(document), segment.reader)
            }
        }
        return nil
    }

    /// Returns a place with the patched version, or `version` as a sort key.
    private func place(
        _ updates: PendingUpdates, _ document: Int, _ version: UInt64?, _ segment: SegmentReader?
    ) -> Place {
        let key = updates.value(versionColumn, document) ?? version
        return Place(
            updates: updates, document: document, version: key.map { Int(SortKey.integer($0)) }, segment: segment)
    }

    /// Replaces `document` by the stored members of the one at a place, with patched numbers. No segment may be in the
    /// course of being written in the background.
    ///
    /// Errors: `corrupt`. Complexity: decompresses one block of 16 KB.
    func read(_ place: Place, into document: inout DocumentBuffer) throws(IndexError) {
        precondition(flushing == nil, "the rows of a segment that is being written cannot be read")
        if let segment = place.segment {
            var isDecoded = false
            let isIntact = segment.rows.withRow(place.document) { isDecoded = document.decode(row: $0, members) }
            guard isIntact, isDecoded else {
                throw segment.corrupt(.rows, 0, 0, "the row of document \(place.document) cannot be decoded")
            }
        } else {
            buffer.read(place.document, into: &document)
        }
        for (index, field) in schema.fields.enumerated() where members.all[members.memberOfField[index]].stored {
            guard let codec = NumberCodec(field), let key = place.updates.value(index, place.document) else { continue }
            let member = members.memberOfField[index]
            document.replace(member, members.all[member].kind, bits: key.map { codec.bits(key: $0) })
        }
    }

    /// Appends a document, and writes a segment when the memory is full.
    func add(_ document: borrowing DocumentBuffer, version: Int?) throws(IndexError) {
        buffer.add(document, version: version)
        // The memory is measured every 32 small documents, and after each large one.
        uncheckedDocuments += 1 + document.bytes.count / (1 << 14)
        if uncheckedDocuments >= 32 {
            uncheckedDocuments = 0
            memory.set(buffer.byteCount)
            if memory.shouldBeFreed { try flush(inBackground: flushesInBackground) }
        }
    }

    /// Replaces numbers of a document: in every field that reads one of the members.
    func patch(_ place: Place, _ numbers: [(member: Int, bits: UInt64?)], version: Int?) {
        for (member, bits) in numbers {
            for (fieldIndex, field) in schema.fields.enumerated() where members.memberOfField[fieldIndex] == member {
                guard let codec = NumberCodec(field) else { continue }
                place.updates.set(fieldIndex, place.document, to: bits.map { codec.key(bits: $0) })
            }
        }
        if let version { place.updates.set(versionColumn, place.document, to: SortKey.of(Int64(version))) }
    }

    /// Writes the documents in memory to a segment, on this thread or in the background. The file is not durable yet.
    func flush(inBackground: Bool = false) throws(IndexError) {
        try endFlush()
        guard buffer.documents > 0 else { return }
        defer { memory.set(0) }
        let full = (buffer, bufferUpdates)
        buffer = SegmentBuffer(schema, members)
        bufferUpdates = PendingUpdates()
        if inBackground {
            flushing = (SegmentFlush(full.0, folder: folder, name: nextName()), full.1)
        } else {
            try install(try full.0.write(folder: folder, name: nextName()), full.1)
        }
    }

    /// Waits for the segment that is being written in the background, and opens it.
    func endFlush() throws(IndexError) {
        guard let (flush, updates) = flushing else { return }
        flushing = nil
        try install(try flush.wait(), updates)
    }

    /// Opens a written segment and appends it.
    private func install(_ written: SegmentDescription, _ updates: PendingUpdates) throws(IndexError) {
        segments.append(WrittenSegment(try open(written), updates, isDurable: false))
    }

    /// Opens the file of a segment. Errors: `corrupt`, also for a missing file.
    func open(_ segment: SegmentDescription) throws(IndexError) -> SegmentReader {
        do throws(IndexError) { return try SegmentReader(folder: folder, segment) } catch { throw error.asCorruption }
    }

    /// Returns a name that no segment on disk has.
    func nextName() -> String {
        defer { nextSegment += 1 }
        return "\(nextSegment)"
    }

    /// Replaces a range of segments by one, or by none.
    func replace(_ range: Range<Int>, with segment: WrittenSegment?) {
        segments.replaceSubrange(range, with: segment.map { [$0] } ?? [])
    }

    /// Releases the segments without live documents, except those that are being merged.
    func dropEmpty() {
        segments.removeAll { $0.documents == 0 && !$0.isMerging }
    }
}
