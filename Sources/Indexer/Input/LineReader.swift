import Analyzer
import Glibc
import Kernels
import Storage

/// Hands out the lines of a source, with their numbers, repaired to valid UTF-8.
///
/// Shape: a line without its line break, valid until the next call. A byte-order mark at the start is dropped.
/// Memory: the longest line, at least 1 MB.
struct LineReader: ~Copyable {
    /// Longest line there may be: 64 MB, so that a file without line breaks fails soon and clearly.
    static let longestLine = 64 << 20

    let source: ByteSource
    /// Number of the last line handed out, from 1.
    private(set) var line = 0
    /// Ill-formed UTF-8 sequences that were replaced so far.
    private(set) var repairs = 0
    private var buffer = GrowableBuffer<UInt8>(capacity: 1 << 20)
    private var start = 0
    /// Whether the last line handed out ended with a carriage return.
    private(set) var endedWithReturn = false
    private var isAtEnd = false
    private var repaired = GrowableBuffer<UInt8>(capacity: 16)

    init(_ source: ByteSource) { self.source = source }

    /// The next line; nil at the end.
    mutating func next() throws(InputError) -> UnsafeBufferPointer<UInt8>? {
        var searched = start
        while true {
            if let found = memchr(buffer.base + searched, 10, buffer.count - searched) {
                let end = found.assumingMemoryBound(to: UInt8.self) - buffer.base
                defer { start = end + 1 }
                return take(start, end)
            }
            if isAtEnd {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                return take(start, buffer.count)
            }
            searched = buffer.count - start
            try refill()
            searched += start
        }
    }

    private mutating func take(_ from: Int, _ to: Int) -> UnsafeBufferPointer<UInt8> {
        line += 1
        var from = from
        var to = to
        endedWithReturn = to > from && buffer.base[to - 1] == 13
        if endedWithReturn { to -= 1 }
        if line == 1, to - from >= 3, buffer.base[from] == 0xEF, buffer.base[from + 1] == 0xBB,
            buffer.base[from + 2] == 0xBF
        {
            from += 3
        }
        let bytes = UnsafeBufferPointer(start: buffer.base + from, count: to - from)
        if validUTF8Prefix(bytes) == bytes.count { return bytes }
        repaired.removeAll()
        repairs += repairUTF8(bytes, into: &repaired)
        return repaired.elements
    }

    private mutating func refill() throws(InputError) {
        if start > 0 {
            memmove(buffer.base, buffer.base + start, buffer.count - start)
            buffer.count -= start
            start = 0
        }
        guard buffer.count < Self.longestLine else {
            throw .unusable(
                file: source.name, problem: "line \(line + 1) is longer than 64 MB; put one document on each line")
        }
        buffer.reserve(1 << 19)
        do {
            let n = try source.read(into: buffer.base + buffer.count, capacity: buffer.capacity - buffer.count)
            buffer.count += n
            isAtEnd = n == 0
        } catch {
            throw .source(error, line: line)
        }
    }
}
