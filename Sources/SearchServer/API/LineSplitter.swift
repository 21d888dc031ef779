import Hummingbird

/// Splits a body that arrives in pieces into lines.
///
/// Memory: the longest line. Each byte is searched once for a line break.
///
/// ```swift
/// var splitter = LineSplitter()
/// for try await piece in request.body { try splitter.append(piece) { line in … } }
/// splitter.finish { line in … }
/// ```
struct LineSplitter {
    /// The maximum length of a line, in bytes.
    static let maxLineBytes = 16 << 20

    /// The bytes after the last line break.
    private var pending = ByteBuffer()
    /// The number of bytes of `pending` that are known to have no line break.
    private var searched = 0

    /// Appends a piece and calls `body` with each line that ends in it, without the line break. The buffers are valid
    /// during the call only.
    ///
    /// Errors: `line_too_long` if a line has more than `maxLineBytes` without its end in sight.
    mutating func append(_ piece: ByteBuffer, _ body: (UnsafeBufferPointer<UInt8>) -> Void) throws(Problem) {
        var piece = piece
        pending.writeBuffer(&piece)
        let consumed = pending.withUnsafeReadableBytes { bytes in
            var start = 0
            var searchStart = searched
            while let end = bytes[searchStart...].firstIndex(of: 10) {
                body(bytes[start..<end].assumingMemoryBound)
                start = end + 1
                searchStart = start
            }
            return start
        }
        pending.moveReaderIndex(forwardBy: consumed)
        pending.discardReadBytes()
        searched = pending.readableBytes
        guard searched <= Self.maxLineBytes else {
            throw Problem(
                .contentTooLarge, "line_too_long", "a line is longer than 16 MB", hint: "put one document on each line")
        }
    }

    /// Calls `body` with the text after the last line break, if there is any. The splitter is empty afterwards.
    mutating func finish(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        guard searched > 0 else { return }
        pending.withUnsafeReadableBytes { body($0[...].assumingMemoryBound) }
        pending.clear()
        searched = 0
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate var assumingMemoryBound: UnsafeBufferPointer<UInt8> {
        UnsafeRawBufferPointer(rebasing: self).assumingMemoryBound(to: UInt8.self)
    }
}
