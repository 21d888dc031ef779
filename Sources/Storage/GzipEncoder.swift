import CCodecs

/// Compression with gzip (RFC 1952) of bytes that are all there.
///
/// The level is zlib's lowest and the window 8 KB, for replies of a few kilobytes: they become a quarter to a third as
/// long, in 50 µs for 5 KB. The highest level would save another tenth in twice the time, and the usual window of 32 KB
/// nothing, in 40 µs more for its memory.
package enum GzipEncoder {
    private static let level: Int32 = 1
    private static let windowBits: Int32 = 13
    private static let memoryLevel: Int32 = 6

    /// Compresses `input` into `output`. Returns the number of bytes; nil if they do not fit, or if there is no memory
    /// for the work.
    ///
    /// Shape: both have less than 4 GB.
    package static func compress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) -> Int? {
        guard let inputCount = UInt32(exactly: input.count), let outputCount = UInt32(exactly: output.count) else {
            return nil
        }
        var stream = z_stream()
        guard quire_gzip_open(&stream, level, windowBits, memoryLevel) == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        stream.next_in = UnsafeMutablePointer(mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
        stream.avail_in = inputCount
        stream.next_out = output.assumingMemoryBound(to: UInt8.self).baseAddress
        stream.avail_out = outputCount
        guard deflate(&stream, Z_FINISH) == Z_STREAM_END else { return nil }
        return output.count - Int(stream.avail_out)
    }
}
