import NIOCore

/// A reply of a mail server: a code of three digits, and its lines without it.
struct SMTPReply: Sendable, Equatable {
    var code: Int
    var lines: [String]

    /// The reply in one line, for errors and logs.
    var text: String { "\(code) \(lines.joined(separator: " "))" }

    /// The mechanisms of authentication that a reply to EHLO offers.
    var mechanisms: Set<String> {
        Set(
            lines.flatMap { line -> [String] in
                let words = line.uppercased().split(separator: " ").map(String.init)
                return words.first == "AUTH" ? Array(words.dropFirst()) : []
            })
    }

    /// True if a reply to EHLO offers an extension.
    func offers(_ name: String) -> Bool {
        lines.contains { $0.uppercased().split(separator: " ").first.map(String.init) == name }
    }
}

/// An error of the way to a mail server; the mail may be sent again.
enum SMTPError: Error, Equatable, CustomStringConvertible {
    case unavailable(String)
    case timeout
    /// The server replied with a code from 400 to 499, or with one that the command does not have.
    case refused(String)
    /// The server does not offer what the settings require.
    case unsupported(String)
    /// The server sent something that is no reply.
    case malformed

    var description: String {
        switch self {
        case .unavailable(let reason): "the mail server cannot be reached: \(reason)"
        case .timeout: "the mail server did not reply in time"
        case .refused(let reply): "the mail server refused: \(reply)"
        case .unsupported(let what): "the mail server does not offer \(what)"
        case .malformed: "the mail server does not speak SMTP"
        }
    }
}

/// Collects replies: each ends with a line whose code is followed by a blank. Lines have 998 bytes at most, and a reply
/// 200 lines.
struct SMTPReplyDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = SMTPReply

    private var lines: [String] = []

    mutating func decode(buffer: inout ByteBuffer) throws -> SMTPReply? {
        while let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
            let length = end - buffer.readerIndex
            guard length <= 998, var line = buffer.readString(length: length) else { throw SMTPError.malformed }
            buffer.moveReaderIndex(forwardBy: 1)
            // Not `hasSuffix`: a carriage return may be part of a grapheme.
            if line.utf8.last == UInt8(ascii: "\r") { line.unicodeScalars.removeLast() }
            let code = Int(line.utf8.prefix(3).reduce(into: "") { $0 += String(UnicodeScalar($1)) })
            guard let code, (200...599).contains(code), lines.count < 200 else { throw SMTPError.malformed }
            let separator = line.utf8.dropFirst(3).first
            lines.append(String(line.unicodeScalars.dropFirst(4)))
            if separator == UInt8(ascii: "-") { continue }
            guard separator == nil || separator == UInt8(ascii: " ") else { throw SMTPError.malformed }
            defer { lines = [] }
            return SMTPReply(code: code, lines: lines)
        }
        guard buffer.readableBytes <= 998 else { throw SMTPError.malformed }
        return nil
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> SMTPReply? {
        try decode(buffer: &buffer)
    }
}
