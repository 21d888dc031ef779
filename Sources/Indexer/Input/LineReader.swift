import Analyzer
import Glibc
import Kernels
import Storage

/// A reader of the lines of a source, with their numbers, repaired to valid UTF-8.
///
/// Shape: a line without its line break, valid until the next call. A byte-order mark at the start is dropped.
/// Memory: the longest line, at least 1 MB.
struct LineReader: ~Copyable {
    /// The maximum length of a line: 64 MB, so that a file without line breaks fails soon and clearly.
    static let maxLineBytes = 64 << 20

    /// The source of the bytes.
    let source: ByteSource
    /// The number of the last line that was returned, from 1.
    private(set) var line = 0
    /// The number of ill-formed UTF-8 sequences that were replaced so far.
    private(set) var repairs = 0
    /// The bytes read, of which those before `start` were returned.
    private var buffer = GrowableBuffer<UInt8>(capacity: 1 << 20)
    private var start = 0
    /// True if the last line that was returned ended with a carriage return.
    private(set) var endedWithReturn = false
    private var isAtEnd = false
    /// The repaired bytes of the last line, if it was ill-formed.
    private var repaired = GrowableBuffer<UInt8>(capacity: 16)

    /// Creates a reader before the first line.
    init(_ source: ByteSource) { self.source = source }

    /// Returns the next line; nil at the end. Errors: `source`, `unusable` for a line that is too long.
    mutating func next() throws(InputError) -> UnsafeBufferPointer<UInt8>? {
        var searched = start
        while true {
            if let lineBreak = memchr(buffer.base + searched, 10, buffer.count - searched) {
                let end = lineBreak.assumingMemoryBound(to: UInt8.self) - buffer.base
                defer { start = end + 1 }
                return makeLine(start, end)
            }
            if isAtEnd {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                return makeLine(start, buffer.count)
            }
            searched = buffer.count - start
            try refill()
            searched += start
        }
    }

    /// Returns a range of the buffer as a line, without its carriage return, and repaired.
    private mutating func makeLine(_ start: Int, _ end: Int) -> UnsafeBufferPointer<UInt8> {
        line += 1
        var start = start
        var end = end
        endedWithReturn = end > start && buffer.base[end - 1] == 13
        if endedWithReturn { end -= 1 }
        if line == 1, end - start >= 3, buffer.base[start] == 0xEF, buffer.base[start + 1] == 0xBB,
            buffer.base[start + 2] == 0xBF
        {
            start += 3
        }
        let bytes = UnsafeBufferPointer(start: buffer.base + start, count: end - start)
        if validUTF8Prefix(bytes) == bytes.count { return bytes }
        repaired.removeAll()
        repairs += repairUTF8(bytes, into: &repaired)
        return repaired.elements
    }

    /// Reads more bytes after those that were not returned yet.
    private mutating func refill() throws(InputError) {
        if start > 0 {
            memmove(buffer.base, buffer.base + start, buffer.count - start)
            buffer.count -= start
            start = 0
        }
        guard buffer.count < Self.maxLineBytes else {
            throw .unusable(
                file: source.name, problem: "line \(line + 1) is longer than 64 MB; put one document on each line")
        }
        buffer.reserve(1 << 19)
        do {
            let byteCount = try source.read(into: buffer.base + buffer.count, capacity: buffer.capacity - buffer.count)
            buffer.count += byteCount
            isAtEnd = byteCount == 0
        } catch {
            throw .source(error, line: line)
        }
    }
}
