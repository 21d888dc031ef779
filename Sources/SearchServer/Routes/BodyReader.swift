import Hummingbird
import Storage

/// A reader of the body of a request, piece by piece, which decompresses a body with `Content-Encoding: gzip`.
///
/// Memory: one piece as it is received, and 64 KB.
///
/// ```swift
/// var reader = try BodyReader(request)
/// while let piece = try await reader.next() { … }
/// ```
struct BodyReader {
    /// The maximum ratio of bytes after and before decompression. Real documents stay far below it; input that is made
    /// to use up memory does not.
    static let maxRatio = 100
    /// The number of decompressed bytes from which on the ratio is checked.
    private static let freeBytes = 1 << 20
    /// The size of decompressed pieces, in bytes.
    private static let pieceBytes = 64 << 10

    private var body: RequestBody.AsyncIterator
    /// The decoder of a compressed body; nil for others.
    private let decoder: GzipDecoder?
    /// Bytes that were received but not decompressed yet.
    private var compressed = ByteBuffer()
    /// The number of bytes received.
    private var received = 0
    /// The number of decompressed bytes.
    private var decompressed = 0

    /// Creates a reader at the start of a body.
    ///
    /// Errors: `unsupported_encoding` (status 415) for another encoding than gzip.
    init(_ request: Request) throws(Problem) {
        let encodings = request.headers[values: .contentEncoding].flatMap { $0.split(separator: ",") }
            .map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }.filter { !$0.isEmpty && $0 != "identity" }
        switch encodings {
        case []: decoder = nil
        case ["gzip"], ["x-gzip"]:
            do { decoder = try GzipDecoder() } catch { throw Problem(writing: .storage(error)) }
        default:
            throw Problem(
                .unsupportedMediaType, "unsupported_encoding",
                "a body cannot be sent with the encoding \(encodings.joined(separator: ", "))",
                hint: "send it as it is, or with Content-Encoding: gzip")
        }
        body = request.body.makeAsyncIterator()
    }

    /// Returns the next piece of the body, decompressed; nil at its end.
    ///
    /// Errors: `bad_gzip` for a body that is not gzip, `RequestBodyError` if it ends within its compressed data,
    /// `too_compressed` above `maxRatio`; the error of a connection that breaks off.
    mutating func next() async throws -> ByteBuffer? {
        guard let decoder else { return try await body.next(isolation: nil) }
        while true {
            if compressed.readableBytes == 0 {
                guard let piece = try await body.next(isolation: nil) else {
                    if decoder.isInsideMember { throw RequestBodyError.cutOff }
                    return nil
                }
                compressed = piece
                received += piece.readableBytes
            }
            let piece = try decompress(decoder)
            guard piece.readableBytes > 0 else { continue }
            decompressed += piece.readableBytes
            guard decompressed <= max(Self.freeBytes, Self.maxRatio * received) else {
                throw Problem(
                    .contentTooLarge, "too_compressed",
                    "the body is more than \(Self.maxRatio) times as long as it was before decompression",
                    hint: "send it without Content-Encoding")
            }
            return piece
        }
    }

    /// Decompresses bytes that were received, as many as fit into a piece.
    private mutating func decompress(_ decoder: GzipDecoder) throws(Problem) -> ByteBuffer {
        var piece = ByteBuffer()
        piece.reserveCapacity(Self.pieceBytes)
        do {
            let input = compressed
            var consumed = 0
            try piece.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.pieceBytes) { output in
                try input.withUnsafeReadableBytes { bytes in
                    let step = try decoder.decode(bytes, into: output)
                    consumed = step.consumed
                    return step.produced
                }
            }
            compressed.moveReaderIndex(forwardBy: consumed)
        } catch {
            let reason = (error as? GzipDecoder.Corruption)?.reason ?? "\(error)"
            throw Problem(
                .badRequest, "bad_gzip", "the body cannot be decompressed: \(reason)",
                hint: "send gzip, or omit Content-Encoding")
        }
        return piece
    }

    /// Reads what is left of the body and ignores it, so that a client that reads nothing before it has sent everything
    /// reads the response.
    mutating func skip() async {
        while (try? await body.next(isolation: nil)) != nil {}
    }
}
