import Catalog
import Hummingbird

extension ByteBuffer {
    /// Creates a buffer with the text of a writer.
    init(_ json: borrowing JSONWriter) { self = json.withBytes { ByteBuffer(bytes: $0) } }

    /// Creates a buffer with a value as JSON.
    ///
    /// Errors: `internal` for a value with a number that JSON does not have, NaN or an infinity.
    init(json value: some JSONWritable) throws(Problem) {
        var json = JSONWriter(capacity: 8192)
        value.write(to: &json)
        if json.hasInvalidNumber {
            throw Problem(.internalServerError, "internal", "the reply cannot be encoded as JSON")
        }
        self.init(json)
    }
}

/// Returns a response with a value as JSON, which is not cached.
///
/// Errors: as for `ByteBuffer.init(json:)`.
func jsonResponse(_ value: some JSONWritable, status: HTTPResponse.Status = .ok) throws(Problem) -> Response {
    Response(
        status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
        body: .init(byteBuffer: try ByteBuffer(json: value)))
}
