import CCodecs
import Glibc

/// A decoder of gzip (RFC 1952), which takes compressed bytes in pieces of any size. Not thread-safe.
///
/// The input may have several members back to back, and zeros after them, which are padding.
///
/// ```swift
/// let decoder = try GzipDecoder()
/// let step = try decoder.decode(input, into: output)
/// input = UnsafeRawBufferPointer(rebasing: input[step.consumed...])   // output has step.produced bytes
/// ```
package final class GzipDecoder {
    /// The error of bytes that are not gzip, or whose checksum is wrong.
    package struct Corruption: Error {
        /// The number of bytes of the piece that were consumed.
        package var consumed: Int
        /// The message of zlib.
        package var reason: String
    }

    private let stream: UnsafeMutablePointer<z_stream>
    /// True before the first member, and between the header of a member and its checksum: more input must follow.
    package private(set) var isInsideMember = true

    /// Creates a decoder before the first member.
    ///
    /// Errors: `failed` with `ENOMEM`.
    package init() throws(StorageError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard quire_gunzip_open(stream) == Z_OK else {
            throw .failed(operation: "decompress", path: "gzip", code: ENOMEM)
        }
    }

    // Also runs when `init` throws; zlib ends a stream without a state without harm.
    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Returns to the state before the first member.
    package func reset() {
        inflateReset(stream)
        isInsideMember = true
    }

    /// Decodes a piece of the input until it is used up or `output` is full; returns the numbers of bytes.
    ///
    /// Shape: `output` is not empty. Errors: corrupt input, after which only `reset` may be called.
    package func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(Corruption) -> (consumed: Int, produced: Int) {
        var consumed = 0
        var produced = 0
        while consumed < input.count, produced < output.count {
            if !isInsideMember {
                if input[consumed] == 0 {
                    consumed += 1
                    continue
                }
                reset()
            }
            let inputCount = min(input.count - consumed, Int(UInt32.max))
            let outputCount = min(output.count - produced, Int(UInt32.max))
            let next = UnsafeRawBufferPointer(rebasing: input[consumed...]).assumingMemoryBound(to: UInt8.self)
            stream.pointee.next_in = UnsafeMutablePointer(mutating: next.baseAddress)
            stream.pointee.avail_in = UInt32(inputCount)
            stream.pointee.next_out = output.baseAddress?.advanced(by: produced).assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(outputCount)
            let code = inflate(stream, Z_NO_FLUSH)
            consumed += inputCount - Int(stream.pointee.avail_in)
            produced += outputCount - Int(stream.pointee.avail_out)
            switch code {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END: isInsideMember = false
            default:
                let reason = stream.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
                throw Corruption(consumed: consumed, reason: reason)
            }
        }
        return (consumed, produced)
    }
}
