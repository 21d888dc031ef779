import HTTPTypes
import Hummingbird
import Storage

extension Response {
    /// Creates the response with a body as JSON, as it is or compressed. It has an entity tag and may be stored by the
    /// client, or has none and may not. `milliseconds` is the time of the search behind it.
    static func json(_ body: ByteBuffer, isGzip: Bool, tag: String?, milliseconds: Double? = nil) -> Response {
        var response = Response(body, .jsonContent, isGzip: isGzip, tag: tag)
        if let milliseconds, let name = HTTPField.Name.serverTiming {
            response.headers.append(HTTPField(name: name, value: "search;dur=\(milliseconds)"))
        }
        return response
    }

    /// Creates the response with a body, as it is or compressed, and an entity tag, if it has one.
    init(_ body: ByteBuffer, _ type: HTTPField, isGzip: Bool, tag: String?) {
        var headers = HTTPFields()
        headers.append(type)
        headers.append(.variesByEncoding)
        if isGzip { headers.append(.gzipEncoded) }
        if let tag { headers.append(HTTPField(name: .eTag, value: tag)) }
        headers.append(tag == nil ? .notStored : .revalidated)
        self.init(status: .ok, headers: headers, body: .init(byteBuffer: body))
    }

    /// Creates the response to a client that has the reply with an entity tag already.
    static func notModified(_ tag: String) -> Response {
        var response = Response(status: .notModified)
        response.headers = [.eTag: tag]
        response.headers.append(.variesByEncoding)
        response.headers.append(.revalidated)
        return response
    }
}

extension HTTPField {
    fileprivate static let jsonContent = HTTPField(name: .contentType, value: "application/json")
    fileprivate static let variesByEncoding = HTTPField(name: .vary, value: "Accept-Encoding")
    fileprivate static let gzipEncoded = HTTPField(name: .contentEncoding, value: "gzip")
    /// A reply that may be stored, and is used again only after the server was asked.
    fileprivate static let revalidated = HTTPField(name: .cacheControl, value: "no-cache")
    fileprivate static let notStored = HTTPField(name: .cacheControl, value: "no-store")
}

extension HTTPField.Name {
    /// The time of a search, in milliseconds, as `search;dur=1.234`.
    static let serverTiming = HTTPField.Name("Server-Timing")
}

extension ByteBuffer {
    /// Returns the bytes compressed with gzip; nil if they would not be fewer.
    func compressed() -> ByteBuffer? {
        var output = ByteBuffer()
        let count = output.writeWithUnsafeMutableBytes(minimumWritableBytes: readableBytes) { room in
            withUnsafeReadableBytes { bytes in
                GzipEncoder.compress(bytes, into: UnsafeMutableRawBufferPointer(rebasing: room.prefix(bytes.count)))
                    ?? 0
            }
        }
        // The room is that of the uncompressed bytes: what is kept in memory has no more than its own.
        return count > 0 ? ByteBuffer(bytes: output.readableBytesView) : nil
    }
}
