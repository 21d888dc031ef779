import Kernels
import Storage

/// The bytes of a section that is written after others: in memory at first, and in a file without a name as soon as
/// they are many.
///
/// ```swift
/// var positions = SpilledBytes()
/// positions.tail.append(contentsOf: bytes)
/// try positions.spillWhenLarge(beside: postings)  // now and then
/// try positions.write(.positions, field: 0, to: segment)
/// ```
struct SpilledBytes: ~Copyable {
    /// The newest bytes, which are in memory; those before are in the file.
    var tail = GrowableBuffer<UInt8>(capacity: 1 << 12)
    private var file: SpoolFile?
    /// The number of bytes in the file.
    private var spilled = 0

    /// The number of bytes.
    var count: Int { spilled + tail.count }

    /// Moves the bytes to a file, if they are more than a segment may keep in memory: one of the disk to which `stream`
    /// is written. Errors: `storage`.
    mutating func spillWhenLarge(beside stream: SectionStream) throws(IndexError) {
        guard tail.count > stream.spillBytes else { return }
        do throws(StorageError) {
            if file == nil { file = try stream.makeSpool() }
            try file?.write(UnsafeRawBufferPointer(tail.elements), at: spilled)
        } catch {
            throw .storage(error)
        }
        spilled += tail.count
        tail.removeAll()
    }

    /// Writes the bytes as a section. Errors: `storage`, `stopped` when the segment's rate limiter was canceled.
    func write(_ kind: SectionKind, field: Int, to segment: SegmentWriter) throws(IndexError) {
        let stream = try segment.stream(kind, field: field)
        try write(to: stream)
        segment.end(stream)
    }

    /// Appends the bytes to a section. Errors: as above.
    func write(to stream: SectionStream) throws(IndexError) {
        if let file {
            var piece = GrowableBuffer<UInt8>(capacity: 1 << 20)
            var offset = 0
            while offset < spilled {
                piece.count = min(spilled - offset, 1 << 20)
                let room = UnsafeMutableRawBufferPointer(start: piece.base, count: piece.count)
                do throws(StorageError) { try file.read(into: room, at: offset) } catch { throw .storage(error) }
                try stream.append(UnsafeRawBufferPointer(room))
                offset += piece.count
            }
        }
        try stream.append(UnsafeRawBufferPointer(tail.elements))
    }
}
