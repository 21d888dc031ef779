import NIOCore
import Testing

@testable import Shop

@Suite struct SMTPReplyTests {
    private func decoded(_ text: String, cutEvery size: Int = .max) throws -> [SMTPReply] {
        var replies: [SMTPReply] = []
        let processor = NIOSingleStepByteToMessageProcessor(SMTPReplyDecoder())
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            try processor.process(buffer: ByteBuffer(bytes: rest.prefix(size))) { replies.append($0) }
            rest = rest.dropFirst(size)
        }
        return replies
    }

    @Test func repliesOfSeveralLinesAreOneHoweverTheyArrive() throws {
        let text = "220 hello\r\n250-sink\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n250\r\n"
        let expected = [
            SMTPReply(code: 220, lines: ["hello"]),
            SMTPReply(code: 250, lines: ["sink", "AUTH PLAIN LOGIN", "STARTTLS"]),
            SMTPReply(code: 250, lines: [""]),
        ]
        for size in [1, 2, 3, 7, 1000] { #expect(try decoded(text, cutEvery: size) == expected) }
        #expect(expected[1].mechanisms == ["PLAIN", "LOGIN"])
        #expect(expected[1].offers("STARTTLS"))
        #expect(!expected[0].offers("STARTTLS"))
    }

    @Test(arguments: ["hello\r\n", "99 x\r\n", "650 x\r\n", "250x\r\n", "2\r\n", "\r\n", "é50 x\r\n"])
    func whatIsNoReplyIsAnError(_ text: String) {
        #expect(throws: SMTPError.malformed) { try decoded(text) }
    }

    @Test func endlessLinesAndRepliesAreAnError() {
        #expect(throws: SMTPError.malformed) { try decoded("250 " + String(repeating: "x", count: 2000)) }
        #expect(throws: SMTPError.malformed) { try decoded(String(repeating: "250-x\r\n", count: 300)) }
    }
}
