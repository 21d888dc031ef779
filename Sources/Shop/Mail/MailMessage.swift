import FoundationEssentials

/// A mail: a subject and a text, in UTF-8, as plain text and as HTML.
struct MailMessage: Sendable, Equatable {
    var from: MailAddress
    /// The name of the sender.
    var fromName: String
    var to: MailAddress
    var subject: String
    var text: String
    var html: String
    /// The part of the Message-ID before the at sign: the same for every copy of a mail, so that a reader shows one.
    var identifier: String
    var date: Date

    /// The longest line of base64 (RFC 2045, 6.8).
    private static let lineLength = 76

    /// Returns the message as SMTP sends it (RFC 5322, RFC 2045): lines end with CR LF, all bytes are ASCII.
    ///
    /// Errors: `PermanentJobFailure` for a header that would hold more than its line.
    func encoded() throws -> String {
        let boundary = "=_" + identifier
        let headers = [
            ("Date", Self.dateText(date)),
            ("From", "\(try Self.headerText(fromName))\r\n <\(from)>"),
            ("To", "<\(to)>"),
            ("Message-ID", "<\(try Self.token(identifier))@\(from.domain)>"),
            ("Subject", try Self.headerText(subject)),
            ("MIME-Version", "1.0"),
            ("Auto-Submitted", "auto-generated"),
            ("Content-Type", "multipart/alternative; boundary=\"\(boundary)\""),
        ]
        var lines = headers.map { "\($0.0): \($0.1)" } + [""]
        for (type, part) in [("plain", text), ("html", html)] {
            lines += [
                "--\(boundary)", "Content-Type: text/\(type); charset=utf-8", "Content-Transfer-Encoding: base64", "",
            ]
            lines += Self.base64Lines(part)
        }
        return (lines + ["--\(boundary)--", ""]).joined(separator: "\r\n")
    }

    /// A text as a header's value: as it is if it is printable ASCII, else as encoded words (RFC 2047), each on a line
    /// of its own, which never cut a character.
    static func headerText(_ text: String) throws -> String {
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
            throw PermanentJobFailure("a header of a mail has a control character")
        }
        if text.utf8.count <= 60, text.utf8.allSatisfy({ $0 < 0x7f }),
            !text.contains(where: { "=?\"<>,;:@()[]\\".contains($0) })
        {
            return text
        }
        var words: [String] = []
        var word: [UInt8] = []
        for character in text.unicodeScalars {
            let bytes = Array(String(character).utf8)
            // 39 bytes make 52 characters of base64; with the frame and the header's name a line has 76 at most.
            if word.count + bytes.count > 39 {
                words.append(Data(word).base64EncodedString())
                word = []
            }
            word += bytes
        }
        words.append(Data(word).base64EncodedString())
        return words.map { "=?UTF-8?B?\($0)?=" }.joined(separator: "\r\n ")
    }

    /// Checks that an identifier has only characters that need no quoting in a Message-ID and in a boundary.
    private static func token(_ text: String) throws -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
                || Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isWholeNumber
        }
        guard isPlain, (1...60).contains(text.utf8.count) else {
            throw PermanentJobFailure("a mail's identifier is no token")
        }
        return text
    }

    private static func base64Lines(_ text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        let encoded = Array(Data(lines.utf8).base64EncodedString().utf8)
        return stride(from: 0, to: encoded.count, by: lineLength).map { start in
            String(decoding: encoded[start..<min(start + lineLength, encoded.count)], as: UTF8.self)
        }
    }

    /// A date as RFC 5322 writes it, in UTC: `Sun, 29 Nov 2026 13:51:34 +0000`.
    static func dateText(_ date: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.weekday, .day, .month, .year, .hour, .minute, .second], from: date)
        func two(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
        let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][(parts.weekday ?? 1) - 1]
        let month = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ][(parts.month ?? 1) - 1]
        let time = "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second))"
        return "\(day), \(parts.day ?? 1) \(month) \(parts.year ?? 1970) \(time) +0000"
    }
}
