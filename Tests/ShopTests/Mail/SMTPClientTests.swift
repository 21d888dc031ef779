import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import Shop

/// Tests against aiosmtpd, whose mails Python's e-mail parser reads.
@Suite(.enabled(if: MailSink.isInstalled, "needs Debian's python3-aiosmtpd"), .timeLimit(.minutes(10)))
struct SMTPClientTests {
    private func message(
        _ subject: String = "Hello", text: String = "text\n", html: String = "<p>text</p>",
        to: String = "li@example.com", name: String = "Quire 书店"
    ) throws -> MailMessage {
        MailMessage(
            from: try #require(MailAddress("shop@quire.example")), fromName: name, to: try #require(MailAddress(to)),
            subject: subject, text: text, html: html, identifier: "id-1",
            date: Date(timeIntervalSince1970: 1_796_000_000))
    }

    @Test func mailsArriveAsTheyWereWritten() async throws {
        try await MailSink.run { sink in
            let client = try SMTPClient(sink.settings())
            let text = "第一行\n.一个点\n..\n.\nfrom here\n" + String(repeating: "长", count: 300) + "\n"
            let subjects = [
                "plain", "激活您的账户", String(repeating: "很长的主题🙂", count: 30), "a =?UTF-8?B?YQ==?= b", "quoted \"q\" <x>",
                String(repeating: "long ", count: 40) + "end",
            ]
            for subject in subjects { try await client.send(message(subject, text: text, html: "<p>&lt;好&gt;</p>")) }
            let mails = try sink.mails
            #expect(mails.map(\.subject) == subjects)
            for mail in mails {
                #expect(mail.defects == [])
                #expect(mail.text?.replacing("\r\n", with: "\n") == text)
                #expect(mail.html == "<p>&lt;好&gt;</p>")
                #expect(mail.type == "multipart/alternative")
                #expect(mail.longestLine <= 76)
                #expect(mail.isAscii)
                #expect(mail.from == "shop@quire.example")
                #expect(mail.to == ["li@example.com"])
                #expect(mail.id == "<id-1@quire.example>")
                #expect(mail.date == "Mon, 30 Nov 2026 00:53:20 +0000")
                #expect(mail.fromHeader.contains("Quire 书店"))
                #expect(mail.headers.count == Set(mail.headers).count)
            }
        }
    }

    @Test func dotsAtTheStartOfLinesAreDoubled() {
        #expect(SMTPConnection.stuffed(".\r\na.\r\n..b") == "..\r\na.\r\n...b\r\n")
    }

    @Test func headersCannotBeInjected() async throws {
        try await MailSink.run { sink in
            let client = try SMTPClient(sink.settings())
            for text in ["x\r\nBcc: all@example.com", "x\nBcc: y", "x\ry", "x\0y"] {
                await #expect(throws: PermanentJobFailure.self) { try await client.send(message(text)) }
                await #expect(throws: PermanentJobFailure.self) { try await client.send(message("s", name: text)) }
            }
            for address in [
                "a@b.example>\r\nRCPT TO:<c@d.example", "a b@c.example", "a@b@c.example", "", "@b.example", "a@",
                "a@-b.example",
                "a..b@c.example", "é@c.example", "a@b..example", String(repeating: "a", count: 65) + "@b.example",
            ] { #expect(MailAddress(address) == nil, "\(address)") }
            #expect(MailAddress("first.last+tag@sub.example.com") != nil)
            #expect(try sink.mails.isEmpty)
        }
    }

    @Test(arguments: [MailSettings.Security.startTLS, .implicitTLS], ["PLAIN", "LOGIN"])
    func mailsGoThroughTLSWithALogin(_ security: MailSettings.Security, _ mechanism: String) async throws {
        try await withTemporaryFolder { folder in
            let certificate = try MailSink.makeCertificate(in: folder)
            let arguments = [
                "--tls", security == .startTLS ? "starttls" : "implicit", "--certificate", certificate + ".both",
                "--login", "shop:p4ss wörd", "--mechanism", mechanism,
            ]
            try await MailSink.run(arguments) { sink in
                var settings = sink.settings(security)
                settings.user = "shop"
                settings.password = Secret("p4ss wörd")
                // Nobody vouches for this certificate yet.
                await #expect(throws: SMTPError.self) { try await SMTPClient(settings).send(message()) }
                settings.trustedCertificates = certificate
                try await SMTPClient(settings).send(message())
                let mail = try #require(try sink.mails.first)
                #expect(mail.tls)
                #expect(mail.login == "shop")
                settings.password = Secret("wrong")
                await #expect(throws: SMTPError.self) { try await SMTPClient(settings).send(message()) }
                #expect(try sink.mails.count == 1)
            }
        }
    }

    @Test func aServerWithoutSTARTTLSGetsNeitherPasswordNorMail() async throws {
        try await MailSink.run { sink async throws in
            var settings = sink.settings(.startTLS)
            settings.user = "shop"
            settings.password = Secret("secret")
            await #expect(throws: SMTPError.unsupported("STARTTLS")) { try await SMTPClient(settings).send(message()) }
            #expect(try sink.mails.isEmpty)
            settings.host = "mail.example"
            settings.security = .none
            #expect(throws: ConfigurationProblem.self) { try SMTPClient(settings) }
        }
    }

    @Test func codesDecideWhetherAMailIsSentAgain() async throws {
        try await MailSink.run(["--reply", "451"]) { sink in
            await #expect(throws: SMTPError.refused("451 this is a test")) {
                try await SMTPClient(sink.settings()).send(message())
            }
        }
        try await MailSink.run(["--reply", "554"]) { sink in
            await #expect(throws: PermanentJobFailure.self) { try await SMTPClient(sink.settings()).send(message()) }
        }
        // Nobody listens at this port once the sink has gone.
        var settings = MailSettings(host: "127.0.0.1", port: 9, security: .none, from: "shop@quire.example")
        settings.connectTimeout = .seconds(1)
        await #expect(throws: SMTPError.self) { try await SMTPClient(settings).send(message()) }
    }

