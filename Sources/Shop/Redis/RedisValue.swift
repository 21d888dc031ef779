import CHiredis
import NIOCore

/// A reply of Redis.
enum RedisValue: Sendable, Equatable {
    case null
    case integer(Int)
    case bytes([UInt8])
    case status(String)
    case array([RedisValue])
    case error(String)

    /// Copies a reply of the parser.
    init(_ reply: UnsafePointer<redisReply>) {
        let reply = reply.pointee
        switch reply.type {
        case REDIS_REPLY_INTEGER: self = .integer(Int(reply.integer))
        case REDIS_REPLY_STRING: self = .bytes(Self.bytes(reply))
        case REDIS_REPLY_STATUS: self = .status(String(decoding: Self.bytes(reply), as: UTF8.self))
        case REDIS_REPLY_ERROR: self = .error(String(decoding: Self.bytes(reply), as: UTF8.self))
        case REDIS_REPLY_ARRAY:
            self = .array(
                (0..<reply.elements).map { index in
                    reply.element?[index].map { RedisValue(UnsafePointer($0)) } ?? .null
                })
        default: self = .null
        }
    }

    private static func bytes(_ reply: redisReply) -> [UInt8] {
        guard let start = reply.str else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: reply.len))
    }

    /// The reply as a number: an integer, or a string of digits; nil for others.
    var int: Int? {
        switch self {
        case .integer(let value): value
        case .bytes(let bytes): Int(String(decoding: bytes, as: UTF8.self))
        default: nil
        }
    }

    /// The reply as a text; nil for numbers, arrays and null.
    var text: String? {
        switch self {
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }

    /// The elements of an array; none for other replies.
    var elements: [RedisValue] {
        if case .array(let values) = self { values } else { [] }
    }

    /// The pairs of an array that alternates between names and values, as HGETALL replies.
    var pairs: [(String, RedisValue)] {
        let values = elements
        return stride(from: 0, to: values.count - 1, by: 2).compactMap { index in
            values[index].text.map { ($0, values[index + 1]) }
        }
    }
}

/// A word of a command: a text, a number or bytes.
protocol RedisArgument: Sendable {
    /// Appends the word's bytes.
    func write(to buffer: inout ByteBuffer)
}

extension String: RedisArgument {
    func write(to buffer: inout ByteBuffer) { buffer.writeString(self) }
}

extension Int: RedisArgument {
    func write(to buffer: inout ByteBuffer) { buffer.writeString(String(self)) }
}

extension Int64: RedisArgument {
    func write(to buffer: inout ByteBuffer) { buffer.writeString(String(self)) }
}

extension ByteBuffer: RedisArgument {
    func write(to buffer: inout ByteBuffer) { buffer.writeImmutableBuffer(self) }
}

/// An error of Redis or of the way to it.
enum RedisError: Error, Equatable, CustomStringConvertible {
    /// The server cannot be reached, or the connection ended before the reply: the command may have run or not.
    case unavailable(String)
    /// The server did not reply in time.
    case timeout
    /// The server refused the command.
    case refused(String)
    /// The reply is not what the command replies.
    case unexpectedReply(String)

    var description: String {
        switch self {
        case .unavailable(let reason): "Redis cannot be reached: \(reason)"
        case .timeout: "Redis did not reply in time"
        case .refused(let reason): "Redis refused a command: \(reason)"
        case .unexpectedReply(let command): "Redis replied to \(command) with something else"
        }
    }
}
