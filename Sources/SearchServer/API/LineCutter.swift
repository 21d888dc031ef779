import Hummingbird

/// Cuts a body that comes in pieces into lines.
///
/// Memory: one line.
struct LineCutter {
    /// Longest line there may be.
    static let longestLine = 16 << 20

    private var rest = ByteBuffer()
    /// Bytes of `rest` that have no line break.
    private var searched = 0

    /// Takes a piece and calls `body` with each line that ends in it.
    ///
    /// Errors: a problem when a line is too long.
    mutating func take(_ piece: ByteBuffer, _ body: (UnsafeBufferPointer<UInt8>) -> Void) throws(Problem) {
        var piece = piece
        rest.writeBuffer(&piece)
        let used = rest.withUnsafeReadableBytes { bytes in
            var start = 0
            var at = searched
            while let end = bytes[at...].firstIndex(of: 10) {
                body(bytes[start..<end].assumingMemoryBound)
                start = end + 1
                at = start
            }
            return start
        }
        rest.moveReaderIndex(forwardBy: used)
        rest.discardReadBytes()
        searched = rest.readableBytes
        guard searched <= Self.longestLine else {
            throw Problem(
                .contentTooLarge, "line_too_long", "a line is longer than 16 MB", hint: "put one document on each line")
        }
    }

    /// Calls `body` with what follows the last line break.
    mutating func finish(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        guard searched > 0 else { return }
        rest.withUnsafeReadableBytes { body($0[...].assumingMemoryBound) }
        rest.clear()
        searched = 0
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate var assumingMemoryBound: UnsafeBufferPointer<UInt8> {
        UnsafeRawBufferPointer(rebasing: self).assumingMemoryBound(to: UInt8.self)
    }
}
