/// A complete reply, without its body.
package struct Reply: Equatable, Sendable {
    /// The status code.
    package var status = 0
    /// The number of bytes of its body.
    package var bodyBytes = 0
    /// True if the connection ends after it.
    package var closes = false
    /// True if it has the header `Retry-After`.
    package var hasRetryAfter = false
}

/// Bytes that are no HTTP reply.
package struct ResponseError: Error {}

/// Finds the ends of HTTP/1.1 replies in the pieces in which they arrive, and keeps nothing of their bodies.
package struct ResponseParser: Sendable {
    private enum State: Sendable {
        case statusLine, field, body(Int), untilClose
        case chunkSize, chunk(Int), chunkEnd, trailer
    }

    private static let maxLineBytes = 65_536

    private var state = State.statusLine
    private var reply = Reply()
    private var length: Int?
    private var isChunked = false
    /// The beginning of a line whose end has not arrived.
    private var line: [UInt8] = []

    package init() {}

    /// True between two replies.
    package var isIdle: Bool {
        if case .statusLine = state { return line.isEmpty }
        return false
    }

    /// Takes a piece, and returns the replies that are complete with it.
    ///
    /// Errors: a piece that is no reply. Complexity: O(bytes of heads and chunk sizes).
    package mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(ResponseError) -> [Reply] {
        var replies: [Reply] = []
        var place = 0
        while place < bytes.count {
            switch state {
            case .body(let left): place += skip(left, bytes.count - place, &replies)
            case .chunk(let left):
                let step = min(left, bytes.count - place)
                reply.bodyBytes += step
                place += step
                state = left == step ? .chunkEnd : .chunk(left - step)
            case .untilClose:
                reply.bodyBytes += bytes.count - place
                place = bytes.count
            case .statusLine, .field, .chunkSize, .chunkEnd, .trailer:
                let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
                guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                    line.append(contentsOf: rest)
                    if line.count > Self.maxLineBytes { throw ResponseError() }
                    return replies
                }
                place += end + 1
                let part = UnsafeRawBufferPointer(rebasing: rest[..<end])
                if line.isEmpty {
                    try take(Self.withoutReturn(part), &replies)
                } else {
                    line.append(contentsOf: part)
                    let whole = line
                    line = []
                    try whole.withUnsafeBufferPointer { bytes throws(ResponseError) in
                        try take(Self.withoutReturn(UnsafeRawBufferPointer(bytes)), &replies)
                    }
                }
            }
        }
        return replies
    }

    /// Returns the reply whose body ends with the connection; nil if none is under way.
    package mutating func finish() -> Reply? {
        guard case .untilClose = state else { return nil }
        state = .statusLine
        return reply
    }

    /// Passes over bytes of a body with a known length, and returns their number.
    private mutating func skip(_ left: Int, _ available: Int, _ replies: inout [Reply]) -> Int {
        let step = min(left, available)
        reply.bodyBytes += step
        if left == step { complete(&replies) } else { state = .body(left - step) }
        return step
    }

    private mutating func complete(_ replies: inout [Reply]) {
        replies.append(reply)
        state = .statusLine
    }

    /// Takes a whole line without its end.
    private mutating func take(_ line: UnsafeRawBufferPointer, _ replies: inout [Reply]) throws(ResponseError) {
        switch state {
        case .statusLine: try begin(line)
        case .field where !line.isEmpty: takeField(line)
        case .field: endHead(&replies)
        case .chunkSize:
            let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
            guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0 else {
                throw ResponseError()
            }
            state = size == 0 ? .trailer : .chunk(size)
        case .chunkEnd:
            if !line.isEmpty { throw ResponseError() }
            state = .chunkSize
        case .trailer: if line.isEmpty { complete(&replies) }
        case .body, .chunk, .untilClose: break
        }
    }

    private mutating func begin(_ line: UnsafeRawBufferPointer) throws(ResponseError) {
        let text = String(decoding: line.prefix(12), as: UTF8.self)
        guard text.hasPrefix("HTTP/1."), let status = Int(text.suffix(3)), (100...999).contains(status) else {
            throw ResponseError()
        }
        reply = Reply(status: status, closes: text.hasPrefix("HTTP/1.0"))
        length = nil
        isChunked = false
        state = .field
    }

    private mutating func takeField(_ line: UnsafeRawBufferPointer) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = line[..<colon]
        // Only fields of these lengths matter; most others end here.
        guard [10, 11, 14, 17].contains(name.count) else { return }
        let value = { String(decoding: line[(colon + 1)...], as: UTF8.self).lowercased() }
        switch String(decoding: name, as: UTF8.self).lowercased() {
        case "content-length": length = Int(value().drop { $0 == " " }.prefix { $0 != " " })
        case "transfer-encoding": isChunked = value().contains("chunked")
        case "connection": reply.closes = value().contains("close")
        case "retry-after": reply.hasRetryAfter = true
        default: break
        }
    }

    private mutating func endHead(_ replies: inout [Reply]) {
        switch reply.status {
        case 100..<200: state = .statusLine
        case 204, 304: complete(&replies)
        case _ where isChunked: state = .chunkSize
        default:
            switch length {
            case 0: complete(&replies)
            case let length?: state = .body(length)
            case nil:
                reply.closes = true
                state = .untilClose
            }
        }
    }

    private static func withoutReturn(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        line.last == UInt8(ascii: "\r") ? UnsafeRawBufferPointer(rebasing: line.dropLast()) : line
    }
}