    @Test(arguments: ["", "220 hello\r\n", "220 hello\r\n250 hello\r\n250 from\r\n250 to\r\n354 go on\r\n"])
    func aServerThatFallsSilentIsGivenUpAtTheDeadlineOfTheWholeExchange(_ greeting: String) async throws {
        let server = try await Self.serve(greeting)
        var settings = MailSettings(
            host: "127.0.0.1", port: try #require(server.localAddress?.port), security: .none,
            from: "shop@quire.example")
        // Each reply may take as long as it wants.
        settings.replyTimeout = .hours(1)
        settings.exchangeTimeout = .milliseconds(300)
        await #expect(throws: SMTPError.timeout) { try await SMTPClient(settings).send(message()) }
        try await server.close()
    }

    @Test func aProcessThatEndsDoesNotWaitForASilentServer() async throws {
        let server = try await Self.serve("220 hello\r\n")
        var settings = MailSettings(
            host: "127.0.0.1", port: try #require(server.localAddress?.port), security: .none,
            from: "shop@quire.example")
        settings.replyTimeout = .hours(1)
        settings.exchangeTimeout = .hours(1)
        let (client, mail) = (try SMTPClient(settings), try message())
        let task = Task { try await client.send(mail) }
        task.cancel()
        await #expect(throws: SMTPError.self) { try await task.value }
        try await server.close()
    }

    @Test(arguments: [
        ("554 no service\r\n", false), ("220 hello\r\n550 go away\r\n", false),
        ("220 hello\r\n250 hello\r\n553 who is that\r\n", false),
        ("220 hello\r\n250 hello\r\n250 from\r\n550 no mailbox\r\n", true),
        ("220 hello\r\n250 hello\r\n250 from\r\n251 elsewhere\r\n554 spam\r\n", true),
    ])
    func onlyARefusalOfTheMailItselfIsForGood(_ replies: String, isPermanent: Bool) async throws {
        let server = try await Self.serve(replies)
        let settings = MailSettings(
            host: "127.0.0.1", port: try #require(server.localAddress?.port), security: .none,
            from: "shop@quire.example")
        let error = await #expect(throws: (any Error).self) { try await SMTPClient(settings).send(message()) }
        #expect(error is PermanentJobFailure == isPermanent)
        if case .refused? = error as? SMTPError {} else { #expect(isPermanent) }
        try await server.close()
    }

    /// Listens, and sends each client all replies at once.
    private static func serve(_ replies: String) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.pipeline.addHandler(Greeting(text: replies))
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    private final class Greeting: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        let text: String

        init(text: String) { self.text = text }

        func channelActive(context: ChannelHandlerContext) {
            context.channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        }
    }
}
